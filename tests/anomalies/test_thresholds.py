"""What it would have taken to be called unusual: the test says so of the numbers beside each threshold."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.anomalies.daily_series import Floats
from reporter.anomalies.distributions import benjamini_hochberg, critical_chance
from reporter.anomalies.earlier_periods import expect_period
from reporter.anomalies.expectation import FALSE_DISCOVERIES, OUTSIDE, Expectation, called
from reporter.anomalies.fit import Fit
from reporter.anomalies.judge import Analysis, analyze
from reporter.anomalies.rate_history import Modelled
from reporter.anomalies.thresholds import Thresholds, by_day, by_periods
from reporter.reports.figures import Measured
from reporter.reports.measures import (
    ActiveUsers,
    EventCount,
    Measure,
    PropertyStatistic,
    Ratio,
    Retention,
    Statistic,
)
from reporter.reports.subscriptions import MetricSpec, Sensitivity
from tests.world import FakeSource, edition, spec

seeds = st.integers(0, 10_000)
chances = st.floats(1e-12, 1.0)
DAYS = 26 * 7
WEEKDAYS = np.array([1.2, 1.2, 1.1, 1.1, 1.0, 0.8, 0.6])
BUY, VISIT, RARE, USERS = EventCount("Buy"), EventCount("Visit"), EventCount("Rare"), ActiveUsers()
MONEY, PRICE = (PropertyStatistic("Buy", "price", one) for one in (Statistic.SUM, Statistic.AVERAGE))
SHARE, BACK = Ratio(BUY, VISIT), Retention("Buy", None, 1)
KINDS: tuple[Measure, ...] = (BUY, VISIT, RARE, USERS, MONEY, PRICE, SHARE, BACK)
METRICS = tuple(MetricSpec(type(one).__name__ + str(place), one) for place, one in enumerate(KINDS))
Numbers = dict[Measure, Floats]


@given(st.lists(chances, max_size=20), chances, st.sampled_from([0.01, 0.05, 0.1]))
def test_one_more_test_is_called_unusual_up_to_its_critical_chance_and_no_farther(
    others: list[float], own: float, rate: float
):
    critical = critical_chance(others, rate)

    for chance in (own, critical, critical * (1 + 1e-9)):
        assert (chance <= benjamini_hochberg([*others, chance], rate)) == (chance <= critical)


def drawn(seed: int, fall: float) -> Numbers:
    """26 weeks of each kind; the last one of visits is as much as `fall` says, after a launch in some."""
    rng = np.random.default_rng(seed)
    rhythm = np.resize(WEEKDAYS, DAYS) * np.exp(rng.normal(0, 0.03, DAYS))
    if seed % 3 == 0:
        rhythm[-20:-17] *= 3.0
    visits = rng.poisson(2_000 * rhythm).astype(np.float64)
    visits[-7:] = np.round(visits[-7:] * fall)
    buys = rng.binomial(visits.astype(np.int64), 0.06).astype(np.float64)
    money = np.array([rng.lognormal(3, 0.5, int(many)).sum() for many in buys])
    rare = rng.poisson(0.6, DAYS).astype(np.float64)
    return {
        VISIT: visits,
        BUY: buys,
        RARE: rare,
        USERS: rng.poisson(300 * rhythm).astype(np.float64),
        MONEY: money,
        PRICE: money / np.maximum(buys, 1),
    }


def analysis_of(seed: int, fall: float = 1.0) -> Analysis:
    """What is judged of a report with a metric of each kind."""
    numbers, made = drawn(seed, fall), edition(spec(metrics=METRICS))
    values: dict[Measure, float] = {one: float(days[-7:].sum()) for one, days in numbers.items()}
    values |= {PRICE: 1.0, SHARE: 0.05, BACK: 0.3}
    daily = {one: days.tolist() for one, days in numbers.items()}
    figures = FakeSource(values=values, before=values, daily=daily).measure(made.question)
    weeks = {
        made.period.earlier(7 * week): Measured(0.3 + 0.01 * (week % 3), base=900) for week in range(1, 25)
    }
    return analyze(
        made.spec,
        replace(
            figures,
            now={**figures.now, BACK: Measured(0.3, base=1_000)},
            daily={one: days for one, days in figures.daily.items() if one not in (SHARE, BACK)},
            earlier={BACK: weeks},
        ),
    )


def with_days(model: Fit | None, place: int, days: Floats) -> Fit | None:
    """The model, had these days come, of one metric."""
    if model is None:
        return None
    values = model.values.copy()
    values[place, model.first : model.first + days.size] = days
    return replace(model, values=values, before=with_days(model.before, place, days))


def again(analysis: Analysis, label: str, other: Expectation) -> Expectation:
    """What the report would have said of the metric, the others being as they are."""
    return called({**analysis.found, label: other}, Sensitivity.NORMAL)[label]


def critical_of(analysis: Analysis, label: str) -> float:
    others = [one.chance for name, one in analysis.found.items() if name != label]
    return min(critical_chance(others, FALSE_DISCOVERIES[Sensitivity.NORMAL]), OUTSIDE)


def sides(limits: Thresholds) -> Iterator[tuple[float, float]]:
    """Each threshold, and a number a little beyond it: one more or fewer of what is counted."""
    for number, direction in ((limits.below, -1), (limits.above, 1)):
        if number is not None:
            yield number, number * (1 + direction * 1e-5)


Judged: TypeAlias = tuple[Modelled, int, str, Thresholds, tuple[Thresholds, ...]]


def judged_by_day(analysis: Analysis) -> Iterator[Judged]:
    for modelled in analysis.modelled:
        for place, metric in enumerate(modelled.past.metrics):
            total, days = by_day(modelled, place, critical_of(analysis, metric.label))
            yield modelled, place, metric.label, total, days


def had_come(analysis: Analysis, one: Judged, days: Floats) -> Expectation:
    modelled, place, label, *_ = one
    other = replace(modelled, model=with_days(modelled.model, place, days))
    return again(analysis, label, other.expectations(modelled.past.window[0] + days.size)[label])


def daily_of(one: Judged) -> Floats:
    modelled, place, *_ = one
    assert modelled.model is not None
    assert modelled.outlook is not None
    return modelled.outlook.daily[modelled.model.metrics.index(place)]


@given(seeds, st.sampled_from([0.3, 0.8, 1.0, 2.0]))
@settings(max_examples=8, deadline=None)
def test_a_total_is_called_unusual_beyond_its_thresholds_and_not_at_them(seed: int, fall: float):
    analysis = analysis_of(seed, fall)

    told = 0
    for one in judged_by_day(analysis):
        daily, unit = daily_of(one), unit_of(one)
        for number, beyond in sides(one[3]):
            usual, unusual = (
                had_come(analysis, one, spread(total / unit, daily))
                for total in (number, _one_on(number, beyond, one))
            )
            assert not usual.total_unusual
            assert unusual.unusual
            told += 1
    assert told >= 10


def spread(total: float, daily: Floats) -> Floats:
    """A total over days as they are expected: of what is counted in whole numbers, else nearer by a hair."""
    factor = total / float(daily.sum())
    if total == round(total):
        return np.diff(np.round(np.cumsum(daily * factor)), prepend=0.0).astype(np.float64)
    return daily * (1 + (factor - 1) * (1 - 1e-9))


def unit_of(one: Judged) -> float:
    past, place = one[0].past, one[1]
    return past.units(past.window[0] + daily_of(one).size)[place]


def _one_on(number: float, beyond: float, one: Judged) -> float:
    """Farther by one of what is counted."""
    farther = max(unit_of(one) / one[0].past.grains[one[1]], abs(beyond - number))
    return max(0.0, number + (farther if beyond > number else -farther))


@given(seeds.filter(lambda seed: seed % 3 > 0), st.sampled_from([0.3, 1.0]))
@settings(max_examples=5, deadline=None)
def test_a_day_is_called_unusual_beyond_its_thresholds_and_not_at_them(seed: int, fall: float):
    analysis = analysis_of(seed, fall)

    told = 0
    for one in judged_by_day(analysis):
        past, place, first = one[0].past, one[1], one[0].past.window[0]
        for day, limits in enumerate(one[4]):
            base = past.base(place, slice(first + day, first + day + 1))
            for number, beyond in sides(limits):
                farther = max(1 / base, abs(beyond - number)) * (1 if beyond > number else -1)
                usual, unusual = (daily_of(one).copy() for _ in range(2))
                usual[day] = number * base / past.grains[place]
                unusual[day] = max(0.0, number + farther) * base / past.grains[place]
                assert had_come(analysis, one, usual).day is None
                assert had_come(analysis, one, unusual).unusual
                told += 1
    assert told >= 50


@given(seeds, st.integers(200, 5_000))
@settings(max_examples=8, deadline=None)
def test_a_whole_period_is_called_unusual_beyond_its_thresholds_and_not_at_them(seed: int, many: int):
    analysis = analysis_of(seed)
    assert analysis.past is not None
    (back,) = analysis.past.periods
    back = replace(back, over=0.3 * many, under=float(many))
    limits = by_periods(back, critical_of(analysis, back.metric.label))

    for number, beyond in sides(limits):
        for over, is_unusual in (
            (number * many, False),
            (number * many + (1 if beyond > number else -1), True),
        ):
            found = expect_period(back.past, over, many)
            assert found is not None
            assert again(analysis, back.metric.label, found).unusual == is_unusual
    assert limits.below is not None


@given(seeds)
@settings(max_examples=5, deadline=None)
def test_what_is_in_the_usual_range_would_never_have_been_unusual(seed: int):
    analysis = analysis_of(seed)

    for _, _, label, total, _ in judged_by_day(analysis):
        found = analysis.found[label]
        slack = 0.01 * found.expected + 1
        assert total.below is None or total.below <= found.low + slack
        assert total.above is None or total.above >= found.high - slack
