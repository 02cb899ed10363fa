"""Which numbers of a report are unusual, and which can be trusted: figures -> findings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from reporter.model.figures import Figures, Measured
from reporter.model.insights import Doubt, Finding, Together, Unusual, UnusualDay
from reporter.model.measure import EventCount, EventUsers
from reporter.model.report import Usual
from reporter.model.subscription import Insights, MetricSpec, ReportSpec

if TYPE_CHECKING:
    from reporter.model.expectation import Expectation
    from reporter.model.fault import Fault
    from reporter.model.statistics.days import Series

MOST_UNUSUAL = 2
MOST_DOUBTS = 2


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said before the plain facts, and beside which metrics."""

    doubts: tuple[Doubt, ...] = ()
    unusual: tuple[Finding, ...] = ()  # the least likely first
    usual: Mapping[str, Usual] = field(default_factory=dict[str, Usual])  # by label: ranges that were left
    doubted: frozenset[str] = frozenset()  # labels of metrics whose tracking is at fault


def judge(spec: ReportSpec, figures: Figures) -> Verdict:
    """The verdict on a report's daily numbers; an empty one where there are none, or it is turned off.

    numpy is loaded here and nowhere else in the way of a report.
    """
    judged = [metric for metric in spec.metrics if _is_whole(metric, figures)]
    if spec.insights is Insights.OFF or not judged:
        return Verdict()
    from reporter.model import expectation, tracking

    series = [_series(metric, figures) for metric in judged]
    history = figures.question.history
    window = (history.length - figures.question.period.length, history.length)
    faults = tracking.check(series, window, _users(judged))
    doubted = frozenset(judged[fault.metric].label for fault in faults if fault.metric is not None)
    quiet = (
        expectation.Sensitivity.QUIET if spec.insights is Insights.QUIET else expectation.Sensitivity.NORMAL
    )
    found = expectation.assess(series, window, quiet)
    trusted = [
        (metric, one)
        for metric, one in zip(judged, found, strict=True)
        if one.unusual and metric.label not in doubted
    ]
    everywhere = any(fault.metric is None for fault in faults)
    return Verdict(
        doubts=tuple(_doubt(fault, judged, history.start) for fault in faults[:MOST_DOUBTS]),
        unusual=()
        if everywhere
        else _unusual(trusted, expectation.common_direction(found), figures, len(judged)),
        usual={}
        if everywhere
        else {metric.label: _usual(one) for metric, one in trusted if _has_range(metric, one)},
        doubted=doubted,
    )


def _is_whole(metric: MetricSpec, figures: Figures) -> bool:
    """Whether the metric was measured, with a number for each day of the period."""
    daily = figures.daily.get(metric.measure)
    measured = isinstance(figures.now.get(metric.measure), Measured)
    return measured and daily is not None and None not in daily.over(figures.question.period)


def _series(metric: MetricSpec, figures: Figures) -> "Series":
    import numpy as np

    history = figures.question.history
    values = figures.daily[metric.measure].over(history)
    days = np.array(list(history), dtype="datetime64[D]")
    return days, np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _users(metrics: Sequence[MetricSpec]) -> dict[int, int]:
    """For each count the place of its users, where the report has both."""
    places = {metric.measure: place for place, metric in enumerate(metrics)}
    return {
        place: places[EventUsers(measure.event)]
        for measure, place in places.items()
        if isinstance(measure, EventCount) and EventUsers(measure.event) in places
    }


def _doubt(fault: "Fault", metrics: Sequence[MetricSpec], start: date) -> Doubt:
    label = None if fault.metric is None else metrics[fault.metric].label
    return Doubt(fault.code, label, start + timedelta(days=fault.day), fault.expected, fault.actual)


def _unusual(
    found: Sequence[tuple[MetricSpec, "Expectation"]], direction: int, figures: Figures, among: int
) -> tuple[Finding, ...]:
    if direction:
        count = sum((one.actual > one.expected) == (direction > 0) for _, one in found)
        return (Together(direction, count, among),)
    likeliest_last = sorted(found, key=lambda pair: (pair[1].chance, -abs(pair[1].change)))
    return tuple(_finding(metric, one, figures) for metric, one in likeliest_last[:MOST_UNUSUAL])


def _finding(metric: MetricSpec, one: "Expectation", figures: Figures) -> Finding:
    figure = figures.now[metric.measure]
    if one.day is not None and not one.total_unusual:
        day = figures.question.history.start + timedelta(days=one.day.day)
        return UnusualDay(metric.label, day, one.day.actual, one.day.expected)
    value = figure.value if isinstance(figure, Measured) else one.actual
    is_count = isinstance(metric.measure, EventCount)
    return Unusual(
        metric.label, value, one.change, one.low if is_count else None, one.high if is_count else None
    )


def _has_range(metric: MetricSpec, one: "Expectation") -> bool:
    return one.total_unusual and isinstance(metric.measure, EventCount)


def _usual(one: "Expectation") -> Usual:
    return Usual(one.low, one.high, one.expected)
