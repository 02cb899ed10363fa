"""What is due, for a clock outside: over HTTP, with the queue played here."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reporter.http.endpoints import due
from reporter.http.request import HttpRequest
from reporter.publishing.worker import Worker
from reporter.reports.deliveries import Attempt
from reporter.reports.errors import ConfigError, SettingsProblem, Unavailable
from tests.desk import Desk
from tests.http.caller import Caller, said, wrong


@pytest.fixture
def caller(desk: Desk) -> Iterator[Caller]:
    """Somebody at an app whose daily report was due while its schedule was known."""
    now = datetime.now(UTC) - timedelta(hours=1)
    desk.set(DAILY_SCHEDULE=f"{now.minute} {now.hour} * * *", WEEKLY_SCHEDULE="0 0 1 1 *")
    desk.set(BIWEEKLY_SCHEDULE="0 0 1 1 *")
    made = Caller(desk)
    made.ahead = timedelta(hours=-2)
    assert said(made.due()) == {"deliveries": []}
    made.ahead = timedelta(0)
    yield made
    made.close()


def test_what_is_due_is_queued_and_comes(caller: Caller):
    first, again = caller.due(), caller.due()

    assert (first.status, again.status) == (202, 202)
    (queued,), (waiting,) = said(first)["deliveries"], said(again)["deliveries"]
    assert (queued["report"], queued["destination"], queued["state"]) == ("daily", "slack", "queued")
    assert waiting == {**queued, "state": "waiting"}
    (message,) = caller.queue
    Worker(caller.app).deliver(message, Attempt(1, 9))
    assert len(caller.desk.slack.messages) == 1
    assert "Daily Report" in caller.desk.slack.messages[0].text
    assert (caller.due().status, said(caller.due())) == (200, {"deliveries": []})


def test_nothing_but_a_post_delivers(caller: Caller):
    for method in ("GET", "HEAD", "PUT"):
        response = caller.due(method=method)
        assert (response.status, response.headers["Allow"]) == (405, "POST")
    assert caller.queue == []


def test_a_parameter_that_nobody_would_read_is_refused_and_a_monitors_body_is_not(caller: Caller):
    assert wrong(caller.due(report="weekly")) == {
        "report": "is no parameter. Leave it out: this address takes none."
    }
    assert caller.queue == []
    assert caller.due(body=b'{"monitor": "up"}', code="the-function-key").status == 202


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ConfigError((SettingsProblem("SLACK_WEBHOOK_URL", "is not set", "Set it."),)), 500),
        (Unavailable("The ledger cannot be used."), 503),
    ],
)
def test_a_program_that_is_broken_says_so(error: Exception, status: int):
    def broken() -> Any:
        raise error

    response = due(HttpRequest("POST"), broken, lambda _: None)

    assert response.status == status
    assert json.loads(response.body)["errors"]
