"""Destinations with a language of their own: all that is sent there reads in it."""

import json

import pytest

from reporter.cli.output import SETTINGS
from reporter.local.slack import LocalSlack
from tests.desk import Desk

BERLIN = """
[destinations.berlin]
type = "webhook"
url = "BERLIN_URL"
locale = "de-DE"
"""


@pytest.fixture
def both(desk: Desk) -> Desk:
    """Every report goes to two channels, of which the second reads German."""
    desk.change('destinations = ["slack"]', 'destinations = ["slack", "berlin"]')
    with (desk.folder / "reports.toml").open("a") as file:
        file.write(BERLIN)
    desk.set(BERLIN_URL=desk.slack.webhook_url)
    return desk


def sent(slack: LocalSlack) -> list[str]:
    return [json.dumps(message.payload, ensure_ascii=False) for message in slack.messages]


def test_the_same_report_comes_in_each_destination_s_language(both: Desk):
    assert both.reporter("send", "weekly")[0] == 0

    english, german = sent(both.slack)
    assert "Key Metrics" in english
    assert "complete through" in english
    assert "Kennzahlen" in german
    assert "vollständig bis" in german
    assert "complete through" not in german


def test_a_failure_is_told_in_the_destination_s_language(both: Desk):
    both.set(MIXPANEL_SECRET="another-secret")

    assert both.reporter("send", "weekly")[0] == 1

    english, german = sent(both.slack)
    assert "The report was not posted." in english
    assert "Der Bericht wurde nicht gesendet." in german
    assert "What to do" not in german


def test_the_error_channel_has_the_report_s_language(both: Desk):
    both.set(MIXPANEL_SECRET="another-secret", ERROR_WEBHOOK_URL=both.slack.webhook_url)

    both.reporter("send", "weekly")

    assert all("The report was not posted." in text for text in sent(both.slack))


def test_a_preview_shows_what_the_first_destination_gets_or_the_language_that_is_named(both: Desk):
    english = both.reporter("preview", "weekly")[1]
    french = both.reporter("preview", "weekly", "--locale", "fr")[1]
    both.change('type = "webhook"', 'type = "webhook"\nlocale = "de"')
    german = both.reporter("preview", "weekly")[1]

    found = [
        [word in text for word in ("Key Metrics", "Chiffres clés", "Kennzahlen")]
        for text in (english, french, german)
    ]
    assert found == [[True, False, False], [False, True, False], [False, False, True]]


def test_the_document_stays_in_the_report_s_language(both: Desk):
    both.change('type = "webhook"', 'type = "webhook"\nlocale = "de"')

    assert json.loads(both.reporter("preview", "weekly", "--format", "json")[1])["locale"] == "en"


def test_a_language_that_reports_do_not_have_is_a_wrong_command(desk: Desk):
    with pytest.raises(SystemExit) as ended:
        desk.reporter("preview", "weekly", "--locale", "es")

    assert ended.value.code == SETTINGS
    assert "reports are not worded in this language. Use en, de or fr" in desk.output.readouterr().err
