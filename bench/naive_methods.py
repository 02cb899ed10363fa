"""What others call unusual: methods that look at one metric at a time, at its history and at its period."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from bench.insights_data import SyntheticReport
from bench.noise import Floats


@dataclass(frozen=True, slots=True)
class Answer:
    """What a method says of one metric."""

    unusual: bool
    expected: float


Method: TypeAlias = Callable[[SyntheticReport], list[Answer]]


def each(judge: Callable[[Floats, Floats], Answer]) -> Method:
    def method(made: SyntheticReport) -> list[Answer]:
        first, end = made.window
        return [judge(metric.values[:first], metric.values[first:end]) for metric in made.metrics]

    return method


def twenty_percent(history: Floats, period: Floats) -> Answer:
    """More or less than the previous period by 20 %."""
    expected = float(np.nansum(history[-period.size :]))
    actual = float(period.sum())
    return Answer(abs(actual - expected) > 0.2 * expected, expected)


def z_score(history: Floats, period: Floats) -> Answer:
    """PostHog's z-score detector: the newest value against mean and deviation of the values before, 3 away.

    Values are totals of spans as long as the period, at most the last 26 of them.
    """
    totals = past_totals(history, period.size)
    deviation = float(np.std(totals, ddof=1)) if totals.size > 1 else 0.0
    expected = float(totals.mean()) if totals.size else 0.0
    return Answer(deviation > 0 and abs(float(period.sum()) - expected) > 3 * deviation, expected)


def past_totals(history: Floats, length: int) -> Floats:
    """Totals of consecutive spans, the newest last; a missing day is as the mean of its span."""
    spans = history[history.size % length :].reshape(-1, length)[-26:]
    known = np.isfinite(spans)
    means = np.where(known, spans, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return means[known.any(axis=1)] * length


def same_weekday(history: Floats, period: Floats) -> Answer:
    """Median of the last 8 of each weekday; 3 robust deviations of a day, added up over the period."""
    expected, variance = 0.0, 0.0
    for place in range(period.size):
        back = 7 - place % 7
        past = history[history.size - back :: -7][:8]
        past = past[np.isfinite(past)]
        middle = float(np.median(past)) if past.size else 0.0
        deviation = 1.4826 * float(np.median(np.abs(past - middle))) if past.size else 0.0
        expected += middle
        variance += max(deviation**2, middle)
    return Answer(abs(float(period.sum()) - expected) > 3 * max(variance, 1.0) ** 0.5, expected)


def quasi_poisson(history: Floats, period: Floats) -> Answer:
    """A quasi-Poisson regression on weekday and trend, flagged at 3 standard errors of the total."""
    size, length = history.size, period.size
    rows = design(size + length)
    known = np.isfinite(history)
    x, y = rows[:size][known], history[known]
    coefficients = np.zeros(rows.shape[1])
    coefficients[0] = np.log(max(float(y.mean()), 0.01))
    covariance = np.eye(rows.shape[1])
    for _ in range(12):
        mean = np.exp(np.clip(x @ coefficients, -20, 20))
        covariance = np.linalg.inv((x * mean[:, None]).T @ x + 1e-3 * np.eye(x.shape[1]))
        coefficients = coefficients + np.clip(covariance @ (x.T @ (y - mean)), -2, 2)
    mean = np.exp(np.clip(x @ coefficients, -20, 20))
    chi_square = float(((y - mean) ** 2 / np.maximum(mean, 0.01)).sum())
    dispersion = max(1.0, chi_square / max(y.size - x.shape[1], 1))
    ahead = np.exp(np.clip(rows[size:] @ coefficients, -20, 20))
    gradient = ahead @ rows[size:]
    expected = float(ahead.sum())
    error = (dispersion * (expected + float(gradient @ covariance @ gradient))) ** 0.5
    return Answer(abs(float(period.sum()) - expected) > 3 * max(error, 1e-9), expected)


def design(days: int) -> Floats:
    """Intercept, trend and six weekdays: (days, 8)."""
    day = np.arange(days, dtype=np.int64)
    columns = [np.ones(days), (day - days / 2) / 91, *((day % 7 == weekday) * 1.0 for weekday in range(6))]
    return np.stack(columns, axis=1)


NAIVE: dict[str, Method] = {
    "± 20 % to the previous": each(twenty_percent),
    "z-scores (as PostHog)": each(z_score),
    "same weekday, MAD": each(same_weekday),
    "quasi-Poisson regression": each(quasi_poisson),
}
