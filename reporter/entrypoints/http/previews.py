"""Addresses that nobody opened on purpose: a chat shows what is behind a link, a browser reads ahead.

They get a page that says what the address is. They send nothing, and ask Mixpanel nothing.
"""

import re

from reporter.entrypoints.http.shapes import Request, Response

# Chats, social networks, mail and search engines, by what their documents say they call themselves. Google's
# Apps Script is a program of somebody's own, and no previewer.
PREVIEWERS = re.compile(
    r"slackbot|slack-imgproxy|facebookexternalhit|facebot|facebookcatalog|meta-external|twitterbot|discordbot"
    r"|telegrambot|whatsapp|linkedinbot|skypeuripreview|microsoftpreview|microsoft ?teams|teams/"
    r"|google-(?!apps-script)|googlebot|applebot|mattermost|iframely|embedly|pinterest|vkshare|viber"
    r"|bot\b|bot[/;_-]|preview|crawl|spider|unfurl|prefetch|link.?expand",
    re.IGNORECASE,
)
READ_AHEAD = re.compile(r"prefetch|preview|prerender", re.IGNORECASE)
PURPOSES = ("purpose", "sec-purpose", "x-purpose", "x-moz")

_PAGE = b"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="robots" content="noindex">
<title>A report on request</title>
<meta property="og:title" content="A report on request">
<meta property="og:description" content="Opening it makes an analytics report and may send it to Slack.">
</head>
<body>
<p>Opening this address makes an analytics report and may send it to Slack.</p>
<p>This was a preview of it: nothing was made, and nothing was sent.</p>
</body>
</html>
"""


def is_preview(request: Request) -> bool:
    """Whether the request only looks at the address.

    A POST never does: chats also send their users' commands with it, under the names of their previewers.
    """
    if request.method == "HEAD":
        return True
    if any(READ_AHEAD.search(request.headers.get(name, "")) for name in PURPOSES):
        return True
    return request.method == "GET" and PREVIEWERS.search(request.headers.get("user-agent", "")) is not None


def explained(request: Request) -> Response:
    """What the address is."""
    body = b"" if request.method == "HEAD" else _PAGE
    return Response(200, body, "text/html; charset=utf-8", {"Cache-Control": "no-store"})
