"""The daily numbers of a report's metrics, as the statistics take them."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from reporter.anomalies.rates import FEWEST, MOST_GRAINS, RateSeries, bounded_mean, capped
from reporter.reports.figures import Daily, Figures, Measured
from reporter.reports.measures import EventCount, EventUsers, Measure, PropertyStatistic, traits
from reporter.reports.periods import ONE_DAY, Period
from reporter.reports.subscriptions import MetricSpec

if TYPE_CHECKING:
    from reporter.anomalies.daily_series import Floats

LOW = 0.85  # of what such a weekday usually has: a holiday below that says nothing of the product
AROUND = 4  # weeks on each side of a holiday that tell what is usual


def judged_metrics(specs: Sequence[MetricSpec], figures: Figures) -> tuple[MetricSpec, ...]:
    """The metrics that are judged as counts: measured, with a number for each day of the period."""
    return tuple(
        metric for metric in specs if traits(metric.measure).is_judged and _is_whole(metric, figures)
    )


def _is_whole(metric: MetricSpec, figures: Figures) -> bool:
    daily = figures.daily.get(metric.measure)
    measured = isinstance(figures.now.get(metric.measure), Measured)
    return measured and daily is not None and None not in daily.over(figures.question.period)


@dataclass(frozen=True, slots=True)
class MetricHistory:
    """The days of metrics that are judged alike, from the first one on which anything happened.

    Values of a sum are in grains, amounts in which it scatters as a count does; `grains` has how much one is.
    Of rates, values are the numerators, and `under` the denominators.
    """

    metrics: tuple[MetricSpec, ...]
    days: Period
    period: Period
    values: "Floats"  # (metrics, days)
    grains: tuple[float, ...]
    masked: frozenset[str]  # labels of metrics that lack a day of the period: a low one, on a holiday
    under: "Floats | None" = None

    @property
    def window(self) -> tuple[int, int]:
        """The period, as a half-open range of places in the days."""
        return self.days.length - self.period.length, self.days.length

    def day(self, place: int) -> date:
        return self.days.start + timedelta(days=place)

    def base(self, place: int, days: slice) -> float:
        """What the numbers of these days are divided by; 1 of counts."""
        if self.under is None:
            return 1.0
        known = np.isfinite(self.values[place, days])
        return float(self.under[place, days][known].sum()) or 1.0

    def units(self, end: int) -> tuple[float, ...]:
        """How much a grain is in each metric's own unit, over the period's days before `end`."""
        days = slice(self.window[0], end)
        return tuple(grain / self.base(place, days) for place, grain in enumerate(self.grains))

    def places_of(self, fits: Callable[[Measure], bool]) -> list[int]:
        """The places of the metrics whose measure is so."""
        return [place for place, metric in enumerate(self.metrics) if fits(metric.measure)]

    @property
    def users(self) -> dict[int, int]:
        """For the place of each count that of its users, where the report has both."""
        places = {metric.measure: place for place, metric in enumerate(self.metrics)}
        return {
            place: places[EventUsers(measure.event, measure.where)]
            for measure, place in places.items()
            if isinstance(measure, EventCount) and EventUsers(measure.event, measure.where) in places
        }


def history_of(
    metrics: tuple[MetricSpec, ...], figures: Figures, holidays: Collection[date], begins: date | None = None
) -> MetricHistory:
    """The history of these counts; low numbers of the period's `holidays` are as if they were missing.

    Holidays of the past stay: those that are outliers are set apart like any other, and without the others
    the past looks calmer than the days to come (`bench/insights.py` has the figures). It begins on the given
    day, or on the first one on which anything happened.
    """
    whole = asked_days(figures)
    window = whole.length - figures.question.period.length
    numbers = [_amounts(metric, figures, whole, window) for metric in metrics]
    days = Period(begins or first_day(numbers, figures), whole.end)
    kept = [without_low(values[-days.length :], days, holidays) for values in numbers]
    window = days.length - figures.question.period.length
    grains = tuple(_grain(metric, values[:window]) for metric, values in zip(metrics, kept, strict=True))
    masked = (
        metric.label
        for metric, values in zip(metrics, kept, strict=True)
        if not np.isfinite(values[window:]).all()
    )
    scaled = np.stack([values / grain for values, grain in zip(kept, grains, strict=True)])
    return MetricHistory(metrics, days, figures.question.period, scaled, grains, frozenset(masked))


def asked_days(figures: Figures) -> Period:
    return Period(figures.question.history.start, figures.question.period.end)


def daily_array(daily: Daily, days: Period) -> "Floats":
    return np.array([np.nan if value is None else value for value in daily.over(days)], dtype=np.float64)


def _amounts(metric: MetricSpec, figures: Figures, days: Period, window: int) -> "Floats":
    """The numbers of a metric; of a sum, single large ones bounded where it is known how many there are."""
    amounts, measure = daily_array(figures.daily[metric.measure], days), metric.measure
    if not isinstance(measure, PropertyStatistic):
        return amounts
    times = figures.daily.get(EventCount(measure.event, measure.where))
    if times is None or np.nanmin(amounts) < 0:
        return amounts
    return capped(RateSeries(amounts, daily_array(times, days), is_counted=False), window)


def first_day(numbers: Iterable["Floats"], figures: Figures) -> date:
    """The first day on which anything happened. Before it, the project's zeros mean nothing."""
    busy = np.nansum(np.abs(np.stack([*numbers])), axis=0) > 0
    return min(asked_days(figures).start + ONE_DAY * int(np.argmax(busy)), figures.question.period.start)


def without_low(values: "Floats", days: Period, holidays: Collection[date]) -> "Floats":
    """The same, without the holidays that are below what their weekday has in the weeks around."""
    kept = values.copy()
    for day in (day for day in holidays if days.covers(day)):
        place = (day - days.start).days
        usual = usual_of_weekday(values, days, holidays, day)
        if usual is not None and not values[place] >= LOW * usual:
            kept[place] = np.nan
    return kept


def usual_of_weekday(values: "Floats", days: Period, holidays: Collection[date], day: date) -> float | None:
    """The median of the day's weekday in the weeks around, without the holidays; None where there is none."""
    bare = values.copy()
    bare[[(one - days.start).days for one in holidays if days.covers(one)]] = np.nan
    place = (day - days.start).days
    weekday = bare[max(place % 7, place - 7 * AROUND) : place + 7 * AROUND + 1 : 7]
    known = weekday[np.isfinite(weekday)]
    return float(np.median(known)) if known.size else None


def _grain(metric: MetricSpec, past: "Floats") -> float:
    """How large the steps of a sum are: the variance of its days from week to week, over their mean."""
    if not isinstance(metric.measure, PropertyStatistic):
        return 1.0
    squares = (past[7:] - past[:-7]) ** 2 / 2
    squares = squares[np.isfinite(squares)]
    mean = float(np.nanmean(past)) if squares.size else 0.0
    if squares.size < FEWEST or mean <= 0:
        return 1.0
    return max(bounded_mean(squares) / mean, mean / MOST_GRAINS)
