"""Text that others wrote, made fit to stand beside ours: it hides, reorders and floods nothing."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

MOST_NAME = 60
MOST_REASON = 240
ELLIPSIS = "…"

_MOST_READ = 4_000  # a name is cut far below; nobody waits for the rest of a megabyte
_MOST_MARKS = 16  # the longest emoji in use has 11 code points; stacked accents end here

_MOST_ACCENTS = 8  # on one letter: no writing has as many, and more run over the lines above

_LAYOUT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_UNSEEN = re.compile(
    "[\u00ad\u061c\u115f\u1160\u180b-\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0"
    "\ufff0-\ufffc\ufffe\uffff\U0001d173-\U0001d17a]"
)
_BROKEN = re.compile("[\ud800-\udfff\ufdd0-\ufdef]")
_VISIBLE = re.compile(r"[^\s\u200c\u200d\ufe00-\ufe0f\U000e0000-\U000e01ef]")
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_FIRST_STRONG, _POP = "\u2068", "\u2069"


def clean(text: str) -> str:
    """One line of visible text: no controls, no half characters, none that turn the direction of writing.

    >>> clean("Sign\\tUp\\u202e")
    'Sign Up'
    """
    text = _UNSEEN.sub("", _LAYOUT.sub(" ", text[:_MOST_READ]))
    text = "".join(_unstacked(" ".join(_BROKEN.sub("\ufffd", text).split())))
    return text if _VISIBLE.search(text) else ""


def _unstacked(text: str) -> Iterator[str]:
    accents = 0
    for character in text:
        accents = accents + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if accents <= _MOST_ACCENTS:
            yield character


def shown(name: str, nameless: str, most: int = MOST_NAME) -> str:
    """A name as it stands in a sentence, a cell or a label; `nameless` stands for one that shows nothing."""
    return isolated(cut(clean(name) or nameless, most))


def isolated(text: str) -> str:
    """Right-to-left text, kept from reordering the numbers around it."""
    return f"{_FIRST_STRONG}{text}{_POP}" if _RIGHT_TO_LEFT.search(text) else text


def cut(text: str, most: int, weigh: Callable[[str], int] = len) -> str:
    """`text`, or as many of its whole characters as leave room for an ellipsis.

    >>> cut("Checkout Completed", 9)
    'Checkout…'
    """
    if weigh(text) <= most:
        return text
    room, kept = most - weigh(ELLIPSIS), ""
    for cluster in _clusters(text):
        room -= weigh(cluster)
        if room < 0:
            break
        kept += cluster
    return kept.rstrip() + ELLIPSIS


def _clusters(text: str) -> Iterator[str]:
    """What a reader takes for one character: a letter with its accents, an emoji with all its parts."""
    cluster = ""
    for character in text:
        if cluster and (len(cluster) >= _MOST_MARKS or not _joins(cluster, character)):
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


def _joins(cluster: str, character: str) -> bool:
    if unicodedata.category(character).startswith("M") or character == "\u200d" or cluster[-1] == "\u200d":
        return True
    if "\U0001f3fb" <= character <= "\U0001f3ff" or "\U000e0020" <= character <= "\U000e007f":
        return True  # skin tones, and the letters within a region's flag
    return len(cluster) == 1 and _is_flag_letter(cluster) and _is_flag_letter(character)


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
Object: TypeAlias = dict[str, Json]

_HALF = re.compile("[\ud800-\udfff]")
_ESCAPED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def written(value: Json) -> str:
    """Values as text; ends with a newline."""
    text = whole(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2))
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def whole(text: str) -> str:
    """The text without halves of characters, which UTF-8 cannot hold."""
    return _HALF.sub("\ufffd", text)
