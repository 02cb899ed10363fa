"""Why a metric was judged as it was: the model fitted to it, and the causes that were found."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np

from reporter.anomalies import expectation, metric_history
from reporter.anomalies.backtest import outlook
from reporter.anomalies.daily_series import Floats, Series, grid, spread
from reporter.anomalies.expectation import FALSE_DISCOVERIES, OUTSIDE, Expectation
from reporter.anomalies.fit import Past, clean, enough, forecasts
from reporter.anomalies.judge import judge, sensitivity_of
from reporter.anomalies.metric_history import MetricHistory
from reporter.anomalies.segments import Causes
from reporter.reports.edition import Edition
from reporter.reports.figures import Daily, Figure, Figures
from reporter.reports.measures import traits
from reporter.reports.periods import Period
from reporter.reports.report import Flagged, Verdict
from reporter.reports.subscriptions import Insights, MetricSpec

RESCALED = 0.01  # a smaller difference of two scales is rounding
MONDAY = 4  # the weekday of 1970-01-01 was a Thursday: its days from a Monday on


@dataclass(frozen=True, slots=True)
class Anatomy:
    """What was learned from a metric's past, and what that says of the days of the period."""

    level: float  # an average day when the period begins
    weekdays: tuple[float, ...]  # each weekday's factor, Monday first; their mean is 1
    growth: float  # a week; it fades over the period
    day_error: float  # usual relative error of a day beyond chance
    total_error: float  # and of the period's total
    daily: tuple[float, ...]  # expected of each day of the period
    strange: tuple[int, ...]  # places of days that were not learned from
    shifts: tuple[tuple[int, float], ...]  # places where a level begins, and its size in levels before

    def times(self, factor: float) -> "Anatomy":
        """The same, told in a unit that is `factor` times smaller."""
        return replace(self, level=self.level * factor, daily=tuple(day * factor for day in self.daily))


def anatomy(one: Series, window: tuple[int, int]) -> Anatomy | None:
    """The model of a series, as `assess` uses it; None without enough history."""
    whole = grid([one], window)
    history, period = whole.values[:, : whole.history], whole.values[:, whole.history :]
    counted = np.isfinite(period)
    if not enough(history)[0] or not counted.any():
        return None
    past = clean(history)
    view, trend = outlook(past, counted), forecasts(past).trend[0, -1]
    rhythm = spread(past.pattern, whole.history + whole.window)[:, whole.history :]
    first = int(one[0][window[0]].astype("datetime64[D]").astype(np.int64)) - whole.history
    from_monday = (np.arange(7, dtype=np.int64) - first - MONDAY + 1) % 7
    places = whole.places[0, : whole.history]
    return Anatomy(
        level=float(view.expected[0] / np.where(counted, rhythm, 0.0).sum()),
        weekdays=tuple(past.pattern[0, from_monday].tolist()),
        growth=float(np.exp(7 * trend) - 1),
        day_error=float(np.sqrt(view.day_variance[0])),
        total_error=float(np.sqrt(view.variance[0])),
        daily=tuple(view.daily[0].tolist()),
        strange=tuple(places[np.isfinite(history[0]) & ~past.accepted[0]].tolist()),
        shifts=_shifts(history, past, places.tolist()),
    )


def _shifts(history: Floats, past: Past, places: list[int]) -> tuple[tuple[int, float], ...]:
    """Where the past was moved to the newest level."""
    known = np.flatnonzero(np.isfinite(history[0]) & (history[0] > 0))
    scales: list[float] = (past.raw[0, known] / history[0, known]).tolist()
    days: list[int] = known.tolist()
    steps = zip(scales, scales[1:], days[1:], strict=False)
    return tuple((places[day], old / new) for old, new, day in steps if abs(old / new - 1) > RESCALED)


@dataclass(frozen=True, slots=True)
class Examination:
    """A metric, and all that is known of why it is called unusual or not."""

    edition: Edition
    metric: MetricSpec
    figure: Figure
    verdict: Verdict
    daily: Daily | None
    judgement: "Judgement | None"  # None where it cannot be judged
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


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was expected of a metric, from which model, and how it was tested."""

    found: Expectation
    model: Anatomy
    days: Period  # that were judged
    past: Period
    bound: float  # chance up to which a metric of this report is called unusual
    rate: float  # of false ones among those
    among: int  # metrics
    grain: float  # the steps in which the metric moves; 1 for counts
    strange: tuple[date, ...] = field(default=())
    shifts: tuple[tuple[date, float], ...] = field(default=())


def examine(edition: Edition, figures: Figures, metric: MetricSpec) -> Examination:
    """What a verdict on this metric rests on, before anybody was asked for causes."""
    spec = edition.spec
    verdict = judge(spec, figures)
    daily = figures.daily.get(metric.measure)
    why_not = _why_not(edition, figures, metric, verdict)
    judgement = None
    if why_not is None and verdict.complete is not None:
        judged = metric_history.judged(spec.metrics, figures)
        past = metric_history.history_of(judged, figures, [holiday.day for holiday in verdict.holidays])
        judgement = _judgement(edition, past, judged.index(metric), verdict.complete)
        why_not = None if judgement else "It has too few days with a number to tell what is usual."
    return Examination(edition, metric, figures.now[metric.measure], verdict, daily, judgement, why_not)


def _why_not(edition: Edition, figures: Figures, metric: MetricSpec, verdict: Verdict) -> str | None:
    """Why the metric is not judged, for people."""
    if edition.spec.insights is Insights.OFF:
        return "The report has insights turned off."
    if not traits(metric.measure).is_judged:
        return "Only counts, users and sums are judged; ratios, averages and shares are shown as they are."
    if metric not in metric_history.judged(edition.spec.metrics, figures):
        return "It has no number for each day of the period."
    if verdict.too_little is not None:
        return f"The history is too short; from {verdict.too_little.enough_on} on it will do."
    if verdict.complete is None:
        return "No day of the period can be trusted."
    return None


def _judgement(edition: Edition, past: MetricHistory, place: int, days: Period) -> Judgement | None:
    """The metric's expectation among those of all metrics, and its model, in the metric's own unit."""
    first, _ = past.window
    window = first, first + days.length
    sensitivity = sensitivity_of(edition.spec)
    found = expectation.assess(past.series, window, sensitivity)
    model = anatomy(past.series[place], window)
    if model is None or not found[place].enough_history:
        return None
    rate = FALSE_DISCOVERIES[sensitivity]
    among = sum(one.enough_history for one in found)
    unusual = sum(one.unusual for one in found)
    return Judgement(
        found=past.told(place, found[place]),
        model=model.times(past.grains[place]),
        days=days,
        past=Period(past.days.start, days.start),
        bound=min(rate * max(unusual, 1) / among, OUTSIDE),
        rate=rate,
        among=among,
        grain=past.grains[place],
        strange=tuple(past.day(day) for day in model.strange),
        shifts=tuple((past.day(day), factor) for day, factor in model.shifts),
    )


def weeks_of(daily: Daily, days: Period) -> tuple[tuple[Period, float | None], ...]:
    """The totals of whole weeks that end with these days, the oldest first; None where a day is missing."""
    week = timedelta(days=7)
    ends = [days.end - week * number for number in range(days.length // 7 - 1, -1, -1)]
    weeks = [Period(end - week, end) for end in ends]
    return tuple((one, _total(daily, one)) for one in weeks)


def _total(daily: Daily, days: Period) -> float | None:
    numbers = [number for number in daily.over(days) if number is not None]
    return sum(numbers) if len(numbers) == days.length else None
