"""Slack's rules for blocks that are well formed: what must be unique, equal, present or within a sum."""

import ipaddress
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from urllib.parse import urlsplit

from reporter.local.slack.elements import Button, ImageElement, RichLink, RichList, RichPart, RichWords
from reporter.local.slack.shapes import (
    Actions,
    Cell,
    Context,
    DataTable,
    DataVisualization,
    Image,
    RawNumber,
    RawText,
    RichCell,
    Section,
    SeriesChart,
    SlackBlock,
    TableBlock,
)

MOST_TABLE_TEXT: Final = 10_000
MOST_CHARTS: Final = 2


def faults_inside(block: SlackBlock) -> Iterator[str]:
    """What is wrong with one block."""
    match block:
        case Section():
            yield from _section_faults(block)
        case Context():
            yield from _image_faults(block.elements)
        case Image():
            yield from _image_faults([block])
        case Actions():
            yield from _repeated(
                (one.action_id for one in block.elements if isinstance(one, Button)), "action_id"
            )
        case TableBlock():
            yield from _empty_cells(block.rows)
        case DataTable():
            yield from _empty_cells(block.rows)
            yield from _data_table_faults(block)
        case DataVisualization(chart=SeriesChart() as chart):
            yield from _series_faults(chart)
        case _:
            return


def faults_together(blocks: Sequence[SlackBlock]) -> Iterator[str]:
    """What is wrong with blocks that are each right."""
    tables = [block for block in blocks if isinstance(block, TableBlock)]
    if len(tables) > 1:
        yield "only_one_table_allowed"
    if sum(isinstance(block, DataVisualization) for block in blocks) > MOST_CHARTS:
        yield f"no more than {MOST_CHARTS} data_visualization blocks allowed"
    cells = (
        cell
        for block in blocks
        if isinstance(block, TableBlock | DataTable)
        for row in block.rows
        for cell in row
    )
    if sum(len(_words(cell)) for cell in cells) > MOST_TABLE_TEXT:
        yield f"tables must have no more than {MOST_TABLE_TEXT} characters"
    yield from _repeated((block.block_id for block in blocks), "block_id")


def _section_faults(block: Section) -> Iterator[str]:
    if block.text is None and not block.fields:
        yield "section must have text or fields"
    if isinstance(block.accessory, ImageElement):
        yield from _image_faults([block.accessory])


def _image_faults(elements: Iterable[object]) -> Iterator[str]:
    for image in elements:
        if not isinstance(image, ImageElement):
            continue
        if bool(image.image_url) == (image.slack_file is not None):
            yield "image must have either image_url or slack_file"
        if image.image_url and not _reachable(image.image_url):
            yield "downloading image failed"


def _reachable(url: str) -> bool:
    """Whether Slack's servers could fetch it at all: a private address loses the whole message."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme not in ("http", "https"):
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".local", ".localhost", ".internal"))


def _empty_cells(rows: Iterable[Iterable[Cell]]) -> Iterator[str]:
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if not _words(cell).strip():
                yield f"cell {column} of row {number} must not be empty"


def _data_table_faults(block: DataTable) -> Iterator[str]:
    width = len(block.rows[0])
    if any(len(row) != width for row in block.rows):
        yield "rows must all have the same number of cells"
    if any(isinstance(cell, RichCell) for cell in block.rows[0]):
        yield "rich_text can not be used in header cells"
    if block.row_header_column_index >= width:
        yield "row_header_column_index must be a column of the table"


def _words(cell: Cell) -> str:
    match cell:
        case RawText() | RawNumber():
            return cell.text
        case RichCell():
            return "".join(_rich_words(part) for part in cell.elements)


def _rich_words(part: RichPart) -> str:
    if isinstance(part, RichList):
        return "".join(_rich_words(item) for item in part.elements)
    return "".join(_inline_words(element) for element in part.elements)


def _inline_words(element: object) -> str:
    match element:
        case RichWords():
            return element.text
        case RichLink():
            return element.text or element.url
        case _:
            return "@"  # a mention, an emoji or a date: something is seen


def _series_faults(chart: SeriesChart) -> Iterator[str]:
    categories = chart.axis_config.categories
    yield from _repeated(categories, "category")
    yield from _repeated((series.name for series in chart.series), "series name")
    for series in chart.series:
        if Counter(point.label for point in series.data) != Counter(categories):
            yield f"series {series.name!r} must have exactly one point for each category"


def _repeated(names: Iterable[str], what: str) -> Iterator[str]:
    for name, times in Counter(names).items():
        if name and times > 1:
            yield f"{what} must be unique: {name!r}"
