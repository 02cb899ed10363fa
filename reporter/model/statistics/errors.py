"""How far a forecast is usually off: told by its own past errors."""

from dataclasses import dataclass

import numpy as np

from reporter.model.statistics.cleaning import Past
from reporter.model.statistics.days import Floats, median
from reporter.model.statistics.forecast import HALF_LIVES, actual_ahead, expected_ahead, forecasts
from reporter.model.statistics.weekdays import spread

WARM_UP = 21  # days before the first forecast that is judged
JUDGED = 0.6  # of a window's days must be accepted
PRIOR_WINDOWS = 8.0  # how many judged windows the prior counts for
WIDENED = 1.1  # the forecast was chosen by the errors it is judged by
LEAST_SD = 0.012
MOST_DEGREES = 40.0
TREND_SHARE = 1.0
SHARPNESS = 2.0  # weights go with the inverse error to this power


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is expected of a window: (metrics,) each, `daily` (metrics, window)."""

    expected: Floats
    daily: Floats
    variance: Floats  # of the log of the total beyond chance
    degrees: Floats  # of freedom of that variance
    day_variance: Floats
    errors: Floats  # (metrics, days): past forecasts' log errors, nan where not judged


def outlook(past: Past, window: int, counted: Floats) -> Outlook:
    """The expected total of the counted days of a window after the past; `counted` is (metrics, window), bool."""
    metrics, days = past.values.shape
    found = forecasts(past)
    rhythm = spread(past.pattern, days + window)
    mask = np.concatenate([past.accepted, counted.astype(bool)], axis=1)
    candidates = expected_ahead(found, rhythm, mask)
    actual, number = actual_ahead(past.values, window)
    judged = (number >= JUDGED * window) & (np.arange(days) >= WARM_UP)
    day_candidates = expected_ahead(found, rhythm[:, : days + 1], mask[:, : days + 1])
    day_actual, day_number = actual_ahead(past.values, 1)
    day_judged = (day_number >= 1) & (np.arange(days) >= WARM_UP)

    day_weights = weights(day_candidates, day_actual, day_judged)
    weight = weights(candidates, actual, judged, day_weights, window)
    combined = np.einsum("km,kmd->md", weight, candidates)
    day_combined = np.einsum("km,kmd->md", day_weights, day_candidates)
    level_chance = np.einsum("km,kmd->md", weight, 1 / np.sqrt(found.events)) ** 2
    day_errors = log_errors(day_actual, day_combined, day_judged)
    day_var, day_number_ = excess(day_errors, 1 / (day_combined + 0.5) + level_chance, 1)
    day_variance = (PRIOR_WINDOWS * 0.05**2 + day_number_ * day_var) / (PRIOR_WINDOWS + day_number_)
    errors = log_errors(actual, combined, judged)
    own, number_ = excess(errors, 1 / (combined + 0.5) + level_chance, window)
    prior = (
        day_variance * shrinkage(window) + TREND_SHARE * found.trend_variance[:, -1] * (window / 2 + 8) ** 2
    )
    variance = (PRIOR_WINDOWS * prior + number_ * own) / (PRIOR_WINDOWS + number_)
    variance = np.maximum(variance, LEAST_SD**2) * WIDENED**2 + level_chance[:, -1]
    expected = combined[:, -1]
    growth = np.cumsum(0.97 ** np.arange(1, window + 1))
    daily = rhythm[:, days:] * np.exp(found.trend[:, -1:] * growth)
    total = np.where(counted, daily, 0.0).sum(axis=1)
    daily = daily * (expected / np.maximum(total, 1e-9))[:, None]
    degrees = np.minimum(PRIOR_WINDOWS + number_, MOST_DEGREES)
    return Outlook(expected, daily, variance, degrees, day_variance, errors)


def shrinkage(window: int) -> float:
    """Variance of the log of a window's mean, for a day's of 1: AR(1) noise of 0.4 and the level's own error."""
    return min(1.0, 2.3 / window * (1 - 0.56 / window) + 0.1) if window > 1 else 1.0


def log_errors(actual: Floats, expected: Floats, judged: Floats) -> Floats:
    return np.where(judged, np.log((actual + 0.5) / (expected + 0.5)), np.nan)


def weights(candidates, actual, judged, prior=None, window=1) -> Floats:
    """How much each half-life counts: by its inverse mean square back-test error: (half-lives, metrics)."""
    errors = np.where(judged, 2 * np.sqrt(actual + 0.375) - 2 * np.sqrt(candidates + 0.375), np.nan)
    number = np.isfinite(errors).sum(axis=2)
    bound = 3 * 1.4826 * np.nan_to_num(median(np.abs(errors)), nan=1.0)[..., None]
    squares = np.nansum(np.minimum(errors**2, np.maximum(bound, 1e-2) ** 2), axis=2)
    mean = (squares + 1.0) / (number + 1.0)
    raw = mean**-SHARPNESS
    raw = raw / raw.sum(axis=0)
    if prior is None:
        return raw
    independent = number / window
    mixed = (PRIOR_WINDOWS / 2 * prior + independent * raw) / (PRIOR_WINDOWS / 2 + independent)
    return mixed / mixed.sum(axis=0)


def excess(errors: Floats, chance: Floats, window: int) -> tuple[Floats, Floats]:
    """Variance of the log errors beyond chance, and of how many independent windows."""
    number = np.isfinite(errors).sum(axis=1)
    scale = 1.4826 * np.nan_to_num(median(np.abs(errors)), nan=0.0)[:, None]
    bounded = np.clip(errors, -2.5 * scale, 2.5 * scale)
    square = np.nansum(bounded**2, axis=1) / np.maximum(number, 1)
    by_chance = np.nansum(np.where(np.isfinite(errors), chance, 0.0), axis=1) / np.maximum(number, 1)
    return np.maximum(square - by_chance, 0.0), number / window
