"""What is asked of a source of numbers, and what comes back: each figure with its state."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal, Protocol, TypeAlias
from zoneinfo import ZoneInfo

from reporter.reports.conditions import Scalar, Where
from reporter.reports.errors import FailureCause, Refused, Unavailable
from reporter.reports.measures import Measure
from reporter.reports.periods import Period, history_before


@dataclass(frozen=True, slots=True)
class Part:
    """One value of a breakdown, or one step of a funnel."""

    name: str | None  # None: the property is not set
    value: float
    is_rest: bool = False  # all values beyond those that are told; its name is None


@dataclass(frozen=True, slots=True)
class Measured:
    """A number that was measured; zero is a number."""

    value: float
    sampled: bool = False  # Mixpanel estimated it from a sample of users
    parts: tuple[Part, ...] = ()
    skipped: int = 0  # values of the property that are no numbers, and so are left out
    base: float = field(default=0.0, compare=False)  # what it is divided by, of a share or ratio


@dataclass(frozen=True, slots=True)
class Undefined:
    """There is nothing to measure it of: a share of nobody, an average of no numbers."""


@dataclass(frozen=True, slots=True)
class UnknownEvent:
    """The project has no event of this name; `nearest` are the likely meant ones, best first."""

    event: str
    nearest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnknownProperty:
    """No occurrence of the event since that day has a property of this name."""

    event: str
    property: str
    since: date
    nearest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnknownValue:
    """The property has had other values since that day, and never this one."""

    event: str
    property: str
    value: Scalar
    since: date
    nearest: tuple[Scalar, ...] = ()
    is_part: bool = False  # of a text: no value contains it


@dataclass(frozen=True, slots=True)
class NotNumeric:
    """The property is there, and never a number: there is nothing to add up, average or compare."""

    event: str
    property: str


class RawReason(StrEnum):
    """Why numbers were measured from raw events."""

    SETTING = "setting"  # the settings say so
    PLAN = "plan"  # the project's plan has no Query API
    REFUSED = "refused"  # Mixpanel refused the query for them
    NOT_OFFERED = "not_offered"  # the Query API has no such measure
    FILES = "files"  # they are in files that the company has
    WAREHOUSE = "warehouse"  # they are in its warehouse, which measured them


@dataclass(frozen=True, slots=True)
class Failed:
    """It could not be measured; the reason is fit for people. `is_temporary` failures may work later."""

    reason: str
    is_temporary: bool = False
    after: float | None = None  # seconds until it may work, where Mixpanel said so
    raw_reason: RawReason | None = None  # REFUSED or NOT_OFFERED: it can be had of raw events
    causes: tuple[FailureCause, ...] = field(default=(), compare=False)  # the reason in all languages

    def error(self) -> Unavailable | Refused:
        """The failure as what is raised where there is nothing else."""
        if self.is_temporary:
            return Unavailable(self.reason, self.after, *self.causes)
        return Refused(self.reason, *self.causes)


@dataclass(frozen=True, slots=True)
class TooLittleHistory:
    """The period reaches back before the project's first event, so its number would be too small."""

    first_day: date


class Unlike(StrEnum):
    """Why a period has no number that the next one could fairly be compared with."""

    RIPENS = "ripens"  # people of the period have not all had their time, those of the one before have
    NOT_COMPARED = "not_compared"  # the settings want no comparison
    OTHER_DAYS = "other_days"  # what is saved in Mixpanel is not about the days of the one before


@dataclass(frozen=True, slots=True)
class Incomparable:
    """The previous period has no number that would be a fair comparison."""

    why: Unlike


Unknown: TypeAlias = UnknownProperty | UnknownValue | NotNumeric
Figure: TypeAlias = Measured | Undefined | UnknownEvent | Unknown | Failed | TooLittleHistory | Incomparable


def divide(numerator: Figure, denominator: Figure) -> Figure:
    """Nothing where the denominator is zero; what keeps one of them from being a number keeps the ratio."""
    if isinstance(numerator, Measured) and isinstance(denominator, Measured):
        if not denominator.value:
            return Undefined()
        return Measured(
            numerator.value / denominator.value,
            numerator.sampled or denominator.sampled,
            skipped=numerator.skipped + denominator.skipped,
            base=denominator.value,
        )
    no_numbers = [figure for figure in (numerator, denominator) if not isinstance(figure, Measured)]
    return next((figure for figure in no_numbers if not isinstance(figure, Undefined)), Undefined())


@dataclass(frozen=True, slots=True)
class Project:
    """The Mixpanel project; its zone is the one in which Mixpanel cuts days."""

    id: str
    name: str
    zone: ZoneInfo
    zone_is_assumed: bool = False  # Mixpanel did not tell the zone, so the setting was taken
    link: str = ""  # its pages in Mixpanel


@dataclass(frozen=True, slots=True)
class Question:
    """All that one report asks a source."""

    measures: tuple[Measure, ...]
    period: Period
    previous: Period
    ranks_events: bool = True
    where: Where = ()  # what events must be to be ranked; measures have their own
    compares: bool = True  # whether the previous period is asked for at all

    @property
    def history(self) -> Period:
        """The days of daily numbers."""
        return history_before(self.period, self.previous)


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

    def total(self, period: Period) -> float | None:
        """The sum of the period's days; None where a day has no number."""
        numbers = [number for number in self.over(period) if number is not None]
        return sum(numbers) if len(numbers) == period.length else None


@dataclass(frozen=True, slots=True)
class EventTotal:
    """How often one event happened in the period, and in the one it is compared with."""

    name: str
    count: float
    previous: float
    users: float | None = None  # who did it; None where that would cost a query


@dataclass(frozen=True, slots=True)
class Ranking:
    """All events of the project over the period, the busiest first."""

    events: tuple[EventTotal, ...]
    is_partial: bool = False  # the project has more events than one question can rank

    @classmethod
    def of(cls, totals: Iterable[EventTotal], *, is_partial: bool = False) -> "Ranking":
        """Of the events that happened in either period."""
        happened = (total for total in totals if total.count or total.previous)
        busiest = sorted(happened, key=lambda total: (-total.count, -total.previous, total.name))
        return cls(tuple(busiest), is_partial)


@dataclass(frozen=True, slots=True)
class RawEvents:
    """The raw events that numbers were measured from, and what was found in them."""

    because: RawReason
    measures: frozenset[Measure]  # those that were measured so
    is_all: bool  # whether nothing was asked of the Query API
    events: int  # that were measured
    duplicates: int = 0  # dropped: the same event, received more than once
    late: int = 0  # received more than a day after they happened
    unreadable: int = 0  # lines that are no event
    unlinked_from: date | None = None  # from then on nothing tells who signed in later: some count twice
    begins: date | None = None  # the first day of files that do not reach back as far as measures look


@dataclass(frozen=True, slots=True)
class Segmentation:
    """What is asked about the causes of a change: measures by each property, over each period."""

    measures: tuple[Measure, ...]  # counts, users, active users, sums
    properties: tuple[str, ...]
    periods: tuple[Period, ...]  # of the same length, the oldest first; the last is the one in question
    most: int | None = None  # values of a property, the largest; None: all that can be had


Segments: TypeAlias = Mapping[str, Mapping[str, tuple[float, ...]]]  # property, value: a number a period


@dataclass(frozen=True, slots=True)
class SegmentAnswer:
    """A source's answer to a segmentation."""

    measures: Mapping[Measure, Segments]
    queries: int = 0  # what it cost of Mixpanel's hourly quota


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
    raw: RawEvents | None = None  # where raw events were read
    daily_failure: Failed | None = None  # why numbers by the day are missing that there should be
    begins: date | None = None  # the day of the project's first event, where the answers reach back before it
    earlier: "EarlierFigures" = field(default_factory=dict[Measure, Mapping[Period, Figure]])

    @property
    def failures(self) -> tuple[Failed, ...]:
        """Everything that could not be measured, each reason once."""
        every = (*self.now.values(), *self.before.values(), self.ranking, self.daily_failure)
        return tuple(dict.fromkeys(one for one in every if isinstance(one, Failed)))


EarlierFigures: TypeAlias = Mapping[Measure, Mapping[Period, Figure]]  # of periods before
Name: TypeAlias = str | None  # None: the property is not set
Origin: TypeAlias = Literal["auto", "query", "export", "files", "warehouse"]  # of a report's numbers


class Source(Protocol):
    """Answers questions about the project."""

    def project(self) -> Project:
        """The project and its zone. Raises Unavailable or Refused."""
        ...

    def measure(self, question: Question) -> Figures:
        """What was asked; a figure that could not be measured is Failed. Raises what concerns all."""
        ...

    def segments(self, segmentation: Segmentation) -> SegmentAnswer:
        """How the values of properties did over several periods. Raises Unavailable or Refused."""
        ...
