"""A local schedule in UTC: nothing due is missed, and the gate lets each due moment through once."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo, available_timezones

import pytest
from cronsim import CronSim
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reporter.reports.azure_timers import gate, utc_cron
from reporter.reports.schedules import FIRST_MONDAY, Schedule

ZONES = sorted(available_timezones() - {"localtime"})
YEAR = 2026
CRONS = (
    "0 9 * * *",
    "0 9 * * 1",
    "30 8 * * 1-5",
    "30 0 * * 1",
    "30 2 * * *",  # in many zones the clock jumps over it once a year
    "0 0 1 * *",
    "45 23 28-31 * *",
    "15 */6 * * *",
    "0 9 1 1,7 *",
    "0 9 13 * 5",  # cron: the 13th, or a Friday
    "0 9 * * 1#1",
    "0 9 L * *",
)


@pytest.mark.parametrize(
    ("cron", "zone", "expected"),
    [
        ("0 0 9 * * *", "UTC", "0 0 9 * * *"),
        ("0 0 9 * * 1", "UTC", "0 0 9 * * 1"),
        ("0 9 * * 1", "Europe/Berlin", "0 0 7,8 * * 1"),
        ("0 9 * * *", "Asia/Kolkata", "0 30 3 * * *"),
        ("0 9 * * 1", "Pacific/Auckland", "0 0 20,21 * * 0"),
        ("0 9 * * 0", "Australia/Lord_Howe", "0 0,30 22 * * 6"),
        ("30 0 1 * *", "Europe/Berlin", "0 30 22,23 28,29,30,31 * *"),
        ("0 18 * 12 *", "America/Los_Angeles", "0 0 1,2 * 1,12 *"),
    ],
)
def test_the_expression_reads_as_one_would_write_it(cron: str, zone: str, expected: str):
    assert utc_cron(Schedule(cron, ZoneInfo(zone)), YEAR) == expected


def fires(expression: str, moment: datetime) -> bool:
    """Whether NCRONTAB would fire: all fields must match, also both days."""
    _, minutes, hours, days, months, weekdays = expression.split()
    parts = (
        (minutes, moment.minute),
        (hours, moment.hour),
        (days, moment.day),
        (months, moment.month),
        (weekdays, moment.isoweekday() % 7),
    )
    return all(field == "*" or value in map(int, field.split(",")) for field, value in parts)


def dues(schedule: Schedule, start: datetime, most: int) -> list[datetime]:
    end = datetime(YEAR + 10, 1, 1, tzinfo=UTC)
    return [due.astimezone(UTC) for due in islice(schedule.due_after(start), most) if due < end]


@given(
    st.sampled_from(ZONES).map(ZoneInfo),
    st.sampled_from(CRONS),
    st.datetimes(datetime(YEAR, 1, 1), datetime(YEAR + 10, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
@example(ZoneInfo("Europe/Berlin"), "30 2 * * *", datetime(2027, 3, 27, tzinfo=UTC))
@example(ZoneInfo("Australia/Lord_Howe"), "15 2 * * *", datetime(2026, 10, 3, tzinfo=UTC))
@settings(max_examples=200, deadline=None)
def test_every_due_moment_is_covered(zone: ZoneInfo, cron: str, start: datetime):
    schedule = Schedule(cron, zone)
    expression = utc_cron(schedule, YEAR)

    assert [due for due in dues(schedule, start, 40) if not fires(expression, due)] == []


def test_nine_in_the_morning_is_covered_for_ten_years_in_every_zone():
    assert [zone for zone in ZONES if missed(ZoneInfo(zone))] == []


def missed(zone: ZoneInfo) -> list[datetime]:
    """Moments of nine in the morning, five days apart, at which the timer would not fire."""
    expression = utc_cron(Schedule("0 9 * * *", zone), YEAR)
    local = datetime(YEAR, 1, 1, 9, tzinfo=zone)
    return [
        due
        for day in range(0, 3650, 5)
        if not fires(expression, due := (local + timedelta(days=day)).astimezone(UTC))
    ]


@given(
    st.sampled_from(ZONES).map(ZoneInfo),
    st.sampled_from(CRONS),
    st.datetimes(datetime(YEAR, 1, 1), datetime(YEAR + 10, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from([None, FIRST_MONDAY]),
)
@example(ZoneInfo("Europe/Berlin"), "0 9 * * *", datetime(2026, 10, 24, tzinfo=UTC), None)
@example(ZoneInfo("Europe/Berlin"), "30 2 * * *", datetime(2027, 3, 27, tzinfo=UTC), None)
@settings(max_examples=150, deadline=None)
def test_each_due_moment_passes_the_gate_exactly_once(
    zone: ZoneInfo, cron: str, start: datetime, anchor: date | None
):
    schedule = Schedule(cron, zone, anchor)
    end = start + timedelta(days=9)
    fired = CronSim(utc_cron(schedule, YEAR), start)  # both days restricted never comes out, so "and" is "or"
    times = [time for time in islice(fired, 2_000) if time < end]
    end = min(end, times[-1]) if times else end

    passed = [due for time in times if (due := gate(schedule, time)) is not None and due > start]

    assert passed == [due for due in islice(schedule.due_after(start), 2_000) if due <= end]
