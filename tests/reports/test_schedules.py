"""When a report is due."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.reports.schedules import FIRST_MONDAY, Schedule, schedule_setting

BERLIN = ZoneInfo("Europe/Berlin")
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ZONES = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)


def test_nine_in_the_morning_stays_nine_over_daylight_saving():
    schedule = Schedule("0 0 9 * * *", BERLIN)

    dues = list(islice(schedule.due_after(datetime(2026, 10, 23, 12, tzinfo=UTC)), 3))

    assert [due.astimezone(UTC).hour for due in dues] == [7, 8, 8]
    assert [due.hour for due in dues] == [9, 9, 9]


@given(MOMENTS, ZONES)
@settings(deadline=None)
def test_every_other_monday_is_always_fourteen_days_apart(now: datetime, zone: ZoneInfo):
    schedule = Schedule("0 9 * * 1", zone, anchor=FIRST_MONDAY)

    dues = [due.date() for due in islice(schedule.due_after(now), 30)]

    assert {(after - before).days for before, after in pairwise(dues)} == {14}
    assert all((due - FIRST_MONDAY).days % 14 == 0 for due in dues)


@given(MOMENTS, ZONES, st.sampled_from(["0 9 * * *", "0 9 * * 1", "30 8 * * 1-5", "0 9 1 * *"]))
@settings(deadline=None)
def test_the_latest_due_moment_is_the_one_before_the_next(now: datetime, zone: ZoneInfo, cron: str):
    schedule = Schedule(cron, zone)

    latest = schedule.latest_due(now)

    assert latest is not None
    assert latest <= now
    assert schedule.next_due(latest) == schedule.next_due(now)


def test_a_moment_that_is_due_is_its_own_latest():
    due = datetime(2026, 11, 23, 9, tzinfo=BERLIN)

    assert Schedule("0 9 * * 1", BERLIN).latest_due(due) == due


def test_the_anchor_says_which_mondays():
    odd = Schedule("0 9 * * 1", BERLIN, anchor=date(2026, 11, 23))
    even = Schedule("0 9 * * 1", BERLIN, anchor=date(2026, 11, 30))
    now = datetime(2026, 11, 22, tzinfo=UTC)

    assert odd.next_due(now) == datetime(2026, 11, 23, 9, tzinfo=BERLIN)
    assert even.next_due(now) == datetime(2026, 11, 30, 9, tzinfo=BERLIN)
    assert odd.latest_due(now) == datetime(2026, 11, 9, 9, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("cron", "reason"),
    [
        ("0 9 * *", "has 4 fields"),
        ("30 0 9 * * *", "asks for seconds '30'"),
        ("0 25 * * *", "is no cron expression"),
        ("0 9 30 2 *", "is no cron expression"),
        ("nonsense", "has 1 fields"),
    ],
)
def test_a_wrong_schedule_says_what_is_wrong(cron: str, reason: str):
    with pytest.raises(ValueError, match=reason):
        Schedule(cron, BERLIN)


def test_a_due_moment_carries_the_zone_of_its_schedule():
    due = Schedule("0 9 * * *", ZoneInfo("Asia/Kolkata")).next_due(datetime(2026, 11, 23, tzinfo=UTC))

    assert due is not None
    assert due.utcoffset() == timedelta(hours=5, minutes=30)


@pytest.mark.parametrize(
    ("report", "setting"),
    [("daily", "DAILY_SCHEDULE"), ("bi-weekly", "BI_WEEKLY_SCHEDULE"), ("eu sales", "EU_SALES_SCHEDULE")],
)
def test_the_setting_of_a_schedule_is_a_name_that_a_shell_takes(report: str, setting: str):
    assert schedule_setting(report) == setting
