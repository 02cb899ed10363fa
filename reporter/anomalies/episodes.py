"""Episodes of the past: launches, campaigns and outages, from their first day until the metric has settled.

A spike is followed by a tail, and an outage by a catch-up; neither is the level nor its trend. So an episode
ends when a week is back at the level before it, or when two weeks agree on a new one.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from reporter.anomalies.daily_series import (
    COUNTED,
    Booleans,
    Floats,
    Integers,
    median,
    rolling_mean,
    stabilised,
)

BEFORE = 21  # days before an episode that tell its level, and
LEAST_BEFORE = 10  # of them with a number
SPAN = 3  # days that may depart together: few events show a launch only over days
FAR = 4.0  # standard deviations from which an episode begins
WEEK = 7
BACK = 0.05  # of the log: no farther from the level before is settled, and
FLAT = 0.07  # no farther from the week before; or
ERRORS = 2.0  # standard errors
SURE = 0.1  # the largest error of two weeks that can be told to agree
CORRELATED = 2.5  # how much neighbouring days add to the variance of a mean: an AR(1) of 0.43
RECENT = 42  # days; what has not settled by then is what the metric is like
FRESH = 35  # days; what is back at the level before may still have a tail


@dataclass(frozen=True, slots=True)
class Episodes:
    """Days that belong to episodes that are over, and since when a metric's level is open."""

    days: Booleans  # (metrics, days)
    unsettled: Integers  # (metrics,), first day of a recent episode; the number of days where there is none


def episodes(history: Floats, rhythm: Floats, noise: Floats) -> Episodes:
    """The episodes of each metric, given the factor of each day and the variance of its log beyond chance.

    Only single days that are far off show which days to leave out; a few days together show what is recent.
    """
    metrics, size = history.shape
    inside = np.zeros(history.shape, dtype=np.bool_)
    unsettled = np.full(metrics, size, dtype=np.int64)
    single = departs(history, rhythm, noise, 1)
    together = single | departs(history, rhythm, noise, SPAN)
    for row in np.flatnonzero(together.any(axis=1)).tolist():
        series = Series(history[row], rhythm[row], float(noise[row]))
        for one in series.episodes(np.flatnonzero(single[row])):
            inside[row, one.start : one.start if one.end is None else one.end] = True
        found = series.episodes(np.flatnonzero(together[row]))
        unsettled[row] = min((one.start for one in found if one.is_open(size)), default=size)
    return Episodes(inside, unsettled)


@dataclass(frozen=True, slots=True)
class Episode:
    """An episode: its first day, the day on which it has settled, if it has, and whether at a new level."""

    start: int
    end: int | None
    at_new_level: bool = False

    def is_open(self, days: int) -> bool:
        """Whether the level may still be that before it, or the newest, after so many days of history."""
        return not self.at_new_level and days - self.start <= (RECENT if self.end is None else FRESH)


def departs(history: Floats, rhythm: Floats, noise: Floats, span: int) -> Booleans:
    """Whether the `span` days from each day on are far from the level of the three weeks before."""
    ahead = sums_from(np.nan_to_num(history), span)
    usual = level_before(history / rhythm) * sums_from(np.where(np.isfinite(history), rhythm, 0.0), span)
    error = np.sqrt(1 + noise[:, None] * min(1.0, CORRELATED / span) * usual)
    return np.abs(np.nan_to_num(stabilised(ahead) - stabilised(usual))) > FAR * error


def level_before(deseasonalised: Floats) -> Floats:
    """The median of the days before each day, for small counts the mean; nan where there are too few."""
    padded = np.pad(deseasonalised[:, :-1], ((0, 0), (BEFORE, 0)), constant_values=np.nan)
    medians = median(np.lib.stride_tricks.sliding_window_view(padded, BEFORE, axis=1))
    means, days = rolling_mean(deseasonalised, BEFORE, 0)
    return np.where(days >= LEAST_BEFORE, np.where(medians >= COUNTED, medians, means), np.nan)


def sums_from(values: Floats, span: int) -> Floats:
    """For each day the sum of it and the days after it, `span` in all; fewer at the end."""
    totals = np.concatenate([np.zeros((values.shape[0], 1)), np.cumsum(values, axis=1)], axis=1)
    ends = np.minimum(np.arange(values.shape[1], dtype=np.int64) + span, values.shape[1])
    return totals[:, ends] - totals[:, :-1]


@dataclass(frozen=True, slots=True)
class Series:
    """The days of one metric: values, the factor of each day, and the variance of the log beyond chance."""

    values: Floats
    rhythm: Floats
    noise: float

    def episodes(self, departures: Integers) -> Iterator[Episode]:
        """The episodes that begin on these days; one that begins within another is part of it."""
        over = 0
        for start in departures.tolist():
            if start >= over:
                one = self.episode(start)
                yield one
                over = start + 1 if one.end is None else one.end

    def episode(self, start: int) -> Episode:
        """It is over with a week at the level before, or with two weeks that agree on a new one."""
        known = np.isfinite(self.values[start:])
        level = level_before((self.values / self.rhythm)[None, : start + 1])[0, -1]
        came = weeks_from(np.where(known, self.values[start:], 0.0))
        usual = weeks_from(np.where(known, self.rhythm[start:], 0.0)) * level
        error = np.sqrt(self.noise * CORRELATED / WEEK + 1 / (np.minimum(usual, came) + 0.5))
        departure = np.log((came + 0.5) / (usual + 0.5))
        is_back = np.abs(departure) < np.maximum(BACK, ERRORS * error)
        step, step_error = np.abs(departure[WEEK:] - departure[:-WEEK]), np.hypot(error[WEEK:], error[:-WEEK])
        agrees = np.zeros(is_back.size, dtype=np.bool_)
        agrees[: step.size] = (step < np.maximum(FLAT, ERRORS * step_error)) & (step_error < SURE)
        days = np.flatnonzero((is_back | agrees)[1:]) + 1
        return (
            Episode(start, start + int(days[0]), not is_back[days[0]]) if days.size else Episode(start, None)
        )


def weeks_from(values: Floats) -> Floats:
    """The sum of the week that begins on each day; none where it is not whole."""
    totals = np.concatenate([np.zeros(1), np.cumsum(values)])
    return totals[WEEK:] - totals[:-WEEK]
