"""Wrong settings are told in Slack, by whatever destination works, where nobody sits at the terminal."""

from collections.abc import Iterator

import pytest

from reporter.destinations.alarm import tell_wrong_settings
from reporter.local.server import Fault
from reporter.local.slack import TOKEN, LocalSlack
from reporter.reports.errors import SettingsProblem as Wrong
from reporter.setting_files import SettingFiles
from tests.desk import Desk
from tests.desk import desk as desk  # a fixture
from tests.desk import product as product  # a fixture

FAULTS = (Wrong("reports.toml line 3", "this is not TOML", "Look at this line."),)
WEBHOOK = '[destinations.team]\ntype = "webhook"\nurl = "TEAM_URL"\n'
BOT = '[destinations.team]\ntype = "bot"\ntoken = "TEAM_TOKEN"\nchannel = "C0LOCAL"\n'


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as running:
        yield running


def told(slack: LocalSlack, text: str | None, **values: str) -> int:
    tell_wrong_settings(FAULTS, SettingFiles(values, "reports.toml", text))
    assert all("the settings are wrong" in message.text for message in slack.messages)
    return len(slack.messages)


@pytest.mark.parametrize("broken", ["", "\n[reports.weekly\n"])
def test_any_destination_of_the_file_is_told_even_where_the_file_is_broken(slack: LocalSlack, broken: str):
    api = {"SLACK_API_URL": f"{slack.url}/api"}

    assert told(slack, WEBHOOK + broken, TEAM_URL=slack.webhook_url) == 1
    assert told(slack, BOT + broken, TEAM_TOKEN=TOKEN, **api) == 2
    assert told(slack, BOT.replace("TEAM", "SLACK_BOT") + broken, SLACK_BOT_TOKEN=TOKEN, **api) == 3


def test_without_a_file_the_usual_channel_is_told(slack: LocalSlack):
    assert told(slack, None, SLACK_WEBHOOK_URL=slack.webhook_url) == 1


def test_the_next_channel_is_told_where_one_does_not_take_it(slack: LocalSlack):
    slack.faults.append(Fault(path="/services", status=404, body="no_service", times=2))
    values = {
        "ERROR_WEBHOOK_URL": slack.webhook_url,
        "TEAM_TOKEN": TOKEN,
        "SLACK_API_URL": f"{slack.url}/api",
    }

    assert told(slack, BOT, **values, SLACK_WEBHOOK_URL="https://example.com") == 1


def test_that_nobody_could_be_told_is_logged(slack: LocalSlack, caplog: pytest.LogCaptureFixture):
    assert told(slack, BOT, TEAM_TOKEN="xoxp-wrong", SLACK_WEBHOOK_URL="your_webhook") == 0
    assert "settings-wrong: reports.toml line 3" in caplog.text
    assert "not-told" in caplog.text
    assert "xoxp" not in caplog.text


@pytest.mark.parametrize("words", [("serve",), ("send", "daily"), ("resend", "daily")])
def test_what_runs_unattended_tells_wrong_settings_once_a_day(desk: Desk, words: tuple[str, ...]):
    desk.change('schedule = "0 0 9 * * *"', 'schedule = "0 0 9 * *')

    codes = [desk.reporter(*words)[0] for _ in range(3)]

    assert codes == [2, 2, 2]
    assert len(desk.slack.messages) == 1
    assert "the settings are wrong" in desk.slack.messages[0].text


def test_another_fault_is_told_anew(desk: Desk):
    desk.change('schedule = "0 0 9 * * *"', 'schedule = "0 0 9 * *')
    desk.reporter("serve")
    desk.change('schedule = "0 0 9 * *', 'schedule = "nonsense"')
    desk.reporter("serve")

    assert len(desk.slack.messages) == 2


def test_who_sits_at_the_terminal_is_told_there_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    desk.change('schedule = "0 0 9 * * *"', 'schedule = "0 0 9 * *')

    assert desk.reporter("send", "daily")[0] == 2
    assert desk.slack.messages == []


def test_commands_that_send_nothing_tell_nobody(desk: Desk):
    desk.change('schedule = "0 0 9 * * *"', 'schedule = "0 0 9 * *')

    for words in (("check",), ("preview", "daily"), ("health",), ("due",)):
        assert desk.reporter(*words)[0] == 2
    assert desk.slack.messages == []


def test_the_example_s_placeholder_is_no_channel_that_is_tried(
    slack: LocalSlack, caplog: pytest.LogCaptureFixture
):
    assert told(slack, None, SLACK_WEBHOOK_URL="https://hooks.slack.com/services/YOUR/WEBHOOK/URL") == 0
    assert "did not take" not in caplog.text
