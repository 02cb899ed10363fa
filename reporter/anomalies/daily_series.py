"""Daily numbers of several metrics, (metrics, days): sums, medians and means of days, weekday patterns."""

from typing import TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Booleans: TypeAlias = NDArray[np.bool_]
Integers: TypeAlias = NDArray[np.int64]


def decayed_sums(values: Floats, half_life: float) -> Floats:
    """For each day the sum of the values up to it, each halved for every `half_life` days of age."""
    days = np.arange(values.shape[1], dtype=np.float64)
    ages = days[None, :] - days[:, None]
    return values @ np.where(ages >= 0, 0.5 ** (np.maximum(ages, 0) / half_life), 0.0)


def sums_ahead(values: Floats, length: int) -> Floats:
    """For each day the sum of the `length` days after it; nan where there are fewer."""
    size = values.shape[1]
    totals = np.concatenate([np.zeros((values.shape[0], 1)), np.cumsum(values, axis=1)], axis=1)
    sums = np.full(values.shape, np.nan)
    if size > length:
        sums[:, : size - length] = totals[:, length + 1 :] - totals[:, 1 : size - length + 1]
    return sums


def rolling_median(values: Floats, length: int) -> Floats:
    """For each day the median of the `length` (odd) days around it, without nan; fewer days at the ends."""
    half = length // 2
    padded = np.pad(values, ((0, 0), (half, half)), constant_values=np.nan)
    return median(sliding_window_view(padded, length, axis=1))


def median(values: Floats) -> Floats:
    """The median along the last axis, without nan; nan where nothing is left."""
    ordered = np.sort(values, axis=-1)
    counts = np.isfinite(ordered).sum(axis=-1)
    low, high = np.maximum(counts - 1, 0) // 2, np.minimum(counts // 2, values.shape[-1] - 1)
    return np.take_along_axis(ordered, np.stack([low, high], axis=-1), axis=-1).mean(axis=-1)


def rolling_mean(values: Floats, before: int, after: int) -> tuple[Floats, Floats]:
    """For each day the mean of the `before` days before it and the `after` days from it on, and of how many.

    Without nan; the mean of no day is nan.
    """
    padded = np.pad(values, ((0, 0), (before, max(after - 1, 0))), constant_values=np.nan)
    known = np.isfinite(padded)
    zero = np.zeros((values.shape[0], 1))
    totals = np.concatenate([zero, np.cumsum(np.where(known, padded, 0.0), axis=1)], axis=1)
    numbers = np.concatenate([zero, np.cumsum(known, axis=1)], axis=1)
    size = values.shape[1]
    length = before + after
    total = totals[:, length : length + size] - totals[:, :size]
    count = numbers[:, length : length + size] - numbers[:, :size]
    return np.where(count > 0, total / np.maximum(count, 1), np.nan), count


def stabilised(values: Floats) -> Floats:
    """Anscombe's transform: the variance of a Poisson count becomes 1."""
    return 2 * np.sqrt(np.maximum(values, 0.0) + 0.375)


HALF_LIFE = 70.0  # days; a rhythm changes slowly, and ten weeks average its noise
PSEUDO_EVENTS = 4.0  # of an even week, so that a handful of events makes no rhythm
COUNTED = 3.0  # events a day from which medians of days mean something
SMALLEST_SHARE = 0.02  # of an average day: an office product on Sundays must not divide by zero


def spread(pattern: Floats, days: int) -> Floats:
    """The factor of each day, for a factor of each weekday: (metrics, 7) to (metrics, days)."""
    return pattern[:, np.arange(days) % 7]


def rough_pattern(values: Floats) -> Floats:
    """Median ratio of each weekday to the level around it: (metrics, days) to (metrics, 7), mean 1.

    It needs no clean history. For small counts, where medians are 0 or 1, the mean ratio.
    """
    means, numbers = rolling_mean(values, 3, 4)
    level = rolling_median(np.where(numbers == 7, means, np.nan), 21)
    ratios = by_weekday(values / np.where(level >= 1, level, np.nan))
    sums, levels = by_weekday(values), by_weekday(np.where(np.isfinite(values), level, np.nan))
    averages = (np.nansum(sums, axis=2) + PSEUDO_EVENTS) / (np.nansum(levels, axis=2) + PSEUDO_EVENTS)
    large = np.nan_to_num(np.nanmean(np.nan_to_num(level), axis=1))[:, None] >= COUNTED
    return normal(np.where(large, np.nan_to_num(median(ratios), nan=1.0), averages))


def by_weekday(values: Floats) -> Floats:
    """(metrics, days) to (metrics, 7, weeks), nan where a week is not whole."""
    missing = -values.shape[1] % 7
    padded = np.pad(values, ((0, 0), (0, missing)), constant_values=np.nan)
    return padded.reshape(values.shape[0], -1, 7).swapaxes(1, 2)


def normal(pattern: Floats) -> Floats:
    """The same pattern with mean 1 and no weekday at zero."""
    floored = np.maximum(pattern, SMALLEST_SHARE)
    return floored / floored.mean(axis=1, keepdims=True)


def weekday_pattern(values: Floats, accepted: Booleans, level: Floats, noise: Floats) -> Floats:
    """Recency-weighted ratio of each weekday to its level, shrunk to an even week: (metrics, 7), mean 1.

    `level` is the value of an average weekday around each day; `noise` (metrics,) the variance of the log of
    a day beyond chance. Shrunk by the positive-part rule of James and Stein, as far as noise made it.
    """
    days = values.shape[1]
    recency = 0.5 ** ((days - 1 - np.arange(days, dtype=np.float64)) / HALF_LIFE)
    weights = np.where(accepted, recency, 0.0)
    events = by_weekday(weights * np.where(accepted, values, 0.0))
    levels = by_weekday(weights * np.where(accepted, level, 0.0))
    ratio = (np.nansum(events, axis=2) + PSEUDO_EVENTS) / (np.nansum(levels, axis=2) + PSEUDO_EVENTS)
    ratio /= ratio.mean(axis=1, keepdims=True)
    squares = by_weekday((weights * np.where(accepted, level, 0.0)) ** 2)
    chance = by_weekday(weights**2 * np.where(accepted, level, 0.0))
    variance = (np.nansum(chance, axis=2) + noise[:, None] * np.nansum(squares, axis=2)) / (
        np.nansum(levels, axis=2) + PSEUDO_EVENTS
    ) ** 2
    departure = ((ratio - 1) ** 2).sum(axis=1)
    kept = np.clip(1 - 4 / 7 * variance.sum(axis=1) / np.maximum(departure, 1e-12), 0.0, 1.0)
    return normal(1 + kept[:, None] * (ratio - 1))
