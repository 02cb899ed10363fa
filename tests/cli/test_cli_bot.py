"""A bot as a destination, as a user sets it up: beside the webhook, looked up, checked, told elsewhere."""

from collections.abc import Iterator

import pytest

from reporter.local.server import Fault
from reporter.local.slack import TOKEN, LocalSlack
from tests.desk import Desk

POST = "/api/chat.postMessage"
BOT = """
[destinations.team]
type = "bot"
token = "SLACK_BOT_TOKEN"
channel = "C0LOCAL"
"""


@pytest.fixture
def desk(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Every report goes to the webhook and to the bot."""
    for name in ("SLACK_BOT_TOKEN", "SLACK_API_URL", "ERROR_WEBHOOK_URL"):
        monkeypatch.delenv(name, raising=False)
    reports = desk.folder / "reports.toml"
    text = reports.read_text(encoding="utf-8")
    assert 'destinations = ["slack"]' in text
    reports.write_text(
        text.replace('destinations = ["slack"]', 'destinations = ["slack", "team"]') + BOT, encoding="utf-8"
    )
    desk.set(SLACK_BOT_TOKEN=TOKEN, SLACK_API_URL=f"{desk.slack.url}/api")
    return desk


@pytest.fixture
def errors() -> Iterator[LocalSlack]:
    """A second Slack, for notices alone."""
    with LocalSlack() as running:
        yield running


def test_a_report_goes_to_both_each_once(desk: Desk):
    code, out, _ = desk.reporter("send", "weekly")
    desk.reporter("send", "weekly")

    assert code == 0
    assert "sent to slack." in out
    assert "sent to team." in out
    by_webhook, by_bot = desk.slack.messages
    assert by_webhook.metadata is None
    assert by_bot.metadata
    assert by_webhook.text == by_bot.text


def test_one_destination_that_fails_does_not_hold_up_the_other(desk: Desk):
    desk.slack.faults.append(Fault(path="/services", status=404, body="no_service", times=2))

    code, out, err = desk.reporter("send", "weekly")
    assert code == 1
    assert "sent to team." in out
    assert "no_service" in err

    code, out, _ = desk.reporter("send", "weekly")
    assert code == 0
    assert "sent to slack." in out
    assert len([message for message in desk.slack.messages if "new users joined" in message.text]) == 2


def test_a_lost_answer_is_looked_up_and_the_report_counts_as_sent(desk: Desk):
    desk.slack.faults.append(Fault(path=POST, drop=True, after=True))

    code, out, err = desk.reporter("send", "weekly")

    assert (code, err) == (0, "")
    assert "sent to team." in out
    assert len(desk.slack.messages) == 2


def test_a_bot_that_may_not_look_up_leaves_it_uncertain(desk: Desk):
    desk.slack.faults.append(Fault(path=POST, drop=True, after=True))
    missing = '{"ok": false, "error": "missing_scope", "needed": "channels:history"}'
    desk.slack.faults.append(Fault(path="/api/conversations.history", status=200, body=missing, times=2))

    code, _, err = desk.reporter("send", "weekly")
    assert code == 4
    assert "may have been posted" in err

    assert desk.reporter("send", "weekly")[0] == 4
    reports = [message for message in desk.slack.messages if "new users joined" in message.text]
    assert len(reports) == 2


def test_check_looks_at_the_bot_and_posts_nothing(desk: Desk):
    code, out, _ = desk.reporter("check")

    assert code == 0
    assert "Destination team: takes messages" in out
    assert desk.slack.messages == []


def test_check_names_the_channel_that_is_not_there(desk: Desk):
    reports = desk.folder / "reports.toml"
    reports.write_text(reports.read_text().replace("C0LOCAL", "C0NOWHERE"))

    code, out, _ = desk.reporter("check")

    assert code == 1
    assert "Destination team: Slack refused conversations.history (channel_not_found)" in out


def test_notices_go_to_the_error_channel_where_there_is_one(desk: Desk, errors: LocalSlack):
    desk.set(ERROR_WEBHOOK_URL=errors.webhook_url)
    desk.slack.faults.append(Fault(path=POST, status=200, body='{"ok": false, "error": "is_archived"}'))

    code, _, err = desk.reporter("send", "weekly")

    assert code == 1
    assert "unarchive" in err
    assert len(desk.slack.messages) == 1
    (notice,) = errors.messages
    assert "The report was not posted" in notice.text
