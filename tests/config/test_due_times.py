"""Up to when a report waits for its data: what the file may say, and what it is told where it may not."""

from datetime import time, timedelta

import pytest

from reporter.config.settings import load
from tests.config.examples import ENVIRON, FILE, only_fault

SCHEDULE = 'schedule = "0 9 * * 1"'


def waiting(until: str, schedule: str = SCHEDULE, more: str = "") -> str:
    return FILE.replace(SCHEDULE, f'{schedule}\nwait_for_data_until = "{until}"{more}')


def test_a_report_waits_until_a_time_of_its_day():
    assert load(ENVIRON, waiting("11:00")).subscriptions["weekly"].waits_until == time(11)
    assert load(ENVIRON, FILE).subscriptions["weekly"].waits_until is None


@pytest.mark.parametrize("until", ["11", "11:10", "25:00", "9:15", "noon", "11:00:00", ""])
def test_what_is_no_quarter_of_an_hour_is_told(until: str):
    fault = only_fault(waiting(until))

    assert "no time on a quarter of an hour" in fault.problem
    assert '"11:00"' in fault.fix


@pytest.mark.parametrize(
    ("cron", "until"), [("0 9 * * 1", "08:45"), ("0 9 * * 1", "09:00"), ("0 9,15 * * *", "11:00")]
)
def test_a_time_that_is_not_after_the_schedule_is_told_with_its_fix(cron: str, until: str):
    fault = only_fault(waiting(until, f'schedule = "{cron}"'))

    assert "would not wait at all" in fault.problem
    assert "Use a later time" in fault.fix


def test_a_schedule_of_the_environment_counts_for_it_too():
    fault = only_fault(waiting("11:00"), WEEKLY_SCHEDULE="0 12 * * 1")

    assert fault.place == "WEEKLY_SCHEDULE"
    assert "due at 12:00" in fault.problem
    assert "wait_for_data_until" in fault.fix


@pytest.mark.parametrize("where", ["report", "defaults"])
def test_without_insights_nobody_looks_whether_a_day_is_complete(where: str):
    text = waiting("11:00", more='\ninsights = "off"' if where == "report" else "")
    if where == "defaults":
        text = '[defaults]\ninsights = "off"\n' + text

    assert "nobody looks" in only_fault(text).problem


def test_for_how_long_a_missed_report_is_sent_is_its_own_or_that_of_all():
    def within(text: str) -> timedelta | None:
        return load(ENVIRON, text).subscriptions["weekly"].made_up_within

    own = FILE.replace(SCHEDULE, f"{SCHEDULE}\nmake_up_hours = 12")
    every = "[defaults]\nmake_up_hours = 24\n"

    assert within(FILE) is None
    assert within(own) == timedelta(hours=12)
    assert within(f"{every}\n{FILE}") == timedelta(hours=24)
    assert within(f"{every}\n{own}") == timedelta(hours=12)


@pytest.mark.parametrize("hours", ["0", "-1", "9000", "1.5", '"12"'])
def test_hours_that_are_none_are_told(hours: str):
    fault = only_fault(FILE.replace(SCHEDULE, f"{SCHEDULE}\nmake_up_hours = {hours}"))

    assert "make_up_hours" in fault.place
