"""What came back, as measured, each figure with its state."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from reporter.model.measure import Measure
from reporter.model.period import Period


@dataclass(frozen=True, slots=True)
class Measured:
    """A number that was measured; zero is a number."""

    value: float
    sampled: bool = False  # Mixpanel estimated it from a sample of users


@dataclass(frozen=True, slots=True)
class UnknownEvent:
    """The project has no event of this name; `nearest` are the likely meant ones, best first."""

    event: str
    nearest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """It could not be measured; the reason is fit for people. `passing` failures may work later."""

    reason: str
    passing: bool = False
    after: float | None = None  # seconds until it may work, where Mixpanel said so


@dataclass(frozen=True, slots=True)
class TooLittleHistory:
    """The period reaches back before the project's first event, so its number would be too small."""

    first_day: date


Figure: TypeAlias = Measured | UnknownEvent | Failed | TooLittleHistory


@dataclass(frozen=True, slots=True)
class Project:
    """The Mixpanel project; its zone is the one in which Mixpanel cuts days."""

    id: str
    name: str
    zone: ZoneInfo
    zone_is_assumed: bool = False  # Mixpanel did not tell the zone, so the setting was taken


@dataclass(frozen=True, slots=True)
class Question:
    """All that one report asks a source."""

    measures: tuple[Measure, ...]
    period: Period
    previous: Period
    ranks_events: bool = True

    @property
    def history(self) -> Period:
        """The days of daily numbers: up to 26 weeks, and a week more than the earliest day compared."""
        earliest = min(self.period.end - timedelta(weeks=26), self.previous.start - timedelta(weeks=1))
        return Period(earliest, self.period.end)


@dataclass(frozen=True, slots=True)
class Daily:
    """One number a day, from `start` on; None where a day has none."""

    start: date
    values: tuple[float | None, ...]

    def over(self, period: Period) -> tuple[float | None, ...]:
        """The numbers of the period's days; None for days outside the history."""
        first = (period.start - self.start).days
        return tuple(
            self.values[place] if 0 <= place < len(self.values) else None
            for place in range(first, first + period.length)
        )


@dataclass(frozen=True, slots=True)
class EventTotal:
    """How often one event happened in the period, and in the one it is compared with."""

    name: str
    count: float
    previous: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """All events of the project over the period, the busiest first."""

    events: tuple[EventTotal, ...]
    is_partial: bool = False  # the project has more events than one question can rank


@dataclass(frozen=True, slots=True)
class Figures:
    """A source's answer to a question."""

    project: Project
    question: Question
    now: Mapping[Measure, Figure]  # over the period
    before: Mapping[Measure, Figure]  # over the previous period
    daily: Mapping[Measure, Daily]
    ranking: Ranking | Failed | None  # None: not asked
    computed_at: datetime  # how fresh the numbers are
    queries: int  # what they cost of Mixpanel's hourly quota

    @property
    def failures(self) -> tuple[Failed, ...]:
        """Everything that could not be measured, each reason once."""
        found = [
            figure for figure in (*self.now.values(), *self.before.values()) if isinstance(figure, Failed)
        ]
        if isinstance(self.ranking, Failed):
            found.append(self.ranking)
        return tuple(dict.fromkeys(found))
