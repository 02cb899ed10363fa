from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.reports.periods import ONE_DAY, Period
from reporter.sources.events.feed import FRESH, MOST_DAYS, days_a_request, due, requests

WEEK = Period(date(2026, 11, 16), date(2026, 11, 23))
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)
FIVE_DAYS = timedelta(days=5)


def test_a_day_that_is_not_there_is_fetched():
    assert due(WEEK, {}, MONDAY, whole_at=MIDNIGHT, settles=FIVE_DAYS) == list(WEEK)


def test_the_last_days_are_fetched_again_since_events_come_late():
    fetched = dict.fromkeys(WEEK, MONDAY - timedelta(hours=1))

    again = due(WEEK, fetched, MONDAY, whole_at=MIDNIGHT, settles=FIVE_DAYS)

    assert again == [day for day in WEEK if day >= date(2026, 11, 17)]


def test_reports_that_are_due_together_fetch_a_day_once():
    fetched = dict.fromkeys(WEEK, MONDAY - FRESH / 2)

    assert due(WEEK, fetched, MONDAY, whole_at=MIDNIGHT, settles=FIVE_DAYS) == []


def test_a_day_fetched_before_it_was_over_is_fetched_again_however_fresh_it_is():
    just_before_midnight = MIDNIGHT - timedelta(minutes=1)
    fetched = dict.fromkeys(WEEK, just_before_midnight)

    again = due(WEEK, fetched, MIDNIGHT + timedelta(minutes=5), whole_at=MIDNIGHT, settles=timedelta())

    assert again == [WEEK.last]


def test_a_day_that_has_settled_is_never_fetched_again():
    fetched = {WEEK.start: MONDAY + timedelta(days=30)}

    assert (
        due([WEEK.start], fetched, MONDAY + timedelta(days=400), whole_at=MIDNIGHT, settles=FIVE_DAYS) == []
    )


@given(st.sets(st.integers(0, 250)), st.integers(1, 60))
def test_requests_ask_for_each_day_once_and_no_other(offsets: set[int], most: int):
    days = [date(2026, 1, 1) + timedelta(days=offset) for offset in offsets]

    asked = requests(days, most)

    assert sorted(day for period in asked for day in period) == sorted(days)
    assert all(period.length <= MOST_DAYS for period in asked)


@pytest.mark.parametrize(
    ("number", "most", "length"), [(40, 40, 1), (41, 40, 2), (182, 40, 5), (2000, 1, MOST_DAYS)]
)
def test_requests_are_of_one_day_where_that_is_not_too_many(number: int, most: int, length: int):
    days = [date(2026, 1, 1) + ONE_DAY * place for place in range(number)]

    assert max(period.length for period in requests(days, most)) == length


@pytest.mark.parametrize(
    ("events", "length"),
    [([], 1), ([50_000, 10], 2), ([1_000] * 9, MOST_DAYS), ([0], MOST_DAYS), ([10**6], 1)],
)
def test_days_of_few_events_share_a_request(events: list[int], length: int):
    days = [date(2026, 1, 1) + ONE_DAY * place for place in range(40)]

    assert days_a_request(events) == length
    assert requests(days, 60, length)[0].length == length
