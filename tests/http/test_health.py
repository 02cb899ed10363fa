"""Whether all is well, as something that watches over the app asks."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reporter.health import GRACE
from reporter.http.endpoints import health
from reporter.http.request import HttpRequest
from reporter.reports.errors import ConfigError, SettingsProblem, Unavailable
from tests.desk import Desk
from tests.http.caller import Caller, said

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def caller(desk: Desk) -> Iterator[Caller]:
    made = Caller(desk)
    yield made
    made.close()


def test_an_app_that_just_begins_is_well(caller: Caller):
    response = caller.health()

    assert response.status == 200
    assert said(response)["is_well"]
    assert [one["report"] for one in said(response)["reports"]] == ["daily", "weekly", "biweekly"]
    assert all(one["next_due"] for one in said(response)["reports"])


def test_a_report_that_did_not_come_is_named(caller: Caller):
    caller.ledger.first_seen("daily", datetime.now(UTC) - GRACE - timedelta(days=2))

    response = caller.health()

    assert response.status == 503
    daily, *others = said(response)["reports"]
    assert daily["overdue"] == ["slack"]
    assert datetime.fromisoformat(daily["overdue_since"]) < datetime.now(UTC) - GRACE
    assert all(one["is_well"] for one in others)


def test_health_asks_neither_mixpanel_nor_slack(caller: Caller):
    caller.health()

    assert caller.desk.mixpanel.requests == []
    assert caller.desk.slack.requests == []


def test_a_destination_without_its_secret_is_named(caller: Caller):
    caller.desk.set(SLACK_WEBHOOK_URL="")

    response = caller.health()

    assert response.status == 503
    assert said(response)["errors"][0]["setting"] == "SLACK_WEBHOOK_URL"
    assert len(said(response)["reports"]) == 3


def test_wrong_settings_are_named():
    def broken() -> Any:
        raise ConfigError((SettingsProblem("MIXPANEL_PROJECT_ID", "is not a number", "Take the number."),))

    response = health(HttpRequest("GET"), broken)

    assert response.status == 503
    assert said(response)["errors"] == [
        {"setting": "MIXPANEL_PROJECT_ID", "problem": "is not a number", "mend": "Take the number."}
    ]


def test_a_ledger_that_cannot_be_read_is_told():
    def broken() -> Any:
        raise Unavailable("The ledger cannot be used.")

    response = health(HttpRequest("GET"), broken)

    assert response.status == 503
    assert said(response)["errors"][0]["problem"] == "The ledger cannot be used."


def test_the_head_says_it_by_the_status_alone(caller: Caller):
    assert (caller.health("HEAD").status, caller.health("HEAD").body) == (200, b"")
    assert caller.health("POST").status == 405
