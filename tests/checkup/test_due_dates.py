"""Whether the reports of a schedule tell of each day once."""

from collections import Counter
from dataclasses import replace
from datetime import time, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.checkup.due_dates import A_YEAR, costs, doubts
from reporter.reports.figures import Project
from reporter.reports.measures import EventCount
from reporter.reports.periods import Cadence
from reporter.reports.schedules import FIRST_MONDAY, Schedule
from reporter.reports.subscriptions import MetricSpec, Order, Subscription
from tests.world import MONDAY, UTC_ZONE, spec

BERLIN = ZoneInfo("Europe/Berlin")
LOS_ANGELES = ZoneInfo("America/Los_Angeles")


def subscription(cadence: Cadence, cron: str, zone: ZoneInfo = UTC_ZONE) -> Subscription:
    anchor = FIRST_MONDAY if cadence is Cadence.BIWEEKLY else None
    return Subscription(spec(cadence), Schedule(cron, zone, anchor), ("slack",))


def problems(cadence: Cadence, cron: str, zone: ZoneInfo = UTC_ZONE, project: ZoneInfo = UTC_ZONE) -> str:
    return " | ".join(doubt.problem for doubt in doubts(subscription(cadence, cron, zone), MONDAY, project))


@pytest.mark.parametrize(
    ("cadence", "cron"),
    [
        (Cadence.DAILY, "0 9 * * *"),
        (Cadence.DAILY, "0 0 9 * * 1-5"),
        (Cadence.DAILY, "0 9 * * 1,4"),
        (Cadence.DAILY, "30 0 * * *"),
        (Cadence.WEEKLY, "0 9 * * 1"),
        (Cadence.WEEKLY, "59 23 * * SUN"),
        (Cadence.BIWEEKLY, "0 9 * * 1"),
        (Cadence.MONTHLY, "0 9 1 * *"),
        (Cadence.MONTHLY, "0 9 L * *"),
        (Cadence.MONTHLY, "0 9 LW * *"),
        (Cadence.MONTHLY, "0 9 * * 1#1"),
    ],
)
@pytest.mark.parametrize("zone", [UTC_ZONE, BERLIN, LOS_ANGELES])
def test_what_people_usually_write_is_not_doubted(cadence: Cadence, cron: str, zone: ZoneInfo):
    assert problems(cadence, cron, zone, zone) == ""


@pytest.mark.parametrize(
    ("cadence", "cron", "said"),
    [
        (Cadence.BIWEEKLY, "0 0 9 1,15 * *", "it comes 12 times in a year, with 102 days in no report"),
        (Cadence.MONTHLY, "0 0 9 31 * *", "it comes 7 times in a year, with 124 days in no report"),
        (Cadence.MONTHLY, "0 0 9 1-7 * 1", "a day and a weekday are both given"),
        (Cadence.MONTHLY, "0 9 1,15 * *", "due more than once for the same days"),
        (Cadence.WEEKLY, "0 9 * * 1,3", "days in two reports, such as 2026-11-23 to 2026-11-24"),
        (Cadence.WEEKLY, "0 9 1 * *", "days in no report"),
        (Cadence.DAILY, "0 9,17 * * *", "due more than once for the same days"),
        (Cadence.DAILY, "0 9 1 * *", "days in no report"),
        (Cadence.DAILY, "*/5 * * * *", "due more than once for the same days"),
    ],
)
def test_what_hardly_anybody_wants_is_doubted(cadence: Cadence, cron: str, said: str):
    assert said in problems(cadence, cron)


def test_a_schedule_that_is_near_midnight_in_the_projects_zone_is_doubted():
    assert problems(Cadence.DAILY, "30 8 * * *", BERLIN, BERLIN) == ""
    assert "2 days in no report" in problems(Cadence.DAILY, "30 8 * * *", BERLIN, LOS_ANGELES)


DAYS = st.sampled_from(["*", "1", "15", "31", "1,15", "1-7", "L", "*/2"])
WEEKDAYS = st.sampled_from(["*", "1", "1-5", "1,4", "0", "MON#1", "5L"])
TIMES = st.sampled_from(["0 9", "30 0", "59 23", "0 9,17"])


@given(
    st.sampled_from(list(Cadence)), TIMES, DAYS, WEEKDAYS, st.sampled_from([UTC_ZONE, BERLIN, LOS_ANGELES])
)
@settings(max_examples=60, deadline=None)
def test_a_schedule_is_not_doubted_where_each_day_of_the_year_is_told_of_once(
    cadence: Cadence, time: str, day: str, weekday: str, zone: ZoneInfo
):
    one = subscription(cadence, f"{time} {day} * {weekday}", zone)
    dues = list(takewhile(lambda due: due <= MONDAY + A_YEAR, one.schedule.due_after(MONDAY)))
    told = Counter(day for due in dues for day in Order.of(one, due).edition(due, zone).period)
    inside = (
        [min(told) + timedelta(days=number) for number in range((max(told) - min(told)).days)] if told else []
    )
    is_once = all(told[day] == 1 for day in inside)

    found = [doubt.problem for doubt in doubts(one, MONDAY, zone)]

    either = one.schedule.means_either_day
    assert (len(found) == either) is is_once


def test_a_report_that_comes_once_in_years_has_nothing_before_it():
    assert problems(Cadence.DAILY, "0 9 29 2 *") == ""


def waiting(metrics: int) -> Subscription:
    shown = tuple(MetricSpec(f"M{number}", EventCount(f"M{number}")) for number in range(metrics))
    one = Subscription(spec(Cadence.DAILY, metrics=shown), Schedule("0 9 * * *", UTC_ZONE), ("slack",))
    return replace(one, waits_until=time(11))


def test_a_report_of_which_no_day_can_be_called_incomplete_never_waits_and_says_so():
    assert any("waits only while nothing" in one.problem for one in doubts(waiting(3), MONDAY, UTC_ZONE))
    assert not any("waits only while nothing" in one.problem for one in doubts(waiting(4), MONDAY, UTC_ZONE))


def test_what_a_wait_asks_is_in_its_cost_and_in_the_worst_hour():
    project = Project("1", "Acme", UTC_ZONE)

    def lines(one: Subscription) -> str:
        found = costs({"daily": one}, lambda _: ("a", "b", "c"), project, MONDAY)
        return " ".join(line.text for line in found)

    assert "3 queries each quarter of an hour while its data are not complete" in lines(waiting(4))
    assert "takes up to 12 of" in lines(waiting(4))
    assert "takes up to 3 of" in lines(replace(waiting(4), waits_until=None))
