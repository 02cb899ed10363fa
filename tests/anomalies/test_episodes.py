"""Launches and outages of the past: their tails are neither the level nor news."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from reporter.anomalies import expectation
from reporter.anomalies.episodes import Episodes, episodes
from reporter.anomalies.expectation import Expectation
from reporter.anomalies.fit import fit
from reporter.reports.subscriptions import Sensitivity

Floats = NDArray[np.float64]

DAYS = 140  # before the period
RHYTHM = np.array([1.1, 1.2, 1.2, 1.1, 1.0, 0.7, 0.7])


def drawn(rng: np.random.Generator, factors: Floats, mean: float = 400.0) -> Floats:
    """Counts of a product with weekends, overdispersed by 5 % a day."""
    noise = np.exp(rng.normal(0.0, 0.05, factors.size))
    return rng.poisson(mean * np.resize(RHYTHM, factors.size) * factors * noise).astype(np.float64)


def launched(ago: int, window: int, times: float, loud: int, half_life: float) -> Floats:
    """The factor of each day: a launch `ago` days before the period, loud for some days, and its tail."""
    day = np.arange(DAYS + window, dtype=np.float64) - (DAYS - ago)
    tail = np.where(day < loud, 1.0, 0.5 ** (np.maximum(day - loud + 1, 0) / half_life))
    return 1 + (times - 1) * np.where(day < 0, 0.0, tail)


def judged(values: Floats, window: int) -> Expectation:
    """What is said of the last days of a metric that is alone in its report."""
    span = values.size - window, values.size
    model = fit(values[None], span)
    return expectation.assess(model, model and model.expected(span[1]), Sensitivity.NORMAL)[0]


def found(values: Floats) -> Episodes:
    return episodes(values[None], np.resize(RHYTHM, values.size)[None], np.array([0.0025]))


@pytest.mark.parametrize("window", [1, 7, 14, 28])
def test_weeks_after_a_launch_nothing_is_unusual_whatever_its_shape(window: int):
    rng = np.random.default_rng(window)
    span = DAYS, DAYS + window
    flagged = 0
    for ago in range(10, 31):
        shapes = [
            (times, int(rng.integers(1, 6)), rng.uniform(1.0, 4.0)) for times in (1.5, 2.0, 3.0, 4.0, 6.0)
        ]
        report = [drawn(rng, launched(ago, window, *shape)) for shape in shapes]
        model = fit(np.stack(report), span)
        answers = expectation.assess(model, model and model.expected(span[1]), Sensitivity.NORMAL)
        flagged += sum(one.unusual for one in answers.values())
    assert flagged <= 1  # of 105


def lasting(chance: float, actual: float) -> Expectation:
    """What one model says of a total: 98 of 100 lie between 80 and 125."""
    return Expectation(100.0, 80.0, 125.0, actual, chance, chance, None)


@pytest.mark.parametrize(
    ("actual", "latest", "times"),
    [(60.0, None, 1), (60.0, 95.0, 6), (150.0, None, 6), (150.0, 95.0, 6), (90.0, None, 6)],
)
def test_only_a_fall_that_has_just_begun_and_goes_on_is_as_unlikely_as_it_looks(
    actual: float, latest: float | None, times: float
):
    one, before = lasting(0.002, actual), lasting(0.0001, actual)

    assert one.unsettled(before, latest).total_chance == pytest.approx(times * 0.002)


@pytest.mark.parametrize("weekday", [0, 3, 5, 6])
def test_on_its_seventh_day_a_fall_is_told_as_on_its_first(weekday: int):
    """Of a metric beside five that are as usual, on busy days of the week and on quiet ones."""
    told = 0
    for seed in range(12):
        rng = np.random.default_rng(100 * weekday + seed)
        usual = np.ones(DAYS + weekday + 1)
        fallen = np.where(np.arange(usual.size) < usual.size - 7, 1.0, 0.55)
        report = [drawn(rng, factors) for factors in (fallen, usual, usual, usual, usual, usual)]
        span = usual.size - 1, usual.size
        model = fit(np.stack(report), span)
        told += expectation.assess(model, model and model.expected(span[1]), Sensitivity.NORMAL)[0].unusual

    assert told >= 11


@pytest.mark.parametrize("factor", [0.4, 2.5])
@pytest.mark.parametrize("ago", [16, 25, 60])
def test_after_a_launch_a_large_change_is_still_unusual(ago: int, factor: float):
    factors = launched(ago, 7, 3.0, 2, 2.0)
    factors[-7:] *= factor
    assert judged(drawn(np.random.default_rng(ago), factors), 7).unusual


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), times=st.floats(1.5, 6.0), loud=st.integers(1, 5))
def test_a_launch_far_back_changes_nothing(seed: int, times: float, loud: int):
    calm = drawn(np.random.default_rng(seed), np.ones(DAYS + 7))
    eventful = np.round(calm * launched(80, 7, times, loud, 2.0))
    expected, with_launch = judged(calm, 7), judged(eventful, 7)
    assert with_launch.expected == pytest.approx(expected.expected, rel=0.03)
    assert not with_launch.unusual or expected.unusual


def test_the_range_after_a_launch_reaches_from_the_level_before_it_to_the_newest():
    factors = launched(9, 7, 5.0, 3, 4.0)
    one = judged(drawn(np.random.default_rng(3), factors), 7)
    before, week_before = 400.0 * 7, 400.0 * 7 * factors[-14:-7].mean()
    assert one.low < before
    assert one.high > week_before


def test_an_episode_lasts_until_a_week_is_back_at_the_level_before():
    values = 400.0 * np.resize(RHYTHM, DAYS) * launched(60, 0, 4.0, 2, 1.0)
    episode = found(values)
    days = np.flatnonzero(episode.days[0])
    assert days[0] == DAYS - 60
    assert 3 <= days.size <= 9
    assert episode.unsettled[0] == DAYS


def test_a_level_that_stays_has_settled_after_four_weeks():
    values = 400.0 * np.resize(RHYTHM, DAYS)
    values[-40:] *= 1.5
    assert DAYS - 42 <= found(values[:-30]).unsettled[0] <= DAYS - 40
    assert found(values[:-12]).unsettled[0] == DAYS - 12


@pytest.mark.parametrize("values", [np.zeros(90), np.full(90, np.nan), np.full(90, 7.0)])
def test_where_nothing_happens_there_is_no_episode(values: Floats):
    episode = episodes(values[None], np.ones((1, 90)), np.zeros(1))
    assert not episode.days.any()
    assert episode.unsettled[0] == 90
