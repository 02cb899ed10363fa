"""The fault table's rows of `reporter serve`: off for days, two signals, dripping answers, autumn nights."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest

from reporter.app import assemble
from reporter.assembly import EventStorage
from reporter.config.settings import read
from reporter.ledger.sqlite import SQLiteLedger
from reporter.local.mixpanel import LocalMixpanel
from reporter.local.product import make_product
from reporter.local.slack import LocalSlack
from reporter.publishing.scheduler import Server
from reporter.publishing.worker import Worker
from reporter.reports.deliveries import ONCE, State
from tests.desk import Desk, title_of
from tests.desk import desk as desk  # a fixture
from tests.desk import product as product  # a fixture
from tests.dripping import Dripping, drip_body, drip_head
from tests.world import MONDAY, Clock

REPORTS = """
[defaults]
insights = "off"
charts = false
[metrics.signups]
label = "Signups"
event = "Sign Up"
[reports.weekly]
title = "Weekly Report"
period = "weekly"
schedule = "0 9 * * 1"
[reports.daily]
title = "Daily Report"
period = "daily"
schedule = "0 9 * * *"
[destinations.slack]
type = "webhook"
url = "SLACK_WEBHOOK_URL"
"""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Machine:
    """A machine whose clock the test sets; `start` is `reporter serve`, after it was off, too."""

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self.desk, self.clock = desk, clock
        self.ledger = SQLiteLedger(desk.folder / ".reporter" / "ledger.sqlite")

    @contextmanager
    def start(self) -> Generator[Server]:
        place = EventStorage(self.desk.folder / ".reporter")
        app = assemble(
            read(self.desk.folder, {}),
            self.ledger,
            place,
            clock=self.clock,
            sleep=lambda _: None,
            elapsed=self.elapsed,
        )
        yield Server(Worker(app), elapsed=self.elapsed)
        app.close()

    def elapsed(self) -> float:
        return self.clock().timestamp()

    def run(self, at: datetime) -> list[str]:
        """Start at this time, do what is due, and go off; the titles of what is posted."""
        self.clock.now = at
        before = len(self.desk.slack.messages)
        with self.start() as server:
            server.step()
            server.step()
        return sorted(title_of(message.text) for message in self.desk.slack.messages[before:])

    @property
    def states(self) -> dict[tuple[str, str], State]:
        return {
            (record.delivery.report, str(record.delivery.period)): record.entry.state
            for record in self.ledger.history(50)
        }


@pytest.fixture
def machine(desk: Desk) -> Iterator[Machine]:
    clock = Clock(MONDAY)
    made = make_product(MONDAY.date(), zone="UTC", days=40, scale=0.02)
    (desk.folder / "reports.toml").write_text(REPORTS)
    with LocalMixpanel(made, quota=100_000, now=clock) as mixpanel, LocalSlack(clock=clock) as slack:
        desk.set(MIXPANEL_BASE_URL=mixpanel.url, SLACK_WEBHOOK_URL=slack.webhook_url)
        desk.slack = slack
        yield Machine(desk, clock)


@pytest.mark.parametrize("off", [HOUR, 25 * HOUR, 3 * DAY])
def test_off_over_a_due_moment_the_last_one_of_each_report_is_made_up_for(machine: Machine, off: timedelta):
    assert machine.run(MONDAY - 30 * HOUR) == []
    machine.run(MONDAY - HOUR)

    posted = machine.run(MONDAY + off)

    assert posted.count("Weekly Report") == 1
    assert machine.states["weekly", "2026-11-16 to 2026-11-22"] is State.DELIVERED
    last = (MONDAY + off - 9 * HOUR).date() - DAY
    assert machine.states["daily", str(last)] is State.DELIVERED


def test_off_for_days_the_others_are_told_in_one_notice_and_once(machine: Machine):
    machine.run(MONDAY - HOUR)

    posted = machine.run(MONDAY + 3 * DAY)
    again = machine.run(MONDAY + 3 * DAY + HOUR)

    assert posted == ["Daily Report", "Daily Report", "Weekly Report"]
    assert again == []
    (notice,) = [message for message in machine.desk.slack.messages if "not sent" in message.text]
    assert "3 reports were not sent: nothing was running" in notice.text
    assert "resend daily --on 2026-11-25" in notice.text
    failed = [period for (_, period), state in machine.states.items() if state is State.FAILED]
    assert sorted(failed) == ["2026-11-22", "2026-11-23", "2026-11-24"]


def test_what_was_sent_by_other_means_meanwhile_is_not_told_as_missed(machine: Machine):
    machine.run(MONDAY - HOUR)
    machine.clock.now = MONDAY + HOUR
    with machine.start() as other:
        for message in other.worker.due("daily", MONDAY):
            other.worker.deliver(message, ONCE)

    assert "Daily Report" in machine.run(MONDAY + DAY)
    assert not any("not sent" in message.text for message in machine.desk.slack.messages)


def test_a_schedule_that_was_changed_while_it_was_off_has_no_past(machine: Machine):
    machine.run(MONDAY - HOUR)
    machine.desk.change('"0 9 * * 1"', '"0 9 * * 2"')

    assert "Weekly Report" not in machine.run(MONDAY + DAY + HOUR)


def test_what_was_due_in_a_pause_is_not_sent_after_it(machine: Machine):
    machine.desk.change('title = "Weekly Report"', 'title = "Weekly Report"\npaused = true')
    machine.run(MONDAY - HOUR)
    machine.run(MONDAY + HOUR)
    machine.desk.change("\npaused = true", "")

    assert "Weekly Report" not in machine.run(MONDAY + 2 * HOUR)


@pytest.mark.parametrize(
    ("zone", "cron", "late"),
    [
        ("Africa/Cairo", "59 23 * * *", datetime(2026, 10, 29, 21, 2, 20, tzinfo=UTC)),
        ("Europe/Berlin", "59 2 * * *", datetime(2026, 10, 25, 1, 2, 20, tzinfo=UTC)),
    ],
)
def test_late_in_the_hour_that_comes_twice_a_report_is_sent_once(
    machine: Machine, zone: str, cron: str, late: datetime
):
    machine.desk.set(TIMEZONE=zone, DAILY_SCHEDULE=cron, WEEKLY_SCHEDULE="0 0 1 1 *")
    machine.run(late - 2 * HOUR)

    assert machine.run(late) == ["Daily Report"]
    assert machine.run(late + 50 * timedelta(minutes=1)) == []


def served(desk: Desk) -> subprocess.Popen[str]:
    """`reporter serve` as a process of its own, once it serves."""
    command = [sys.executable, "-m", "reporter", "-C", str(desk.folder), "serve"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=dict(os.environ))  # noqa: S603
    assert process.stderr
    assert "serving" in process.stderr.readline()
    return process


def test_any_number_of_signals_ends_it(desk: Desk):
    desk.set(DAILY_SCHEDULE="0 0 1 1 *", WEEKLY_SCHEDULE="0 0 1 1 *", BIWEEKLY_SCHEDULE="0 0 1 1 *")
    desk.reporter("history")

    for _ in range(4):
        process = served(desk)
        with suppress(ProcessLookupError):
            for _ in range(60):
                os.kill(process.pid, signal.SIGTERM)
                os.kill(process.pid, signal.SIGINT)
        process.communicate(timeout=30)


@pytest.mark.parametrize("dripping", [drip_head, drip_body])
def test_a_watcher_whose_answer_drips_holds_up_no_report_and_no_end(
    desk: Desk, dripping: Callable[[], Dripping]
):
    now = datetime.now(UTC)
    due = f"{now.minute} {now.hour} * * *"
    with dripping() as watcher:
        desk.set(HEARTBEAT_URL=watcher.url, DAILY_SCHEDULE=due, WEEKLY_SCHEDULE=due)
        desk.set(BIWEEKLY_SCHEDULE="0 0 1 1 *")
        process = served(desk)
        for _ in range(300):
            if len(desk.slack.messages) == 2:
                break
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)

    assert len(desk.slack.messages) == 2
    assert process.returncode == 0
