"""JSON that somebody sent, read as `object` and narrowed."""

import json
from typing import Final, NoReturn, cast

MOST_LEVELS: Final = 50


def object_of(value: object) -> dict[str, object] | None:
    """The value where it is a JSON object."""
    return cast("dict[str, object]", value) if isinstance(value, dict) else None


def list_of(value: object) -> list[object]:
    """The value where it is a JSON array, else an empty list."""
    return cast("list[object]", value) if isinstance(value, list) else []


def text_of(value: object) -> str:
    """The value where it is a string, else no text."""
    return value if isinstance(value, str) else ""


def parse(body: bytes) -> object:
    """The JSON in `body`. Raises ValueError for what is no JSON, no Unicode, or too deep."""
    try:
        value: object = json.loads(body, parse_constant=_refuse)
        deep = _depth(value) > MOST_LEVELS
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if deep:
        raise ValueError("nested too deeply")
    json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair can not be sent on
    return value


def _depth(value: object) -> int:
    inside = [*list_of(value), *(object_of(value) or {}).values()]
    return 1 + max(map(_depth, inside), default=0)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
