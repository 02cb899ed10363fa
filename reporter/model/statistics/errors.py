"""How far a forecast is usually off: told by its own past errors."""

from dataclasses import dataclass

import numpy as np

from reporter.model.statistics.cleaning import Past
from reporter.model.statistics.days import Booleans, Floats, median, sums_ahead
from reporter.model.statistics.forecast import DAMPING, expected_ahead, forecasts
from reporter.model.statistics.weekdays import spread

WARM_UP = 21  # days before the first forecast that is judged
JUDGED = 0.6  # of a window's days must be accepted
PRIOR_WINDOWS = 8.0  # how many judged windows the prior counts for
PRIOR_DAY_SD = 0.05  # of the log of a day, before seeing any
WIDENED = 1.1  # the forecast was chosen by the errors it is judged by
LEAST_SD = 0.012  # no forecast is surer than 1 %, whatever eight calm weeks say
MOST_DEGREES = 40.0  # of freedom; windows a day apart overlap in what they rest on
SHARPNESS = 2.0  # weights go with the inverse error to this power
BOUND = 2.5  # robust standard deviations at which an error stops counting more
MAD = 1.4826  # median absolute deviation to standard deviation, of a normal distribution
LEVEL_LAG = 8.0  # days that the level's centre lies behind


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is expected of a window. Rows are metrics; variances are of the log, beyond chance."""

    expected: Floats  # of all counted days together
    variance: Floats
    degrees: Floats  # of freedom of that variance
    daily: Floats  # (metrics, window)
    day_variance: Floats
    errors: (
        Floats  # (metrics, days): log of raw totals over what was forecast from that day, nan where unknown
    )
    day_errors: Floats


@dataclass(frozen=True, slots=True)
class BackTest:
    """Forecasts of one window length from every day: (half-lives, metrics, days), the last one of the window."""

    candidates: Floats
    actual: Floats  # (metrics, days), strange days replaced by usual ones
    raw: Floats  # (metrics, days), as it came
    judged: Booleans
    length: int


def outlook(past: Past, counted: Booleans) -> Outlook:
    """What is expected of the counted days of the window that follows the past; `counted` is (metrics, window)."""
    days, window = past.values.shape[1], counted.shape[1]
    found = forecasts(past)
    rhythm = spread(past.pattern, days + window)
    mask = np.concatenate([np.isfinite(past.raw), counted], axis=1)
    one = back_test(past, expected_ahead(found, rhythm[:, : days + 1], mask[:, : days + 1]), 1)
    whole = one if window == 1 else back_test(past, expected_ahead(found, rhythm, mask), window)

    day_weights = inverse_error_weights(one)
    weights = inverse_error_weights(whole)
    if window > 1:
        trust = (whole.judged.sum(axis=1) / window)[None]
        weights = (PRIOR_WINDOWS / 2 * day_weights + trust * weights) / (PRIOR_WINDOWS / 2 + trust)
    level_chance = np.einsum("km,kmd->md", weights, 1 / np.sqrt(found.events)) ** 2

    day_forecast = np.einsum("km,kmd->md", day_weights, one.candidates)
    forecast = np.einsum("km,kmd->md", weights, whole.candidates)
    own, number = excess_variance(one, day_forecast, level_chance)
    day_variance = shrunk(own, number, np.full(own.shape, PRIOR_DAY_SD**2))
    own, number = excess_variance(whole, forecast, level_chance)
    drift = found.trend_variance[:, -1] * (window / 2 + LEVEL_LAG) ** 2
    variance = shrunk(own, number, day_variance * averaged(window) + drift)
    variance = np.maximum(variance, LEAST_SD**2) * WIDENED**2 + level_chance[:, -1]
    daily = daily_share(found.trend[:, -1:], rhythm[:, days:], counted) * forecast[:, -1:]
    return Outlook(
        expected=forecast[:, -1],
        variance=variance,
        degrees=np.minimum(PRIOR_WINDOWS + number, MOST_DEGREES),
        daily=daily,
        day_variance=day_variance * WIDENED**2 + level_chance[:, -1],
        errors=log_errors(whole.raw, forecast, whole.judged),
        day_errors=log_errors(one.raw, day_forecast, one.judged),
    )


def daily_share(trend: Floats, rhythm: Floats, counted: Booleans) -> Floats:
    """The share of each day of the window in the counted total."""
    growth = np.cumsum(DAMPING ** np.arange(1, rhythm.shape[1] + 1))
    daily = rhythm * np.exp(trend * growth)
    total = np.where(counted, daily, 0.0).sum(axis=1, keepdims=True)
    return daily / np.maximum(total, 1e-9)


def averaged(window: int) -> float:
    """Variance of the log of a window's mean, for a day's of 1: AR(1) noise of 0.4, and the level's own error."""
    return 1.0 if window == 1 else min(1.0, 2.3 / window * (1 - 0.56 / window) + 0.1)


def shrunk(own: Floats, number: Floats, prior: Floats) -> Floats:
    """A variance from `number` independent windows, shrunk to a prior one."""
    return (PRIOR_WINDOWS * prior + number * own) / (PRIOR_WINDOWS + number)


def back_test(past: Past, candidates: Floats, length: int) -> BackTest:
    """Every forecast of the past next to what came."""
    raw = sums_ahead(np.nan_to_num(past.raw), length)
    actual = sums_ahead(np.where(past.accepted, np.nan_to_num(past.values), past.usual), length)
    number = sums_ahead(past.accepted.astype(np.float64), length)
    judged = (np.nan_to_num(number) >= JUDGED * length) & (np.arange(raw.shape[1]) >= WARM_UP)
    return BackTest(candidates, actual, raw, judged, length)


def log_errors(actual: Floats, expected: Floats, judged: Booleans) -> Floats:
    """Log of actual over expected, half an event added to both; nan where not judged."""
    return np.where(judged, np.log((np.nan_to_num(actual) + 0.5) / (expected + 0.5)), np.nan)


def inverse_error_weights(test: BackTest) -> Floats:
    """How much each half-life counts, by its bounded mean square error of stabilised totals: (half-lives, metrics)."""
    errors = 2 * np.sqrt(np.nan_to_num(test.actual) + 0.375) - 2 * np.sqrt(test.candidates + 0.375)
    errors = np.where(test.judged, errors, np.nan)
    bound = 3 * MAD * np.nan_to_num(median(np.abs(errors)), nan=1.0)[..., None]
    squares = np.nansum(np.minimum(errors**2, np.maximum(bound, 0.01) ** 2), axis=2)
    mean = (squares + 1.0) / (test.judged.sum(axis=1) + 1.0)
    inverse = mean**-SHARPNESS
    return inverse / inverse.sum(axis=0)


def excess_variance(test: BackTest, forecast: Floats, level_chance: Floats) -> tuple[Floats, Floats]:
    """Variance of the log errors beyond chance, and on how many independent windows it rests."""
    errors = log_errors(test.actual, forecast, test.judged)
    number = test.judged.sum(axis=1)
    bound = BOUND * MAD * np.nan_to_num(median(np.abs(errors)))[:, None]
    square = np.nansum(np.clip(errors, -bound, bound) ** 2, axis=1)
    chance = np.where(test.judged, 1 / (forecast + 0.5) + level_chance, 0.0).sum(axis=1)
    return np.maximum(square - chance, 0.0) / np.maximum(number, 1), number / test.length
