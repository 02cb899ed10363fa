"""An address in a chat is looked at by programs: they get an answer, and send nothing."""

from collections.abc import Iterator

import pytest

from reporter.entrypoints.http.previews import is_preview
from reporter.entrypoints.http.shapes import Request
from tests.entrypoints.conftest import Desk
from tests.entrypoints.http_caller import BROWSER, Caller

PREVIEWERS = [
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Slackbot 1.0 (+https://api.slack.com/robots)",
    "Slack-ImgProxy (+https://api.slack.com/robots)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "facebookexternalhit/1.1 Facebot Twitterbot/1.0",
    "meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
    "Twitterbot/1.0",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "TelegramBot (like TwitterBot)",
    "WhatsApp/2.23.20.0",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
    "Mozilla/5.0 (compatible; MicrosoftPreview/2.0; +https://aka.ms/MicrosoftPreview)",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Teams/1.5.00.4689",
    "Mozilla/5.0 (compatible; Google-InspectionTool/1.0)",
    "Google-PageRenderer Google (+https://developers.google.com/+/web/snippet/)",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17 Safari/605 (Applebot/0.1)",
    "mattermost-10.5.0",
    "Iframely/1.3.1 (+https://iframely.com/docs/about)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 BingPreview/1.0b",
    "ZoomBot (zoombot@zoom.us)",
    "some-crawler/1.0",
    "Baiduspider/2.0",
    "Synapse (bot; +https://github.com/matrix-org/synapse)",
    "acme link unfurler",
]
CALLERS = [
    "",
    "curl/8.11.0",
    "python-requests/2.32.3",
    "PostmanRuntime/7.43.0",
    BROWSER["user-agent"],
    "Mozilla/5.0 (compatible; Google-Apps-Script; beanserver; +https://script.google.com; id: UAEmdDd)",
    "GitHub-Hookshot/044aadd",
    "Zapier",
    "Robotics-Dashboard/1.0",
]


@pytest.fixture
def caller(desk: Desk) -> Iterator[Caller]:
    made = Caller(desk)
    yield made
    made.close()


def nothing_happened(caller: Caller) -> bool:
    return not caller.desk.slack.requests and not caller.desk.mixpanel.requests and not caller.queue


@pytest.mark.parametrize("agent", PREVIEWERS)
def test_a_previewer_gets_an_answer_and_sends_nothing(caller: Caller, agent: str):
    response = caller.get({"user-agent": agent}, period="weekly")

    assert response.status == 200
    assert b"may send it to Slack" in response.body
    assert nothing_happened(caller)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("purpose", "prefetch"),
        ("purpose", "preview"),
        ("sec-purpose", "prefetch;prerender"),
        ("x-purpose", "preview"),
        ("x-moz", "prefetch"),
    ],
)
def test_a_browser_that_reads_ahead_sends_nothing(caller: Caller, header: str, value: str):
    assert caller.get({**BROWSER, header: value}).status == 200
    assert nothing_happened(caller)


def test_a_look_at_the_head_sends_nothing(caller: Caller):
    response = caller.get(method="HEAD")

    assert (response.status, response.body) == (200, b"")
    assert nothing_happened(caller)


def test_a_preview_needs_no_settings(caller: Caller):
    caller.desk.set(MIXPANEL_USERNAME="")

    assert caller.get({"user-agent": PREVIEWERS[0]}).status == 200


@pytest.mark.parametrize("agent", CALLERS)
def test_people_and_their_programs_are_no_previewers(agent: str):
    assert not is_preview(Request("GET", headers={"user-agent": agent}))


def test_a_command_that_slack_posts_is_no_preview():
    assert not is_preview(Request("POST", headers={"user-agent": PREVIEWERS[1]}))
