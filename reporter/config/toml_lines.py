"""Where a key of reports.toml stands, as problems say it."""

import re
from collections.abc import Iterator
from functools import reduce

from reporter.reports.pasted import looks_secret
from reporter.validation import shown

Path = tuple[str | int, ...]

_NAME = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_NAMES = rf"{_NAME}(?:[ \t]*\.[ \t]*{_NAME})*"
_START = re.compile(
    rf"^[ \t]*(?:\[\[?[ \t]*(?P<table>{_NAMES})[ \t]*\]|(?P<key>{_NAMES})[ \t]*=)", re.MULTILINE
)
_PAIR = r"\{[^{}\n]*+\}"
_INLINE_TABLE = reduce(lambda inner, _: rf"\{{(?:[^{{}}\n]|{inner})*+\}}", range(3), _PAIR)  # as deep as ours
_ITEM = re.compile(
    rf"""(?P<comment>\#[^\n]*)|{_INLINE_TABLE}|"(?:[^"\\\n]|\\.)*+"?|'[^'\n]*+'?|[^\s,\[\]"'#]+"""
)
_LONG_TEXT = re.compile(r'"""[\s\S]*?"""|\'\'\'[\s\S]*?\'\'\'')


def line_of(text: str, path: Path) -> int | None:
    """The line, counted from 1, of a path or of the nearest thing around it; None when nothing is near.

    >>> line_of('[reports.weekly]\\nmetrics = [\\n  "sign_ups",\\n]', ("reports", "weekly", "metrics", 0))
    3
    """
    plain = _LONG_TEXT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    places = dict(reversed(list(_places(plain))))  # the first of its name
    for length in range(len(path), 0, -1):
        if place := places.get(path[:length]):
            start = _item(plain, place, path[length:])
            return plain.count("\n", 0, start) + 1
    return None


def _places(text: str) -> Iterator[tuple[Path, tuple[int, int]]]:
    """Each table and key of the text: its path, where it begins, and where the next one does."""
    table: Path = ()
    starts = list(_START.finditer(text))
    bounds = [*(start.start() for start in starts), len(text)]
    for start, end in zip(starts, bounds[1:], strict=True):
        if start["table"]:
            table = _path(start["table"])
            yield table, (start.start(), end)
        else:
            yield (*table, *_path(start["key"])), (start.end(), end)


def _path(names: str) -> Path:
    return tuple(name.strip("\"'") for name in re.findall(_NAME, names))


def _item(text: str, place: tuple[int, int], rest: Path) -> int:
    """Where the item of an array begins, when `rest` begins with the number of one."""
    start, end = place
    if not rest or not isinstance(rest[0], int):
        return start
    items = [item.start() for item in _ITEM.finditer(text, start, end) if not item["comment"]]
    return items[rest[0]] if rest[0] < len(items) else start


def place_of(path: Path, text: str, file: str) -> str:
    place = f"{file} line {line}" if (line := line_of(text, path)) else file
    return f"{place}, {_written(path)}"


def _written(path: Path) -> str:
    """
    >>> _written(("reports", "weekly", "metrics", 2))
    'reports.weekly.metrics[2]'
    """
    words = ""
    for part in path:
        if isinstance(part, int):
            words += f"[{part}]"
            continue
        plain = re.fullmatch(r"[A-Za-z0-9_-]{1,60}", part) and not looks_secret(part)
        words += f".{part if plain else shown(part)}"
    return words.removeprefix(".")
