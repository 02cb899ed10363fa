"""How far files reach: a few events far off in time decide nothing, and quiet days are days."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.sources.events.feeds.files import ordinary_days

FIRST, LAST = date(2026, 11, 2), date(2026, 11, 22)  # a Monday, a Sunday
TODAY = date(2026, 11, 23)


def daily(events: int, weekend: int | None = None) -> dict[date, int]:
    days = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
    return {day: events if weekend is None or day.weekday() < 5 else weekend for day in days}


@given(
    st.integers(3, 100_000),
    st.dictionaries(st.integers(14, 20_000), st.just(1), max_size=3),
    st.dictionaries(st.integers(2, 3_000), st.integers(1, 3), max_size=3),
)
def test_strays_of_the_past_and_the_future_change_nothing(
    events: int, before: Mapping[int, int], ahead: Mapping[int, int]
):
    counted = daily(events * 10)
    counted |= {FIRST - timedelta(days=number): count for number, count in before.items()}
    counted |= {TODAY + timedelta(days=number): count for number, count in ahead.items()}

    assert ordinary_days(counted, TODAY) == (FIRST, LAST)


@pytest.mark.parametrize(
    "events",
    [
        daily(1000, weekend=5),
        {day: count for day, count in daily(1000, weekend=0).items() if count},
        {FIRST: 1, LAST: 1},
        {FIRST + timedelta(days=place): int(10 * 1.3**place) for place in range(21)},
        {FIRST: 500, LAST: 500},
        {FIRST: 1},
    ],
    ids=["quiet weekends", "empty weekends", "rare", "growing", "a gap", "one"],
)
def test_days_that_are_quiet_or_grow_are_days(events: dict[date, int]):
    assert ordinary_days(events, TODAY) == (min(events), max(events))


def test_a_few_events_after_the_files_have_ended_do_not_say_that_they_go_on():
    events = daily(1000) | {LAST + timedelta(days=9): 3}

    assert ordinary_days(events, LAST + timedelta(days=30)) == (FIRST, LAST)


def test_events_of_the_future_alone_are_all_there_is():
    assert ordinary_days({date(2030, 1, 1): 1}, TODAY) == (date(2030, 1, 1), date(2030, 1, 1))
