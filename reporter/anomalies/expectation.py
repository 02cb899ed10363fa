"""What was to be expected of each metric of a report, and which of them are unusual, over the whole report.

Level × weekday × damped trend (Holt's method with a weekday index), judged by its own past errors; negative
binomial and Student tails; Benjamini and Hochberg's procedure over the metrics.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from reporter.anomalies import distributions
from reporter.anomalies.daily_series import Floats, Integers
from reporter.anomalies.distributions import benjamini_hochberg
from reporter.anomalies.fit import Fit, Outlook
from reporter.reports.subscriptions import Sensitivity

DAY_BUDGET = 0.2  # of a test's error for single days of a longer period
ALONE = 2.0  # times the degrees of freedom of a day that is the whole period: less deep in its tails
FEW = 60.0  # expected events below which counts are tested as counts
LEAST_EVENTS = 5.0  # a smaller difference is nobody's news
LEAST_CHANGE = 0.10  # of the expected total
LEAST_DAY_CHANGE = 0.20  # of the expected day
SMALL = 10.0  # events, expected and actual, below which only their absence is told
STOPPED = 1e-4  # chance of that many days without an event
OUTSIDE = 0.02  # chance of a total outside the normal range
SIMILAR = 0.8  # an excursion of the past of this share of today's size is like it
RANGE_REACH = 8.0  # standard deviations; no edge of the range of few events is farther
SEEN_BEFORE = 2  # times; then it is no news
EPISODE = 7  # days between two excursions that are not one
SMALLEST_CHANCE = 1e-300
IRREGULAR = 6.0  # times likelier is what comes soon after a launch or an outage than the days before tell

Key = TypeVar("Key")

# The share of false ones among the metrics that are called unusual.
FALSE_DISCOVERIES = {Sensitivity.LOW: 0.01, Sensitivity.NORMAL: 0.05, Sensitivity.HIGH: 0.10}


@dataclass(frozen=True, slots=True)
class DayTest:
    """One day of the period that departs from its own expectation; `day` is its index in the series."""

    day: int
    actual: float
    expected: float
    chance: float  # corrected for the number of days that were looked at


def likelier_day(one: DayTest, other: DayTest) -> DayTest | None:
    """The test with the larger chance, corrected, where both find the day above or both below."""
    likelier = max(one, other, key=lambda test: test.chance)
    is_above = likelier.actual > likelier.expected
    agree = (one.actual > one.expected) == is_above == (other.actual > other.expected)
    return replace(likelier, chance=IRREGULAR * likelier.chance) if agree else None


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a metric's own past says about its total over the period.

    Totals are of the days that have a value. `low` and `high` bound 98 of 100 usual periods.
    """

    expected: float
    low: float
    high: float
    actual: float
    chance: float  # p-value of the period, single days included
    total_chance: float  # of the total alone
    day: DayTest | None  # the most unusual day, where one is unusual
    unusual: bool = False
    total_unusual: bool = False  # the total itself is unusual, and not only one of its days

    @property
    def change(self) -> float:
        """The relative difference of actual to expected; infinite where nothing was expected."""
        return self.actual / self.expected - 1 if self.expected else math.inf

    def unsettled(self, before: "Expectation", latest: float | None) -> "Expectation":
        """The same soon after an episode: usual is all between the level before it and the newest.

        `before` is expected from the days before the episode; `latest` is the total at the last week's level,
        or None in the first days of an episode, which is news itself.
        """
        levels = (self.expected, before.expected, *(() if latest is None else (latest,)))
        is_between = min(levels) <= self.actual <= max(levels)
        # What fades after a launch is above; so a fall that still goes on is as surely one as it looks.
        goes_on = latest is None and self.actual < min(self.low, before.low)
        likelier = (1.0 if goes_on else IRREGULAR) * max(self.total_chance, before.total_chance)
        total = 1.0 if is_between else likelier
        day = self.day and before.day and likelier_day(self.day, before.day)
        return replace(
            max(self, before, key=lambda one: one.total_chance),
            low=min(self.low, before.low, *levels),
            high=max(self.high, before.high, *levels),
            chance=min(1.0, total, day.chance if day else 1.0),
            total_chance=min(1.0, total),
            day=day,
        )

    def with_threshold(self, bound: float) -> "Expectation":
        """The same, where what is no likelier than `bound` is called unusual."""
        is_day = self.day is not None and self.day.chance <= bound
        return replace(
            self,
            unusual=self.chance <= bound < 1,
            total_unusual=self.total_chance <= bound < 1,
            day=self.day if is_day else None,
        )


def assess(
    model: Fit | None, outlook: Outlook | None, sensitivity: Sensitivity, grains: Sequence[float] = ()
) -> Mapping[int, Expectation]:
    """What was to be expected of each metric with enough history and a number in the window, by its index.

    `grains` has the size of each metric's steps in its own unit, in which the answer is; 1 by default.
    """
    return called(expectations(model, outlook, grains), sensitivity)


def expectations(
    model: Fit | None, outlook: Outlook | None, grains: Sequence[float] = ()
) -> Mapping[int, Expectation]:
    """The same, before anything is called unusual."""
    if model is None or outlook is None:
        return {}
    sizes = grains or (1.0,) * len(model.values)
    found = expectations_of(model, outlook, sizes)
    if model.before is None:
        return found
    before = expectations_of(model.before, model.before.expected(model.first + outlook.days), sizes)
    return found | {
        metric: found[metric].unsettled(one, latest_total(model, outlook, metric, sizes[metric]))
        for metric, one in before.items()
    }


def latest_total(model: Fit, outlook: Outlook, metric: int, grain: float = 1.0) -> float | None:
    """The total at the last week's level; None in the first days of an episode."""
    is_news = model.is_news(metric)
    return None if is_news else float(outlook.latest[model.metrics.index(metric)]) * grain


def called(
    found: Mapping[Key, Expectation], sensitivity: Sensitivity, budget: float = 1.0
) -> Mapping[Key, Expectation]:
    """Which of them are unusual: the false alarms are controlled over all of them together.

    `budget` is the share of the report's false alarms that they may take.
    """
    rate = FALSE_DISCOVERIES[sensitivity] * budget
    passed = benjamini_hochberg([one.chance for one in found.values()], rate)
    bound = min(passed, OUTSIDE)  # a total within its normal range is never called unusual
    return {metric: one.with_threshold(bound) for metric, one in found.items()}


def expectations_of(model: Fit, view: Outlook, grains: Sequence[float]) -> dict[int, Expectation]:
    """The expectation of each metric of the model that has a number in the window."""
    return {
        metric: expectation_of(model, view, row, grains[metric])
        for row, metric in enumerate(model.metrics)
        if np.isfinite(model.values[metric, model.first : model.first + view.days]).any()
    }


def expectation_of(model: Fit, view: Outlook, row: int, grain: float) -> Expectation:
    """One metric's expectation: nothing is called unusual before all metrics are known."""
    period = judged_window(model, view, row)
    total = chance_of_total(view, row, period)
    day = None if view.days == 1 else unusual_day(view, row, period)
    low, high = normal_range(period.expected, period.variance, period.degrees)
    return Expectation(
        expected=period.expected * grain,
        low=low * grain,
        high=high * grain,
        actual=period.actual * grain,
        chance=max(min(total, day.chance if day else 1.0), SMALLEST_CHANCE),
        total_chance=total,
        day=day and DayTest(model.first + day.day, day.actual * grain, day.expected * grain, day.chance),
    )


def judged_window(model: Fit, view: Outlook, row: int) -> "JudgedWindow":
    """The days of one metric."""
    values = model.values[model.metrics[row], model.first : model.first + view.days]
    return JudgedWindow(
        values=values,
        counted=np.flatnonzero(np.isfinite(values)),
        expected=float(view.expected[row]),
        variance=float(view.variance[row]),
        degrees=float(ALONE * view.day_degrees[row] if view.days == 1 else view.degrees[row]),
    )


@dataclass(frozen=True, slots=True)
class JudgedWindow:
    """One metric's days of the period, and what is expected of their total."""

    values: Floats
    counted: Integers  # places of the days that have a value
    expected: float
    variance: float
    degrees: float

    @property
    def actual(self) -> float:
        return float(self.values[self.counted].sum())


def chance_of_total(view: Outlook, row: int, period: JudgedWindow) -> float:
    """p-value of the total, or of the silence that it ends with."""
    return min(total_chance(period, view.errors[row]), stopped_chance(period, view.daily[row]))


def total_chance(period: JudgedWindow, errors: Floats) -> float:
    """p-value of the total; 1 where the difference is small, or no news."""
    actual, expected = period.actual, period.expected
    is_small = 0 < actual < SMALL and expected < SMALL
    is_slight = is_small or not is_material(actual, expected, LEAST_CHANGE)
    if is_slight or happened_before(errors, log_ratio(actual, expected)):
        return 1.0
    budget = 1.0 if period.values.size == 1 else 1 - DAY_BUDGET
    return min(1.0, chance(actual, expected, period.variance, period.degrees) / budget)


def unusual_day(view: Outlook, place: int, period: JudgedWindow) -> DayTest | None:
    """The most unusual day of the period that is material and news; Bonferroni's correction over its days."""
    tests = period.counted.size / DAY_BUDGET
    found = (day_test(view, place, int(day), float(period.values[day]), tests) for day in period.counted)
    return min((one for one in found if one is not None), key=lambda one: one.chance, default=None)


def day_test(view: Outlook, place: int, day: int, actual: float, tests: float) -> DayTest | None:
    """The test of one of so many days; None where it is as usual, immaterial or no news."""
    expected = float(view.daily[place, day])
    if not is_material(actual, expected, LEAST_DAY_CHANGE):
        return None
    p = chance(actual, expected, float(view.day_variance[place]), float(view.day_degrees[place])) * tests
    if p >= 1 or happened_before(view.day_errors[place], log_ratio(actual, expected)):
        return None
    return DayTest(day, actual, expected, p)


def stopped_chance(period: JudgedWindow, daily: Floats) -> float:
    """Chance of the zeros at the end of the period; 1 where it is not tiny."""
    events = np.flatnonzero(period.values[period.counted])
    silent = period.counted[events[-1] + 1 if events.size else 0 :]
    p = distributions.no_events(float(daily[silent].sum()), period.variance)
    return p if p < STOPPED else 1.0


def chance(actual: float, expected: float, variance: float, degrees: float) -> float:
    """Two-sided p-value of a total: negative binomial for few events, Student's t on the log ratio for many.

    `variance` is that of the log beyond chance.
    """
    if expected < FEW:
        side = "above" if actual > expected else "below"
        return min(1.0, 2 * distributions.negative_binomial(actual, expected, variance, side))
    return distributions.student(log_ratio(actual, expected) / math.sqrt(variance + 1 / expected), degrees)


def normal_range(expected: float, variance: float, degrees: float) -> tuple[float, float]:
    """Where a total lies in 98 of 100 usual periods: its ends have a `chance` of 2 %."""
    if expected < FEW:
        most = expected + RANGE_REACH * (1 + math.sqrt(expected + variance * expected**2))
        low = edge(expected, 0.0, lambda count: chance(count, expected, variance, degrees))
        return low, edge(expected, most, lambda count: chance(count, expected, variance, degrees))
    reach = distributions.student_quantile(OUTSIDE, degrees) * math.sqrt(variance + 1 / expected)
    return expected * math.exp(-reach), expected * math.exp(reach)


def edge(inside: float, outside: float, chance_of: Callable[[float], float]) -> float:
    """The count farthest from `inside` that is still in the range, to half an event, by bisection."""
    if chance_of(outside) > OUTSIDE:
        return outside
    while abs(outside - inside) > 0.5:
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if chance_of(middle) > OUTSIDE else (inside, middle)
    return inside


def log_ratio(actual: float, expected: float) -> float:
    """Log of actual over expected, half an event added to both."""
    return math.log((actual + 0.5) / (expected + 0.5))


def is_material(actual: float, expected: float, share: float) -> bool:
    """Whether a difference is large enough to matter to anybody."""
    return abs(actual - expected) >= max(LEAST_EVENTS, share * expected)


def happened_before(errors: Floats, error: float) -> bool:
    """Whether the past went nearly as far the same way at least twice, a week or more apart."""
    excursions = np.flatnonzero(np.nan_to_num(errors) * math.copysign(1.0, error) >= SIMILAR * abs(error))
    return excursions.size > 0 and 1 + int((np.diff(excursions) > EPISODE).sum()) >= SEEN_BEFORE
