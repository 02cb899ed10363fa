"""What is unusual, against what was to be expected."""

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from reporter.anomalies import distributions, expectation
from reporter.anomalies.distributions import benjamini_hochberg
from reporter.anomalies.expectation import Expectation
from reporter.anomalies.fit import fit
from reporter.anomalies.judge import common_direction
from reporter.reports.subscriptions import Sensitivity

Floats = NDArray[np.float64]

WEEK = 7
RHYTHM = np.array([1.1, 1.2, 1.2, 1.1, 1.0, 0.7, 0.7])


def assess(
    series: list[Floats], window: tuple[int, int], sensitivity: Sensitivity = Sensitivity.NORMAL
) -> list[Expectation | None]:
    """What was to be expected of each metric of a report; None where there is too little history."""
    model = fit(np.stack(series), window)
    found = expectation.assess(model, model and model.expected(window[1]), sensitivity)
    return [found.get(place) for place in range(len(series))]


def known(series: list[Floats], window: tuple[int, int] = (105, 112)) -> list[Expectation]:
    """The same, of metrics that all have enough history."""
    return [one for one in assess(series, window) if one is not None]


def drawn(seed: int, mean: float = 200.0, weeks: int = 16) -> Floats:
    """Poisson counts with a weekday rhythm."""
    rng = np.random.default_rng(seed)
    return rng.poisson(mean * np.tile(RHYTHM, weeks)).astype(np.float64)


def last(values: Floats, length: int = WEEK) -> Expectation:
    """What is said of the last days of a metric that is alone in its report."""
    found = assess([values], (values.size - length, values.size))[0]
    assert found is not None
    return found


def changed(values: Floats, factor: float, length: int = WEEK) -> Floats:
    out = values.copy()
    out[-length:] = np.round(out[-length:] * factor)
    return out


@pytest.mark.parametrize("length", [1, 7, 14, 28])
@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_a_large_change_is_unusual(length: int, factor: float):
    found = last(changed(drawn(1), factor, length), length)

    assert found.unusual
    assert not found.low <= found.actual <= found.high
    assert found.change == pytest.approx(factor - 1, abs=0.15)


@pytest.mark.parametrize("length", [1, 7, 14, 28])
def test_a_usual_period_is_within_its_range(length: int):
    found = last(drawn(1), length)

    assert not found.unusual
    assert found.low <= found.actual <= found.high
    assert found.low < found.expected < found.high


def test_quiet_reports_stay_quiet():
    reports = [
        [drawn(100 * report + place, 10 ** (place / 4)) for place in range(20)] for report in range(20)
    ]
    alarms = [sum(found.unusual for found in known(report)) for report in reports]

    assert sum(alarms) <= 2


@given(
    value=st.one_of(st.integers(0, 10**7).map(float), st.floats(0, 1e7)),
    history=st.integers(28, 182),
    length=st.sampled_from([1, 7, 14, 28]),
)
@settings(max_examples=60, deadline=None)
def test_a_constant_history_never_alarms_on_the_same_value(value: float, history: int, length: int):
    found = last(np.full(history + length, value), length)

    assert not found.unusual


@given(seed=st.integers(0, 10**6), scale=st.integers(2, 1000))
@settings(max_examples=25, deadline=None)
def test_a_large_metric_is_expected_in_proportion_whatever_its_unit(seed: int, scale: int):
    values = drawn(seed, 5_000.0)

    assert last(values * scale).expected == pytest.approx(last(values).expected * scale, rel=0.01)


@given(
    seed=st.integers(0, 10**6),
    scale=st.integers(2, 1000),
    factor=st.sampled_from([0.5, 1.0, 2.0]),
    length=st.sampled_from([1, 7, 14]),
)
@settings(max_examples=25, deadline=None)
def test_a_large_metric_is_judged_alike_whatever_its_unit(seed: int, scale: int, factor: float, length: int):
    values = changed(drawn(seed, 20_000.0), factor, length)

    assert last(values, length).unusual == last(values * scale, length).unusual == (factor != 1.0)


@given(seed=st.integers(0, 10**6), shorter=st.integers(8, 12))
@settings(max_examples=25, deadline=None)
def test_more_history_never_makes_a_clean_series_alarm(seed: int, shorter: int):
    values = np.tile(RHYTHM * 1000, 26)
    values = np.round(values * (1 + 0.02 * np.random.default_rng(seed).uniform(-1, 1, values.size)))

    assert not last(values[-shorter * WEEK :]).unusual
    assert not last(values).unusual


@given(seed=st.integers(0, 10**6), order=st.permutations(range(5)))
@settings(max_examples=15, deadline=None)
def test_the_same_series_get_the_same_answer_in_any_order(seed: int, order: list[int]):
    series = [drawn(seed + place, 10.0 ** (place + 1)) for place in range(5)]
    window = (105, 112)
    found = known(series, window)

    assert known(series, window) == found
    shuffled = known([series[place] for place in order], window)
    assert [one.chance for one in shuffled] == pytest.approx([found[place].chance for place in order])


@given(
    values=st.lists(
        st.one_of(st.floats(-1e9, 1e9), st.just(math.nan), st.just(math.inf)), min_size=1, max_size=90
    ),
    length=st.integers(1, 30),
)
@settings(max_examples=100, deadline=None)
def test_any_series_gets_an_answer(values: list[float], length: int):
    end = len(values)
    found = assess([np.array(values)], (end - min(length, end), end))[0]

    assert found is None or 0 < found.chance <= 1


def test_days_after_the_period_are_not_looked_at():
    values = drawn(3)
    window = (84, 91)

    assert assess([values], window) == assess([values[:91]], window)


def test_too_little_history_is_said_and_never_unusual():
    assert assess([changed(drawn(1, weeks=4), 5.0)], (21, 28)) == [None]


def test_a_young_metric_does_not_spoil_the_others():
    young = np.where(np.arange(112) < 100, np.nan, 50.0)
    young_one, old_one = assess([young, changed(drawn(1), 0.4)], (105, 112))

    assert young_one is None
    assert old_one is not None
    assert old_one.unusual


@pytest.mark.parametrize("factor", [0.0, 10.0])
def test_one_past_incident_does_not_poison_the_range(factor: float):
    clean, hurt = drawn(5), drawn(5)
    hurt[80:83] *= factor

    assert last(hurt).expected == pytest.approx(last(clean).expected, rel=0.03)
    assert last(changed(hurt, 0.6)).unusual


def test_a_level_that_changed_for_good_is_the_new_normal():
    values = drawn(6)
    values[:70] = np.round(values[:70] * 0.5)

    assert not last(values).unusual
    assert last(values).expected == pytest.approx(1400, rel=0.05)


def test_steady_growth_is_expected_to_go_on():
    growing = np.random.default_rng(7).poisson(500 * np.exp(np.arange(140, dtype=np.float64) * 0.03 / 7))
    found = last(growing.astype(np.float64))

    assert not found.unusual
    assert found.expected == pytest.approx(found.actual, rel=0.05)


def test_an_office_product_is_not_unusual_on_sunday():
    values = np.tile([100.0, 100.0, 100.0, 100.0, 100.0, 0.0, 0.0], 14)

    assert not last(values, 1).unusual
    assert last(values, 1).expected < 5


def test_missing_days_of_the_period_are_left_out_on_both_sides():
    values = drawn(8)
    values[-3] = np.nan
    found = last(values)

    assert found.expected == pytest.approx(1400 * (1 - RHYTHM[4] / 7), rel=0.05)
    assert not found.unusual


def test_a_spike_of_one_day_is_found_in_a_usual_month():
    values = drawn(9)
    values[-10] *= 3
    found = last(values, 28)

    assert found.unusual
    assert found.day is not None
    assert found.day.day == values.size - 10
    assert found.day.actual == values[-10]
    assert not found.total_unusual


def test_what_happened_twice_before_is_no_news():
    values = drawn(10, weeks=20)
    values[[30, 60]] *= 3
    values[-1] *= 3

    assert not last(values, 1).unusual


def test_small_numbers_are_left_alone():
    values = np.tile([0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0], 16)
    values[-7:] = [1, 1, 1, 1, 1, 1, 1]

    assert not last(values).unusual


def test_an_event_that_comes_for_the_first_time_is_unusual():
    values = np.zeros(112)
    values[-3:] = [10, 20, 30]

    assert last(values).unusual


def test_an_event_that_died_is_unusual():
    values = drawn(11, 5.0)
    values[-4:] = 0

    assert last(values).unusual


def test_a_quiet_report_says_less_than_a_sensitive_one():
    series = [changed(drawn(place, 60.0), 1 - 0.02 * place) for place in range(20)]
    counts = [
        sum(found.unusual for found in assess(series, (105, 112), sensitivity) if found)
        for sensitivity in (Sensitivity.LOW, Sensitivity.NORMAL, Sensitivity.HIGH)
    ]

    assert counts == sorted(counts)
    assert counts[0] < counts[2]


def test_many_metrics_that_fall_together_are_one_story():
    series = [changed(drawn(place), 0.6 if place < 8 else 1.0) for place in range(20)]

    assert common_direction(known(series)) == -1
    assert common_direction(known(series[8:])) == 0


def test_numpy_is_loaded_only_when_it_is_used():
    code = "import sys, reporter.reports.findings, reporter.anomalies.segments, reporter.anomalies.judge; "
    code += "sys.exit('numpy' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603


@pytest.mark.parametrize(("chosen", "threads"), [(None, b"1"), ("3", b"3")])
def test_numpy_starts_no_threads_unless_somebody_chose_so(
    monkeypatch: pytest.MonkeyPatch, chosen: str | None, threads: bytes
):
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    if chosen is not None:
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", chosen)
    code = "import os, reporter.anomalies.expectation; print(end=os.environ['OPENBLAS_NUM_THREADS'])"

    assert subprocess.check_output([sys.executable, "-c", code]) == threads  # noqa: S603


# scipy 1.14: stats.t.sf(2.5, 5) * 2, stats.t.sf(4, 30) * 2
@pytest.mark.parametrize(
    ("t", "degrees", "p"), [(2.5, 5.0, 0.054490), (4.0, 30.0, 0.000382), (0.0, 3.0, 1.0)]
)
def test_students_tails_are_those_of_the_tables(t: float, degrees: float, p: float):
    assert distributions.student(t, degrees) == pytest.approx(p, rel=2e-3)
    assert distributions.student(-t, degrees) == distributions.student(t, degrees)


def test_the_quantile_undoes_the_tail():
    assert distributions.student_quantile(0.05, 10.0) == pytest.approx(2.228, abs=1e-3)


@given(mean=st.floats(0.1, 60), variance=st.floats(0.001, 0.5), count=st.integers(0, 80))
@settings(max_examples=60, deadline=None)
def test_the_tails_of_counts_meet(mean: float, variance: float, count: int):
    below = distributions.negative_binomial(count, mean, variance, "below")
    above = distributions.negative_binomial(count + 1, mean, variance, "above")

    assert below + above == pytest.approx(1.0, abs=1e-9)


def test_counts_without_overdispersion_are_poisson():
    assert distributions.negative_binomial(0, 3.0, 0.0, "below") == pytest.approx(math.exp(-3), rel=1e-6)
    assert distributions.no_events(3.0, 0.0) == pytest.approx(math.exp(-3), rel=1e-6)


@given(st.lists(st.floats(0, 1), max_size=30))
def test_the_bound_of_benjamini_and_hochberg_passes_no_more_than_its_rank_allows(chances: list[float]):
    bound = benjamini_hochberg(chances, 0.05)
    called = [p for p in chances if p <= bound] if bound else []

    assert all(p <= 0.05 * len(called) / len(chances) for p in called)
