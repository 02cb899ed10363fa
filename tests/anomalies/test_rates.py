"""Rates: judged on numerators and denominators, so that more of both is no news."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.anomalies.daily_series import Floats
from reporter.anomalies.earlier_periods import expect_period
from reporter.anomalies.expectation import Expectation, called, expectations
from reporter.anomalies.rates import RateSeries, capped, fit_rates, in_grains
from reporter.reports.subscriptions import Sensitivity

WEEKDAYS = np.array([1.3, 1.2, 1.2, 1.1, 1.0, 0.5, 0.4])
DAYS = 182
seeds = st.integers(0, 10_000)


def visits(rng: np.random.Generator, level: float, days: int = DAYS) -> Floats:
    return rng.poisson(level * WEEKDAYS[np.arange(days) % 7]).astype(np.float64)


def buyers(rng: np.random.Generator, visits: Floats, rate: float) -> Floats:
    return rng.binomial(visits.astype(np.int64), rate).astype(np.float64)


def judged(series: Sequence[RateSeries], window: int) -> dict[int, Expectation]:
    """What is said of each one's last days, as of one report."""
    days = series[0].numerators.size
    first = days - window
    over, under, grains = in_grains(series, first)
    model = fit_rates(over, under, (first, days))
    totals = np.nansum(under[:, first:], axis=1)
    units = [grain / total for grain, total in zip(grains, totals.tolist(), strict=True)]
    found = expectations(model, model and model.expected(days), units)
    return dict(called(found, Sensitivity.NORMAL))


@given(seeds, st.sampled_from([1, 7, 14]), st.floats(1.5, 6.0), st.sampled_from([0.03, 0.3]))
@settings(max_examples=40, deadline=None)
def test_a_constant_rate_never_alarms_however_many_come(seed: int, window: int, spike: float, rate: float):
    rng = np.random.default_rng(seed)
    under = visits(rng, 2_000)
    under[-window:] = np.round(under[-window:] * spike)

    found = judged([RateSeries(np.round(under * rate), under)], window)[0]

    assert not found.unusual
    assert found.expected == pytest.approx(rate, rel=0.03)  # pyright: ignore[reportUnknownMemberType]


@given(seeds, st.sampled_from([1, 7, 14]), st.sampled_from([0.6, 1.6]))
@settings(max_examples=40, deadline=None)
def test_a_rate_that_moves_far_is_found_whatever_the_denominators_do(seed: int, window: int, factor: float):
    rng = np.random.default_rng(seed)
    under = visits(rng, 4_000)
    under[-window:] *= 3
    over = buyers(rng, under, 0.1)
    over[-window:] = buyers(rng, under[-window:], 0.1 * factor)

    found = judged([RateSeries(over, under)], window)[0]

    assert found.total_unusual
    assert (found.actual > found.expected) == (factor > 1)
    assert found.low < 0.1 < found.high


def test_quiet_reports_of_five_rates_have_few_false_alarms():
    alarms = 0
    for seed in range(150):
        rng = np.random.default_rng(seed)
        under = [visits(rng, level) for level in (50, 300, 1_000, 3_000, 10_000)]
        rates = zip(under, (0.3, 0.02, 0.1, 0.05, 0.6), strict=True)
        series = [RateSeries(buyers(rng, one, rate), one) for one, rate in rates]
        alarms += sum(one.unusual for one in judged(series, (1, 7, 14)[seed % 3]).values())

    assert alarms <= 150 * 0.02


@given(seeds, st.sampled_from([3.0, 0.25]))
@settings(max_examples=20, deadline=None)
def test_the_unit_of_an_amount_does_not_matter(seed: int, unit: float):
    rng = np.random.default_rng(seed)
    many = visits(rng, 80)
    sums = np.array([rng.lognormal(3, 0.8, int(number)).sum() for number in many])
    sums[-7:] *= 1.8

    one, other = (judged([RateSeries(sums * by, many, is_counted=False)], 7)[0] for by in (1.0, unit))

    assert one.unusual == other.unusual
    assert other.expected == pytest.approx(one.expected * unit)  # pyright: ignore[reportUnknownMemberType]
    assert other.chance == pytest.approx(one.chance, rel=1e-6)  # pyright: ignore[reportUnknownMemberType]


@given(seeds, st.permutations(range(4)))
@settings(max_examples=15, deadline=None)
def test_the_order_of_rates_does_not_matter(seed: int, order: Sequence[int]):
    rng = np.random.default_rng(seed)
    series = [RateSeries(buyers(rng, under, 0.1), under) for under in (visits(rng, 500) for _ in range(4))]
    series[2].numerators[-7:] = 0

    plain, turned = judged(series, 7), judged([series[place] for place in order], 7)

    assert [plain[place] for place in order] == [turned[place] for place in range(4)]
    assert plain[2].unusual


def test_large_amounts_that_come_now_and_then_are_no_news():
    """Twenty payments a day, a few of which are most of the money."""
    alarms = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        many = visits(rng, 20)
        sums = np.array([rng.lognormal(3, 1.8, int(number)).sum() for number in many])
        alarms += judged([RateSeries(sums, many, is_counted=False)], (7, 28)[seed % 2])[0].unusual

    assert alarms <= 1


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_bounded_amounts_come_to_as_much_and_none_is_larger_than_its_bound(seed: int):
    rng = np.random.default_rng(seed)
    many = visits(rng, 20)
    sums = np.array([rng.lognormal(3, 1.8, int(number)).sum() for number in many])
    bounded = capped(RateSeries(sums, many, is_counted=False), DAYS - 7)

    scale = np.median(bounded / np.where(sums > 0, sums, 1.0))  # most days are below their bounds
    assert bounded[:-7].sum() == pytest.approx(sums[:-7].sum())  # pyright: ignore[reportUnknownMemberType]
    assert (bounded <= sums * scale * (1 + 1e-9)).all()


def test_a_day_without_a_denominator_says_nothing():
    rng = np.random.default_rng(1)
    under = visits(rng, 1_000)
    under[[20, 90, -3]] = 0
    over = buyers(rng, under, 0.1)

    found = judged([RateSeries(over, under)], 7)[0]

    assert not found.unusual
    rate = over[-7:].sum() / under[-7:].sum()
    assert found.actual == pytest.approx(rate)  # pyright: ignore[reportUnknownMemberType]


def of_periods(rng: np.random.Generator, periods: int, rate: float, many: float = 3_000) -> RateSeries:
    under = rng.poisson(many, periods).astype(np.float64)
    return RateSeries(buyers(rng, under, rate), under)


@pytest.mark.parametrize("rate", [0.05, 0.4, 0.9])
def test_a_period_at_the_rate_of_those_before_is_as_usual(rate: float):
    outside = 0
    for seed in range(120):
        rng = np.random.default_rng(seed)
        under = round(3_000 * rng.uniform(0.3, 4.0))
        found = expect_period(of_periods(rng, int(rng.integers(8, 26)), rate), round(under * rate), under)
        assert found is not None
        outside += not found.low < rate < found.high
    assert outside <= 2


@pytest.mark.parametrize("factor", [0.6, 1.4])
def test_a_period_far_from_those_before_is_unusual(factor: float):
    past = of_periods(np.random.default_rng(2), 12, 0.2)
    found = expect_period(past, 3_000 * 0.2 * factor, 3_000)

    assert found is not None
    assert found.total_chance < 1e-4
    assert found.expected == pytest.approx(0.2, rel=0.05)  # pyright: ignore[reportUnknownMemberType]


def test_seven_earlier_periods_are_too_few():
    past = of_periods(np.random.default_rng(3), 7, 0.2)

    assert expect_period(past, 0, 3_000) is None


def test_a_rate_that_jumped_three_periods_ago_is_at_its_new_level():
    past = of_periods(np.random.default_rng(4), 20, 0.2)
    past.numerators[-3:] = np.round(past.numerators[-3:] * 1.5)
    found = expect_period(past, 3_000 * 0.3, 3_000)

    assert found is not None
    assert found.total_chance == 1


@given(seeds, st.integers(9, 14), st.sampled_from([1, 7, 14]))
@settings(max_examples=20, deadline=None)
def test_more_history_never_makes_a_clean_rate_alarm(seed: int, weeks: int, window: int):
    rng = np.random.default_rng(seed)
    under = visits(rng, 5_000)
    over = np.round(under * 0.1 * (1 + 0.02 * rng.uniform(-1, 1, DAYS)))

    for days in (weeks * 7, DAYS):
        assert not judged([RateSeries(over[-days:], under[-days:])], window)[0].unusual


@given(seeds, st.floats(1.5, 6.0), st.integers(1, 5), st.sampled_from([1.0, 0.4]))
@settings(max_examples=20, deadline=None)
def test_a_launch_far_back_changes_nothing_of_a_rate(seed: int, times: float, loud: int, of_rate: float):
    """Many more came for some days, and did it as often, or less often."""
    rng = np.random.default_rng(seed)
    under = visits(rng, 2_000)
    over = buyers(rng, under, 0.1)
    launched, bought = under.copy(), over.copy()
    days = slice(DAYS - 90, DAYS - 90 + loud)
    launched[days] = np.round(launched[days] * times)
    bought[days] = np.round(over[days] * times * of_rate)

    calm, eventful = (judged([one], 7)[0] for one in (RateSeries(over, under), RateSeries(bought, launched)))

    assert eventful.expected == pytest.approx(calm.expected, rel=0.03)  # pyright: ignore[reportUnknownMemberType]
    assert calm.unusual or not eventful.unusual


@given(seeds, st.sampled_from([1, 7, 14]), st.integers(2, 50), st.sampled_from([1.0, 0.6, 1.6]))
@settings(max_examples=20, deadline=None)
def test_rates_of_many_are_judged_alike_whatever_their_number(
    seed: int, window: int, scale: int, factor: float
):
    rng = np.random.default_rng(seed)
    under = visits(rng, 20_000)
    over = np.round(under * 0.1 * (1 + 0.05 * rng.uniform(-1, 1, DAYS)))
    over[-window:] = np.round(over[-window:] * factor)

    one, other = (judged([RateSeries(over * by, under * by)], window)[0] for by in (1, scale))

    assert one.unusual == other.unusual == (factor != 1.0)
    assert other.expected == pytest.approx(one.expected, rel=0.01)  # pyright: ignore[reportUnknownMemberType]


@given(seeds, st.integers(9, 12), st.integers(2, 50), st.sampled_from([1.0, 0.5]))
@settings(max_examples=20, deadline=None)
def test_whole_periods_are_judged_alike_whatever_their_number_and_history(
    seed: int, fewer: int, scale: int, factor: float
):
    rng = np.random.default_rng(seed)
    past = of_periods(rng, 25, 0.2, many=20_000)
    large = RateSeries(past.numerators * scale, past.denominators * scale)
    under = 20_000.0

    found = [
        expect_period(past, 0.2 * factor * under, under),
        expect_period(past.last(fewer), 0.2 * factor * under, under),
        expect_period(large, 0.2 * factor * under * scale, under * scale),
    ]

    assert all(one is not None and (one.total_chance < 1e-3) == (factor != 1.0) for one in found)


@given(seeds, st.floats(0.3, 3.0))
@settings(max_examples=20, deadline=None)
def test_a_launch_periods_ago_changes_nothing_of_a_period(seed: int, times: float):
    past = of_periods(np.random.default_rng(seed), 25, 0.2)
    eventful = RateSeries(past.numerators.copy(), past.denominators)
    eventful.numerators[10] = np.round(eventful.numerators[10] * times)

    calm, other = (expect_period(one, 600, 3_000) for one in (past, eventful))

    assert calm is not None
    assert other is not None
    assert other.expected == pytest.approx(calm.expected, rel=0.03)  # pyright: ignore[reportUnknownMemberType]
    assert calm.total_chance == other.total_chance == 1
