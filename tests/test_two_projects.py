"""Two Mixpanel projects in one file: one report each, and what becomes of one while the other is well."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from reporter.cli.output import FAILED, LATER
from reporter.local.mixpanel import LocalMixpanel
from reporter.local.product import Product, make_product
from reporter.local.server import Fault
from tests.desk import Desk, title_of, yesterday
from tests.desk import desk as desk  # a fixture
from tests.desk import product as product  # a fixture
from tests.http.caller import Caller, said, states

APP_ID = 2718281
PROJECTS = f"""
[projects.web]
id = "MIXPANEL_PROJECT_ID"

[projects.app]
id = {APP_ID}
username = "APP_USERNAME"
secret = "APP_SECRET"
base_url = "APP_BASE_URL"

[reports.app_weekly]
title = "Weekly Report of the App"
period = "weekly"
schedule = "0 11 * * 1"
project = "app"
"""
DOWN = Fault("/", status=503, body="Service Unavailable", times=1_000)
MISSING = Fault("/", status=404, body="Not found", times=1_000)


@dataclass
class TwoProjects:
    """The web's report is called weekly, the app's app_weekly."""

    desk: Desk
    web: LocalMixpanel
    app: LocalMixpanel

    @property
    def messages(self) -> list[str]:
        return [json.dumps(message.payload, ensure_ascii=False) for message in self.desk.slack.messages]


@pytest.fixture(scope="session")
def small_product() -> Product:
    return make_product(yesterday(), zone="UTC", days=60, scale=0.1)


@pytest.fixture
def two(desk: Desk, small_product: Product) -> Iterator[TwoProjects]:
    password = "app-secret"
    with LocalMixpanel(
        small_product, username="app-account", secret=password, project_id=APP_ID, project_name="Acme App"
    ) as app:
        with (desk.folder / "reports.toml").open("a") as file:
            file.write(PROJECTS)
        desk.change("[defaults]", '[defaults]\nproject = "web"')
        desk.change('source = "auto"', 'source = "query"')
        desk.set(APP_USERNAME="app-account", APP_SECRET=password, APP_BASE_URL=app.url)
        yield TwoProjects(desk, desk.mixpanel, app)


@pytest.fixture
def caller(two: TwoProjects) -> Iterator[Caller]:
    made = Caller(two.desk)
    yield made
    made.close()


def test_each_message_names_its_project(two: TwoProjects):
    assert two.desk.reporter("send", "weekly", "app_weekly")[0] == 0

    of_web, of_app = two.messages
    assert "Acme" in of_web
    assert "Acme App" not in of_web
    assert "Acme · Acme App" in of_app


def test_a_report_on_request_is_of_its_own_project(two: TwoProjects, caller: Caller):
    response = caller.get(report="app_weekly")

    assert (response.status, states(response)) == (200, {"slack": "delivered"})
    assert said(response)["report"]["project"] == "Acme App"
    assert two.web.requests == []
    assert [title_of(message.text) for message in two.desk.slack.messages] == ["Weekly Report of the App"]


def test_other_days_and_events_of_the_second_project_can_be_asked_for(two: TwoProjects, caller: Caller):
    day = str(yesterday())

    response = caller.get(
        report="app_weekly", from_date=day, to_date=day, events="Sign Up,Purchase", send_slack="false"
    )

    report = said(response)["report"]
    assert report["project"] == "Acme App"
    assert [metric["label"] for metric in report["metrics"]] == ["New Signups", "Purchases"]
    assert two.web.requests == []


@pytest.mark.parametrize(
    ("fault", "code", "is_app"), [(MISSING, FAILED, True), (MISSING, FAILED, False), (DOWN, LATER, True)]
)
def test_one_project_down_leaves_the_other_standing(two: TwoProjects, fault: Fault, code: int, is_app: bool):
    (two.app if is_app else two.web).faults.append(fault)

    assert two.desk.reporter("send", "weekly", "app_weekly")[0] == code

    first, second = two.messages
    report, notice = (first, second) if is_app else (second, first)
    assert "Key Metrics" in report
    assert "The report was not posted." in notice
    assert f"Acme · {'app' if is_app else 'web'} · not-delivered" in notice
    assert ("Weekly Report of the App" in notice) is is_app


def test_a_report_on_request_of_the_other_project_is_made_while_one_is_down(two: TwoProjects, caller: Caller):
    two.web.faults.append(DOWN)

    assert caller.get(report="app_weekly").status == 200
    assert caller.get(report="weekly").status == 503


def test_one_quota_used_up_leaves_the_other_its_own(two: TwoProjects, small_product: Product):
    with LocalMixpanel(
        small_product, username="app-account", secret="app-secret", project_id=APP_ID, quota=0
    ) as spent:
        two.desk.set(APP_BASE_URL=spent.url)

        assert two.desk.reporter("send", "app_weekly", "weekly")[0] == LATER

    notice, report = two.messages
    assert "Acme · app · not-delivered" in notice
    assert "Key Metrics" in report


def test_the_ledger_keeps_the_two_reports_of_one_week_apart(two: TwoProjects):
    two.app.faults.append(MISSING)
    two.desk.reporter("send", "weekly", "app_weekly")
    two.app.faults.clear()

    assert two.desk.reporter("send", "weekly", "app_weekly")[0] == 0

    history = json.loads(two.desk.reporter("history", "--format", "json")[1])
    assert sorted((one["report"], one["state"]) for one in history) == [
        ("app_weekly", "delivered"),
        ("app_weekly", "failed"),
        ("weekly", "delivered"),
    ]
    assert sum("Key Metrics" in message for message in two.messages) == 2


def test_a_file_of_one_project_names_it_nowhere(desk: Desk):
    desk.reporter("send", "weekly")

    (message,) = desk.slack.messages
    assert "Acme ·" not in json.dumps(message.payload, ensure_ascii=False)
