"""The model behind one metric's expectation, part by part."""

from dataclasses import dataclass, replace

import numpy as np

from reporter.model.statistics.cleaning import Past, clean, enough
from reporter.model.statistics.days import Floats, Series, grid
from reporter.model.statistics.errors import outlook
from reporter.model.statistics.forecast import forecasts
from reporter.model.statistics.weekdays import spread

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
