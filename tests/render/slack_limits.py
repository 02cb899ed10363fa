"""Slack's limits, written down a second time, apart from the renderer: what is wrong with a message.

From Slack's Block Kit reference; where sources differ, the smaller number. Lengths are counted in UTF-16,
and once more with `&`, `<` and `>` escaped: the larger counts.
"""

import html
import json
from collections.abc import Iterator
from typing import Any, TypeAlias, cast

Json: TypeAlias = Any

MESSAGE_TEXT = 9_000
NOTIFICATION = 300
TEXT_ALONE = 4_000
INLINE = {"plain_text", "mrkdwn"}
BLOCKS = {"header", "context", "divider", "section", "rich_text", "table", "data_visualization"}


def faults(body: bytes) -> list[str]:
    """Everything Slack might say against a message."""
    message = json.loads(body.decode("utf-8"), parse_constant=_refuse)
    blocks = message.get("blocks", [])
    found = [*_message(message, blocks), *_nulls(message)]
    for number, block in enumerate(blocks):
        found += [f"block {number}: {fault}" for fault in _block(block)]
    return found


def strings(value: Json) -> Iterator[str]:
    """Every string in it that somebody reads."""
    if isinstance(value, str):
        yield value
    for key, each in inside(value):
        if key not in ("type", "style", "align"):
            yield from strings(each)


def objects(value: Json) -> Iterator[dict[str, Json]]:
    """Every object in it, outermost first."""
    if isinstance(value, dict):
        yield cast("dict[str, Json]", value)
    for _, each in inside(value):
        yield from objects(each)


def inside(value: Json) -> list[tuple[str, Json]]:
    """What an object or a list holds, by key; the items of a list have none."""
    if isinstance(value, dict):
        return list(cast("dict[str, Json]", value).items())
    return [("", each) for each in cast("list[Json]", value)] if isinstance(value, list) else []


def length(text: str) -> int:
    """How long Slack may find it."""
    return max(len(each.encode("utf-16-le")) // 2 for each in (text, html.escape(text, quote=False)))


def _message(message: Json, blocks: list[Json]) -> Iterator[str]:
    text = message["text"]
    yield from _within("text", text, 1, NOTIFICATION if blocks else TEXT_ALONE, escaped=True)
    if len(blocks) > 50:
        yield f"{len(blocks)} blocks"
    if (total := sum(map(length, strings(blocks))) + len(text)) > MESSAGE_TEXT:
        yield f"{total} characters in all"
    kinds = [block["type"] for block in blocks]
    if kinds.count("table") > 1 or kinds.count("data_visualization") > 2:
        yield "more than one table or two charts"
    if unknown := set(kinds) - BLOCKS:
        yield f"blocks {unknown}"


def _block(block: Json) -> Iterator[str]:
    match block:
        case {"type": "header", "text": {"type": "plain_text", "text": text}}:
            yield from _within("header", text, 1, 150)
        case {"type": "context", "elements": elements}:
            yield from _count("elements", elements, 1, 10)
            for element in elements:
                yield from _text_object(element, 2_000)
        case {"type": "divider"}:
            pass
        case {"type": "section"}:
            yield from _section(block)
        case {"type": "rich_text", "elements": elements}:
            yield from _count("elements", elements, 1, 100)
            for each in objects(elements):
                if each.get("type") == "text" and not 1 <= length(each["text"]) <= 3_000:
                    yield f"rich text of {length(each['text'])} characters"
        case {"type": "table"}:
            yield from _table(block)
        case {"type": "data_visualization"}:
            yield from _chart(block)
        case _:
            yield f"no such block: {block}"


def _section(block: Json) -> Iterator[str]:
    if "text" not in block and "fields" not in block:
        yield "neither text nor fields"
    if "text" in block:
        yield from _text_object(block["text"], 3_000)
    if "fields" in block:
        yield from _count("fields", block["fields"], 1, 10)
        for each in block["fields"]:
            yield from _text_object(each, 2_000)


def _table(block: Json) -> Iterator[str]:
    rows = block["rows"]
    yield from _count("rows", rows, 1, 100)
    if len({len(row) for row in rows}) != 1 or len(block["column_settings"]) != len(rows[0]):
        yield "rows of different lengths"
    cells = [cell["text"] for row in rows for cell in row if cell["type"] == "raw_text"]
    for cell in cells:
        yield from _within("cell", cell, 1, 2_000)
    if sum(map(length, cells)) > 10_000:
        yield "more than 10,000 characters in a table"


def _chart(block: Json) -> Iterator[str]:
    yield from _within("title", block["title"], 1, 50)
    chart = block["chart"]
    categories = chart["axis_config"]["categories"]
    yield from _count("categories", categories, 1, 20)
    yield from _count("series", chart["series"], 1, 6)
    yield from _unique("categories", categories)
    yield from _unique("series", [series["name"] for series in chart["series"]])
    for series in chart["series"]:
        if [point["label"] for point in series["data"]] != categories:
            yield "a series without exactly one point a category"


def _unique(what: str, labels: list[str]) -> Iterator[str]:
    if len(set(labels)) != len(labels):
        yield f"{what} not unique: {labels}"
    for label in labels:
        yield from _within(what, label, 1, 20)


def _text_object(value: Json, most: int) -> Iterator[str]:
    if value["type"] not in INLINE:
        yield f"no such text: {value['type']}"
    yield from _within(value["type"], value["text"], 1, most, escaped=value["type"] == "mrkdwn")


def _within(what: str, text: str, least: int, most: int, *, escaped: bool = False) -> Iterator[str]:
    size = len(text.encode("utf-16-le")) // 2 if escaped else length(text)
    if not text.strip() or not least <= size <= most:
        yield f"{what} of {size} characters: {text[:60]!r}"


def _count(what: str, values: list[Json], least: int, most: int) -> Iterator[str]:
    if not least <= len(values) <= most:
        yield f"{len(values)} {what}"


def _nulls(value: Json) -> Iterator[str]:
    for key, each in inside(value):
        if each is None:
            yield f"null at {key!r}"
        yield from _nulls(each)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
