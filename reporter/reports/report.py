"""The neutral message: what a report says before any destination draws it, and the verdict it rests on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from reporter.reports.causes import MetricPart
from reporter.reports.conditions import Where
from reporter.reports.deliveries import ReportedNumbers
from reporter.reports.figures import Failed, Figure, Measured, Undefined
from reporter.reports.findings import (
    CausesNotLookedFor,
    CommonShift,
    DataDoubt,
    Finding,
    HolidayIn,
    Note,
    NotJudged,
    PartsNotJudged,
    Restated,
    TooLittleToJudge,
    Unusual,
    UnusualDay,
)
from reporter.reports.periods import Cadence, Period
from reporter.reports.subscriptions import NUMBER, Format, Goal, MetricSpec


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
    flagged: tuple[Flagged, ...] = ()  # those whose unusual total is told
    holidays: tuple[HolidayIn, ...] = ()
    too_little: TooLittleToJudge | None = None
    not_judged: NotJudged | None = None
    not_looked_for: CausesNotLookedFor | None = None
    parts_not_judged: tuple[PartsNotJudged, ...] = ()

    @property
    def is_calm(self) -> bool:
        """Whether metrics were judged, and none of them is unusual or in doubt."""
        return self.judged > 0 and not (self.doubts or self.unusual or self.outliers)


MOST_RESTATED = 2
LEAST_SHARE = 0.01  # of the number; people who sign in are merged every day
LEAST_UNITS = 2.0
LEAST_POINTS = 0.005  # of a share: half a percentage point


def restated(before: ReportedNumbers, metrics: tuple[ReportedMetric, ...]) -> tuple[Restated, ...]:
    """Numbers of the previous period that were reported otherwise then, the largest differences first.

    Events that came late and users who were merged are the reason.
    """
    reported = dict(before)
    found = [
        Restated(metric.label, reported[metric.label], metric.previous.value, metric.format)
        for metric in metrics
        if metric.label in reported
        and isinstance(metric.previous, Measured)
        and not metric.previous.sampled
        and _differs(reported[metric.label], metric.previous.value, is_share=metric.format.is_percent)
    ]
    return tuple(sorted(found, key=_size, reverse=True)[:MOST_RESTATED])


def _differs(then: float, now: float, *, is_share: bool) -> bool:
    difference = abs(now - then)
    if is_share:
        return difference >= LEAST_POINTS
    return difference >= max(LEAST_UNITS, LEAST_SHARE * abs(then))


def _size(one: Restated) -> float:
    return abs(one.now - one.said) / max(abs(one.said), abs(one.now))
