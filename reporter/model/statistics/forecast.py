"""What was to be expected: recent level × weekday × damped trend."""

from dataclasses import dataclass

import numpy as np

from reporter.model.statistics.cleaning import Past
from reporter.model.statistics.days import Booleans, Floats, decayed_sums
from reporter.model.statistics.weekdays import spread

HALF_LIVES = (6.0, 20.0, 60.0, 150.0)  # days: a week, three weeks, a quarter, all there is
TREND_HALF_LIFE = 40.0
TREND_SD = 0.012 / 7  # a day: before seeing it, a metric grows or falls by 1.2 % a week
TREND_CORRELATED = 3.0
DAMPING = 0.97
SMALLEST = 0.02  # events a day; nothing is expected to be exactly nothing


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
    rhythm = np.where(past.accepted, spread(past.pattern, days), 0.0)
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
            weight**2 / np.maximum(decayed_sums(rhythm, half_life / 2), 1e-9) * np.maximum(level, SMALLEST)
        )
        levels[place] = np.maximum(level, SMALLEST) * np.exp(np.clip(trend * (when - centre), -1.0, 1.0))
    return Forecasts(levels, trend, seen, trend_variance)


def damped_trend(events: Floats, rhythm: Floats, when: Floats, noise: Floats) -> tuple[Floats, Floats]:
    """Growth of the log a day up to each day: discounted regression, shrunk towards none."""
    weight = np.maximum(decayed_sums(rhythm, TREND_HALF_LIFE), 1e-9)
    centre = decayed_sums(rhythm * when, TREND_HALF_LIFE) / weight
    spread_ = np.maximum(decayed_sums(rhythm * when**2, TREND_HALF_LIFE) - weight * centre**2, 1e-9)
    total = decayed_sums(events, TREND_HALF_LIFE)
    covariance = decayed_sums(events * when, TREND_HALF_LIFE) - total * centre
    level = np.maximum(total / weight, SMALLEST)
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
