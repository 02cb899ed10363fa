"""JSON as text that any UTF-8 file, log or terminal takes."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
Object: TypeAlias = dict[str, Json]

_HALF = re.compile("[\ud800-\udfff]")
_UNSEEN = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def written(value: Json) -> str:
    """Values as text; ends with a newline."""
    text = whole(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2))
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def whole(text: str) -> str:
    """The text without halves of characters, which UTF-8 cannot hold."""
    return _HALF.sub("\ufffd", text)
