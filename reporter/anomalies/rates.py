"""Rates of days: what was to be expected of numerators, given the denominators that came.

They are judged like counts whose days weigh as much as their denominators: more of the same is no news.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from reporter.anomalies.daily_series import (
    COUNTED,
    Booleans,
    Floats,
    Integers,
    median,
    rolling_mean,
    rolling_median,
    weekday_pattern,
)
from reporter.anomalies.fit import MAD, Fit, with_before
from reporter.anomalies.past import Past, clean, forecasts, has_enough

AROUND = 21  # days whose rate says what is usual
FEWEST = 30  # pairs of days a week apart that tell the grain
BOUND = 9.0  # times the median square; what is beyond counts as that much
LEAST_GRAIN = 0.05  # of a share; near the whole its own chance is not all there is
MOST_GRAINS = 1e5  # a day; nobody is surer than that of a number
LATELY = 28  # days whose rate says what is usual of those to come
CAP = 2.5  # robust standard deviations of a day; above it are single large amounts, where these are common:
HEAVY = 3.0  # standard deviations, above which
MANY = 0.015  # of the past days are; else the cap is at
LIGHT_CAP = 6.0


@dataclass(frozen=True, slots=True)
class RateSeries:
    """Numerators and denominators side by side: (days,), nan where one is missing.

    `is_counted` numerators count something, so that their chance is known; others are sums or means.
    """

    numerators: Floats
    denominators: Floats
    is_counted: bool = True

    @property
    def rates(self) -> Floats:
        """The rate of each day; nan where there is none."""
        return np.where(self.known, self.numerators / np.where(self.known, self.denominators, 1.0), np.nan)

    def first(self, days: int) -> "RateSeries":
        return RateSeries(self.numerators[:days], self.denominators[:days], self.is_counted)

    def last(self, days: int) -> "RateSeries":
        return RateSeries(self.numerators[-days:], self.denominators[-days:], self.is_counted)

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
    least = float(np.nanmedian(over)) / MOST_GRAINS
    return max(bounded_mean(squares) / whole, least)


def bounded_mean(squares: Floats) -> float:
    """Their mean; a launch or an outage says nothing of the steps, and counts up to a bound."""
    bound = BOUND * float(np.median(squares)) or np.inf
    return float(np.minimum(squares, bound).mean())


def capped(series: RateSeries, first: int) -> Floats:
    """The numerators, in which single large amounts count up to a bound, before the first day and after it.

    Else the past would be cleaned of large amounts, and the days to come would not. The bound is on the rate,
    so that many amounts are no large one. All together come to as much as before.
    """
    known = series.known
    under = np.where(known, series.denominators, 1.0)
    rate = np.where(known, series.numerators / under, np.nan)
    past = rate[:first]
    usual = np.append(rolling_median(past[None], AROUND)[0], np.full(rate.size - first, last_rate(past)))
    usual = np.where(usual > 0, usual, np.nan)
    departure = (rate / usual - 1) * np.sqrt(under)
    middle = float(median(departure[None, :first])[0])
    deviation = MAD * float(median(np.abs(departure[None, :first] - middle))[0])
    beyond = departure[:first][np.isfinite(departure[:first])] > middle + HEAVY * deviation
    cap = CAP if beyond.size and beyond.mean() > MANY else LIGHT_CAP
    bound = usual * (1 + (middle + cap * deviation) / np.sqrt(under))
    kept = np.where(known & np.isfinite(bound), np.minimum(rate, bound) * under, series.numerators)
    total = float(np.nansum(kept[:first]))
    return kept * (float(np.nansum(series.numerators[:first])) / total if total > 0 else 1.0)


def in_grains(series: Sequence[RateSeries], first: int) -> tuple[Floats, Floats, tuple[float, ...]]:
    """Numerators in grains, denominators, both (metrics, days), and grains, for days before the first.

    Of amounts, single large ones are bounded.
    """
    kept = [one if one.is_counted else replace(one, numerators=capped(one, first)) for one in series]
    grains = tuple(grain_of(one.first(first)) for one in kept)
    over = np.stack([one.numerators / grain for one, grain in zip(kept, grains, strict=True)])
    return over, np.stack([one.denominators for one in kept]), grains


def last_rate(past: Floats) -> float:
    return float(median(past[None, -LATELY:])[0]) if past.size else np.nan


def fit_rates(over: Floats, under: Floats, window: tuple[int, int]) -> Fit | None:
    """The model of rates, as `fit` makes one of counts: numerators in their grains, and denominators.

    Both are (metrics, days), nan where one is missing. None where no metric has enough history.
    """
    first, end = window
    known = np.isfinite(over[:, :end]) & (np.nan_to_num(under[:, :end]) > 0)
    values = np.where(known, np.maximum(over[:, :end], 0.0), np.nan)
    weights = np.where(known, under[:, :end], 0.0)
    return with_before(lambda until: fitted(values, weights, first, until), len(values), first)


def fitted(values: Floats, under: Floats, first: int, until: Integers) -> Fit | None:
    """The model of each metric's days before `until`, (metrics,)."""
    places = np.arange(first, dtype=np.int64)
    history = np.where(places < until[:, None], values[:, :first], np.nan)
    metrics = np.flatnonzero(has_enough(history))
    if not metrics.size:
        return None
    past, unsettled = learned(history[metrics], under[metrics])
    since = first - until[metrics].astype(np.float64)
    return Fit(values, first, tuple(metrics.tolist()), past, forecasts(past), unsettled, since)


def learned(history: Floats, under: Floats) -> tuple[Past, Integers]:
    """What the past teaches, cleaned as if all denominators were usual, and where it has not settled."""
    first = history.shape[1]
    usual = median(np.where(under[:, :first] > 0, under[:, :first], np.nan))[:, None]
    exposure = under / usual
    weight = exposure[:, :first]
    standard = at_usual_exposure(history, weight)
    cleaned, unsettled = clean(standard)
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
    usual_days = np.where(np.isfinite(moved), past.rhythm(first) * rate, 0.0)
    return replace(past, usual=usual_days), unsettled


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
