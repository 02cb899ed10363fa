"""Rates: what was to be expected of numerators, given the denominators that came.

Rates of days are judged like counts whose days weigh as their denominators do, so that more of the same is
no news. Rates of whole periods, where days do not add up, are held against the periods before.
"""

from dataclasses import dataclass, replace

import numpy as np

from reporter.anomalies.daily_series import (
    COUNTED,
    Booleans,
    Floats,
    median,
    rolling_mean,
    rolling_median,
    weekday_pattern,
)
from reporter.anomalies.expectation import (
    SMALLEST_CHANCE,
    Expectation,
    JudgedWindow,
    normal_range,
    total_chance,
)
from reporter.anomalies.fit import MAD, Fit
from reporter.anomalies.past import Past, clean, forecasts, has_enough

AROUND = 21  # days whose rate says what is usual
FEWEST = 30  # pairs of days a week apart that tell the grain
BOUND = 9.0  # times the median square; what is beyond counts as that much
LEAST_GRAIN = 0.05  # of a share; near the whole its own chance is not all there is
MOST_GRAINS = 1e5  # a day; nobody is surer than that of a number


@dataclass(frozen=True, slots=True)
class RateSeries:
    """Numerators and denominators side by side: (days,), nan where one is missing.

    `is_counted` numerators count something, so that their chance is known; others are sums or means.
    """

    numerators: Floats
    denominators: Floats
    is_counted: bool = True

    @property
    def known(self) -> Booleans:
        """Where there is a rate."""
        positive = np.isfinite(self.denominators) & (np.nan_to_num(self.denominators) > 0)
        return np.logical_and(positive, np.isfinite(self.numerators), dtype=np.bool_)


def grain_of(past: RateSeries) -> float:
    """How large the steps are in which the numerators scatter as a count does, given the denominators.

    Of a share less than one: what nearly everybody does varies less than what few do.
    """
    over, under = past.numerators[past.known], past.denominators[past.known]
    if not past.is_counted:
        return scatter(past)
    rate = float(over.sum() / under.sum()) if under.size else 0.0
    return max(1 - rate, LEAST_GRAIN) if (over <= under).all() else 1.0


def scatter(past: RateSeries) -> float:
    """The variance of numerators for each denominator, over their mean, from one week to the next."""
    known = past.known
    over, under = np.where(known, past.numerators, np.nan), np.where(known, past.denominators, np.nan)
    rate = over / under
    whole = float(np.nansum(over)) / max(float(np.nansum(under)), 1e-300)
    squares = (rate[7:] - rate[:-7]) ** 2 / (1 / under[7:] + 1 / under[:-7])
    squares = squares[np.isfinite(squares)]
    if squares.size < FEWEST or whole <= 0:
        return whole or 1.0
    bound = BOUND * float(np.median(squares)) or np.inf
    least = float(np.nanmedian(over)) / MOST_GRAINS
    return max(float(np.minimum(squares, bound).mean()) / whole, least)


def fit_rates(over: Floats, under: Floats, window: tuple[int, int]) -> Fit | None:
    """The model of rates, as `fit` makes one of counts: numerators in their grains, and denominators.

    Both are (metrics, days), nan where one is missing. None where no metric has enough history.
    """
    first, end = window
    known = np.isfinite(over[:, :end]) & (np.nan_to_num(under[:, :end]) > 0)
    values = np.where(known, np.maximum(over[:, :end], 0.0), np.nan)
    metrics = [place for place, is_enough in enumerate(has_enough(values[:, :first])) if is_enough]
    if not metrics or end <= first:
        return None
    past = learned(values[metrics], np.where(known, under[:, :end], 0.0)[metrics], first)
    return Fit(values, first, tuple(metrics), past, forecasts(past))


def learned(values: Floats, under: Floats, first: int) -> Past:
    """What the days before the first teach: cleaned as if each day had the usual denominator."""
    history = values[:, :first]
    usual = median(np.where(under[:, :first] > 0, under[:, :first], np.nan))[:, None]
    exposure = under / usual
    weight = exposure[:, :first]
    standard = at_usual_exposure(history, weight)
    cleaned = clean(standard)
    moved = history * np.where(standard != 0, cleaned.raw / np.where(standard != 0, standard, 1.0), 1.0)
    rate = usual_rate(np.where(cleaned.accepted, moved, np.nan), weight, 7)
    pattern = weekday_pattern(moved, cleaned.accepted, weight * rate, cleaned.noise)
    past = Past(
        values=np.where(cleaned.accepted, moved, np.nan),
        accepted=cleaned.accepted,
        raw=moved,
        usual=np.zeros(history.shape),
        pattern=pattern,
        noise=cleaned.noise,
        exposure=exposure,
    )
    return replace(past, usual=np.where(np.isfinite(moved), past.rhythm(first) * rate, 0.0))


def at_usual_exposure(history: Floats, weight: Floats) -> Floats:
    """The numerators, had each day had the usual denominator; a day with a small one departs less."""
    rate = usual_rate(history, weight, AROUND)
    departure = history / np.maximum(rate * weight, 1e-12) - 1
    return np.maximum(rate * (1 + departure * np.minimum(np.sqrt(weight), 1.0)), 0.0)


def usual_rate(history: Floats, weight: Floats, days: int) -> Floats:
    """The rate of the days around each day: their median, of few events and of a week that of their sums."""
    known = np.isfinite(history)
    half = days // 2
    events, _ = rolling_mean(np.where(known, history, 0.0), half, half + 1)
    weights, _ = rolling_mean(np.where(known, weight, 0.0), half, half + 1)
    whole = np.nansum(history, axis=1) / np.maximum(np.where(known, weight, 0.0).sum(axis=1), 1e-9)
    sums = np.where(weights > 0, events / np.maximum(weights, 1e-12), whole[:, None])
    if days <= 7:
        return sums
    medians = rolling_median(np.where(known, history / np.where(known, weight, 1.0), np.nan), days)
    return np.where(np.nan_to_num(medians) >= COUNTED, medians, sums)


HALF_LIVES = (2.0, 6.0, 20.0)  # periods
LEAST_PERIODS = 8  # before the period, to say anything
WARM_UP = 4  # periods before the first forecast that is judged
FAR = 4.0  # standard deviations from which a period is not learned from
PRIOR_PERIODS = 8.0  # how many judged periods the prior counts for
PRIOR_SD = 0.04  # of the log of a period's rate, before seeing any
LEAST_SD = 0.015
WIDENED = 1.15  # the forecast was chosen by the errors it is judged by
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
