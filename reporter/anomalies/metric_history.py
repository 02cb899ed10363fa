"""The daily numbers of a report's metrics, as the statistics take them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from reporter.reports.figures import Figures, Measured
from reporter.reports.measures import EventCount, EventUsers, PropertyStatistic, traits
from reporter.reports.periods import ONE_DAY, Period
from reporter.reports.subscriptions import MetricSpec

if TYPE_CHECKING:
    from reporter.anomalies.daily_series import Floats

LOW = 0.85  # of what such a weekday usually has: a holiday below that says nothing of the product
AROUND = 4  # weeks on each side of a holiday that tell what is usual
FEWEST = 30  # pairs of days a week apart that tell the grain of a sum
BOUND = 9.0  # times the median square; what is beyond counts as that much
MOST_GRAINS = 1e5  # a day; nobody is surer than that of a number


def judged_metrics(specs: Sequence[MetricSpec], figures: Figures) -> tuple[MetricSpec, ...]:
    """The metrics that can be judged: measured, with a number for each day of the period."""
    return tuple(
        metric for metric in specs if traits(metric.measure).is_judged and _is_whole(metric, figures)
    )


def _is_whole(metric: MetricSpec, figures: Figures) -> bool:
    daily = figures.daily.get(metric.measure)
    measured = isinstance(figures.now.get(metric.measure), Measured)
    return measured and daily is not None and None not in daily.over(figures.question.period)


@dataclass(frozen=True, slots=True)
class MetricHistory:
    """The days of all judged metrics, from the first one on which anything happened.

    Values of a sum are in grains, amounts in which it scatters as a count does; `grains` has how much one is.
    """

    metrics: tuple[MetricSpec, ...]
    days: Period
    period: Period
    values: "Floats"  # (metrics, days)
    grains: tuple[float, ...]
    masked: frozenset[str]  # labels of metrics that lack a day of the period: a low one, on a holiday

    @property
    def window(self) -> tuple[int, int]:
        """The period, as a half-open range of places in the days."""
        return self.days.length - self.period.length, self.days.length

    @property
    def known_days(self) -> int:
        """How many days there are before the period."""
        return self.window[0]

    def day(self, place: int) -> date:
        return self.days.start + timedelta(days=place)

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
    metrics: tuple[MetricSpec, ...], figures: Figures, holidays: Collection[date]
) -> MetricHistory:
    """The history of these metrics; low numbers of the period's `holidays` are as if they were missing.

    Holidays of the past stay: those that are outliers are set apart like any other, and without the others
    the past looks calmer than the days to come (`bench/insights.py` has the figures).
    """
    question = figures.question
    whole = Period(question.history.start, question.period.end)
    numbers = [_numbers(metric, figures, whole) for metric in metrics]
    first = min(_first_day(numbers, whole), question.period.start)
    days = Period(first, whole.end)
    raw = [values[-days.length :] for values in numbers]
    kept = [without_low(values, days, holidays) for values in raw]
    window = days.length - question.period.length
    grains = tuple(_grain(metric, values[:window]) for metric, values in zip(metrics, kept, strict=True))
    return MetricHistory(
        metrics=metrics,
        days=days,
        period=question.period,
        values=np.stack([values / grain for values, grain in zip(kept, grains, strict=True)]),
        grains=grains,
        masked=frozenset(
            metric.label
            for metric, values in zip(metrics, kept, strict=True)
            if not np.isfinite(values[window:]).all()
        ),
    )


def _numbers(metric: MetricSpec, figures: Figures, days: Period) -> "Floats":
    values = figures.daily[metric.measure].over(days)
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _first_day(numbers: Sequence["Floats"], days: Period) -> date:
    """The first day on which anything happened. Before it, the project's zeros mean nothing."""
    busy = np.nansum(np.abs(np.stack(numbers)), axis=0) > 0
    return days.start + ONE_DAY * int(np.argmax(busy))


def without_low(values: "Floats", days: Period, holidays: Collection[date]) -> "Floats":
    """The same, without the holidays that are below what their weekday has in the weeks around."""
    places = [(day - days.start).days for day in holidays if days.covers(day)]
    bare = values.copy()
    bare[places] = np.nan
    kept = bare.copy()
    for place in places:
        weekday = bare[max(place % 7, place - 7 * AROUND) : place + 7 * AROUND + 1 : 7]
        known = weekday[np.isfinite(weekday)]
        if not known.size or values[place] >= LOW * float(np.median(known)):
            kept[place] = values[place]
    return kept


def _grain(metric: MetricSpec, past: "Floats") -> float:
    """How large the steps of a sum are: the variance of its days from week to week, over their mean."""
    if not isinstance(metric.measure, PropertyStatistic):
        return 1.0
    squares = (past[7:] - past[:-7]) ** 2 / 2
    squares = squares[np.isfinite(squares)]
    mean = float(np.nanmean(past)) if squares.size else 0.0
    if squares.size < FEWEST or mean <= 0:
        return 1.0
    bound = BOUND * float(np.median(squares)) or np.inf  # a launch or an outage says nothing of the steps
    return max(float(np.minimum(squares, bound).mean()) / mean, mean / MOST_GRAINS)
