"""The neutral message: what a report says before any destination draws it, and the verdict it rests on."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias
from zoneinfo import ZoneInfo

from reporter.reports.causes import MetricPart
from reporter.reports.conditions import Where
from reporter.reports.deliveries import ReportedNumbers
from reporter.reports.figures import Failed, Figure, Measured, Undefined
from reporter.reports.findings import (
    CausesNotLookedFor,
    CommonShift,
    DataDoubt,
    FaultKind,
    Finding,
    HolidayIn,
    Note,
    NotJudged,
    PartsNotJudged,
    TooLittleToJudge,
    Unusual,
    UnusualDay,
)
from reporter.reports.periods import Cadence, Comparison, Period
from reporter.reports.subscriptions import NUMBER, Format, Goal, MetricSpec

Span: TypeAlias = tuple[float, float]  # the low and the high end of a range


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
    section: str = ""  # the heading it stands under
    is_lower_better: bool = False
    link: str | None = None  # where a reader finds more about it
    adds_up: bool = False  # over days: a longer period has more of it
    is_repeated: bool = False  # the total of a breakdown, which is another metric of the report

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
    label: str = ""  # what the settings call it; empty where they do not
    users: float | None = None  # who did it; None where that is not known


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
    """A metric in the course of the period, against the previous one: the average day of each span.

    A span before the data begins has no number, and leaves a gap.
    """

    label: str
    spans: tuple[Period, ...]  # single days, or weeks
    values: tuple[float | None, ...]  # one a span
    previous: tuple[float | None, ...]  # one a span, by place; empty when there is none
    format: Format = NUMBER
    usual: tuple[Span | None, ...] = ()  # the normal range of each span; empty where none is known

    @property
    def numbers(self) -> tuple[float, ...]:
        """All that is drawn."""
        edges = tuple(edge for span in self.usual if span is not None for edge in span)
        return tuple(each for each in (*self.values, *self.previous, *edges) if each is not None)

    @property
    def whole(self) -> "Chart":
        """Without the spans at the beginning that have no number, for what cannot draw gaps."""
        first = next((place for place, value in enumerate(self.values) if value is not None), 0)
        previous = () if None in self.previous[first:] else self.previous[first:]
        usual = () if None in self.usual[first:] else self.usual[first:]
        return replace(
            self, spans=self.spans[first:], values=self.values[first:], previous=previous, usual=usual
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
    where: Where = ()  # of what alone it tells
    is_alert: bool = False  # it comes because something is unusual, and tells of nothing else
    link: str = ""  # the project in Mixpanel
    footer: str = ""  # a line of the company's own
    compare: Comparison = Comparison.PREVIOUS
    names_project: bool = False  # beside the company, which has several

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
    def numbers(self) -> ReportedNumbers:
        """The numbers that it reports, by label; estimates are none, for they differ each time."""
        return tuple(
            (metric.label, metric.figure.value)
            for metric in self.metrics
            if isinstance(metric.figure, Measured) and not metric.figure.sampled
        )

    @property
    def is_unusual(self) -> bool:
        """Whether something in it departs from what was to be expected, or is in doubt."""
        return any(
            isinstance(found, Unusual | UnusualDay | CommonShift | DataDoubt) for found in self.findings
        )


@dataclass(frozen=True, slots=True)
class Flagged:
    """A metric whose total is unusual, and what was expected of the days that were judged.

    Of a rate (`is_rate`: a ratio, a share, an average and the like) `expected` is the rate itself, and the
    measure tells what it is made of; of anything else it is the total.
    """

    metric: MetricSpec
    days: Period
    expected: float
    is_rate: bool = False
    label: str = ""  # under which it is told, where it is a part of a metric
    part: MetricPart | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said before the plain facts, and beside which metrics."""

    doubts: tuple[DataDoubt, ...] = ()
    unusual: tuple[Finding, ...] = ()  # the least likely first
    usual: Mapping[str, Usual] = field(default_factory=dict[str, Usual])  # by label: ranges that were left
    doubted: frozenset[str] = frozenset()  # labels of metrics whose tracking is at fault
    judged: int = 0  # metrics with enough history
    complete: Period | None = None  # the period's days that were judged: up to the first incomplete one
    outliers: frozenset[str] = frozenset()  # labels of all metrics that are unusual, told or not
    ranges: Mapping[str, Mapping[Period, Span]] = field(  # by label, of what charts draw
        default_factory=dict[str, Mapping[Period, Span]]
    )
    flagged: tuple[Flagged, ...] = ()  # those whose unusual total is told
    holidays: tuple[HolidayIn, ...] = ()
    too_little: TooLittleToJudge | None = None
    not_judged: NotJudged | None = None
    not_looked_for: CausesNotLookedFor | None = None
    parts_not_judged: tuple[PartsNotJudged, ...] = ()

    def lacks_data_of(self, day: date) -> bool:
        """Whether the data of the period's last day are still arriving, or have not begun to."""
        filling = (FaultKind.INCOMPLETE, FaultKind.ALL_ZERO)
        return any(doubt.code in filling and doubt.day == day for doubt in self.doubts)

    @property
    def is_calm(self) -> bool:
        """Whether metrics were judged, and none of them is unusual or in doubt."""
        return self.judged > 0 and not (self.doubts or self.unusual or self.outliers)
