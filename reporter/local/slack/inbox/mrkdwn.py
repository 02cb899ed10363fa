"""Slack's mrkdwn as HTML: bold, italic, code, links, dates and mentions; anything else stays text."""

import re
from typing import Final
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from reporter.local.slack.elements import Mrkdwn, PlainText

_TOKEN: Final = re.compile(
    r"```(?P<pre>.+?)```"
    r"|`(?P<code>[^`\n]+)`"
    r"|<(?P<angle>[^<>\n]+)>"
    r"|(?<![\w*])\*(?P<bold>[^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])"
    r"|(?<!\w)_(?P<italic>[^\s_](?:[^\n]*?\S)?)_(?!\w)",
    re.DOTALL,
)
_ENTITY: Final = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}


def draw_text(text: PlainText | Mrkdwn) -> Markup:
    """A text object of a block. Plain text is literal: even its entities."""
    return draw_mrkdwn(text.text) if isinstance(text, Mrkdwn) else escape(text.text)


def draw_mrkdwn(text: str) -> Markup:
    drawn: list[Markup] = []
    end = 0
    for token in _TOKEN.finditer(text):
        drawn += [_words(text[end : token.start()]), _draw(token)]
        end = token.end()
    return Markup().join([*drawn, _words(text[end:])])


def draw_link(url: str, label: Markup) -> Markup:
    """A link, where it leads to the web; else only its label."""
    if not leads_to_the_web(url):
        return label
    return Markup('<a href="{}" rel="noreferrer">{}</a>').format(url, label)


def leads_to_the_web(url: str) -> bool:
    try:
        return urlsplit(url).scheme in ("http", "https", "mailto")
    except ValueError:
        return False


def _draw(token: re.Match[str]) -> Markup:
    inside = token[token.lastgroup or 0]
    match token.lastgroup:
        case "pre":
            return Markup("<pre>{}</pre>").format(_words(inside.strip("\n")))
        case "code":
            return Markup("<code>{}</code>").format(_words(inside))
        case "bold":
            return Markup("<b>{}</b>").format(draw_mrkdwn(inside))
        case "italic":
            return Markup("<i>{}</i>").format(draw_mrkdwn(inside))
        case _:
            return _draw_angle(inside)


def _draw_angle(inside: str) -> Markup:
    """What stands between `<` and `>`: a date, a mention or a link."""
    target, _, label = inside.partition("|")
    if target.startswith("!date^"):
        return _words(label or target)
    if target.startswith(("!", "@", "#")):
        named = label or target.lstrip("!@#")
        return Markup('<span class="mention">{}{}</span>').format(
            "#" if target.startswith("#") else "@", _words(named)
        )
    if not leads_to_the_web(_unescape(target)):
        return _words(f"<{inside}>")
    return draw_link(_unescape(target), _words(label or target))


def _words(text: str) -> Markup:
    return escape(_unescape(text))


def _unescape(text: str) -> str:
    return re.sub("&(?:lt|gt|amp);", lambda entity: _ENTITY[entity[0]], text)
