"""A report on request, as a caller meets it: made, sent once for each call, and told what became of it."""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from reporter.http.endpoints import custom_report
from reporter.http.request import HttpRequest
from reporter.local.mixpanel import SECRET, USERNAME, LocalMixpanel
from reporter.local.product import Product
from reporter.local.server import Fault
from reporter.publishing.claims import pending
from reporter.render.document import schema
from reporter.reports.errors import ConfigError, Unavailable
from reporter.reports.errors import SettingsProblem as SettingsFault
from tests.desk import Desk, title_of, yesterday
from tests.http.caller import CURL, Caller, said, states, wrong
from tests.json_schema import fits

KEY = {**CURL, "idempotency-key": "7f1c"}
SECOND_WEBHOOK = '[destinations.team]\ntype = "webhook"\nurl = "TEAM_WEBHOOK_URL"\n'


@pytest.fixture
def caller(desk: Desk) -> Iterator[Caller]:
    made = Caller(desk)
    yield made
    made.close()


def add_team(desk: Desk, address: str) -> None:
    """A second destination for every report."""
    reports = desk.folder / "reports.toml"
    text = reports.read_text().replace('destinations = ["slack"]', 'destinations = ["slack", "team"]')
    reports.write_text(text + SECOND_WEBHOOK)
    desk.set(TEAM_WEBHOOK_URL=address)


def test_a_call_without_a_word_sends_the_daily_report(caller: Caller):
    response = caller.get()

    assert response.status == 200
    report = said(response)["report"]
    assert (report["report"], report["cadence"]) == ("daily", "daily")
    assert report["period"]["from_date"] == str(yesterday())
    assert states(response) == {"slack": "delivered"}
    assert [title_of(message.text) for message in caller.desk.slack.messages] == ["Daily Report"]


def test_the_report_is_the_documented_json(caller: Caller):
    assert fits(said(caller.get(send_slack="false"))["report"], schema(), schema())


def test_send_slack_false_sends_nothing(caller: Caller):
    response = caller.get(period="weekly", send_slack="false")

    assert said(response)["report"]["title"] == "Weekly Report"
    assert said(response)["deliveries"] == []
    assert caller.desk.slack.messages == []


@pytest.mark.parametrize(
    ("query", "title", "cadence", "days"),
    [
        ({"period": "weekly"}, "Weekly Report", "weekly", 7),
        ({"period": "biweekly"}, "Bi-Weekly Report", "biweekly", 14),
        ({"report": "weekly"}, "Weekly Report", "weekly", 7),
        ({"report": "weekly", "period": "daily"}, "Daily Report", "daily", 1),
    ],
)
def test_the_period_and_the_name_choose_the_report(
    caller: Caller, query: dict[str, str], title: str, cadence: str, days: int
):
    report = said(caller.get(CURL, send_slack="false", **query))["report"]

    assert (report["title"], report["cadence"], report["period"]["days"]) == (title, cadence, days)


def test_a_month_is_reported_though_no_report_of_the_file_is_monthly(caller: Caller):
    report = said(caller.get(period="monthly", send_slack="false"))["report"]

    assert (report["title"], report["cadence"]) == ("Monthly Report", "monthly")
    assert report["period"]["from_date"].endswith("-01")


def test_days_and_events_can_be_chosen_in_the_address_and_in_a_body(caller: Caller):
    first, last = str(yesterday() - timedelta(days=4)), str(yesterday() - timedelta(days=1))

    response = caller.get(send_slack="no", from_date=first, to_date=last, events="Search, Sign Up")
    posted = caller.post(
        {"send_slack": False, "from_date": first, "to_date": last, "events": ["Search", "Sign Up"]}
    )

    report = said(response)["report"]
    assert report["title"] == "Custom Report"
    assert (report["period"]["from_date"], report["period"]["to_date"]) == (first, last)
    assert [metric["label"] for metric in report["metrics"]] == ["Search", "New Signups"]
    assert said(posted)["report"]["metrics"] == report["metrics"]
    assert caller.desk.slack.messages == []


def test_days_up_to_yesterday_need_no_end(caller: Caller):
    report = said(caller.get(send_slack="0", from_date=str(yesterday() - timedelta(days=2))))["report"]

    assert report["period"]["days"] == 3


def test_days_that_are_not_complete_or_too_many_are_named(caller: Caller):
    today = str(yesterday() + timedelta(days=1))

    assert "is not complete yet" in wrong(caller.get(from_date=str(yesterday()), to_date=today))["to_date"]
    assert "is not complete yet" in wrong(caller.get(from_date=today))["from_date"]
    assert "Choose at most 1830" in wrong(caller.get(from_date="2010-01-01"))["from_date"]
    assert caller.desk.slack.messages == []


def test_a_page_comes_back_and_its_header_tells_what_was_sent(caller: Caller):
    response = caller.get(period="weekly", format="html")

    assert (response.status, response.content_type) == (200, "text/html; charset=utf-8")
    assert b"New Signups" in response.body
    assert response.headers["Report-Deliveries"] == "slack=delivered"


def test_the_message_of_slack_comes_back(caller: Caller):
    response = caller.get(period="weekly", format="slack")

    assert (
        response.body
        == json.dumps(
            dict(caller.desk.slack.messages[0].payload), ensure_ascii=False, separators=(",", ":")
        ).encode()
    )


def test_each_call_sends_once_more(caller: Caller):
    caller.get(period="weekly")
    caller.get(period="weekly")

    assert len(caller.desk.slack.messages) == 2


def test_a_repeated_key_sends_once_and_tells_what_stands(caller: Caller):
    first = caller.get(KEY, period="weekly")
    again = caller.post({"period": "weekly"}, KEY)

    assert len(caller.desk.slack.messages) == 1
    assert again.status == 200
    assert said(again)["deliveries"] == said(first)["deliveries"]
    assert said(again)["report"]["metrics"] == said(first)["report"]["metrics"]


def test_a_key_repeated_on_another_day_is_still_the_order_of_the_first(caller: Caller):
    first = caller.get(KEY, period="weekly")
    caller.ahead = timedelta(days=1)

    again = caller.get(KEY, period="weekly")

    assert len(caller.desk.slack.messages) == 1
    assert said(again)["report"]["period"] == said(first)["report"]["period"]


def test_a_key_counts_together_with_what_is_asked(caller: Caller):
    caller.get(KEY, period="weekly")
    caller.get(KEY, period="daily")

    assert len(caller.desk.slack.messages) == 2


def test_a_repeated_key_sends_what_surely_failed_before(caller: Caller):
    caller.desk.slack.faults.append(Fault(path="/services", status=404, body="no_service"))
    assert caller.get(KEY, period="weekly").status == 502

    assert caller.get(KEY, period="weekly").status == 200
    assert caller.desk.slack.messages[0].text.startswith("46 new users joined")


def test_a_refusal_of_slack_is_told_with_its_reason(caller: Caller):
    caller.desk.slack.faults.append(Fault(path="/services", status=404, body="no_service"))

    response = caller.get(period="weekly")

    assert response.status == 502
    assert "no_service" in said(response)["errors"][0]["problem"]
    assert states(response) == {"slack": "failed"}


def test_a_refusal_of_mixpanel_is_told_with_its_reason(caller: Caller):
    caller.desk.set(MIXPANEL_SECRET="wrong")

    response = caller.get(period="weekly")

    assert response.status == 502
    assert "MIXPANEL_SECRET" in said(response)["errors"][0]["problem"]


def test_a_lost_answer_of_slack_is_told_as_uncertain(caller: Caller):
    caller.desk.slack.faults.append(Fault(path="/services", drop=True, after=True))

    response = caller.get(KEY, period="weekly")

    assert response.status == 502
    assert states(response) == {"slack": "uncertain"}
    assert caller.get(KEY, period="weekly").status == 502
    reports = [one for one in caller.desk.slack.messages if title_of(one.text) == "Weekly Report"]
    assert sum("may or may not" not in one.text for one in reports) == 1


def test_who_gets_the_answer_is_told_there_and_nobody_else_is(caller: Caller):
    caller.desk.mixpanel.faults.append(
        Fault(path="/api/query", status=400, body='{"error": "no"}', times=10_000)
    )

    answers = [caller.get(events=f"Event {number}").status for number in range(5)]

    assert answers == [502] * 5
    assert caller.desk.slack.messages == []
    assert not pending(caller.app)


def test_one_destination_of_two_that_refuses_is_told_beside_the_other(caller: Caller):
    add_team(caller.desk, caller.desk.slack.webhook_url.replace("LocalWebhookSecret00", "gone"))

    response = caller.get(period="weekly")

    assert response.status == 200
    assert states(response) == {"slack": "delivered", "team": "failed"}
    assert "invalid_token" in said(response)["deliveries"][1]["reason"]


def test_a_spent_quota_says_when_to_call_again(caller: Caller, product: Product):
    with LocalMixpanel(product, quota=0) as spent:
        caller.desk.set(MIXPANEL_BASE_URL=spent.url)
        answers = [caller.get(period="weekly"), caller.get(period="weekly", send_slack="false")]

    for response in answers:
        assert response.status == 503
        assert int(response.headers["Retry-After"]) >= 1
        assert "hourly" in said(response)["errors"][0]["problem"]


class FullDisk(list[str]):
    """A queue that can keep nothing."""

    def append(self, message: str) -> None:
        raise Unavailable("The order cannot be kept in .reporter/orders: No space left on device")


def test_what_takes_too_long_and_cannot_be_kept_is_not_called_accepted(caller: Caller):
    caller.desk.mixpanel.query_seconds = 0.3
    caller.longest_wait, caller.queue = 0.15, FullDisk()
    response = caller.get(period="weekly")

    assert response.status == 503
    assert "cannot be kept" in said(response)["errors"][0]["problem"]
    time.sleep(1.5)
    assert caller.desk.slack.messages == []


def test_what_takes_too_long_goes_on_with_the_queue_and_is_sent_once(caller: Caller):
    caller.desk.mixpanel.query_seconds = 0.3
    caller.longest_wait = 0.15
    response = caller.get(period="weekly")

    assert response.status == 202
    assert states(response) == {"slack": "waiting"}
    address = said(response)["status"]
    assert address == response.headers["Location"]
    assert address.startswith("https://acme.azurewebsites.net/api/CustomReport?status=weekly.")
    assert len(caller.queue) == 1
    assert states(status(caller, address)) == {"slack": "waiting"}

    time.sleep(1.5)  # the first try ends by itself, without a message
    assert caller.desk.slack.messages == []
    caller.work_off()

    assert states(status(caller, address)) == {"slack": "delivered"}
    assert [title_of(message.text) for message in caller.desk.slack.messages] == ["Weekly Report"]


def status(caller: Caller, address: str):
    return caller.get(status=address.partition("?status=")[2])


def test_a_send_that_takes_too_long_goes_on_and_the_queue_does_not_repeat_it(caller: Caller):
    caller.desk.slack.faults.append(Fault(path="/services", delay=1.5))
    caller.get(period="weekly", send_slack="false")  # so that Mixpanel's answers are known
    caller.longest_wait = 0.8

    response = caller.get(period="weekly")

    assert response.status == 202
    assert states(status(caller, said(response)["status"])) == {"slack": "claimed"}
    time.sleep(1.5)
    caller.work_off()
    assert len(caller.desk.slack.messages) == 1
    assert states(status(caller, said(response)["status"])) == {"slack": "delivered"}


def test_a_report_that_is_only_shown_and_takes_too_long_is_asked_for_later(caller: Caller):
    caller.desk.mixpanel.query_seconds = 0.3
    caller.longest_wait = 0.15

    response = caller.get(period="weekly", send_slack="false")

    assert response.status == 503
    assert "Retry-After" in response.headers
    assert caller.queue == []


def test_a_status_address_holds_no_key(caller: Caller):
    caller.desk.mixpanel.query_seconds = 0.3
    caller.longest_wait = 0.1

    assert b"the-function-key" not in caller.get(code="the-function-key").body


@pytest.mark.parametrize("ticket", ["", "weekly", "hourly.2026-11-16.2026-11-22.0123456789abcdef"])
def test_a_status_that_is_none_is_said_to_be(caller: Caller, ticket: str):
    assert "is no order" in wrong(caller.get(status=ticket))["status"]


def test_a_destination_without_its_secret_is_named_and_a_report_to_look_at_needs_none(caller: Caller):
    caller.desk.set(SLACK_WEBHOOK_URL="")

    response = caller.get()

    assert response.status == 500
    assert said(response)["errors"][0]["setting"] == "SLACK_WEBHOOK_URL"
    assert caller.get(send_slack="false").status == 200


def test_wrong_settings_are_all_named():
    faults = (
        SettingsFault("TIMEZONE", "is no zone", "Mend it."),
        SettingsFault("A", "is not set", "Set it."),
    )

    def broken() -> Any:
        raise ConfigError(faults)

    response = custom_report(HttpRequest("GET"), broken, lambda _: None)

    assert response.status == 500
    assert [fault["setting"] for fault in said(response)["errors"]] == ["TIMEZONE", "A"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused(caller: Caller, method: str):
    response = caller.get(method=method)

    assert (response.status, response.headers["Allow"]) == (405, "GET, POST, HEAD")
    assert caller.desk.mixpanel.requests == []


@pytest.mark.parametrize("status_code", [400, 401, 403, 404, 500])
def test_no_answer_repeats_a_secret_that_mixpanel_echoes(caller: Caller, status_code: int):
    body = f"you are {USERNAME}:{SECRET}"
    caller.desk.mixpanel.faults.append(Fault(path="/api", status=status_code, body=body, times=20))

    response = caller.get(period="weekly", code="the-function-key")

    assert response.status in (502, 503)
    assert SECRET.encode() not in response.body
    assert b"the-function-key" not in response.body


@pytest.mark.parametrize("status_code", [400, 403, 404, 500])
def test_no_answer_repeats_an_address_that_slack_echoes(caller: Caller, status_code: int):
    address = caller.desk.slack.webhook_url
    caller.desk.slack.faults.append(Fault(path="/services", status=status_code, body=address, times=20))

    response = caller.get(period="weekly", code="the-function-key")

    assert response.status in (502, 503)
    assert address.rpartition("/")[2].encode() not in response.body
