"""Every due moment is sent once, however late a timer fires, also in nights in which the clock changes."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import islice, pairwise, takewhile
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reporter.reports.azure_timers import TIMER_EARLY_BY, TIMER_LATE_BY, gate, utc_cron
from reporter.reports.periods import Cadence
from reporter.reports.schedules import FIRST_MONDAY, Schedule

YEAR = 2026
A_SECOND, A_DAY = timedelta(seconds=1), timedelta(days=1)


@cache
def changes() -> tuple[tuple[ZoneInfo, datetime], ...]:
    """Every zone with each day, in UTC, on which its clock is set in three years; one of each rule."""
    found: dict[object, tuple[ZoneInfo, datetime]] = {}
    start = datetime(YEAR, 1, 1, tzinfo=UTC)
    for zone in (ZoneInfo(name) for name in sorted(available_timezones() - {"localtime"})):
        offsets = [(start + A_DAY * day).astimezone(zone).utcoffset() for day in range(3 * 365)]
        for day, (before, after) in enumerate(pairwise(offsets)):
            if before != after:
                found.setdefault((day, before, after), (zone, start + A_DAY * day))
    return tuple(found.values())


def near_midnight_or_a_change() -> st.SearchStrategy[str]:
    hours, minutes = st.sampled_from([0, 1, 2, 3, 4, 9, 22, 23]), st.sampled_from([0, 1, 15, 30, 55, 58, 59])
    return st.tuples(minutes, hours).map(lambda time: f"{time[0]} {time[1]} * * *")


CRONS = near_midnight_or_a_change() | st.sampled_from(
    [
        "*/30 * * * *",
        "0 */2 * * *",
        "15 1-3 * * *",
        "59 23 * * 6",
        "30 2 * * 7",
        "0,30 0 * * 1",
        "59 23 L * *",
    ]
)
CHANGES = st.deferred(lambda: st.sampled_from(changes()))
CAIRO, SANTIAGO, BERLIN = (
    ZoneInfo(f"{name}") for name in ("Africa/Cairo", "America/Santiago", "Europe/Berlin")
)
LORD_HOWE, NUUK = ZoneInfo("Australia/Lord_Howe"), ZoneInfo("America/Nuuk")
OCTOBER = datetime(2026, 10, 24, tzinfo=UTC)


def dues_of(schedule: Schedule, start: datetime, days: int = 4) -> list[datetime]:
    end = start + A_DAY * days
    return [due.astimezone(UTC) for due in takewhile(lambda due: due <= end, schedule.due_after(start))]


def firings(schedule: Schedule, start: datetime, late: timedelta) -> Iterator[tuple[datetime, datetime]]:
    """When Azure fires, each time so late, and when it did before: what was due meanwhile is skipped."""
    timer = Schedule(utc_cron(schedule, YEAR), ZoneInfo("UTC"))
    since, due = start, timer.next_due(start)
    while due is not None:
        fired = due.astimezone(UTC) + late
        yield fired, since
        since, due = fired, timer.next_due(fired)


@given(CHANGES, CRONS, st.integers(0, 3 * 24 * 3600), st.sampled_from([None, FIRST_MONDAY]))
@example((CAIRO, datetime(2026, 10, 29, tzinfo=UTC)), "59 23 * * *", 200, None)
@example((SANTIAGO, datetime(2026, 4, 4, tzinfo=UTC)), "59 23 * * *", 3600, None)
@example((BERLIN, OCTOBER), "59 2 * * *", 200, None)
@example((LORD_HOWE, datetime(2026, 4, 4, tzinfo=UTC)), "55 1 * * *", 1900, None)
@settings(max_examples=300, deadline=None)
def test_a_timer_sends_each_due_moment_once_however_late_it_fires(
    change: tuple[ZoneInfo, datetime], cron: str, late: int, anchor: date | None
):
    zone, day = change
    schedule, start = Schedule(cron, zone, anchor), day - 2 * A_DAY
    dues, end = dues_of(schedule, start), start + 4 * A_DAY + timedelta(seconds=late)

    fired = takewhile(lambda one: one[0] <= end, firings(schedule, start, timedelta(seconds=late)))
    sent = [
        due.astimezone(UTC) for now, since in fired if (due := gate(schedule, now, since=since)) is not None
    ]

    in_time = [due for due, following in pairwise(dues) if following - due > timedelta(seconds=late)]
    assert sorted(set(sent)) == sent
    assert set(in_time) <= set(sent)


@given(CHANGES, near_midnight_or_a_change(), st.integers(0, 599))
@example((CAIRO, datetime(2026, 10, 29, tzinfo=UTC)), "59 23 * * *", 500)
@example((BERLIN, OCTOBER), "55 2 * * *", 500)
@settings(max_examples=200, deadline=None)
def test_ten_minutes_late_is_in_time_where_nobody_knows_when_a_timer_ran(
    change: tuple[ZoneInfo, datetime], cron: str, late: int
):
    zone, day = change
    schedule, start = Schedule(cron, zone), day - 2 * A_DAY
    dues = dues_of(schedule, start)

    passed = [gate(schedule, now) for now, _ in islice(firings(schedule, start, timedelta(seconds=late)), 40)]

    assert {due for due in dues if due <= dues[-1]} <= {due.astimezone(UTC) for due in passed if due}


@given(CHANGES, CRONS)
@example((ZoneInfo("America/Nuuk"), datetime(2026, 3, 29, tzinfo=UTC)), "*/30 * * * *")
@settings(max_examples=200, deadline=None)
def test_what_is_due_next_is_what_was_due_last_once_it_has_come(change: tuple[ZoneInfo, datetime], cron: str):
    zone, day = change
    schedule, start = Schedule(cron, zone), day - 2 * A_DAY

    for before, due in pairwise(dues_of(schedule, start)):
        assert before < due
        assert schedule.latest_due(due) == schedule.latest_due(due.astimezone(zone)) == due.astimezone(zone)
        assert _utc(schedule.latest_due(due - A_SECOND)) == before
        assert _utc(schedule.due_before(due.astimezone(zone))) == before
        assert _utc(schedule.next_due(before)) == _utc(schedule.next_due(due - A_SECOND)) == due


def _utc(moment: datetime | None) -> datetime | None:
    return moment and moment.astimezone(UTC)


@given(CHANGES, near_midnight_or_a_change())
@example((NUUK, datetime(2026, 3, 28, tzinfo=UTC)), "30 23 * * *")
@settings(max_examples=200, deadline=None)
def test_a_daily_report_covers_each_day_once_in_the_nights_in_which_the_clock_changes(
    change: tuple[ZoneInfo, datetime], cron: str
):
    zone, day = change

    dues = dues_of(Schedule(cron, zone), day - 3 * A_DAY, days=6)

    periods = [Cadence.DAILY.period(due.astimezone(zone).date()) for due in dues]
    assert all(before.end == after.start for before, after in pairwise(periods))


@pytest.mark.parametrize("early", [1, 6, 50, 60])
def test_a_timer_that_fires_early_is_for_the_moment_to_come(early: int):
    due = datetime(2026, 11, 23, 9, tzinfo=BERLIN)
    now = due.astimezone(UTC) - timedelta(seconds=early)

    assert timedelta(seconds=early) <= TIMER_EARLY_BY
    assert gate(Schedule("0 9 * * *", BERLIN), now) == due


def test_a_timer_that_fires_at_another_hour_is_for_none():
    due = datetime(2026, 7, 6, 9, tzinfo=BERLIN).astimezone(UTC)
    schedule = Schedule("0 9 * * *", BERLIN)

    assert gate(schedule, due + timedelta(hours=1), since=due) is None  # 8:00 UTC is nine in winter
    assert gate(schedule, due + TIMER_LATE_BY) is None
