"""How often raw days may be asked for."""

import threading
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.reports.errors import Unavailable
from reporter.sources.mixpanel.export.retry_policy import Pace

from .exports import Time


@given(st.lists(st.floats(0, 200), max_size=150))
def test_never_more_than_three_begin_within_a_second_or_sixty_within_an_hour(idle: list[float]):
    time = Time()
    pace = Pace(time)
    begun: list[float] = []

    for seconds in idle:
        time.now += seconds
        with suppress(Unavailable):
            begun.append(time.now + pace.take())

    assert begun == sorted(begun)
    assert all(later - first > 1.0 for first, later in zip(begun, begun[3:], strict=False))
    assert all(later - first > 3_599.9 for first, later in zip(begun, begun[60:], strict=False))


def test_it_says_exactly_when_there_is_a_turn_again():
    time = Time()
    pace = Pace(time)
    for _ in range(60):
        time.sleep(pace.take())

    with pytest.raises(Unavailable) as raised:
        pace.take()
    time.sleep(raised.value.after or 0.0)

    assert pace.take() == 0.0


def test_a_turn_that_was_given_back_may_be_taken_by_another():
    pace = Pace(Time())
    for _ in range(60):
        pace.take()

    pace.give_back()
    pace.take()

    with pytest.raises(Unavailable):
        pace.take()


def test_threads_that_ask_together_get_turns_of_their_own():
    pace = Pace(Time())
    turns: list[float] = []
    threads = [threading.Thread(target=lambda: turns.append(pace.take())) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(turns)) == 8
