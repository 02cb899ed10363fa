"""`send --due`, as cron calls it: what is due and not delivered, each once, with retries over the calls."""

from datetime import UTC, datetime, timedelta

import pytest

from reporter.cli.send import EVERY, TRIES, _attempt  # pyright: ignore[reportPrivateUsage]
from reporter.local.server import Fault
from tests.desk import Desk
from tests.desk import desk as desk  # a fixture
from tests.desk import product as product  # a fixture
from tests.world import MONDAY


@pytest.fixture
def due(desk: Desk) -> Desk:
    """The daily report was due five minutes ago; nothing else is."""
    now = datetime.now(UTC) - timedelta(minutes=5)
    desk.set(DAILY_SCHEDULE=f"{now.minute} {now.hour} * * *")
    desk.set(WEEKLY_SCHEDULE="0 0 1 1 *", BIWEEKLY_SCHEDULE="0 0 1 1 *")
    return desk


def test_what_is_due_is_sent_once_however_often_cron_calls(due: Desk):
    first, second = due.reporter("send", "--due"), due.reporter("send", "--due")

    assert (first[0], second) == (0, (0, "", ""))
    assert "sent to slack" in first[1]
    assert len(due.slack.messages) == 1


def test_where_nothing_is_due_it_says_nothing(due: Desk):
    due.set(DAILY_SCHEDULE="0 0 1 1 *")

    assert due.reporter("send", "--due") == (0, "", "")
    assert due.slack.messages == []


def test_what_may_pass_is_tried_at_the_next_call_and_not_told_at_once(due: Desk):
    due.mixpanel.faults.extend([Fault(status=503)] * 30)
    code, _, complaint = due.reporter("send", "--due")
    assert code == 75
    assert "not sent" in complaint
    assert due.slack.messages == []
    due.mixpanel.faults.clear()

    assert due.reporter("send", "--due")[0] == 0
    assert len(due.slack.messages) == 1


@pytest.mark.parametrize("more", [["daily"], ["--again"], ["--from", "2026-11-01"], ["--events", "Sign Up"]])
def test_nothing_else_can_be_chosen_with_it(due: Desk, more: list[str]):
    code, _, complaint = due.reporter("send", "--due", *more)

    assert code == 2
    assert "the schedules say which reports are due" in complaint
    assert due.slack.messages == []


def test_without_a_report_it_says_what_may_be_meant(due: Desk):
    code, _, complaint = due.reporter("send")

    assert code == 2
    assert "--due" in complaint


def test_the_calls_are_counted_by_the_clock_and_the_last_one_comes():
    attempts = [_attempt(MONDAY, MONDAY + number * EVERY) for number in range(TRIES + 3)]

    assert [one.number for one in attempts] == [*range(1, TRIES + 1), TRIES, TRIES, TRIES]
    assert attempts[-1].is_last
    assert not attempts[0].is_last
