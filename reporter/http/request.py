"""What comes in over HTTP and what goes out, whoever serves it; and whether a request means what it says.

A chat shows what is behind a link, a browser reads ahead: nobody wished for that. Not all that only look can
be known by name, so the rule is the other way round: a GET sends where it comes from a program that people
write commands with. Everybody else gets a page that says what the address is, and whose button sends.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request. Its address and headers may hold the function key, so they do not show."""

    method: str
    query: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)  # names in lower case
    body: bytes = field(default=b"", repr=False)
    url: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """An answer, whole."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


# How the names begin that command lines, libraries and automation services give themselves.
PROGRAMS = re.compile(
    r"(curl|libcurl|wget|httpie|xh|hurl|python|python-requests|python-urllib3?|python-httpx2?|httpx2?|aiohttp"
    r"|go-http-client|go-resty|node|node-fetch|undici|axios|got|superagent|needle|deno|bun|okhttp|java"
    r"|java-http-client|apache-httpclient|jersey|ruby|faraday|rest-client|httparty|guzzlehttp|symfony|php|perl"
    r"|libwww-perl|lwp|reqwest|ureq|hyper|dart|azure-cli|azure-logic-apps|azurepipelines|github-hookshot|zapier"
    r"|make|n8n|ifttt|pipedream|postmanruntime|insomnia|bruno)(?![\w.-]*[a-z])",
    re.IGNORECASE,
)
# Programs all the same, though they begin as a browser does, or say where they are at home.
DISGUISED = re.compile(r"powershell/|google-apps-script", re.IGNORECASE)
# Chats, social networks, mail and search engines, by what their documents say they call themselves.
PREVIEWERS = re.compile(
    r"slack-imgproxy|facebookexternalhit|facebookcatalog|meta-external|whatsapp|microsoft ?teams|teams/"
    r"|google-|mattermost|iframely|embed|pinterest|vkshare|viber|mastodon|scrap|bot\b|bot[/;_-]|\+https?:|preview|crawl"
    r"|spider|unfurl|prefetch|link.?expand",
    re.IGNORECASE,
)
READ_AHEAD = re.compile(r"prefetch|preview|prerender", re.IGNORECASE)
PURPOSES = ("purpose", "sec-purpose", "x-purpose", "x-moz")

# The form has no field, so that the browser posts to the whole address again, and sends no body.
_PAGE = b"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>A report on request</title>
<meta property="og:title" content="A report on request">
<meta property="og:description" content="This address makes an analytics report and may send it to Slack.">
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 34rem; margin: 4rem auto; padding: 0 1rem; }
button { font: inherit; padding: .5rem 1rem; }
</style>
</head>
<body>
<h1>A report on request</h1>
<p>This address makes an analytics report and may send it to Slack. Nothing has been made or sent yet.</p>
<form method="post"><button>Make the report and send it</button></form>
<p>To see it without sending it, add <code>&amp;send_slack=false&amp;format=html</code> to the address.</p>
</body>
</html>
"""


def is_preview(request: HttpRequest) -> bool:
    """Whether the request only looks at the address, and asks for nothing.

    A POST never does: chats also send their users' commands with it, under the names of their previewers.
    """
    if request.method == "HEAD":
        return True
    if any(READ_AHEAD.search(request.headers.get(name, "")) for name in PURPOSES):
        return True
    return request.method == "GET" and _is_previewer(request.headers.get("user-agent", ""))


def may_send(request: HttpRequest) -> bool:
    """Whether the request means what it says: a POST, or a GET by a program of somebody's own."""
    agent = request.headers.get("user-agent", "")
    is_program = bool(PROGRAMS.match(agent) or DISGUISED.search(agent)) and not _is_previewer(agent)
    return request.method == "POST" or is_program


def explain_address(request: HttpRequest) -> HttpResponse:
    """What the address is, with a button that sends."""
    body = b"" if request.method == "HEAD" else _PAGE
    headers = {
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    }
    return HttpResponse(200, body, "text/html; charset=utf-8", headers)


def _is_previewer(agent: str) -> bool:
    return PREVIEWERS.search(agent) is not None and not DISGUISED.search(agent)
