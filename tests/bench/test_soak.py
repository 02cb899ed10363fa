"""Two weeks of `serve` around a change of the clocks, with all that befalls it: each report once, or told."""

from datetime import UTC, datetime, timedelta

import pytest

from bench.soak import EVERY, Account, Soak, faults, soak
from bench.soak_account import due_by_calendar
from bench.soak_world import reports_file
from reporter.config.settings import load

DAY = timedelta(days=1)
OFTEN = {
    **EVERY,
    "kill": 1.5 * DAY,
    "restart": 3 * DAY,
    "off": 9 * DAY,
    "answer lost": 2 * DAY,
    "ledger locked": 2 * DAY,
    "Mixpanel down": 5 * DAY,
    "Slack down": 5 * DAY,
}


@pytest.fixture(scope="module")
def lived() -> tuple[Soak, Account]:
    """From 8 March 2027 on; clocks change in New York on the 14th."""
    return soak(datetime(2027, 3, 8, tzinfo=UTC), 10, OFTEN, scale=0.02, traced=False)


def test_each_report_is_posted_once_or_people_are_told(lived: tuple[Soak, Account]):
    made, found = lived

    assert found.doubled == []
    assert found.lost == []
    assert found.strays == []
    assert found.fates["posted"] > found.due / 2
    assert found.fates["told"] > 0
    assert made.happened["killed"] >= 3
    assert {what for what in OFTEN if not made.happened[what]} == set()


def test_the_log_stays_readable(lived: tuple[Soak, Account]):
    made, found = lived

    assert made.log.lines.total() < 20 * found.due


def test_nothing_stays_open(lived: tuple[Soak, Account]):
    made, _ = lived

    assert [one for one in faults(made.samples) if "files" in one or "threads" in one] == []


def test_the_calendar_and_the_schedules_agree_on_a_year_with_a_leap_day():
    start, end = datetime(2027, 3, 1, tzinfo=UTC), datetime(2028, 3, 1, tzinfo=UTC)
    secrets = {"SLACK_WEBHOOK_URL": "http://127.0.0.1/services/a/b/c", "SLACK_BOT_TOKEN": "xoxb-1-2"}
    mixpanel = {"MIXPANEL_USERNAME": "u", "MIXPANEL_SECRET": "s", "MIXPANEL_PROJECT_ID": "1"}
    found = load({**secrets, **mixpanel}, reports_file()).subscriptions
    dues = {(one.report, one.at) for one in due_by_calendar(start, end)}
    scheduled = set[tuple[str, datetime]]()
    for name, one in found.items():
        for moment in one.schedule.due_after(start):
            if moment > end:
                break
            scheduled.add((name, moment.astimezone(UTC)))

    assert dues == scheduled
    assert ("leap", datetime(2028, 2, 29, 14, tzinfo=UTC)) in dues
