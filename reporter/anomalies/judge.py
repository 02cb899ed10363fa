"""Which numbers of a report are unusual, and which can be trusted: figures -> findings."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from statistics import median_high, median_low
from typing import TYPE_CHECKING, TypeAlias

from reporter.anomalies.holidays import holidays_of
from reporter.anomalies.parts import JudgedPart
from reporter.anomalies.unusual_metric import UnusualMetric
from reporter.reports.charting import chart_spans
from reporter.reports.definitions import daily_measures
from reporter.reports.figures import Figures, Measured
from reporter.reports.findings import (
    CommonShift,
    DataDoubt,
    FaultKind,
    NotJudged,
    TooLittleToJudge,
)
from reporter.reports.measures import Breakdown, Measure, Ratio, traits
from reporter.reports.periods import Period
from reporter.reports.report import Flagged, Verdict
from reporter.reports.subscriptions import Insights, MetricSpec, ReportSpec, Sensitivity

if TYPE_CHECKING:  # loads numpy
    from reporter.anomalies.expectation import Expectation
    from reporter.anomalies.metric_history import MetricHistory
    from reporter.anomalies.rate_history import Histories, Modelled
    from reporter.anomalies.tracking import TrackingFault

    PlacedFault: TypeAlias = tuple[TrackingFault, MetricHistory]  # whose metric it is about

MOST_UNUSUAL = 2
METRICS_SHARE = 0.7  # of the budget of false alarms, where parts of metrics are judged, too
MOST_DOUBTS = 2
COMMON_LEAST = 4  # metrics that move one way together, and
COMMON_SHARE = 0.25  # of all: one story
BEYOND_COMMON = 1.5  # times half its usual range (p = 0.001), from which a metric is one more
ENOUGH = timedelta(weeks=8)  # of history, before anything is called unusual


@dataclass(frozen=True, slots=True)
class Analysis:
    """A verdict, and what it rests on: nothing where the report has no metric to judge."""

    verdict: Verdict
    past: "Histories | None" = None
    modelled: "tuple[Modelled, ...]" = ()  # counts, and rates by the day
    found: "Mapping[str, Expectation]" = field(default_factory=dict[str, "Expectation"])  # by label
    budget: float = 1.0  # of the false alarms of the report, that its metrics may take
    found_parts: "Mapping[str, Expectation]" = field(default_factory=dict[str, "Expectation"])


def judge(spec: ReportSpec, figures: Figures, parts: Sequence[JudgedPart] = ()) -> Verdict:
    """The verdict on a report's numbers; an empty one where none has a past, or it is turned off.

    `parts` of its metrics, whose numbers are among the figures, are judged within the same budget.
    """
    return analyze(spec, figures, parts).verdict


def analyze(spec: ReportSpec, figures: Figures, parts: Sequence[JudgedPart] = ()) -> Analysis:
    """The verdict and its grounds. Models are fitted once; numpy is loaded here, and nowhere before."""
    if spec.insights is Insights.OFF:
        return Analysis(Verdict())
    from reporter.anomalies.rate_history import histories_of, modelled_from

    holidays = holidays_of(spec, figures)
    past = histories_of(spec.metrics, figures, [holiday.day for holiday in holidays])
    models = modelled_from(past)
    faults = _faults(past, models)
    verdict = Verdict(
        doubts=tuple(_doubt(fault, history) for fault, history in faults[:MOST_DOUBTS]),
        doubted=_doubted(spec.metrics, faults),
        holidays=holidays if past.has_any else (),
        too_little=_too_little(past),
    )
    if verdict.too_little or any(fault.code is FaultKind.ALL_ZERO for fault, _ in faults):
        return Analysis(verdict, past, models)
    incomplete = (fault.day for fault, _ in faults if fault.code is FaultKind.INCOMPLETE)
    end = min(incomplete, default=past.window[1])
    budget = METRICS_SHARE if parts else 1.0
    analysis = Analysis(verdict, past, tuple(one.before(end) for one in models), budget=budget)
    return _judged(spec, figures, analysis, end, parts)


def _judged(
    spec: ReportSpec, figures: Figures, analysis: Analysis, end: int, parts: Sequence[JudgedPart]
) -> Analysis:
    """With what is unusual of the days before `end`, the first one that is not complete."""
    from reporter.anomalies.expectation import called

    past, verdict = analysis.past, analysis.verdict
    if past is None:
        return analysis
    found = called(past.expectations(analysis.modelled, end), sensitivity_of(spec), analysis.budget)
    first, whole = past.window
    days = Period(past.day(first), past.day(end)) if end > first else None
    unusual = [
        UnusualMetric(metric, found[metric.label], past, end == whole)
        for metric in spec.metrics
        if metric.label in found and found[metric.label].unusual and metric.label not in verdict.doubted
    ]
    counts = [one for label, one in found.items() if not past.is_rate(label)]
    direction = common_direction(counts)
    common = common_change(direction, counts)
    # A rate does not go with the traffic, and what moved far beyond the others not with it alone.
    own = [one for one in unusual if one.is_rate or not direction or is_beyond(common, one.found)]
    told = verdict.doubted.union(one.metric.label for one in unusual)
    hidden = [one for one in parts if days and not direction and one.whole.label not in told]
    history, found_parts = _parts_found(spec, figures, hidden, verdict, past.day(end))
    of_parts = [
        UnusualMetric(one.metric, found_parts[one.metric.label], history, end == whole, one)
        for one in hidden
        if one.metric.label in found_parts and found_parts[one.metric.label].unusual
    ]
    named = sorted((*own, *of_parts), key=UnusualMetric.rank)[:MOST_UNUSUAL]
    together = (_together(direction, counts),) if direction else ()
    verdict = replace(
        verdict,
        unusual=(*together, *(one.finding(figures) for one in named))[:MOST_UNUSUAL],
        usual={one.metric.label: one.usual for one in unusual if one.has_range(figures)},
        judged=len(found),
        complete=days,
        outliers=frozenset(one.metric.label for one in (*unusual, *of_parts)),
        flagged=tuple(
            Flagged(one.metric, days, one.found.expected, one.is_rate, one.label, one.part)
            for one in named
            if days is not None and one.found.total_unusual
        ),
        not_judged=_not_judged(spec.metrics, figures, found),
        ranges={
            label: each
            for one in analysis.modelled
            for label, each in one.ranges(chart_spans(past.period)).items()
        },
    )
    return replace(analysis, verdict=verdict, found=found, found_parts=found_parts)


def _parts_found(
    spec: ReportSpec, figures: Figures, parts: Sequence[JudgedPart], verdict: Verdict, end: date
) -> "tuple[Histories, Mapping[str, Expectation]]":
    """The past of these parts, and what was to be expected of them on the days before `end`."""
    from reporter.anomalies.expectation import called
    from reporter.anomalies.rate_history import histories_of, modelled_from

    holidays = [holiday.day for holiday in verdict.holidays]
    past = histories_of([one.metric for one in parts], figures, holidays)
    place = (end - past.days.start).days
    models = [one.before(place) for one in modelled_from(past)]
    return past, called(past.expectations(models, place), sensitivity_of(spec), 1 - METRICS_SHARE)


def sensitivity_of(spec: ReportSpec) -> Sensitivity:
    """A quiet report calls only what is very unlikely unusual."""
    return Sensitivity.LOW if spec.insights is Insights.QUIET else spec.sensitivity


def common_direction(found: "Collection[Expectation]") -> int:
    """1 or -1 where so many metrics are unusually high or low together that it is one story; else 0."""
    least = max(COMMON_LEAST, math.ceil(COMMON_SHARE * len(found)))
    high, low = (sum(_moved(one, direction) for one in found) for direction in (1, -1))
    return (high >= least) - (low >= least)


def common_change(direction: int, found: "Collection[Expectation]") -> float:
    """Actual over expected of those that moved that way together: of the middle one, or the milder of two."""
    moved = sorted(one.actual / one.expected for one in found if _moved(one, direction) and one.expected)
    return (median_high if direction < 0 else median_low)(moved) if moved else 1.0


def is_beyond(common: float, found: "Expectation") -> bool:
    """Whether a metric moved so far, from where all others went, that it is a story of its own."""
    edge = found.low if found.actual < common * found.expected else found.high
    reach = BEYOND_COMMON * common * abs(edge - found.expected)
    return abs(found.actual - common * found.expected) > reach


def _moved(found: "Expectation", direction: int) -> bool:
    return found.unusual and (found.actual > found.expected) == (direction > 0)


def _together(direction: int, found: "Sequence[Expectation]") -> CommonShift:
    count = sum(_moved(one, direction) for one in found)
    return CommonShift(direction, count, len(found))


def _faults(past: "Histories", models: "Sequence[Modelled]") -> "list[PlacedFault]":
    """All faults of the tracking, the widest first; a ratio whose numerators stopped has one, too."""
    from reporter.anomalies.tracking import faults_in, silences_of

    found: list[PlacedFault] = []
    counted = {metric.measure for metric in past.counts.metrics} if past.counts else set[Measure]()
    for one in models:
        if one.past.under is None:
            found += [(fault, one.past) for fault in faults_in(one.model, one.outlook, one.past.users)]
        else:
            alone = one.past.places_of(lambda measure: _counts_alone(measure, counted))
            found += [(fault, one.past) for fault in silences_of(one.model, one.outlook, alone)]
    return found


def _counts_alone(measure: Measure, counted: Collection[Measure]) -> bool:
    """Whether it is a ratio of what is counted, and no metric of the report itself."""
    if not isinstance(measure, Ratio) or not traits(measure.numerator).is_judged:
        return False
    return measure.numerator not in counted


def _doubted(specs: Sequence[MetricSpec], faults: "Sequence[PlacedFault]") -> frozenset[str]:
    """The labels of metrics whose tracking is in doubt, and of those that are made of them."""
    metrics = [history.metrics[fault.metric] for fault, history in faults if fault.metric is not None]
    measures = {metric.measure for metric in metrics}
    parts = (metric.label for metric in specs if measures.intersection(daily_measures(metric.measure)))
    return frozenset((*(metric.label for metric in metrics), *parts))


def _doubt(fault: "TrackingFault", past: "MetricHistory") -> DataDoubt:
    day = past.day(fault.day)
    if fault.metric is None:
        return DataDoubt(fault.code, None, day, fault.expected, fault.actual)
    grain = past.grains[fault.metric]
    return DataDoubt(
        fault.code, past.metrics[fault.metric].label, day, fault.expected * grain, fault.actual * grain
    )


def _not_judged(specs: Sequence[MetricSpec], figures: Figures, found: Collection[str]) -> NotJudged | None:
    """What has a number and no past to hold it against; a breakdown tells what another metric is made of."""
    labels = tuple(
        metric.label
        for metric in specs
        if metric.label not in found
        and not traits(metric.measure).is_judged
        and not isinstance(metric.measure, Breakdown)
        and isinstance(figures.now[metric.measure], Measured)
    )
    return NotJudged(labels) if labels else None


def _too_little(past: "Histories") -> TooLittleToJudge | None:
    """Whether the history is too short, and from which day on a report of as many days can be judged."""
    if not past.by_day or past.window[0] >= ENOUGH.days:
        return None
    return TooLittleToJudge(past.days.start + ENOUGH + timedelta(days=past.period.length))
