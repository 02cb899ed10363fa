"""Which days a report covers."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.reports.errors import Refused
from reporter.reports.periods import Cadence, Period, moment_text
from reporter.reports.subscriptions import Order
from tests.world import spec

DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))
ZONES = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def test_a_daily_report_covers_yesterday_and_is_compared_with_the_same_weekday():
    period = Cadence.DAILY.period(date(2026, 11, 23))

    assert period == Period(date(2026, 11, 22), date(2026, 11, 23))
    assert Cadence.DAILY.compared(period) == Period(date(2026, 11, 15), date(2026, 11, 16))


def test_a_weekly_report_covers_the_last_seven_days_and_is_compared_with_the_seven_before():
    period = Cadence.WEEKLY.period(date(2026, 11, 23))

    assert period == Period(date(2026, 11, 16), date(2026, 11, 23))
    assert Cadence.WEEKLY.compared(period) == Period(date(2026, 11, 9), date(2026, 11, 16))


def test_a_two_weekly_report_covers_the_last_fourteen_days():
    assert Cadence.BIWEEKLY.period(date(2027, 1, 4)) == Period(date(2026, 12, 21), date(2027, 1, 4))


@pytest.mark.parametrize("today", [date(2027, 3, 1), date(2027, 3, 17), date(2027, 3, 31)])
def test_a_monthly_report_covers_the_last_whole_month_and_is_compared_with_the_one_before(today: date):
    period = Cadence.MONTHLY.period(today)

    assert period == Period(date(2027, 2, 1), date(2027, 3, 1))
    assert Cadence.MONTHLY.compared(period) == Period(date(2027, 1, 1), date(2027, 2, 1))


@given(DAYS, st.sampled_from([Cadence.WEEKLY, Cadence.BIWEEKLY]))
def test_the_periods_of_a_cadence_tile_the_calendar(today: date, cadence: Cadence):
    period = cadence.period(today)
    after = cadence.period(today + timedelta(days=period.length))

    assert after.start == period.end
    assert cadence.compared(after) == period


@given(DAYS)
def test_months_tile_the_calendar(today: date):
    period = Cadence.MONTHLY.period(today)

    assert period.start.day == 1
    assert period.end.day == 1
    assert 28 <= period.length <= 31
    assert Cadence.MONTHLY.compared(period).end == period.start
    assert Cadence.MONTHLY.period(period.end + timedelta(days=31)).start == period.end


@given(DAYS, st.sampled_from(Cadence))
def test_a_period_holds_only_complete_days(today: date, cadence: Cadence):
    period = cadence.period(today)

    assert period.end <= today
    assert next(iter(period)) == period.start
    assert list(period)[-1] == period.last
    assert len(list(period)) == period.length
    assert period.covers(period.last)
    assert not period.covers(period.end)


def test_a_period_of_no_days_is_refused():
    with pytest.raises(ValueError, match="must end after it starts"):
        Period(date(2026, 11, 23), date(2026, 11, 23))


def test_the_period_is_cut_in_the_zone_of_the_project_not_of_the_reader():
    due = datetime(2026, 11, 23, 9, tzinfo=ZoneInfo("Pacific/Auckland"))  # still Sunday in Los Angeles

    edition = Order(spec(cadence=Cadence.DAILY), due).edition(due, ZoneInfo("America/Los_Angeles"))

    assert edition.period == Period(date(2026, 11, 21), date(2026, 11, 22))


@given(MOMENTS, ZONES, st.sampled_from(Cadence), st.timedeltas(timedelta(0), timedelta(days=3)))
def test_a_late_run_reports_the_days_of_its_due_moment(
    due: datetime, zone: ZoneInfo, cadence: Cadence, late: timedelta
):
    order = Order(spec(cadence=cadence), due)
    in_time = order.edition(due, zone)

    assert order.edition(due + late, zone) == in_time
    assert in_time.period.end <= due.astimezone(zone).date()


NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "last", "reason"),
    [
        (date(2026, 11, 20), date(2026, 11, 23), "today is 2026-11-23. The last complete day is 2026-11-22"),
        (date(2026, 12, 1), date(2026, 12, 2), "is not complete yet"),
        (
            date(2026, 11, 10),
            date(2026, 11, 9),
            "is reversed: it starts on 2026-11-10 and ends on 2026-11-09",
        ),
    ],
)
def test_a_range_that_is_not_complete_or_reversed_is_refused_with_the_reason(
    first: date, last: date, reason: str
):
    with pytest.raises(Refused, match=reason):
        Order(spec(), first=first, last=last).edition(NOW, ZoneInfo("UTC"))


def test_a_chosen_range_is_compared_with_the_same_number_of_days_before():
    edition = Order(spec(), first=date(2026, 11, 1), last=date(2026, 11, 10)).edition(NOW, ZoneInfo("UTC"))

    assert edition.period == Period(date(2026, 11, 1), date(2026, 11, 11))
    assert edition.previous == Period(date(2026, 10, 22), date(2026, 11, 1))
    assert edition.cadence is None


def test_a_chosen_single_day_is_compared_with_the_same_weekday():
    edition = Order(spec(), first=date(2026, 11, 18), last=date(2026, 11, 18)).edition(NOW, ZoneInfo("UTC"))

    assert edition.previous == Period(date(2026, 11, 11), date(2026, 11, 12))


def test_which_day_is_today_depends_on_the_zone_of_the_project():
    edition = Order(spec(), first=date(2026, 11, 23), last=date(2026, 11, 23)).edition(
        NOW, ZoneInfo("Pacific/Kiritimati")
    )

    assert edition.period.last == date(2026, 11, 23)


@given(DAYS, st.sampled_from(Cadence))
def test_the_history_holds_both_periods_and_a_week_before_them(today: date, cadence: Cadence):
    edition = Order(
        spec(cadence=cadence), datetime(today.year, today.month, today.day, 9, tzinfo=UTC)
    ).edition(datetime(today.year, today.month, today.day, 9, tzinfo=UTC), ZoneInfo("UTC"))
    history = edition.question.history

    assert history.end == edition.period.end
    assert history.start <= edition.previous.start - timedelta(days=7)
    assert history.length >= 26 * 7


def test_a_range_without_an_end_goes_to_the_last_complete_day():
    edition = Order(spec(), first=date(2026, 11, 1)).edition(NOW, ZoneInfo("UTC"))

    assert edition.period == Period(date(2026, 11, 1), date(2026, 11, 23))


def test_a_range_without_a_start_is_refused():
    with pytest.raises(Refused, match="has no start"):
        Order(spec(), last=date(2026, 11, 1)).edition(NOW, ZoneInfo("UTC"))


def test_events_somebody_names_replace_the_metrics():
    edition = Order(spec(), events=("Search", "Sign Up", "Search")).edition(NOW, ZoneInfo("UTC"))

    assert [metric.label for metric in edition.spec.metrics] == ["Search", "New Signups"]
    assert edition.delivery("slack") != Order(spec()).edition(NOW, ZoneInfo("UTC")).delivery("slack")


def test_a_moment_reads_alike_wherever_a_person_who_runs_it_sees_one():
    """Commands, checks, the log and notices; machines get ISO 8601."""
    at = datetime(2026, 11, 3, 9, 4, tzinfo=ZoneInfo("Europe/Berlin"))
    written = re.compile(r"%Y[^\"]*%H:%M|%a[^\"]*%H:%M|%A[^\"]*%H:%M")
    others = [
        str(path)
        for path in Path("reporter").rglob("*.py")
        if "local" not in path.parts and written.search(path.read_text(encoding="utf-8"))
    ]

    assert moment_text(at) == "Tue 3 Nov 2026, 09:04 CET"
    assert set(others) <= {"reporter/publishing/worker.py", "reporter/sources/events/feeds/files/__init__.py"}
