"""What an event's time means is told by when events came in."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.reports.periods import ONE_DAY, Period
from reporter.sources.events.time_rule import (
    QUARTER,
    TimeRule,
    detect_rule,
    real_delays,
    service_days,
    start_of,
)

SUMMER, WINTER = date(2026, 7, 1), date(2026, 12, 1)
ZONES = ["Europe/Berlin", "America/Los_Angeles", "Asia/Kolkata", "America/St_Johns", "Pacific/Kiritimati"]
DELAYS = [timedelta(seconds=20)] * 150 + [timedelta(minutes=40)] * 30 + [timedelta(hours=30)] * 20


def delays(day: date, zone: str, rule: TimeRule, really: list[timedelta] = DELAYS) -> Counter[int]:
    """From the time that events carry to their ingestion, of events that happened at noon."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    offset = noon.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
    shown = offset if rule is TimeRule.PROJECT_ZONE else timedelta()
    return Counter((delay - shown) // QUARTER for delay in really)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("rule", TimeRule)
@pytest.mark.parametrize("days", [[SUMMER], [WINTER], [SUMMER, WINTER]])
def test_the_rule_is_the_one_under_which_events_come_in_at_once(
    zone: str, rule: TimeRule, days: list[date]
) -> None:
    assert detect_rule({day: delays(day, zone, rule) for day in days}, ZoneInfo(zone)) is rule


@pytest.mark.parametrize("zone", ZONES)
def test_events_that_are_sent_once_a_day_tell_nothing_and_the_newer_rule_is_taken(zone: str) -> None:
    nightly = [timedelta(hours=8, minutes=minute) for minute in range(24 * 60)]

    assert detect_rule({SUMMER: delays(SUMMER, zone, TimeRule.UTC, nightly)}, ZoneInfo(zone)) is TimeRule.UTC


def test_few_events_tell_nothing() -> None:
    few = delays(SUMMER, ZONES[0], TimeRule.PROJECT_ZONE, DELAYS[:40])

    assert detect_rule({SUMMER: few}, ZoneInfo(ZONES[0])) is TimeRule.UTC
    assert detect_rule({}, ZoneInfo(ZONES[0])) is TimeRule.UTC


def test_london_tells_in_summer() -> None:
    days = {day: delays(day, "Europe/London", TimeRule.PROJECT_ZONE) for day in (SUMMER, WINTER)}

    assert detect_rule(days, ZoneInfo("Europe/London")) is TimeRule.PROJECT_ZONE
    assert detect_rule({WINTER: days[WINTER]}, ZoneInfo("Europe/London")) is TimeRule.UTC


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("rule", TimeRule)
def test_how_late_events_came_does_not_depend_on_the_rule(zone: str, rule: TimeRule) -> None:
    really = real_delays(delays(WINTER, zone, rule), WINTER, ZoneInfo(zone), rule)

    assert sum(count for quarter, count in really.items() if quarter >= 96) == 20


@given(
    st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    st.integers(1, 40),
    st.sampled_from(ZONES),
    st.sampled_from(TimeRule),
)
def test_the_exports_days_hold_all_of_the_projects_and_no_more(
    first: date, length: int, zone: str, rule: TimeRule
) -> None:
    days = Period(first, first + timedelta(days=length))

    needed = service_days(days, ZoneInfo(zone), rule)

    start, end = (start_of(day, ZoneInfo(zone), rule) for day in (days.start, days.end))
    assert start_of(needed.start, ZoneInfo("UTC"), rule) <= start
    assert start < start_of(needed.start + ONE_DAY, ZoneInfo("UTC"), rule)
    assert start_of(needed.last, ZoneInfo("UTC"), rule) < end <= start_of(needed.end, ZoneInfo("UTC"), rule)
