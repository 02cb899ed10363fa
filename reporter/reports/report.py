"""The neutral message: what a report says, before any destination draws it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias
from zoneinfo import ZoneInfo

from reporter.reports.figures import Failed, Figure, Measured, RawEvents, Undefined
from reporter.reports.findings import CommonShift, DataDoubt, Finding, Unusual, UnusualDay
from reporter.reports.periods import Cadence, Period
from reporter.reports.subscriptions import NUMBER, Format, Goal


@dataclass(frozen=True, slots=True)
class Change:
    """From the previous period's number to this one's."""

    previous: float
    value: float

    @property
    def absolute(self) -> float:
        return self.value - self.previous

    @property
    def relative(self) -> float | None:
        """0.127 is +12.7 %; there is none from zero."""
        return self.absolute / self.previous if self.previous else None


@dataclass(frozen=True, slots=True)
class Usual:
    """The normal range: 98 of 100 usual periods lie between `low` and `high`."""

    low: float
    high: float
    expected: float


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a metric is on the way to its goal."""

    goal: Goal
    share: float  # value / target, of a target that is not zero
    is_reached: bool


@dataclass(frozen=True, slots=True)
class ReportedMetric:
    """A figure with its previous one, and with its normal range where it left that."""

    label: str
    figure: Figure
    previous: Figure
    usual: Usual | None = None
    format: Format = NUMBER
    progress: Progress | None = None

    @property
    def is_measured(self) -> bool:
        """A share of nobody was measured, too: there is just nothing to divide."""
        return isinstance(self.figure, Measured | Undefined)

    @property
    def change(self) -> Change | None:
        """None where one of the two was not measured."""
        if isinstance(self.figure, Measured) and isinstance(self.previous, Measured):
            return Change(self.previous.value, self.figure.value)
        return None


@dataclass(frozen=True, slots=True)
class TopEvent:
    """One row of the ranking; `change` is None where there is too little history to compare."""

    name: str
    count: float
    change: Change | None


@dataclass(frozen=True, slots=True)
class TopEvents:
    """The busiest events of the period, out of `known` events that happened `total` times in it."""

    rows: tuple[TopEvent, ...]
    total: float
    known: int
    is_partial: bool = False  # more events exist than could be ranked


class DetailKind(StrEnum):
    """What the rows of a detail are."""

    BREAKDOWN = "breakdown"
    STEPS = "steps"


@dataclass(frozen=True, slots=True)
class DetailRow:
    """A value of a breakdown, or a step of a funnel."""

    name: str | None  # None: not set, or all others
    value: float
    share: float | None  # of the metric's total, or of the funnel's first step; None where that says nothing
    change: Change | None
    is_rest: bool = False  # all others


@dataclass(frozen=True, slots=True)
class Detail:
    """What one metric is made of. `by` is the property of a breakdown."""

    label: str
    kind: DetailKind
    by: str | None
    rows: tuple[DetailRow, ...]
    format: Format = NUMBER


@dataclass(frozen=True, slots=True)
class Chart:
    """A metric in the course of the period, against the previous one: the average day of each span."""

    label: str
    spans: tuple[Period, ...]  # single days, or weeks
    values: tuple[float, ...]  # one a span
    previous: tuple[float, ...]  # one a span, by place; empty when there is none
    format: Format = NUMBER


@dataclass(frozen=True, slots=True)
class Late:
    """The report runs well after it was due."""

    due: datetime


@dataclass(frozen=True, slots=True)
class ZoneAssumed:
    """Mixpanel did not tell the project's zone; the setting was taken."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """Some numbers are Mixpanel's estimates from a sample."""


@dataclass(frozen=True, slots=True)
class NotAllNumbers:
    """So many values of the metric's property are no numbers, and so left out of it."""

    label: str
    count: int


@dataclass(frozen=True, slots=True)
class RankedPartly:
    """Only the most common `among` events of the project could be ranked."""

    among: int


@dataclass(frozen=True, slots=True)
class NoEarlierData:
    """The project's first event is younger than the previous period: nothing to compare with."""

    first_day: date


@dataclass(frozen=True, slots=True)
class Next:
    """When the report comes next, where that is not plain from its name."""

    due: datetime


@dataclass(frozen=True, slots=True)
class MeasuredFromRaw:
    """Numbers were measured from raw events; `labels` are of those metrics, none where it is all of them."""

    raw: RawEvents
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Restated:
    """A number of the report before was told otherwise than it is now known: late data, merged users."""

    label: str
    said: float
    now: float
    format: Format = NUMBER


@dataclass(frozen=True, slots=True)
class TooLittleToJudge:
    """The history is too short to tell what is unusual; from `enough_on` it will do."""

    enough_on: date


@dataclass(frozen=True, slots=True)
class HolidayIn:
    """A holiday of the period, which explains a quiet day."""

    day: date
    name: str


@dataclass(frozen=True, slots=True)
class CausesNotLookedFor:
    """What is unusual could not be taken apart; the reason is fit for people."""

    reason: str


Note: TypeAlias = (
    Next
    | Late
    | ZoneAssumed
    | Sampled
    | NotAllNumbers
    | RankedPartly
    | NoEarlierData
    | MeasuredFromRaw
    | Restated
    | TooLittleToJudge
    | HolidayIn
    | CausesNotLookedFor
)


@dataclass(frozen=True, slots=True)
class Report:
    """One report, ready to be drawn. Names in it come from Mixpanel or the settings, and are not escaped."""

    name: str
    title: str
    company: str
    project: str
    zone: ZoneInfo  # the project's
    locale: str
    cadence: Cadence | None  # None for a range somebody chose
    period: Period
    previous: Period
    findings: tuple[Finding, ...]
    metrics: tuple[ReportedMetric, ...]
    top_events: TopEvents | Failed | None  # None: not asked for
    charts: tuple[Chart, ...]
    notes: tuple[Note, ...]
    computed_at: datetime  # how fresh its numbers are
    made_at: datetime  # when it is read, or nearly
    queries: int
    details: tuple[Detail, ...] = ()
    mention: str | None = None  # who is called, because something is unusual

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was measured, so that there is nothing to post."""
        measured = any(metric.is_measured for metric in self.metrics)
        return not measured and not isinstance(self.top_events, TopEvents)

    @property
    def is_complete(self) -> bool:
        """Whether everything that was asked for was measured."""
        measured = all(metric.is_measured for metric in self.metrics)
        return measured and not isinstance(self.top_events, Failed)

    @property
    def is_unusual(self) -> bool:
        """Whether something in it departs from what was to be expected, or is in doubt."""
        return any(
            isinstance(found, Unusual | UnusualDay | CommonShift | DataDoubt) for found in self.findings
        )
