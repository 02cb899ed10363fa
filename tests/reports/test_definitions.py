"""Definitions that all sources share."""

from datetime import date

import pytest

from reporter.reports.definitions import Coverage
from reporter.reports.figures import (
    EventTotal,
    Failed,
    Figure,
    Measured,
    Ranking,
    TooLittleHistory,
    Undefined,
)
from reporter.reports.measures import (
    ActiveUsers,
    EventCount,
    EventUsers,
    Lifecycle,
    Measure,
    Retention,
    Stickiness,
    Unit,
    UserGroup,
)
from reporter.reports.periods import Period

WEEK = Period(date(2026, 11, 16), date(2026, 11, 23))
FIRST = date(2026, 11, 12)
FAILED = Failed("Mixpanel is not there")


def test_numbers_of_a_time_before_the_first_event_are_none():
    figures: dict[Measure, Figure] = {
        EventCount("a"): Measured(5),
        ActiveUsers(): Undefined(),
        EventUsers("a"): FAILED,
    }

    before = Coverage(date(2026, 11, 1), FIRST).figures_before(WEEK.previous, figures)

    short = TooLittleHistory(FIRST)
    assert before == {EventCount("a"): short, ActiveUsers(): short, EventUsers("a"): FAILED}


@pytest.mark.parametrize(
    ("since", "first_day"),
    [
        (date(2026, 11, 1), date(2026, 11, 9)),  # the first event came on the first day that is compared
        (date(2026, 11, 10), FIRST),  # nobody knows what was before
        (date(2026, 11, 1), None),  # nothing happened at all
    ],
)
def test_numbers_count_where_nothing_shows_that_days_are_missing(since: date, first_day: date | None):
    figures: dict[Measure, Figure] = {EventCount("a"): Measured(0)}

    assert Coverage(since, first_day).figures_before(WEEK.previous, figures) == figures


def test_a_project_begins_on_its_first_day_only_where_the_source_looked_further_back():
    assert Coverage(date(2026, 11, 1), FIRST).begins == FIRST
    assert Coverage(FIRST, FIRST).begins is None


def test_events_rank_by_this_period_then_by_the_one_before_then_by_name():
    totals = [EventTotal("c", 1, 2), EventTotal("b", 1, 2), EventTotal("none", 0, 0), EventTotal("a", 0, 9)]
    before = EventTotal("d", 1, 3)

    ranked = Ranking.of([*totals, before])

    assert [total.name for total in ranked.events] == ["d", "b", "c", "a"]


def test_a_cohort_had_its_whole_last_unit_when_the_period_ends():
    assert Retention("a", None, 7).cohort_days(WEEK) == WEEK.earlier(8)
    assert Retention("a", None, 1, Unit.WEEK).cohort_days(WEEK) == WEEK.earlier(14)


def test_looking_back_covers_at_least_the_period_before():
    assert Lifecycle(UserGroup.NEW, lookback=3).looked_back(WEEK) == WEEK.previous
    assert Stickiness(30).window(WEEK) == Period(date(2026, 10, 24), WEEK.end)
