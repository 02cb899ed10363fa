"""Why a metric was judged as it was: the model fitted to it, and the causes that were found."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from reporter.anomalies.causes import Causes
from reporter.anomalies.expectation import FALSE_DISCOVERIES, OUTSIDE, Expectation
from reporter.anomalies.fit import Fit, Outlook
from reporter.anomalies.judge import Analysis, analyze, sensitivity_of
from reporter.anomalies.metric_history import MetricHistory
from reporter.reports.figures import Daily, Figure, Figures
from reporter.reports.measures import traits
from reporter.reports.periods import Period
from reporter.reports.report import Flagged, Verdict
from reporter.reports.subscriptions import Edition, Insights, MetricSpec

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
    outliers: tuple[date, ...]  # days that were not learned from
    shifts: tuple[tuple[date, float], ...]  # days on which a level begins, and its size in levels before
    unsettled: date | None  # first day of a launch or an outage that the metric has not settled after


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was expected of a metric, from which model, and how it was tested."""

    found: Expectation
    model: FittedModel
    days: Period  # that were judged
    past: Period
    bound: float  # chance up to which a metric of this report is called unusual
    rate: float  # of false ones among those
    among: int  # metrics
    grain: float  # the steps in which the metric moves; 1 for counts


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

    @property
    def flagged(self) -> Flagged | None:
        """The metric as a source is asked about its causes, where its total is unusual."""
        one = self.judgement
        if one is None or not one.found.total_unusual:
            return None
        return Flagged(self.metric, one.days, one.found.expected)


def explain_metric(edition: Edition, figures: Figures, metric: MetricSpec) -> MetricExplanation:
    """What a verdict on this metric rests on, before anybody was asked for causes."""
    analysis = analyze(edition.spec, figures)
    verdict, daily = analysis.verdict, figures.daily.get(metric.measure)
    why_not, judgement = _why_not(edition, metric, analysis), None
    if why_not is None:
        judgement = _judgement(edition, metric, analysis)
        why_not = None if judgement else "It has too few days with a number to tell what is usual."
    return MetricExplanation(edition, metric, figures.now[metric.measure], verdict, daily, judgement, why_not)


def _why_not(edition: Edition, metric: MetricSpec, analysis: Analysis) -> str | None:
    """Why the metric is not judged, for people."""
    verdict = analysis.verdict
    if edition.spec.insights is Insights.OFF:
        return "The report has insights turned off."
    if not traits(metric.measure).is_judged:
        return "Only counts, users and sums are judged; ratios, averages and shares are shown as they are."
    if analysis.past is None or metric not in analysis.past.metrics:
        return "It has no number for each day of the period."
    if verdict.too_little is not None:
        return f"The history is too short; from {verdict.too_little.enough_on} on it will do."
    return None if verdict.complete else "No day of the period can be trusted."


def _judgement(edition: Edition, metric: MetricSpec, analysis: Analysis) -> Judgement | None:
    """The metric's expectation among those of all metrics, and its model, in the metric's own unit."""
    past, model, outlook, days = analysis.past, analysis.model, analysis.outlook, analysis.verdict.complete
    if past is None or model is None or outlook is None or days is None:
        return None
    place = past.metrics.index(metric)
    if place not in analysis.found:
        return None
    rate, among = FALSE_DISCOVERIES[sensitivity_of(edition.spec)], len(analysis.found)
    unusual = sum(one.unusual for one in analysis.found.values())
    return Judgement(
        found=analysis.found[place],
        model=fitted_model(model, outlook, past, place),
        days=days,
        past=Period(past.days.start, days.start),
        bound=min(rate * max(unusual, 1) / among, OUTSIDE),
        rate=rate,
        among=among,
        grain=past.grains[place],
    )


def fitted_model(model: Fit, outlook: Outlook, past: MetricHistory, place: int) -> FittedModel:
    """The model of the metric at this place."""
    row, grain = model.metrics.index(place), past.grains[place]
    history, period = np.split(model.values[place, : model.first + outlook.days], [model.first])
    learned = model.past
    rhythm = learned.rhythm(model.first + outlook.days)[row, model.first :]
    from_monday = (np.arange(7, dtype=np.int64) - past.days.start.weekday()) % 7
    outliers = np.flatnonzero(np.isfinite(history) & ~learned.accepted[row]).tolist()
    return FittedModel(
        level=float(outlook.expected[row] / np.where(np.isfinite(period), rhythm, 0.0).sum()) * grain,
        weekdays=tuple(learned.pattern[row, from_monday].tolist()),
        growth=float(np.exp(7 * model.forecasts.trend[row, -1]) - 1),
        day_error=float(np.sqrt(outlook.day_variance[row])),
        total_error=float(np.sqrt(outlook.variance[row])),
        daily=tuple((outlook.daily[row] * grain).tolist()),
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


def weeks_of(daily: Daily, days: Period) -> tuple[tuple[Period, float | None], ...]:
    """The totals of whole weeks that end with these days, the oldest first; None where a day is missing."""
    week = timedelta(days=7)
    ends = [days.end - week * number for number in range(days.length // 7 - 1, -1, -1)]
    weeks = [Period(end - week, end) for end in ends]
    return tuple((one, daily.total(one)) for one in weeks)
