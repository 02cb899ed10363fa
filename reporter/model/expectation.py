"""What was to be expected of each metric of a report, and what is unusual: over the whole report."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reporter.model.statistics import tails
from reporter.model.statistics.cleaning import clean
from reporter.model.statistics.days import Series, grid
from reporter.model.statistics.errors import outlook
from reporter.model.statistics.multiple import benjamini_hochberg

FALSE_RATE = 0.05
TOTAL_SHARE = 0.8
DAY_DEGREES = 5.0
FEW = 60.0


@dataclass(frozen=True, slots=True)
class Expectation:
    unusual: bool
    expected: float
    low: float
    high: float
    score: float
    actual: float
    p: float
    p_total: float
    p_day: float
    day: int | None


def p_value(actual, expected, variance, degrees):
    if expected < FEW:
        side = "above" if actual > expected else "below"
        return min(1.0, 2 * tails.negative_binomial(actual, expected, variance, side))
    t = math.log((actual + 0.5) / (expected + 0.5)) / math.sqrt(variance + 1 / expected)
    return tails.student(t, degrees)


def assess(series: Sequence[Series], window: tuple[int, int]) -> tuple[Expectation, ...]:
    days = grid(series, window)
    history = days.values[:, : days.history]
    period = days.values[:, days.history :]
    counted = np.isfinite(period)
    past = clean(history)
    view = outlook(past, days.window, counted)
    results = []
    for row in range(len(series)):
        actual = float(np.nansum(period[row]))
        expected = float(view.expected[row])
        p_total = p_value(actual, expected, float(view.variance[row]), float(view.degrees[row]))
        p_day, day = 1.0, None
        n = int(counted[row].sum())
        if n > 1:
            for c in np.flatnonzero(counted[row]):
                e, a = float(view.daily[row, c]), float(period[row, c])
                if e < FEW:
                    p = p_value(a, e, float(view.day_variance[row]), DAY_DEGREES)
                else:
                    t = math.log((a + 0.5) / (e + 0.5)) / math.sqrt(
                        float(view.day_variance[row]) * 1.21 + 1 / e
                    )
                    p = tails.student(t, DAY_DEGREES)
                if p * n < p_day and abs(a / e - 1) >= 0.2 and abs(a - e) >= 5:
                    p_day, day = p * n, int(c)
        material = abs(actual / expected - 1) >= 0.1 and abs(actual - expected) >= 5
        p_t = p_total / TOTAL_SHARE if n > 1 else p_total
        p = min(1.0, p_t if material else 1.0, p_day / (1 - TOTAL_SHARE))
        results.append((p, actual, expected, p_total, p_day, day))
    bound = benjamini_hochberg([r[0] for r in results], FALSE_RATE)
    return tuple(
        Expectation(
            r[0] <= bound and r[0] < 1,
            r[2],
            r[2] * 0.9,
            r[2] * 1.1,
            -math.log10(max(r[0], 1e-300)),
            r[1],
            r[0],
            r[3],
            r[4],
            r[5],
        )
        for r in results
    )
