"""Which payload Slack would reject, and with which error."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import Field, TypeAdapter, ValidationError

from reporter.local.slack.json_values import list_of, object_of
from reporter.local.slack.rules import faults_inside, faults_together
from reporter.local.slack.shapes import SlackBlock

MOST_BLOCKS: Final = 50
MOST_TEXT: Final = 12_000

_UNSEEN: Final = {"type", "block_id", "action_id", "value", "url", "image_url", "style", "align", "format"}
_block: TypeAdapter[SlackBlock] = TypeAdapter(Annotated[SlackBlock, Field(discriminator="type")])


@dataclass(frozen=True, slots=True)
class Rejection:
    error: str
    messages: tuple[str, ...] = ()  # what is wrong, and where by JSON pointer


def read_block(value: object) -> SlackBlock:
    """The block as a typed shape. Raises pydantic's ValidationError where its shape is wrong."""
    return _block.validate_python(value)


def judge(payload: Mapping[str, object], refuses: Collection[str] = ()) -> Rejection | None:
    """What Slack would say against this message; `refuses` are block types that it does not know yet."""
    text, blocks = payload.get("text", ""), payload.get("blocks", [])
    if not isinstance(text, str) or not isinstance(blocks, list):
        return Rejection("invalid_payload")
    values = list_of(payload.get("blocks"))
    if not text.strip() and not values:
        return Rejection("no_text")
    if faults := tuple(_faults(values, refuses)):
        return Rejection("invalid_blocks", faults)
    if len(text) + sum(map(len, _seen(values))) > MOST_TEXT:
        return Rejection("msg_blocks_too_long")
    return None


def _seen(value: object) -> Iterator[str]:
    """Every string in the JSON that a reader would see."""
    if isinstance(value, str):
        yield value
    for one in list_of(value):
        yield from _seen(one)
    for key, one in (object_of(value) or {}).items():
        if key not in _UNSEEN:
            yield from _seen(one)


def _faults(values: Sequence[object], refuses: Collection[str]) -> Iterator[str]:
    if len(values) > MOST_BLOCKS:
        yield _fault(f"no more than {MOST_BLOCKS} items allowed", "/blocks")
    blocks: list[SlackBlock] = []
    for number, value in enumerate(values):
        pointer = f"/blocks/{number}"
        faults = list(_faults_before_reading(value, pointer, refuses))
        if not faults:
            try:
                blocks.append(read_block(value))
            except ValidationError as error:
                faults.extend(_explain(error, value, pointer))
            else:
                faults.extend(_fault(words, pointer) for words in faults_inside(blocks[-1]))
        yield from faults
    yield from (_fault(words, "/blocks") for words in faults_together(blocks))


def _faults_before_reading(value: object, pointer: str, refuses: Collection[str]) -> Iterator[str]:
    kind = (object_of(value) or {}).get("type")
    if isinstance(kind, str) and kind in refuses:
        yield _fault(f"unsupported type: {kind}", f"{pointer}/type")
    yield from (_fault("must not be null", place) for place in _nulls(value, pointer))


def _nulls(value: object, pointer: str) -> Iterator[str]:
    if value is None:
        yield pointer
    for index, one in enumerate(list_of(value)):
        yield from _nulls(one, f"{pointer}/{index}")
    for key, one in (object_of(value) or {}).items():
        yield from _nulls(one, f"{pointer}/{key}")


def _explain(error: ValidationError, value: object, pointer: str) -> Iterator[str]:
    for detail in error.errors(include_url=False, include_input=False, include_context=False):
        words = "unsupported type" if detail["type"] == "union_tag_invalid" else detail["msg"]
        yield _fault(words, pointer + _pointer(value, detail["loc"]))


def _pointer(value: object, places: Iterable[int | str]) -> str:
    """Pydantic's place in the JSON, less the names of union members, which stand nowhere in it."""
    pointer, member = "", ""
    for place in places:
        inside, items = object_of(value), list_of(value)
        if inside is not None and not member and place == inside.get("type"):
            member = place
            continue
        pointer, member = f"{pointer}/{place}", ""
        if inside is not None:
            value = inside.get(str(place))
        elif isinstance(place, int) and place < len(items):
            value = items[place]
    return pointer


def _fault(words: str, pointer: str) -> str:
    return f"{words} [json-pointer:{pointer}]"
