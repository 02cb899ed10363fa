"""What was to be expected of each metric of a report, and which of them are unusual, over the whole report.

Level × weekday × damped trend (Holt's method with a weekday index), judged by its own past errors; negative
binomial and Student tails; Benjamini and Hochberg's procedure over the metrics.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from reporter.model.statistics import tails
from reporter.model.statistics.cleaning import clean
from reporter.model.statistics.days import Booleans, Floats, Grid, Series, grid
from reporter.model.statistics.errors import Outlook, outlook
from reporter.model.statistics.multiple import benjamini_hochberg

DAY_BUDGET = 0.2  # of a test's error for single days of a longer period
DAY_DEGREES = 5.0  # of freedom: single days have heavier tails than totals
FEW = 60.0  # expected events below which counts are tested as counts
LEAST_EVENTS = 5.0  # a smaller difference is nobody's news
LEAST_CHANGE = 0.10  # of the expected total
LEAST_DAY_CHANGE = 0.20  # of the expected day
SMALL = 10.0  # expected events below which only a stop or a first time is told
STOPPED = 1e-4  # chance of that many days without an event
OUTSIDE = 0.02  # chance of a total outside the normal range
SIMILAR = 0.8  # an excursion of the past of this share of today's makes it less of a news
SEEN_BEFORE = 2  # times; then it is no news
EPISODE = 7  # days between two excursions that are not one
LEAST_DAYS = 28  # of history
LEAST_VALUES = 21
SMALLEST_CHANCE = 1e-300


class Sensitivity(StrEnum):
    """How eagerly a report speaks up."""

    QUIET = "quiet"
    NORMAL = "normal"
    SENSITIVE = "sensitive"


# The share of false ones among the metrics that are called unusual.
FALSE_DISCOVERIES = {Sensitivity.QUIET: 0.01, Sensitivity.NORMAL: 0.05, Sensitivity.SENSITIVE: 0.10}


@dataclass(frozen=True, slots=True)
class UnusualDay:
    """One day of the period that departs from its own expectation; `day` is its index in the series."""

    day: int
    actual: float
    expected: float
    chance: float  # corrected for the number of days that were looked at


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a metric's own past says about its total over the period.

    Totals are of the days that have a value. `low` and `high` bound 98 of 100 usual periods. `score` is the negative
    decimal logarithm of `chance`. Without enough history the numbers are nan and nothing is unusual.
    """

    unusual: bool
    expected: float
    low: float
    high: float
    score: float
    actual: float
    chance: float  # p-value of the period, single days included
    total_unusual: bool = False
    day: UnusualDay | None = None  # where a single day is unusual
    enough_history: bool = True

    @property
    def change(self) -> float:
        """The relative difference of actual to expected; infinite where nothing was expected."""
        return self.actual / self.expected - 1 if self.expected else math.inf


UNKNOWN = Expectation(False, math.nan, math.nan, math.nan, 0.0, math.nan, 1.0, enough_history=False)


def assess(
    series: Sequence[Series], window: tuple[int, int], sensitivity: Sensitivity = Sensitivity.NORMAL
) -> tuple[Expectation, ...]:
    """One expectation a metric, in the order of `series`.

    `series` are (days as datetime64[D], values a day with nan for missing) of all metrics of a report; `window` is the
    half-open index range of the period. Days after it are not looked at.
    """
    if not series or window[1] <= window[0]:
        return tuple(UNKNOWN for _ in series)
    whole = grid(series, window)
    history, period = whole.values[:, : whole.history], whole.values[:, whole.history :]
    counted = np.isfinite(period)
    known = enough(history) & counted.any(axis=1)
    found = [UNKNOWN] * len(series)
    rows = np.flatnonzero(known)
    if rows.size:
        view = outlook(clean(history[rows]), counted[rows])
        for place, row in enumerate(rows):
            found[row] = judged(view, place, whole, int(row))
    return called(found, FALSE_DISCOVERIES[sensitivity])


def enough(history: Floats) -> Booleans:
    """Which metrics have at least 28 days of history and 21 values in it."""
    known = np.isfinite(history)
    if history.shape[1] < LEAST_DAYS:
        return np.zeros(history.shape[0], dtype=np.bool_)
    age = history.shape[1] - np.argmax(known, axis=1)
    return (known.sum(axis=1) >= LEAST_VALUES) & (age >= LEAST_DAYS)


def called(found: Sequence[Expectation], rate: float) -> tuple[Expectation, ...]:
    """The same, with those that may be called unusual marked: over all metrics with enough history."""
    bound = benjamini_hochberg([one.chance for one in found if one.enough_history], rate)
    return tuple(
        replace(one, unusual=one.chance <= bound and (one.total_unusual or one.day is not None))
        for one in found
    )


def judged(view: Outlook, place: int, whole: Grid, row: int) -> Expectation:
    """One metric's expectation, with `total_unusual` and `day` as candidates that are material and news."""
    values = whole.values[row, whole.history :]
    counted = np.flatnonzero(np.isfinite(values))
    actual, expected = float(values[counted].sum()), float(view.expected[place])
    variance, degrees = float(view.variance[place]), float(view.degrees[place])
    alone = whole.window == 1
    total_chance = chance(actual, expected, variance, degrees) / (1.0 if alone else 1 - DAY_BUDGET)
    error = math.log((actual + 0.5) / (expected + 0.5))
    total_news = is_material(actual, expected, LEAST_CHANGE) and not is_old(view.errors[place], error)
    day = None if alone else unusual_day(view, place, values, counted)
    stop = stopped(view, place, values, counted)
    low, high = normal_range(expected, variance, degrees)
    if expected < SMALL and actual < SMALL:
        total_news = False
    p_total = total_chance if total_news else 1.0
    p_day = day.chance if day else 1.0
    p = min(1.0, p_total, p_day, stop)
    if day is not None:
        day = replace(day, day=int(whole.places[row, whole.history + day.day]))
    return Expectation(
        False,
        expected,
        low,
        high,
        -math.log10(max(p, SMALLEST_CHANCE)),
        actual,
        p,
        total_news or stop < 1,
        day,
    )


def chance(actual: float, expected: float, variance: float, degrees: float) -> float:
    """Two-sided p-value of a total: negative binomial for few events, Student's t on the log ratio for many."""
    if expected < FEW:
        side = "above" if actual > expected else "below"
        return min(1.0, 2 * tails.negative_binomial(actual, expected, variance, side))
    error = math.log((actual + 0.5) / (expected + 0.5))
    return tails.student(error / math.sqrt(variance + 1 / expected), degrees)


def normal_range(expected: float, variance: float, degrees: float) -> tuple[float, float]:
    reach = tails.student_quantile(OUTSIDE, degrees) * math.sqrt(variance + 1 / max(expected, 1))
    return expected * math.exp(-reach), expected * math.exp(reach)


def is_material(actual: float, expected: float, share: float) -> bool:
    return abs(actual - expected) >= max(LEAST_EVENTS, share * expected)


def is_old(errors: Floats, error: float) -> bool:
    """Whether the past went as far the same way at least twice, a week or more apart."""
    excursions = np.flatnonzero(np.nan_to_num(errors) * math.copysign(1, error) >= SIMILAR * abs(error))
    return 1 + int((np.diff(excursions) > EPISODE).sum()) >= SEEN_BEFORE if excursions.size else False


def unusual_day(view: Outlook, place: int, values: Floats, counted: Floats) -> UnusualDay | None:
    best = None
    variance = float(view.day_variance[place])
    for column in counted:
        actual, expected = float(values[column]), float(view.daily[place, column])
        if not is_material(actual, expected, LEAST_DAY_CHANGE):
            continue
        p = chance(actual, expected, variance, DAY_DEGREES) * counted.size / DAY_BUDGET
        if p < (best.chance if best else 1.0):
            error = math.log((actual + 0.5) / (expected + 0.5))
            if not is_old(view.day_errors[place], error):
                best = UnusualDay(int(column), actual, expected, p)
    return best


def stopped(view: Outlook, place: int, values: Floats, counted: Floats) -> float:
    """Chance of the zeros at the end of the period; 1 where there are none or they are usual."""
    zeros = 0
    for column in counted[::-1]:
        if values[column]:
            break
        zeros += 1
    if not zeros:
        return 1.0
    expected = float(view.daily[place, counted[-zeros:]].sum())
    p = tails.no_events(expected, float(view.variance[place]))
    return p if p < STOPPED else 1.0
