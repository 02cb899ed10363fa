"""What is asked of Mixpanel, as values: two questions that need the same query share its answer."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from reporter.model.measure import Unit, Where
from reporter.model.period import Period

ALL_EVENTS = "$all_events"
MOST_GROUPS = 3_000  # values of a property in one answer, as Mixpanel's own pages show at most


class Math(StrEnum):
    """What Insights takes of an event's occurrences, in Mixpanel's words."""

    TOTAL = "total"  # how many there are; of a property, the sum
    UNIQUE = "unique"  # how many users there are
    AVERAGE = "average"
    MEDIAN = "median"
    P90 = "p90"


@dataclass(frozen=True, slots=True)
class Metric:
    """One number, or one line, of an Insights query."""

    event: str
    math: Math = Math.UNIQUE
    number: str | None = None  # the property that is summed, averaged and so on
    where: Where = ()

    @property
    def is_plain(self) -> bool:
        """Whether it is just an event's users, of which there is nothing to refuse."""
        return self.math is Math.UNIQUE and not self.where

    @property
    def is_count(self) -> bool:
        """Whether it counts something, and so is never below zero."""
        return self.number is None

    @property
    def is_additive(self) -> bool:
        """Whether the numbers of its parts add up to its own."""
        return self.math is Math.TOTAL

    @property
    def has_always_a_number(self) -> bool:
        """Whether there is a number where nothing happened: no average of nothing."""
        return self.math in {Math.TOTAL, Math.UNIQUE}

    def __str__(self) -> str:
        event = "any event" if self.event == ALL_EVENTS else self.event[:80]
        words = {Math.TOTAL: "sum", Math.P90: "90th percentile"}
        if self.number is not None:
            return f"the {words.get(self.math, self.math)} of {self.number[:80]} of {event}"
        return f"the users of {event}" if self.math is Math.UNIQUE else f"the count of {event}"


ACTIVES = Metric(ALL_EVENTS)


@dataclass(frozen=True, slots=True)
class NamesQuery:
    """The names of the project's events of the last 31 days, the most common first."""


@dataclass(frozen=True, slots=True)
class CountsQuery:
    """How often each of these events happened, by the day."""

    events: tuple[str, ...]
    period: Period


@dataclass(frozen=True, slots=True)
class InsightsQuery:
    """These metrics over the whole period, or on each day of it; in all, and by the values of a property."""

    metrics: tuple[Metric, ...]
    period: Period
    by_day: bool = False
    group: str | None = None
    most: int = MOST_GROUPS


@dataclass(frozen=True, slots=True)
class RetentionQuery:
    """Who came back after so many units, of those who did `born` for the first time of the days."""

    born: str
    returned: str | None  # None: any event
    days: Period
    after: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class SavedInsightsQuery:
    """A saved Insights report, over its own dates."""

    id: int


@dataclass(frozen=True, slots=True)
class FunnelQuery:
    """A saved funnel of the users who began in the period, as one."""

    id: int
    period: Period
    length: int | None = None  # days that a user has for all steps; None: as it is saved


AnswerQuery: TypeAlias = InsightsQuery | RetentionQuery | SavedInsightsQuery | FunnelQuery
Query: TypeAlias = NamesQuery | CountsQuery | AnswerQuery
