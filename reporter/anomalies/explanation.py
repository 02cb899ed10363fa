"""Why a metric was judged as it was: the model fitted to it, and the causes that were found."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from reporter.anomalies.causes import Causes
from reporter.anomalies.distributions import critical_chance
from reporter.anomalies.earlier_periods import LEAST_PERIODS
from reporter.anomalies.expectation import FALSE_DISCOVERIES, OUTSIDE, Expectation
from reporter.anomalies.fit import Fit
from reporter.anomalies.judge import METRICS_SHARE, Analysis, analyze, sensitivity_of
from reporter.anomalies.metric_history import MetricHistory
from reporter.anomalies.parts import JudgedPart
from reporter.anomalies.rate_history import Histories, Modelled
from reporter.anomalies.thresholds import NOWHERE, Thresholds, by_day, by_periods
from reporter.reports.causes import MetricPart
from reporter.reports.definitions import is_from_raw, is_judged_by_periods, rate_of
from reporter.reports.figures import Daily, Figure, Figures, RawEvents
from reporter.reports.findings import CommonShift
from reporter.reports.measures import Breakdown, Funnel, Retention, Stickiness, traits
from reporter.reports.periods import Period
from reporter.reports.report import Flagged, Verdict
from reporter.reports.subscriptions import Edition, Insights, MetricSpec, Sensitivity

RESCALED = 0.01  # a smaller difference of two scales is rounding


@dataclass(frozen=True, slots=True)
class FittedModel:
    """What was learned from a metric's past, and what that says of the days of the period."""

    level: float  # an average day when the period begins
    weekdays: tuple[float, ...]  # each weekday's factor, Monday first; their mean is 1
    growth: float  # a week; it fades over the period
    day_error: float  # usual relative error of a day beyond chance
    total_error: float  # and of the period's total
    daily: tuple[float, ...]  # expected of each day of the period
    grains: tuple[float, ...]  # the steps in which each day's number moves; 1 for counts
    outliers: tuple[date, ...]  # days that were not learned from
    shifts: tuple[tuple[date, float], ...]  # days on which a level begins, and its size in levels before
    unsettled: date | None  # first day of a launch or an outage that the metric has not settled after


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was expected of a metric, from which model, and how it was tested."""

    found: Expectation
    model: FittedModel | None  # None of what is held against whole periods
    days: Period  # that were judged
    begins: date  # the first day of the past
    bound: float  # chance up to which it is called unusual, the other metrics being as they are
    rate: float  # of false ones among those
    among: int  # metrics
    grain: float  # the steps in which the metric moves; 1 for counts
    thresholds: Thresholds  # of the total, in the metric's own unit, as everything here
    day_thresholds: tuple[Thresholds, ...]  # of each day of the period; none where days are not judged
    fraction: tuple[float, float] | None = None  # of a rate: the numerator and the denominator


@dataclass(frozen=True, slots=True)
class PartJudgement:
    """A value of `judge_by`, and what was expected of it; None where it has too little history."""

    part: MetricPart
    found: Expectation | None
    bound: float  # chance up to which it is called unusual, the other parts being as they are


@dataclass(frozen=True, slots=True)
class MetricExplanation:
    """A metric, and all that is known of why it is called unusual or not."""

    edition: Edition
    metric: MetricSpec
    figure: Figure
    verdict: Verdict
    daily: Daily | None
    judgement: Judgement | None  # None where it cannot be judged
    why_not: str | None  # and then why
    causes: Causes | None = None
    not_looked_for: str | None = None  # why no causes were looked for
    base: Daily | None = None  # of a rate: each day's denominator
    raw: RawEvents | None = None  # that its number was measured from
    parts: tuple[PartJudgement, ...] = ()  # that were judged beside it, the largest first
    parts_not_judged: str | None = None  # why they were not, where the metric asks for it

    @property
    def flagged(self) -> Flagged | None:
        """The metric as a source is asked about its causes, where its total is unusual."""
        one = self.judgement
        if one is None or not one.found.total_unusual:
            return None
        return Flagged(self.metric, one.days, one.found.expected, is_rate=one.fraction is not None)


def explain_metric(
    edition: Edition, figures: Figures, metric: MetricSpec, parts: Sequence[JudgedPart] = ()
) -> MetricExplanation:
    """What a verdict on this metric rests on, before anybody was asked for causes."""
    analysis = analyze(edition.spec, figures, parts)
    daily, base = figures.daily.get(metric.measure), None
    modelled = _modelled(metric, analysis)
    if modelled is not None and modelled.past.under is not None:
        daily, base = _days_of_rate(modelled.past, modelled.past.metrics.index(metric))
    judgement = _judgement(metric, analysis, edition, modelled)
    why_not = None if judgement else _why_not(edition, metric, analysis)
    figure, verdict = figures.now[metric.measure], analysis.verdict
    raw = figures.raw if figures.raw and is_from_raw(metric.measure, figures.raw) else None
    no_parts = _why_no_parts(metric, analysis, parts) if judgement else None
    return MetricExplanation(
        edition,
        metric,
        figure,
        verdict,
        daily,
        judgement,
        why_not,
        base=base,
        raw=raw,
        parts=() if no_parts else _parts(metric, analysis, sensitivity_of(edition.spec), parts),
        parts_not_judged=no_parts,
    )


def _parts(
    metric: MetricSpec, analysis: Analysis, sensitivity: Sensitivity, parts: Sequence[JudgedPart]
) -> tuple[PartJudgement, ...]:
    """What was said of each part of the metric, among the parts of all metrics."""
    found, rate = analysis.found_parts, FALSE_DISCOVERIES[sensitivity] * (1 - METRICS_SHARE)
    of_whole = [(one.part, one.metric.label) for one in parts if one.whole == metric]
    chances = {label: [one.chance for name, one in found.items() if name != label] for _, label in of_whole}
    return tuple(
        PartJudgement(part, found.get(label), min(critical_chance(chances[label], rate), OUTSIDE))
        for part, label in of_whole
    )


def _why_no_parts(metric: MetricSpec, analysis: Analysis, parts: Sequence[JudgedPart]) -> str | None:
    """Why the parts of a metric that is to be judged by them were not, for people; None where they were."""
    if metric.judge_by is None:
        return None
    if all(one.whole != metric for one in parts):
        return f"{metric.judge_by} has no two values."
    if any(isinstance(finding, CommonShift) for finding in analysis.verdict.unusual):
        return "So many metrics moved together that it is one story, and not one of parts."
    if metric.label in analysis.verdict.doubted or metric.label in analysis.verdict.outliers:
        return "The whole is unusual or in doubt, so that only the whole is told."
    return None


def _why_not(edition: Edition, metric: MetricSpec, analysis: Analysis) -> str:
    """Why the metric is not judged, for people."""
    verdict = analysis.verdict
    if edition.spec.insights is Insights.OFF:
        return "The report has insights turned off."
    if isinstance(metric.measure, Breakdown):
        return "A breakdown tells what another metric is made of: that one is judged."
    if verdict.too_little is not None:
        return f"The history is too short; from {verdict.too_little.enough_on} on it will do."
    if analysis.past is None or not verdict.complete:
        return "No day of the period can be trusted."
    if is_judged_by_periods(metric.measure) and analysis.past.period.length > 1:
        return f"Fewer than {LEAST_PERIODS} earlier periods are known, which only raw events tell."
    if not traits(metric.measure).is_judged and rate_of(metric.measure) is None:
        return "Nothing tells how it did on earlier days, or in earlier periods."
    if _modelled(metric, analysis) is None:
        return "It has no number for each day of the period."
    return "It has too few days with a number to tell what is usual."


def _modelled(metric: MetricSpec, analysis: Analysis) -> Modelled | None:
    """The models among which the metric is; none of one that is judged by periods."""
    return next((one for one in analysis.modelled if metric in one.past.metrics), None)


def _judgement(
    metric: MetricSpec, analysis: Analysis, edition: Edition, modelled: Modelled | None
) -> Judgement | None:
    """The metric's expectation among those of all metrics, and its model, in the metric's own unit."""
    past, days, found = analysis.past, analysis.verdict.complete, analysis.found.get(metric.label)
    if past is None or days is None or found is None:
        return None
    rate = FALSE_DISCOVERIES[sensitivity_of(edition.spec)] * analysis.budget
    others = [one.chance for label, one in analysis.found.items() if label != metric.label]
    bound = min(critical_chance(others, rate), OUTSIDE)
    total, of_days = _thresholds(metric, past, modelled, bound)
    place = modelled.past.metrics.index(metric) if modelled else 0
    return Judgement(
        found=found,
        model=fitted_model(modelled, place) if modelled else None,
        days=days,
        begins=past.days.start,
        bound=bound,
        rate=rate,
        among=len(analysis.found),
        grain=modelled.past.grains[place] if modelled else 1.0,
        thresholds=total,
        day_thresholds=of_days,
        fraction=_fraction(metric, past, modelled, days),
    )


def _thresholds(
    metric: MetricSpec, past: Histories, modelled: Modelled | None, bound: float
) -> tuple[Thresholds, tuple[Thresholds, ...]]:
    """What it would have taken, the other metrics being as they are; no share can be more than all."""
    if modelled is not None:
        return by_day(modelled, modelled.past.metrics.index(metric), bound)
    found = next((by_periods(one, bound) for one in past.periods if one.metric == metric), NOWHERE)
    is_share = isinstance(metric.measure, Funnel | Retention | Stickiness)
    return (replace(found, above=None) if is_share and (found.above or 0) >= 1 else found), ()


def _fraction(
    metric: MetricSpec, past: Histories, modelled: Modelled | None, days: Period
) -> tuple[float, float] | None:
    """The numerator and the denominator that were judged; None of a count."""
    if modelled is None:
        return next(((one.over, one.under) for one in past.periods if one.metric == metric), None)
    history = modelled.past
    if history.under is None:
        return None
    place, first = history.metrics.index(metric), history.window[0]
    judged = slice(first, first + days.length)
    over = float(np.nansum(history.values[place, judged])) * history.grains[place]
    return over, history.base(place, judged)


def _days_of_rate(past: MetricHistory, place: int) -> tuple[Daily, Daily]:
    """The rate of each day, and its denominator."""
    under = past.under[place] if past.under is not None else np.ones(past.days.length)
    with_rate = np.isfinite(past.values[place]) & (under > 0)
    numbers = zip((past.values[place] * past.grains[place]).tolist(), under.tolist(), with_rate, strict=True)
    pairs = [(over / base, base) if known else (None, None) for over, base, known in numbers]
    rates, bases = zip(*pairs, strict=True)
    return Daily(past.days.start, rates), Daily(past.days.start, bases)


def fitted_model(modelled: Modelled, place: int) -> FittedModel | None:
    """The model of the metric at this place."""
    past, model, outlook = modelled.past, modelled.model, modelled.outlook
    if model is None or outlook is None:
        return None
    row, grain, end = model.metrics.index(place), past.grains[place], model.first + outlook.days
    history, period = np.split(model.values[place, :end], [model.first])
    learned = model.past
    rhythm = np.where(np.isfinite(period), learned.rhythm(end)[row, model.first :], 0.0)
    exposure = np.ones(outlook.days) if learned.exposure is None else learned.exposure[row, model.first : end]
    # Of a rate, an average day is its denominators' own.
    scale = grain * float(exposure.sum()) / (past.base(place, slice(model.first, end)) or 1.0)
    bases = np.array([past.base(place, slice(day, day + 1)) for day in range(model.first, end)])
    from_monday = (np.arange(7, dtype=np.int64) - past.days.start.weekday()) % 7
    outliers = np.flatnonzero(np.isfinite(history) & ~learned.accepted[row]).tolist()
    return FittedModel(
        level=float(outlook.expected[row] / rhythm.sum()) * (grain if past.under is None else scale),
        weekdays=tuple(learned.pattern[row, from_monday].tolist()),
        growth=float(np.exp(7 * model.forecasts.trend[row, -1]) - 1),
        day_error=float(np.sqrt(outlook.day_variance[row])),
        total_error=float(np.sqrt(outlook.variance[row])),
        daily=tuple((outlook.daily[row] * grain / bases).tolist()),
        grains=tuple((grain / bases).tolist()),
        outliers=tuple(map(past.day, outliers)),
        shifts=_shifts(model, past, place, row),
        unsettled=past.day(int(model.unsettled[row])) if model.unsettled[row] < model.first else None,
    )


def _shifts(model: Fit, past: MetricHistory, place: int, row: int) -> tuple[tuple[date, float], ...]:
    """Where the past was moved to the newest level."""
    history = model.values[place, : model.first]
    known = np.flatnonzero(np.isfinite(history) & (history > 0))
    scales: list[float] = (model.past.raw[row, known] / history[known]).tolist()
    days: list[int] = known.tolist()
    steps = zip(scales, scales[1:], days[1:], strict=False)
    return tuple((past.day(day), old / new) for old, new, day in steps if abs(old / new - 1) > RESCALED)


def weeks_of(
    daily: Daily, days: Period, base: Daily | None = None
) -> tuple[tuple[Period, float | None], ...]:
    """The totals of whole weeks that end with these days, the oldest first; None where a day is missing.

    Of rates that of the whole week, by the denominators of its days.
    """
    week = timedelta(days=7)
    ends = [days.end - week * number for number in range(days.length // 7 - 1, -1, -1)]
    weeks = [Period(end - week, end) for end in ends]
    return tuple((one, daily.total(one) if base is None else _rate(daily, base, one)) for one in weeks)


def _rate(daily: Daily, base: Daily, days: Period) -> float | None:
    pairs = zip(daily.over(days), base.over(days), strict=True)
    known = [(rate, under) for rate, under in pairs if rate is not None and under is not None]
    total = sum(under for _, under in known)
    return sum(rate * under for rate, under in known) / total if total else None
