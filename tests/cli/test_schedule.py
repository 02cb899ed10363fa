"""The commands for running unattended, as a user meets them."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from reporter.ledger.sqlite import SQLiteLedger
from reporter.local.mixpanel import LocalMixpanel
from reporter.local.product import Product
from reporter.local.server import Fault
from tests.desk import Desk


def test_due_shows_what_comes_when_over_a_change_of_the_clock(desk: Desk):
    desk.set(TIMEZONE="Europe/Berlin")
    until = datetime.now(UTC).date() + timedelta(days=400)

    code, out, _ = desk.reporter("due", "--until", str(until))

    lines = out.splitlines()
    assert code == 0
    assert len([line for line in lines if line.endswith("  daily")]) >= 399
    assert all(" 09:00 " in line for line in lines)
    assert {line.split()[6] for line in lines} == {"07:00", "08:00"}
    fortnights = [
        datetime.strptime(" ".join(line.split()[1:4]), "%d %b %Y,").replace(tzinfo=UTC)
        for line in lines
        if line.endswith("biweekly")
    ]
    assert {(after - before).days for before, after in pairwise(fortnights)} == {14}


def test_due_tells_of_a_pause(desk: Desk):
    reports = desk.folder / "reports.toml"
    text = reports.read_text().replace('title = "Weekly Report"', 'title = "Weekly Report"\npaused = true')
    reports.write_text(text)

    _, out, _ = desk.reporter("due")

    assert "weekly  (paused)" in out
    assert "daily  (paused)" not in out


def test_history_shows_what_became_of_each_delivery(desk: Desk):
    desk.reporter("send", "daily")
    desk.slack.faults.append(Fault(path="/services", status=404, body="no_service", times=2))
    desk.reporter("send", "weekly")

    code, out, _ = desk.reporter("history")

    assert code == 0
    weekly, daily = out.splitlines()
    assert "failed" in weekly
    assert "no_service" in weekly
    assert "delivered  daily" in daily


def test_resend_sends_the_report_of_the_last_due_moment_once_more(desk: Desk):
    assert desk.reporter("resend", "weekly")[0] == 0
    assert desk.reporter("resend", "weekly")[0] == 0

    assert len(desk.slack.messages) == 2


def test_resend_of_a_day_on_which_it_was_not_due_says_so(desk: Desk):
    code, _, err = desk.reporter("resend", "weekly", "--on", "2026-01-06")

    assert code == 1
    assert "was not due on 2026-01-06" in err


def test_health_is_bad_when_a_report_is_overdue_and_good_when_it_came(desk: Desk):
    code, out, _ = desk.reporter("health")

    assert code == 0
    assert "weekly" in out


def test_serve_sends_what_is_due_and_stops_when_it_is_told_to(desk: Desk):
    now = datetime.now(UTC)
    desk.set(DAILY_SCHEDULE=f"{now.minute} {now.hour} * * *")
    ledger = SQLiteLedger(desk.folder / ".reporter" / "ledger.sqlite")
    ledger.first_seen("daily", now - timedelta(days=3))
    command = [sys.executable, "-m", "reporter", "-C", str(desk.folder), "serve"]

    served = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=dict(os.environ))  # noqa: S603
    for _ in range(300):
        if desk.slack.messages:
            break
        time.sleep(0.1)
    served.send_signal(signal.SIGTERM)
    _, log = served.communicate(timeout=60)

    assert served.returncode == 0
    assert len(desk.slack.messages) == 1
    assert "delivered report=daily" in log
    assert "stopped" in log


@pytest.mark.parametrize(
    ("off", "mark", "said"),
    [
        (timedelta(0), "ok", "agrees with Mixpanel's"),
        (timedelta(minutes=5), "note", "5 minutes ahead of Mixpanel's"),
        (-timedelta(hours=5), "fault", "5 hours behind Mixpanel's"),
        (timedelta(days=365), "fault", "365 days ahead of Mixpanel's"),
    ],
)
def test_check_says_that_this_machines_clock_is_wrong(
    desk: Desk, product: Product, off: timedelta, mark: str, said: str
):
    with LocalMixpanel(product, now=lambda: datetime.now(UTC) - off) as elsewhen:
        desk.set(MIXPANEL_BASE_URL=elsewhen.url)
        code, out, _ = desk.reporter("check")

    (line,) = [line for line in out.splitlines() if " Clock: " in line]
    assert line.startswith(mark)
    assert said in line
    assert (code == 1) is (mark == "fault")


@pytest.mark.parametrize(
    ("cron", "fix"),
    [
        ("0 0 9 ? * MON-FRI", "Write * where another cron has ?."),
        ("0 9 * * FRI-MON", "as in FRI-SAT,SUN-MON"),
        ("0 9 L-1 * *", "L alone is the last day of a month"),
        ("@daily", 'Write the times out: "0 9 * * *"'),
    ],
)
def test_a_schedule_of_another_cron_is_refused_with_what_to_write(desk: Desk, cron: str, fix: str):
    desk.change('schedule = "0 0 9 * * *"', f'schedule = "{cron}"')

    code, _, err = desk.reporter("check")

    assert code == 2
    assert fix in err
