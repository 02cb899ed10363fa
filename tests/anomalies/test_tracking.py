"""Faults of the tracking are told, and a fall of the business is not one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from reporter.anomalies.fit import fit
from reporter.anomalies.tracking import TrackingFault, faults_in
from reporter.reports.findings import FaultKind

Floats = NDArray[np.float64]

DAYS, WEEK = 98, 7
WINDOW = (DAYS - WEEK, DAYS)
USERS = {0: 1, 2: 3, 4: 5}


def report(seed: int = 1) -> list[Floats]:
    """Three events and their users, in turn, and two more events."""
    rng = np.random.default_rng(seed)
    means = (400, 200, 90, 60, 1500, 500, 40, 0.3)
    return [rng.poisson(mean, DAYS).astype(np.float64) for mean in means]


def faults(values: list[Floats], window: tuple[int, int] = WINDOW) -> tuple[TrackingFault, ...]:
    model = fit(np.stack(values), window)
    return faults_in(model, model and model.expected(window[1]), USERS)


def told(values: list[Floats], window: tuple[int, int] = WINDOW) -> list[tuple[FaultKind, int | None, int]]:
    return [(fault.code, fault.metric, fault.day) for fault in faults(values, window)]


@given(seed=st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_clean_tracking_has_no_faults(seed: int):
    assert told(report(seed)) == []


@given(seed=st.integers(0, 10**6), factor=st.floats(0.2, 3.0))
@settings(max_examples=40, deadline=None)
def test_a_change_of_the_business_is_no_fault(seed: int, factor: float):
    values = report(seed)
    for place in (0, 1):
        values[place][-WEEK:] = np.round(values[place][-WEEK:] * factor)

    assert told(values) == []


def test_an_event_that_stopped_is_told_with_its_first_silent_day():
    values = report()
    values[0][-3:] = 0

    assert told(values) == [(FaultKind.STOPPED, 0, DAYS - 3)]
    assert faults(values)[0].expected == pytest.approx(400, rel=0.1)


def test_an_event_that_stopped_before_the_period_is_still_told():
    values = report()
    values[0][-9:] = 0

    assert told(values) == [(FaultKind.STOPPED, 0, DAYS - 9)]


def test_a_silent_day_is_a_gap():
    values = report()
    values[4][-4] = 0

    assert told(values) == [(FaultKind.GAP, 4, DAYS - 4)]


def test_a_silence_that_happened_twice_before_is_no_fault():
    values = report()
    values[4][[20, 50, DAYS - 4]] = 0

    assert told(values) == []


def test_an_event_that_is_silent_on_weekends_has_not_stopped():
    values = report()
    values[0][5::7] = 0
    values[0][6::7] = 0

    assert told(values) == []


def test_a_day_that_lacks_a_share_of_everything_is_incomplete():
    values = report()
    for one in values:
        one[-1] = np.round(one[-1] * 0.5)

    assert told(values) == [(FaultKind.INCOMPLETE, None, DAYS - 1)]
    assert faults(values)[0].actual == pytest.approx(0.5, abs=0.1)


def test_a_day_on_which_nothing_came_yet_is_incomplete_and_not_a_list_of_stops():
    values = report()
    for one in values:
        one[-1] = 0

    assert told(values) == [(FaultKind.INCOMPLETE, None, DAYS - 1)]


def test_events_that_double_while_their_users_do_not_are_duplicates():
    values = report()
    values[0][-3:] *= 2

    assert told(values) == [(FaultKind.DUPLICATES, 0, DAYS - 3)]


def test_events_that_double_with_their_users_are_none():
    values = report()
    values[0][-3:] *= 2
    values[1][-3:] *= 2

    assert told(values) == []


def test_a_period_without_any_event_is_one_fault():
    values = report()
    for one in values:
        one[-WEEK:] = 0

    assert told(values) == [(FaultKind.ALL_ZERO, None, DAYS - WEEK)]


def test_missing_days_are_not_silent_ones():
    values = report()
    values[0][-3:] = np.nan

    assert told(values) == []


def test_too_little_history_tells_nothing():
    values = report()
    values[0][20:27] = 0

    assert told(values, (20, 27)) == []
