"""What daily numbers of the past teach: outliers set apart, and a recent level × weekday × damped trend."""

from dataclasses import dataclass

import numpy as np

from reporter.anomalies.daily_series import (
    COUNTED,
    Booleans,
    Floats,
    Integers,
    decayed_sums,
    median,
    rolling_mean,
    rolling_median,
    rough_pattern,
    spread,
    stabilised,
    weekday_pattern,
)
from reporter.anomalies.episodes import CORRELATED, episodes

LEAST_DAYS = 28  # of history, and
LEAST_VALUES = 21  # in it, to say anything
FAR = 4.0  # standard deviations from which a day is an outlier
AROUND = 21  # days whose median says what is usual
SHIFT_DAYS = 14  # on each side of a level shift
SHIFT_LEAST_DAYS = 7  # a younger level is not settled
SHIFT_LEAST = 0.14  # of the log: 15 %
SHIFT_FAR = 5.0  # standard errors
ABRUPT = 0.5  # of a jump must come in one step; growth comes in equal ones
SHIFTS = 3  # at most; a series with more has no level


@dataclass(frozen=True, slots=True)
class Past:
    """A history fit to learn from: (metrics, days), rescaled to the newest level; nan where not accepted."""

    values: Floats
    accepted: Booleans
    raw: Floats  # outliers as they came, rescaled; nan where missing
    usual: Floats  # what was usual for each day; 0 where missing
    pattern: Floats  # (metrics, 7), the factor of each weekday
    noise: Floats  # (metrics,), variance of the log of a day beyond chance
    exposure: Floats | None = None  # of rates: each day's denominator, of the window's days as well

    def rhythm(self, days: int) -> Floats:
        """What each day weighs: its weekday's factor, of a rate times its denominator."""
        pattern = spread(self.pattern, days)
        return pattern if self.exposure is None else pattern * self.exposure[:, :days]


def has_enough(history: Floats) -> Booleans:
    """Which metrics have at least 28 days of history and 21 values in it."""
    first = max(history.shape[1] - LEAST_DAYS + 1, 0)
    reaches_back = np.count_nonzero(np.isfinite(history[:, :first]), axis=1) > 0
    has_many = np.count_nonzero(np.isfinite(history), axis=1) >= LEAST_VALUES
    return np.logical_and(reaches_back, has_many, dtype=np.bool_)


def clean(history: Floats) -> tuple[Past, Integers]:
    """The history without outliers and episodes, and the first day of an episode that goes on.

    That is the number of days where none does: (metrics,). The past is learned from all the same then.
    """
    pattern = rough_pattern(history)
    rhythm = spread(pattern, history.shape[1])
    noise = day_noise(history, usual_level(history / rhythm) * rhythm)
    found = episodes(history, rhythm, noise)
    return cleaned(history, pattern, found.days), found.unsettled


def cleaned(history: Floats, pattern: Floats, episode: Booleans) -> Past:
    """The history without outliers and these days, on its newest level, and the rhythm of its weeks."""
    rhythm = spread(pattern, history.shape[1])
    calm = np.where(episode, np.nan, history)
    level = usual_level(calm / rhythm)
    noise = day_noise(calm, level * rhythm)
    outliers = is_outlier(calm, level * rhythm, noise)
    scale = to_newest_level(np.where(outliers, np.nan, calm / rhythm), noise)
    rescaled = history * scale
    # Once more with the better rhythm: it tells outliers better, which makes the rhythm better.
    return learned(rescaled, episode, learned(rescaled, episode, pattern).pattern)


def learned(rescaled: Floats, episode: Booleans, pattern: Floats) -> Past:
    """What a rescaled history teaches, given a first idea of its weekday pattern."""
    rhythm = spread(pattern, rescaled.shape[1])
    calm = np.where(episode, np.nan, rescaled)
    level = usual_level(calm / rhythm)
    noise = day_noise(calm, level * rhythm)
    accepted = np.isfinite(calm) & ~is_outlier(calm, level * rhythm, noise)
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


def day_noise(values: Floats, expected: Floats) -> Floats:
    """Variance of the log of a day beyond chance, from the median square of its stabilised departures."""
    squares = (stabilised(values) - stabilised(expected)) ** 2
    # The median of a squared standard normal is 0.455.
    excess = np.nan_to_num(median(squares)) / 0.455 - 1
    typical = np.nan_to_num(median(np.where(np.isfinite(values), expected, np.nan)))
    return np.clip(excess / np.maximum(typical, 1.0), 0.0, 1.0)


def is_outlier(values: Floats, expected: Floats, noise: Floats) -> Booleans:
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
    """For each metric the log of its most significant jump, whether that is a shift, and its first day."""
    before, days_before = rolling_mean(level, SHIFT_DAYS, 0)
    after, days_after = rolling_mean(level, 0, SHIFT_DAYS)
    enough = (days_before >= SHIFT_LEAST_DAYS) & (days_after >= SHIFT_LEAST_DAYS)
    events = np.maximum(np.nan_to_num(np.minimum(before, after)), 0.05)
    jump = np.where(enough, np.log(np.maximum(after, 0.05) / np.maximum(before, 0.05)), 0.0)
    inverse = 1 / np.maximum(days_before, 1) + 1 / np.maximum(days_after, 1)
    error = np.sqrt((CORRELATED * np.maximum(noise[:, None], 1e-4) + 1 / events) * inverse)
    is_jump = (np.abs(jump) > SHIFT_LEAST) & (abrupt_step(level) > ABRUPT * np.abs(jump))
    significance = np.where(is_jump, np.abs(jump) / error, 0.0)
    place = np.argmax(significance, axis=1)
    rows = np.arange(level.shape[0], dtype=np.int64)
    return jump[rows, place], significance[rows, place] > SHIFT_FAR, place


HALF_LIVES = (6.0, 20.0, 60.0, 150.0)  # days: a week, three weeks, a quarter, all there is
TREND_HALF_LIFE = 40.0
TREND_SD = 0.012 / 7  # a day: before seeing it, a metric grows or falls by 1.2 % a week
TREND_CORRELATED = 3.0
DAMPING = 0.97
SMALLEST_LEVEL = 0.02  # events a day; nothing is expected to be exactly nothing


@dataclass(frozen=True, slots=True)
class Forecasts:
    """Expected values of an average weekday, from each day on: (half-lives, metrics, days)."""

    level: Floats
    trend: Floats  # (metrics, days), of the log a day
    events: Floats  # (half-lives, metrics, days), how many events the level rests on
    trend_variance: Floats  # (metrics, days)


def forecasts(past: Past) -> Forecasts:
    """The forecast from the end of every day of the past."""
    days = past.values.shape[1]
    rhythm = np.where(past.accepted, past.rhythm(days), 0.0)
    events = np.nan_to_num(past.values)
    when = np.arange(days, dtype=np.float64)
    trend, trend_variance = damped_trend(events, rhythm, when, past.noise)
    levels = np.empty((len(HALF_LIVES), *events.shape))
    seen = np.empty(levels.shape)
    for place, half_life in enumerate(HALF_LIVES):
        weight = np.maximum(decayed_sums(rhythm, half_life), 1e-9)
        centre = decayed_sums(rhythm * when, half_life) / weight
        level = decayed_sums(events, half_life) / weight
        seen[place] = (
            weight**2
            / np.maximum(decayed_sums(rhythm, half_life / 2), 1e-9)
            * np.maximum(level, SMALLEST_LEVEL)
        )
        levels[place] = np.maximum(level, SMALLEST_LEVEL) * np.exp(
            np.clip(trend * (when - centre), -1.0, 1.0)
        )
    return Forecasts(levels, trend, seen, trend_variance)


def damped_trend(events: Floats, rhythm: Floats, when: Floats, noise: Floats) -> tuple[Floats, Floats]:
    """Growth of the log a day up to each day: discounted regression, shrunk towards none."""
    weight = np.maximum(decayed_sums(rhythm, TREND_HALF_LIFE), 1e-9)
    centre = decayed_sums(rhythm * when, TREND_HALF_LIFE) / weight
    spread_ = np.maximum(decayed_sums(rhythm * when**2, TREND_HALF_LIFE) - weight * centre**2, 1e-9)
    total = decayed_sums(events, TREND_HALF_LIFE)
    covariance = decayed_sums(events * when, TREND_HALF_LIFE) - total * centre
    level = np.maximum(total / weight, SMALLEST_LEVEL)
    slope = covariance / spread_ / level
    information = spread_ / (TREND_CORRELATED * noise[:, None] + 1 / level)
    precision = information + 1 / TREND_SD**2
    return np.clip(slope * information / precision, -0.02, 0.02), 1 / precision


def expected_ahead(found: Forecasts, rhythm: Floats, counted: Booleans) -> Floats:
    """Expected totals of the counted days after each day: (half-lives, metrics, days).

    `rhythm` and `counted` are (metrics, days + length); their last `length` columns are still to come.
    """
    days = found.trend.shape[1]
    length = rhythm.shape[1] - days
    weights = np.where(counted, rhythm, 0.0)
    total = np.zeros(found.trend.shape)
    later = np.zeros(found.trend.shape)
    growth = 0.0
    for ahead in range(1, length + 1):
        growth += DAMPING**ahead
        share = weights[:, ahead : ahead + days]
        total += share
        later += share * growth
    return found.level * total * np.exp(found.trend * later / np.maximum(total, 1e-9))
