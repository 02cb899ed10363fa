"""What is asked of Mixpanel, as values: two questions that need the same query share its answer."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias
from urllib.parse import quote

from reporter.reports.measures import Unit, Where
from reporter.reports.periods import Period

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
class InsightsMetric:
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


ACTIVES = InsightsMetric(ALL_EVENTS)


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

    metrics: tuple[InsightsMetric, ...]
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


LONGEST_LIST = 6_000  # bytes of a URL, so that nobody on the way finds it too long


def counts_query(wanted: Iterable[str], names: Sequence[str], period: Period) -> CountsQuery:
    """All of the names, and what is wanted beside them: the same list for all questions wherever that fits.

    Where it does not, what is wanted comes first, then the most common names.
    """
    wanted = tuple(sorted(set(wanted)))
    events = _that_fit((*names, *wanted))
    return CountsQuery(events if set(wanted) <= set(events) else _that_fit((*wanted, *names)), period)


def _that_fit(events: Iterable[str]) -> tuple[str, ...]:
    taken: list[str] = []
    left = LONGEST_LIST - encoded_length(())
    for event in dict.fromkeys(events):
        needed = encoded_length((event,)) - encoded_length(()) + len(quote(","))
        if needed <= left:
            taken.append(event)
            left -= needed
    return tuple(taken)


def encode(events: Sequence[str]) -> str:
    """A list of events as Mixpanel takes it."""
    return json.dumps(list(events), ensure_ascii=False, separators=(",", ":"))


def encoded_length(events: Sequence[str]) -> int:
    """How many bytes of a URL a list of events takes."""
    return len(quote(encode(events), safe=""))


_ALSO = {ALL_EVENTS: "All Events"}
_ENDS_OF_A_NAME = (" [", " - ", " (")
_MARK = "#"


def series_names(metrics: Sequence[InsightsMetric]) -> Mapping[InsightsMetric, str]:
    """A name for each metric where two of them are about the same event. No event begins like one."""
    if len({metric.event for metric in metrics}) == len(metrics):
        return {}
    mark = _MARK
    while any(metric.event.startswith(mark) for metric in metrics):
        mark += _MARK
    return {metric: f"{mark}{number}" for number, metric in enumerate(metrics, 1)}


def match_metrics(metrics: Sequence[InsightsMetric], labels: Collection[str]) -> Mapping[InsightsMetric, str]:
    """The label of each metric; metrics whose label can not be told are left out."""
    names = series_names(metrics)
    if by_name := match_labels([*names.values()], labels, may_be_last=False):
        return {metric: by_name[name] for metric, name in names.items() if name in by_name}
    often = Counter(metric.event for metric in metrics)
    by_event = match_labels([*often], labels, may_be_last=not names)
    return {
        metric: by_event[metric.event]
        for metric in metrics
        if often[metric.event] == 1 and metric.event in by_event
    }


def match_labels(
    events: Sequence[str], labels: Collection[str], *, may_be_last: bool = True
) -> Mapping[str, str]:
    """The label of each event; events whose label can not be told are left out.

    With `may_be_last`, the last event that is left has the last label that is left, whatever that is.
    """
    found = {event: event for event in events if event in labels}
    for event, other in _ALSO.items():
        if event in events and event not in found and other in labels and other not in found.values():
            found[event] = other
    found |= _by_beginning(events, [label for label in labels if label not in found.values()], found)
    left = [event for event in events if event not in found]
    unused = [label for label in labels if label not in found.values()]
    if may_be_last and len(left) == len(unused) == 1:
        found[left[0]] = unused[0]
    return found


def _by_beginning(
    events: Sequence[str], labels: Sequence[str], found: Mapping[str, str]
) -> Mapping[str, str]:
    owners: dict[str, list[str]] = {}
    for label in labels:
        if owner := _owner(label, events):
            owners.setdefault(owner, []).append(label)
    return {event: own[0] for event, own in owners.items() if len(own) == 1 and event not in found}


def _owner(label: str, events: Sequence[str]) -> str | None:
    """The event with the longest name that the label begins with."""
    beginnings = {
        name: event
        for event in events
        for name in (event, _ALSO.get(event, event))
        if label.startswith(tuple(name + end for end in _ENDS_OF_A_NAME))
    }
    return beginnings[max(beginnings, key=len)] if beginnings else None
