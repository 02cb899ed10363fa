"""What of the past is not to be learned from: single strange days, and levels that are over."""

from dataclasses import dataclass

import numpy as np

from reporter.model.statistics.days import Booleans, Floats, Integers, median, rolling_mean, rolling_median
from reporter.model.statistics.weekdays import COUNTED, rough_pattern, spread, weekday_pattern

LEAST_DAYS = 28  # of history, and
LEAST_VALUES = 21  # in it, to say anything
FAR = 4.0  # standard deviations from which a day is strange
AROUND = 21  # days whose median says what is usual
SHIFT_DAYS = 14  # on each side of a level shift
SHIFT_LEAST_DAYS = 7  # a younger level is not settled
SHIFT_LEAST = 0.14  # of the log: 15 %
SHIFT_FAR = 5.0  # standard errors
ABRUPT = 0.5  # of a jump must come in one step; growth comes in equal ones
SHIFTS = 3  # at most; a series with more has no level
CORRELATED = 2.5  # how much neighbouring days add to the variance of a mean: an AR(1) of 0.43


@dataclass(frozen=True, slots=True)
class Past:
    """A history fit to learn from: (metrics, days), rescaled to the newest level; nan where not accepted."""

    values: Floats
    accepted: Booleans
    raw: Floats  # strange days as they came, rescaled; nan where missing
    usual: Floats  # what was usual for each day; 0 where missing
    pattern: Floats  # (metrics, 7), the factor of each weekday
    noise: Floats  # (metrics,), variance of the log of a day beyond chance


def enough(history: Floats) -> Booleans:
    """Which metrics have at least 28 days of history and 21 values in it."""
    first = max(history.shape[1] - LEAST_DAYS + 1, 0)
    is_old = np.count_nonzero(np.isfinite(history[:, :first]), axis=1) > 0
    has_many = np.count_nonzero(np.isfinite(history), axis=1) >= LEAST_VALUES
    return np.logical_and(is_old, has_many, dtype=np.bool_)


def clean(history: Floats) -> Past:
    """The history without strange days, on its newest level, and the rhythm of its weeks."""
    days = history.shape[1]
    pattern = rough_pattern(history)
    rhythm = spread(pattern, days)
    level = usual_level(history / rhythm)
    noise = day_noise(history, level * rhythm)
    strange = is_strange(history, level * rhythm, noise)
    scale = to_newest_level(np.where(strange, np.nan, history / rhythm), noise)
    rescaled = history * scale
    # Once more with the better rhythm: it tells strange days better, which makes the rhythm better.
    return learned(rescaled, learned(rescaled, pattern).pattern)


def learned(rescaled: Floats, pattern: Floats) -> Past:
    """What a rescaled history teaches, given a first idea of its weekday pattern."""
    rhythm = spread(pattern, rescaled.shape[1])
    level = usual_level(rescaled / rhythm)
    noise = day_noise(rescaled, level * rhythm)
    accepted = np.isfinite(rescaled) & ~is_strange(rescaled, level * rhythm, noise)
    better = weekday_pattern(rescaled, accepted, smooth_level(rescaled / rhythm, accepted), noise)
    usual = np.where(np.isfinite(rescaled), level * spread(better, rescaled.shape[1]), 0.0)
    return Past(np.where(accepted, rescaled, np.nan), accepted, rescaled, usual, better, noise)


def usual_level(deseasonalised: Floats) -> Floats:
    """The median of the days around each day; for small counts, whose medians are 0 or 1, the mean."""
    medians = rolling_median(deseasonalised, AROUND)
    means, _ = rolling_mean(deseasonalised, SHIFT_DAYS, SHIFT_DAYS + 1)
    level = np.where(medians >= COUNTED, medians, means)
    return np.where(np.isfinite(level), level, np.nan_to_num(np.nanmean(level, axis=1, keepdims=True)))


def smooth_level(deseasonalised: Floats, accepted: Booleans) -> Floats:
    """The mean of the seven accepted days around each day."""
    means, numbers = rolling_mean(np.where(accepted, deseasonalised, np.nan), 3, 4)
    return np.where(numbers > 0, means, 0.0)


def stabilised(values: Floats) -> Floats:
    """Anscombe's transform: the variance of a Poisson count becomes 1."""
    return 2 * np.sqrt(np.maximum(values, 0.0) + 0.375)


def day_noise(values: Floats, expected: Floats) -> Floats:
    """Variance of the log of a day beyond chance, from the median square of its stabilised departures."""
    squares = (stabilised(values) - stabilised(expected)) ** 2
    # The median of a squared standard normal is 0.455.
    excess = np.nan_to_num(median(squares)) / 0.455 - 1
    typical = np.nan_to_num(median(np.where(np.isfinite(values), expected, np.nan)))
    return np.clip(excess / np.maximum(typical, 1.0), 0.0, 1.0)


def is_strange(values: Floats, expected: Floats, noise: Floats) -> Booleans:
    departure = stabilised(values) - stabilised(expected)
    return np.abs(departure) > FAR * np.sqrt(1 + noise[:, None] * expected)


def to_newest_level(level: Floats, noise: Floats) -> Floats:
    """What each day must be multiplied with to be on the newest level; 1 where there was no shift.

    Each time the place with the largest jump between the means of 14 days before and after it.
    """
    scale = np.ones(level.shape)
    for _ in range(SHIFTS):
        jump, is_shift, place = largest_shift(level * scale, noise)
        if not is_shift.any():
            break
        before = np.arange(level.shape[1], dtype=np.int64) < place[:, None]
        scale *= np.where(before & is_shift[:, None], np.exp(jump)[:, None], 1.0)
    return scale


def abrupt_step(level: Floats) -> Floats:
    """By how much more two weeks side by side differ than those around them do: 0 for mere growth."""
    week = SHIFT_LEAST_DAYS
    before, _ = rolling_mean(level, week, 0)
    after, _ = rolling_mean(level, 0, week)
    step = np.log(np.nan_to_num(after + 0.05, nan=0.05) / np.nan_to_num(before + 0.05, nan=0.05))
    padded = np.pad(step, ((0, 0), (week, week)))
    earlier, later = padded[:, : -2 * week], padded[:, 2 * week :]
    direction = np.sign(step)
    return np.abs(step) - np.maximum(np.maximum(earlier * direction, later * direction), 0.0)


def largest_shift(level: Floats, noise: Floats) -> tuple[Floats, Booleans, Integers]:
    """For each metric the log of its surest jump, whether that is a shift, and its first day."""
    before, days_before = rolling_mean(level, SHIFT_DAYS, 0)
    after, days_after = rolling_mean(level, 0, SHIFT_DAYS)
    enough = (days_before >= SHIFT_LEAST_DAYS) & (days_after >= SHIFT_LEAST_DAYS)
    events = np.maximum(np.nan_to_num(np.minimum(before, after)), 0.05)
    jump = np.where(enough, np.log(np.maximum(after, 0.05) / np.maximum(before, 0.05)), 0.0)
    inverse = 1 / np.maximum(days_before, 1) + 1 / np.maximum(days_after, 1)
    error = np.sqrt((CORRELATED * np.maximum(noise[:, None], 1e-4) + 1 / events) * inverse)
    is_jump = (np.abs(jump) > SHIFT_LEAST) & (abrupt_step(level) > ABRUPT * np.abs(jump))
    sureness = np.where(is_jump, np.abs(jump) / error, 0.0)
    place = np.argmax(sureness, axis=1)
    rows = np.arange(level.shape[0], dtype=np.int64)
    return jump[rows, place], sureness[rows, place] > SHIFT_FAR, place
