"""Text in Slack: how long it may be, and how it stays literal.

In mrkdwn `&`, `<` and `>` are escaped, but `*`, `_`, `~` and backticks have no escape (Slack, "Formatting
message text"). So names go where Slack reads nothing into them: plain_text, raw_text and rich_text.
"""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from reporter.render import sanitize
from reporter.render.sanitize import Json

Block: TypeAlias = dict[str, Json]

MOST_MESSAGE = 9_000  # Slack takes about 12,000 in all and does not say how it counts
MOST_NOTIFICATION = 300

_NOT_READ = frozenset({"type", "style", "align"})
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_FORMAT = re.compile(r"[*~`]|(?<![^\W_])_|_(?![^\W_])|^[^\S\n]*>", re.MULTILINE)
_EMOJI = re.compile(r":[\w+'-]+:")
# What Slack may read as a link: the letters beside a dot may carry accents, or hide behind a joiner.
_LINK = re.compile(r"://|(?<=\S)\.(?=[^\W\d_]|[\u0300-\u036f\u200b-\u200f\ufe00-\ufe0f])")
LINKABLE = re.compile(r"[@#/]|:(?=\S)|\.(?!\d)")  # addresses, names of channels, mentions
_LOOKALIKES = {"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ", ".": "․", ":": "꞉", "/": "⁄", ">": "›"}


def weight(text: str) -> int:
    """How long Slack may find a text: in UTF-16, with `&`, `<` and `>` escaped."""
    escapes = 4 * text.count("&") + 3 * (text.count("<") + text.count(">"))
    return len(text) + len(_ASTRAL.findall(text)) + escapes


def total_weight(value: Json) -> int:
    """The weight of everything in a message that somebody reads."""
    if isinstance(value, str):
        return weight(value)
    if isinstance(value, Mapping):
        return sum(total_weight(each) for key, each in value.items() if key not in _NOT_READ)
    return sum(map(total_weight, value)) if isinstance(value, Sequence) else 0


def cut(text: str, most: int) -> str:
    """Text that Slack finds no longer than `most`."""
    return sanitize.cut(text, most, weight)


def plain(text: str, most: int) -> Block:
    """Literal text; not even `:tada:` means anything."""
    return {"type": "plain_text", "text": cut(text, most), "emoji": False}


def mrkdwn(escaped: str, names: str = "") -> Block:
    """Formatted text, in which Slack finds no links but ours; `names` are what others wrote of it.

    `verbatim` keeps it from looking for some, and is left out where there is nothing to be found.
    """
    text: Block = {"type": "mrkdwn", "text": escaped}
    return {**text, "verbatim": True} if LINKABLE.search(names) else text


def is_literal(text: str) -> bool:
    """Whether Slack, once the text is escaped, reads nothing into it."""
    return not (_FORMAT.search(text) or _EMOJI.search(text))


def escape(text: str) -> str:
    """For mrkdwn, once."""
    return html.escape(text, quote=False)


def literal(text: str, most: int) -> str:
    """For the message's own `text`, always mrkdwn: what would format or link becomes a look-alike."""
    for pattern in (_FORMAT, _EMOJI, _LINK):
        text = pattern.sub(lambda found: "".join(_LOOKALIKES.get(each, each) for each in found[0]), text)
    return escape(cut(text, most))


def fitting(items: Iterable[Json], most: int, room: int) -> int:
    """How many of the items, at most `most`, stay within `room`."""
    count = 0
    for item in items:
        room -= total_weight(item)
        if room < 0 or count == most:
            break
        count += 1
    return count


def mention(who: str | None) -> str:
    """The call in Slack's mrkdwn; empty for nobody, and for what is neither a word nor an id of Slack."""
    who = who or ""
    if who in ("here", "channel"):
        return f"<!{who}>"
    if re.fullmatch(r"[UW][A-Z0-9]{1,30}", who):
        return f"<@{who}>"
    return f"<!subteam^{who}>" if re.fullmatch(r"S[A-Z0-9]{1,30}", who) else ""
