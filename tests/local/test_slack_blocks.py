"""Slack's limits, each from both sides."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.local.slack.blocks import judge
from tests.local.slack_samples import (
    JsonObject,
    chart,
    context,
    fields,
    header,
    pie,
    plain,
    raw,
    rich,
    section,
    table,
    words,
)


def names(count: int) -> tuple[str, ...]:
    return tuple(f"name {number}" for number in range(count))


def data_table(rows: int) -> JsonObject:
    return {"type": "data_table", "caption": "Events", "rows": [[raw("a"), raw("b")]] * rows}


def with_part(block: JsonObject, **part: object) -> JsonObject:
    return {**block, **part}


def without(block: JsonObject, key: str) -> JsonObject:
    return {name: value for name, value in block.items() if name != key}


IMAGE: JsonObject = {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "A chart"}
LINE = chart("line", "Signups", ("Mon", "Tue"), This_week=[1, 2])


AT_MOST: dict[str, tuple[int, Callable[[int], list[JsonObject]]]] = {
    "blocks in a message": (50, lambda n: [{"type": "divider"}] * n),
    "characters in a header": (150, lambda n: [header("x" * n)]),
    "characters in a section": (3000, lambda n: [section("x" * n)]),
    "fields in a section": (10, lambda n: [fields(*names(n))]),
    "characters in a field": (2000, lambda n: [fields("x" * n)]),
    "elements in a context": (10, lambda n: [context(*names(n))]),
    "characters of a button": (
        75,
        lambda n: [{"type": "actions", "elements": [{"type": "button", "text": plain("x" * n)}]}],
    ),
    "characters of a block_id": (255, lambda n: [{"type": "divider", "block_id": "x" * n}]),
    "tables": (1, lambda n: [table([raw("a")])] * n),
    "rows of a table": (100, lambda n: [table(*[[raw("a")]] * n)]),
    "columns of a table": (20, lambda n: [with_part(table([raw("a")] * n), column_settings=[])]),
    "column settings": (
        20,
        lambda n: [with_part(table([raw("a")]), column_settings=[{"align": "left"}] * n)],
    ),
    "characters in a table": (10_000, lambda n: [table([raw("x" * (n - 1)), raw("y")])]),
    "rows of a data table": (100, lambda n: [data_table(n)]),
    "charts": (2, lambda n: [LINE] * n),
    "characters of a chart's title": (50, lambda n: [pie("x" * n, a=1)]),
    "series": (6, lambda n: [chart("bar", "t", ("a",), **{name: [1] for name in names(n)})]),
    "categories": (20, lambda n: [chart("area", "t", names(n), a=range(n))]),
    "characters of a category": (20, lambda n: [chart("line", "t", ("x" * n,), a=[1])]),
    "characters of a series": (20, lambda n: [chart("line", "t", ("a",), **{"x" * n: [1]})]),
    "characters of a segment": (20, lambda n: [pie("t", **{"x" * n: 1})]),
}


@pytest.mark.parametrize(("most", "blocks"), AT_MOST.values(), ids=AT_MOST)
def test_a_limit_is_still_accepted_and_one_more_is_not(most: int, blocks: Callable[[int], list[JsonObject]]):
    beyond = judge({"text": "x", "blocks": blocks(most + 1)})

    assert judge({"text": "x", "blocks": blocks(most)}) is None
    assert beyond is not None
    assert beyond.error == "invalid_blocks"


SERIES = [{"name": "This week", "data": [{"label": "Mon", "value": 1}, {"label": "Tue", "value": 2}]}]
AXIS = {"categories": ["Mon", "Tue"]}


def line(series: object, axis: object = AXIS, title: object = "Signups") -> JsonObject:
    return {
        "type": "data_visualization",
        "title": title,
        "chart": {"type": "line", "series": series, "axis_config": axis},
    }


REJECTED: dict[str, JsonObject] = {
    "a block without a type": {"text": plain("x")},
    "an unknown block": {"type": "chart"},
    "an alert": {"type": "alert", "text": plain("x")},
    "an unknown key": {"type": "divider", "colour": "red"},
    "a null": {"type": "section", "text": {"type": "mrkdwn", "text": "x"}, "block_id": None},
    "a null for what may be left out": {"type": "section", "text": None, "fields": [plain("x")]},
    "an empty header": header(""),
    "a header in mrkdwn": {"type": "header", "text": {"type": "mrkdwn", "text": "x"}},
    "a header that is a string": {"type": "header", "text": "x"},
    "an empty section": section(""),
    "a section of nothing": {"type": "section"},
    "a section with no fields": {"type": "section", "fields": []},
    "an empty field": fields(""),
    "a context of nothing": {"type": "context", "elements": []},
    "an image without alt_text": without(IMAGE, "alt_text"),
    "an image with empty alt_text": with_part(IMAGE, alt_text=""),
    "an image without an address": without(IMAGE, "image_url"),
    "an image that Slack can not fetch": with_part(IMAGE, image_url="http://127.0.0.1:8000/a.png"),
    "an image on this computer": with_part(IMAGE, image_url="http://localhost/a.png"),
    "an image of no address": with_part(IMAGE, image_url="http://[/a.png"),
    "an image in a context, without alt_text": {"type": "context", "elements": [without(IMAGE, "alt_text")]},
    "an unreachable image in a context": {
        "type": "context",
        "elements": [with_part(IMAGE, image_url="http://10.0.0.1/a.png")],
    },
    "an unreachable image beside a section": with_part(
        section("x"), accessory=with_part(IMAGE, image_url="file:///a.png")
    ),
    "actions of nothing": {"type": "actions", "elements": []},
    "two buttons with one action_id": {
        "type": "actions",
        "elements": [{"type": "button", "text": plain("x"), "action_id": "same"}] * 2,
    },
    "a table without rows": with_part(table([raw("a")]), rows=[]),
    "an empty cell": table([raw("a"), raw("")]),
    "a blank cell": table([raw(" ")]),
    "an empty rich cell": table([rich({"type": "rich_text_section", "elements": []})]),
    "a null among column settings": with_part(table([raw("a")]), column_settings=[None]),
    "a cell of another type": table([plain("a")]),
    "a number without its text": table([{"type": "raw_number", "value": 1}]),
    "a number that is a string": table([{"type": "raw_number", "value": "1", "text": "1"}]),
    "a data table without caption": without(data_table(2), "caption"),
    "a data table of only a header": data_table(1),
    "a data table with a short row": with_part(data_table(2), rows=[[raw("a"), raw("b")], [raw("a")]]),
    "a data table with a rich header": with_part(
        data_table(2),
        rows=[[rich({"type": "rich_text_section", "elements": [words("a")]})], [raw("a")]],
    ),
    "a chart without title": line(SERIES, title=""),
    "a chart of another type": {"type": "data_visualization", "title": "t", "chart": {"type": "radar"}},
    "a chart without series": line([]),
    "a series without points": line([{"name": "a", "data": list[object]()}]),
    "two series of one name": line(SERIES * 2),
    "two categories of one name": line(SERIES, {"categories": ["Mon", "Mon"]}),
    "a category without a point": line(SERIES, {"categories": ["Mon", "Tue", "Wed"]}),
    "a point without a category": line(SERIES, {"categories": ["Mon"]}),
    "a label that is written otherwise": line(SERIES, {"categories": ["Mon", "tue"]}),
    "two points for one category": line([{"name": "a", "data": [{"label": "Mon", "value": 1}] * 2}]),
    "a point without a number": line([{"name": "a", "data": [{"label": "Mon", "value": True}]}]),
    "a long axis label": line(SERIES, {**AXIS, "y_label": "x" * 51}),
    "a segment of zero": pie("t", a=0),
    "a pie without segments": pie("t"),
    "rich text of nothing": rich(),
    "rich text without a section": rich(words("a")),
    "rich text with no words": rich({"type": "rich_text_section", "elements": [words("")]}),
    "a list without a style": rich({"type": "rich_text_list", "elements": []}),
    "a list of words": rich({"type": "rich_text_list", "style": "bullet", "elements": [words("a")]}),
    "preformatted text with a mention": rich(
        {"type": "rich_text_preformatted", "elements": [{"type": "user", "user_id": "U1"}]}
    ),
}


def rich_cell(*elements: JsonObject) -> JsonObject:
    return table([rich({"type": "rich_text_section", "elements": list(elements)})])


@pytest.mark.parametrize(
    "block",
    [
        rich_cell({"type": "link", "url": "https://a.b"}),
        rich_cell({"type": "emoji", "name": "tada"}),
        rich_cell(words("a", bold=True)),
        with_part(section("x"), accessory=IMAGE),
        {"type": "image", "alt_text": "A chart", "slack_file": {"id": "F1"}},
        with_part(IMAGE, image_url="https://8.8.8.8/a.png"),
        line([{"name": "a", "data": [{"label": "Tue", "value": -2.5}, {"label": "Mon", "value": 0}]}]),
        pie("t", a=1, b=0.5),
    ],
)
def test_what_slack_allows_is_accepted(block: JsonObject):
    assert judge({"blocks": [block]}) is None


@pytest.mark.parametrize("block", REJECTED.values(), ids=REJECTED)
def test_one_bad_block_loses_the_whole_message(block: JsonObject):
    rejection = judge({"text": "x", "blocks": [header("Weekly Report"), block]})

    assert rejection is not None
    assert rejection.error == "invalid_blocks"
    assert all("[json-pointer:/blocks" in message for message in rejection.messages)


def test_a_block_id_names_one_block():
    twice = judge({"blocks": [{"type": "divider", "block_id": "a"}, {"type": "divider", "block_id": "a"}]})

    assert twice is not None
    assert twice.messages == ("block_id must be unique: 'a' [json-pointer:/blocks]",)


@pytest.mark.parametrize(
    ("block", "place"),
    [
        (header(""), "/blocks/0/text/text"),
        (fields("fine", ""), "/blocks/0/fields/1/text"),
        (
            rich({"type": "rich_text_section", "elements": [words("")]}),
            "/blocks/0/elements/0/elements/0/text",
        ),
        (table([raw("a"), raw("")]), "/blocks/0/rows/0/1/text"),
        ({"type": "header"}, "/blocks/0/text"),
        ({"type": "divider", "block_id": None}, "/blocks/0/block_id"),
        ({"type": "graph"}, "/blocks/0"),
    ],
)
def test_a_rejection_names_the_place(block: JsonObject, place: str):
    rejection = judge({"blocks": [block]})

    assert rejection is not None
    assert rejection.messages[0].endswith(f"[json-pointer:{place}]")


KEYS = st.sampled_from(["type", "text", "elements", "rows", "fields"])
WORDS = st.sampled_from(["", " ", "header", "section", "table", "rich_text", "plain_text", "mrkdwn", "<a>"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(KEYS, inside, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["text", "blocks"]), JSON))
def test_whatever_is_sent_there_is_a_verdict(payload: JsonObject):
    rejection = judge(payload)

    errors = {"invalid_payload", "no_text", "invalid_blocks", "msg_blocks_too_long"}
    assert rejection is None or rejection.error in errors
