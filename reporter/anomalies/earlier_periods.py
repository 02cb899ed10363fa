"""Rates of whole periods, where days do not add up: held against the periods before."""

import numpy as np

from reporter.anomalies.daily_series import Booleans, Floats
from reporter.anomalies.expectation import (
    SMALLEST_CHANCE,
    Expectation,
    JudgedWindow,
    normal_range,
    total_chance,
)
from reporter.anomalies.fit import MAD
from reporter.anomalies.rates import RateSeries, grain_of

HALF_LIVES = (2.0, 6.0, 20.0)  # periods
LEAST_PERIODS = 8  # before the period, to say anything
WARM_UP = 4  # periods before the first forecast that is judged
FAR = 4.0  # standard deviations from which a period is not learned from
PRIOR_PERIODS = 8.0  # how many judged periods the prior counts for
PRIOR_SD = 0.05  # of the log of a period's rate, before seeing any
LEAST_SD = 0.015
WIDENED = 1.2  # the forecast was chosen by the errors it is judged by
SHARPNESS = 4.0
SHIFT = 0.08  # of the log, and
SHIFT_FAR = 4.0  # standard errors: a level shift
SHIFT_LEAST = 3  # periods on each side of it
MEDIAN_ERROR = 1.57  # variance of a median, in those of a mean
MOST_DEGREES = 30.0


def expect_period(past: RateSeries, over: float, under: float) -> Expectation | None:
    """What was to be expected of a period's rate by those of the periods before it, the oldest first.

    None where fewer than eight of them are known, or there is nothing to divide by.
    """
    known = past.known
    if known.sum() < LEAST_PERIODS or not under > 0:
        return None
    grain = grain_of(past)
    values, weights = past.numerators[known] / grain, past.denominators[known]
    values = on_newest_level(values, weights)
    accepted = ~is_far(values, weights)
    learned_from = np.where(accepted, weights, 0.0)
    ages = np.arange(values.size, dtype=np.float64)[:, None] - np.arange(values.size + 1, dtype=np.float64)
    rates = np.stack([decayed_rate(values, learned_from, ages, half_life) for half_life in HALF_LIVES])
    forecast = rates[:, :-1] * weights
    judged = accepted & (np.arange(values.size) >= WARM_UP)
    errors = np.log((values + 0.5) / (forecast + 0.5))
    chosen = inverse_error_weights(errors[:, judged])
    expected = float(chosen @ rates[:, -1]) * under
    combined = chosen @ forecast
    own = np.log((values + 0.5) / (combined + 0.5))
    information = float((learned_from * 0.5 ** (-ages[:, -1] / HALF_LIVES[1])).sum() * expected / under)
    chance = 1 / (combined[judged] + 0.5) + 1 / np.maximum(information, 0.5)
    square = max(float((np.minimum(own[judged] ** 2, bound_of(own[judged])) - chance).sum()), 0.0)
    variance = (PRIOR_PERIODS * PRIOR_SD**2 + square) / (PRIOR_PERIODS + judged.sum())
    window = JudgedWindow(
        values=np.array([over / grain]),
        counted=np.array([0], dtype=np.int64),
        expected=expected,
        variance=max(variance, LEAST_SD**2) * WIDENED**2 + 1 / max(information, 0.5),
        degrees=min(PRIOR_PERIODS + float(judged.sum()), MOST_DEGREES),
    )
    total = total_chance(window, np.where(np.arange(values.size) >= WARM_UP, own, np.nan))
    low, high = normal_range(expected, window.variance, window.degrees)
    unit = grain / under
    return Expectation(
        expected * unit, low * unit, high * unit, over / under, max(total, SMALLEST_CHANCE), total, None
    )


def decayed_rate(values: Floats, weights: Floats, ages: Floats, half_life: float) -> Floats:
    """For each period, and for the one to come, the rate of those before it, each halved with its age."""
    recency = np.where(ages < 0, 0.5 ** (-ages / half_life), 0.0)
    under = weights @ recency
    whole = values.sum() / max(float(weights.sum()), 1e-300)
    return np.where(
        under > 0, np.where(weights > 0, values, 0.0) @ recency / np.maximum(under, 1e-300), whole
    )


def on_newest_level(values: Floats, weights: Floats) -> Floats:
    """The numerators moved to the newest level, where the rate jumped once and stayed."""
    logs = np.log((values + 0.5) / weights)
    steps = np.abs(np.diff(logs))
    noise = (MAD * float(np.median(steps))) ** 2 / 2
    places = np.arange(SHIFT_LEAST, values.size - SHIFT_LEAST + 1)
    jumps = np.array([np.median(logs[place:]) - np.median(logs[:place]) for place in places])
    error = np.sqrt(MEDIAN_ERROR * max(noise, 1e-5) * (1 / places + 1 / (values.size - places)))
    best = int(np.argmax(np.abs(jumps) / error))
    is_shift = abs(jumps[best]) > max(SHIFT, SHIFT_FAR * error[best])
    before = np.arange(values.size) < places[best]
    return np.where(before, values * np.exp(jumps[best]), values) if is_shift else values


def is_far(values: Floats, weights: Floats) -> Booleans:
    """Which periods are far from the median of all, by their own scatter or by chance."""
    departure = np.log((values + 0.5) / (float(np.median(values / weights)) * weights + 0.5))
    departure -= np.median(departure)
    usual = MAD * float(np.median(np.abs(departure)))
    return np.abs(departure) > FAR * np.sqrt(usual**2 + 1 / (values + 0.5))


def inverse_error_weights(errors: Floats) -> Floats:
    """How much each half-life counts, by its bounded mean square error."""
    squares = np.minimum(errors**2, np.array([[bound_of(one)] for one in errors]))
    inverse = (squares.mean(axis=1) + 1e-6) ** -SHARPNESS if errors.size else np.ones(len(errors))
    return inverse / inverse.sum()


def bound_of(errors: Floats) -> float:
    """The square at which an error stops counting more."""
    return max((3 * MAD * float(np.median(np.abs(errors)))) ** 2, 1e-6) if errors.size else np.inf
