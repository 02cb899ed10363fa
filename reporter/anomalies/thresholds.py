"""What it would have taken: the numbers from which on a metric, or a day of it, would have been unusual."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from reporter.anomalies.daily_series import Floats
from reporter.anomalies.earlier_periods import expect_period
from reporter.anomalies.expectation import (
    DAY_BUDGET,
    Expectation,
    JudgedWindow,
    chance_of_total,
    day_test,
    expectation_of,
    judged_window,
    latest_total,
)
from reporter.anomalies.fit import Fit, Outlook
from reporter.anomalies.rate_history import Modelled, PeriodRates

FINE = 1e-6  # of what is usual: the steps of what is not counted
FARTHEST = 1e6  # times what is usual; what is as usual there is so anywhere


@dataclass(frozen=True, slots=True)
class Thresholds:
    """A number below the one or above the other would have been unusual; None where none would."""

    below: float | None
    above: float | None

    def times(self, unit: float) -> "Thresholds":
        return Thresholds(*(None if one is None else one * unit for one in (self.below, self.above)))


NOWHERE = Thresholds(None, None)


def thresholds(is_unusual: Callable[[float], bool], usual: float, step: float) -> Thresholds:
    """The last numbers on both sides that are as usual, to a step."""
    middle = math.floor(usual / step)
    below = last_usual(lambda steps: is_unusual((middle - steps) * step), middle)
    farthest = math.ceil(FARTHEST * max(usual / step, 1.0))
    above = last_usual(lambda steps: is_unusual((middle + steps) * step), farthest)
    return Thresholds(
        None if below is None else (middle - below) * step,
        None if above is None else (middle + above) * step,
    )


def last_usual(is_unusual: Callable[[int], bool], most: int) -> int | None:
    """The last number of steps that is as usual, where farther ones, up to `most`, are not."""
    inside, outside = 0, 1
    while outside < most and not is_unusual(outside):
        inside, outside = outside, 2 * outside
    outside = min(outside, most)
    if outside <= inside or not is_unusual(outside):
        return None
    while outside - inside > 1:
        between = (inside + outside) // 2
        inside, outside = (inside, between) if is_unusual(between) else (between, outside)
    return inside


def step_of(numbers: Floats, usual: float) -> float:
    """1 of what is counted; else so little that it does not matter."""
    known = numbers[np.isfinite(numbers)]
    is_whole = np.allclose(known, np.round(known), rtol=0, atol=1e-6)
    return 1.0 if is_whole else FINE * max(usual, float(np.median(known)), 1e-9)


@dataclass(frozen=True, slots=True)
class MetricView:
    """One metric as a model sees it, in its grains."""

    outlook: Outlook
    row: int
    window: JudgedWindow
    found: Expectation

    def with_total(self, total: float) -> Expectation:
        """The expectation, had this come; on its last day, so that the period does not end in silence."""
        values = np.where(np.isfinite(self.window.values), 0.0, np.nan)
        values[self.window.counted[-1]] = total
        other = replace(self.window, values=values)
        chance = chance_of_total(self.outlook, self.row, other)
        return replace(self.found, actual=total, total_chance=chance, day=None)

    def with_day(self, day: int, number: float) -> Expectation:
        """The expectation, had this come on one of the days, and the others been as usual."""
        test = day_test(self.outlook, self.row, day, number, self.window.counted.size / DAY_BUDGET)
        return replace(self.found, actual=self.found.expected, total_chance=1.0, day=test)


def views_of(model: Fit, outlook: Outlook, place: int) -> list[MetricView]:
    """By the model, and where an episode goes on by that of the days before it."""
    row = model.metrics.index(place)
    window = judged_window(model, outlook, row)
    view = MetricView(outlook, row, window, expectation_of(model, outlook, row, 1.0))
    if model.before is None or place not in model.before.metrics:
        return [view]
    return [view, *views_of(model.before, model.before.expected(model.first + outlook.days), place)]


def together(found: list[Expectation], latest: float | None) -> Expectation:
    """What is said of both models."""
    first, *before = found
    return first.unsettled(before[0], latest) if before else first


def by_day(modelled: Modelled, place: int, critical: float) -> tuple[Thresholds, tuple[Thresholds, ...]]:
    """Those of the total of a metric's days, and of each day; of the total alone where there is one day."""
    model, outlook, past = modelled.model, modelled.outlook, modelled.past
    if model is None or outlook is None or place not in model.metrics:
        return NOWHERE, ()
    views = views_of(model, outlook, place)
    first, grain, latest = model.first, past.grains[place], latest_total(model, outlook, place)
    usual = together([one.found for one in views], latest).expected
    step = step_of(past.values[place] * grain, usual * grain) / grain

    def is_total_unusual(total: float) -> bool:
        return together([one.with_total(total) for one in views], latest).total_chance <= critical

    def is_day_unusual(day: int, number: float) -> bool:
        test = together([one.with_day(day, number) for one in views], latest).day
        return test is not None and test.chance <= critical

    def of_day(day: int) -> Thresholds:
        if outlook.days == 1 or day not in views[0].window.counted:
            return NOWHERE
        found = thresholds(partial(is_day_unusual, day), float(outlook.daily[views[0].row, day]), step)
        return found.times(grain / past.base(place, slice(first + day, first + day + 1)))

    total = thresholds(is_total_unusual, usual, step).times(past.units(first + outlook.days)[place])
    return total, tuple(map(of_day, range(outlook.days)))


def by_periods(rates: PeriodRates, critical: float) -> Thresholds:
    """Those of a whole period's rate, of as many as came."""

    def is_unusual(over: float) -> bool:
        found = expect_period(rates.past, over, rates.under)
        return found is not None and found.total_chance <= critical

    found = expect_period(rates.past, rates.over, rates.under)
    if found is None:
        return NOWHERE
    usual = found.expected * rates.under
    step = step_of(np.append(rates.past.numerators, rates.over), usual)
    return thresholds(is_unusual, usual, step).times(1 / rates.under)
