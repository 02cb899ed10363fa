"""An address in a chat is looked at by programs: they get an answer, and send nothing."""

import re
from collections.abc import Iterator

import pytest

from reporter.http.request import HttpRequest, is_preview, may_send
from tests.desk import Desk
from tests.http.caller import BROWSER, Caller

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
PROGRAMS = [
    "curl/8.11.0",
    "curl/7.88.1 (x86_64-pc-linux-gnu) libcurl/7.88.1",
    "Wget/1.21.4",
    "HTTPie/3.2.4",
    "xh/0.23.0",
    "python-requests/2.32.3",
    "Python-urllib/3.13",
    "python-urllib3/2.3.0",
    "python-httpx/0.28.1",
    "Python/3.12 aiohttp/3.11.11",
    "Go-http-client/2.0",
    "node",
    "undici",
    "axios/1.7.9",
    "got (https://github.com/sindresorhus/got)",
    "Deno/2.1.4",
    "okhttp/4.12.0",
    "Java/17.0.13",
    "Java-http-client/21.0.5",
    "Apache-HttpClient/5.4.1 (Java/21.0.5)",
    "Ruby",
    "Faraday v2.12.2",
    "GuzzleHttp/7",
    "libwww-perl/6.77",
    "PostmanRuntime/7.43.0",
    "insomnia/10.3.0",
    "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.19041.1682",
    "Mozilla/5.0 (Macintosh; Darwin 23.6.0; en-US) PowerShell/7.4.6",
    "Mozilla/5.0 (compatible; Google-Apps-Script; beanserver; +https://script.google.com; id: UAEmdDd)",
    "azure-logic-apps/1.0 (workflow 08585; version 1)",
    "GitHub-Hookshot/044aadd",
    "Zapier",
    "Make/production",
    "n8n",
]
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
# Neither named as what looks addresses up nor known as a program: browsers, and those that pass for one.
OTHERS = [
    "",
    f"{CHROME} Chrome/131.0.0.0 Safari/537.36",
    f"{CHROME} Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/605",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
    BROWSER["user-agent"],
    f"{CHROME} Chrome/100 Safari/537.36 RocketChat/6.0",
    "Discourse Forum Onebox v3.2.0",
    "Mozilla/5.0 (compatible; Bluesky Cardyb/1.1; mailto:support@bsky.app)",
    "Tumblr/14.0.835.186",
    "Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)",
    "W3C_Validator/1.3",
    "Mozilla/5.0 (Compatible; Limnoria 2023)",
    "http.rb/4.4.1 (Mastodon/3.1.0; +https://mastodon.example/)",
    "node-fetch/1.0 (+https://github.com/bitinn/node-fetch)",
    "pythonista-links/2.0",
]


@pytest.fixture
def caller(desk: Desk) -> Iterator[Caller]:
    made = Caller(desk)
    yield made
    made.close()


def nothing_happened(caller: Caller) -> bool:
    return not caller.desk.slack.requests and not caller.desk.mixpanel.requests and not caller.queue


@pytest.mark.parametrize("agent", [*PREVIEWERS, *OTHERS])
def test_who_is_no_program_is_told_what_the_address_is_and_sends_nothing(caller: Caller, agent: str):
    response = caller.get({"user-agent": agent}, period="weekly")

    assert response.status == 200
    assert b"may send it to Slack" in response.body
    assert nothing_happened(caller)


def test_the_button_of_the_page_sends_what_the_address_says(caller: Caller):
    page = caller.get(BROWSER, period="weekly").body.decode()

    assert re.findall(r"<form[^>]*>(.*?)</form>", page) == ["<button>Make the report and send it</button>"]
    assert '<form method="post">' in page  # to its own address, with no body
    assert caller.post(b"", BROWSER, period="weekly").status == 200
    assert len(caller.desk.slack.messages) == 1


@pytest.mark.parametrize("agent", PROGRAMS)
def test_a_get_by_a_program_sends(agent: str):
    request = HttpRequest("GET", headers={"user-agent": agent})

    assert may_send(request)
    assert not is_preview(request)


def test_a_browser_sees_what_is_not_sent(caller: Caller):
    response = caller.get(BROWSER, period="weekly", send_slack="false", format="html")

    assert b"Weekly Report" in response.body
    assert not caller.desk.slack.requests


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


def test_a_command_that_slack_posts_is_no_preview():
    request = HttpRequest("POST", headers={"user-agent": PREVIEWERS[1]})

    assert may_send(request)
    assert not is_preview(request)
