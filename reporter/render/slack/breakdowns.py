"""Breakdowns and funnels in a message: short lists under the metrics, as many as there is room for."""

from reporter.render import phrasing
from reporter.render.metric_text import BreakdownText, breakdown_heading, breakdown_text
from reporter.render.slack import blocks as slack_blocks
from reporter.render.slack.lines import MOST_DETAILS, ROOM_FOR_REST, Rung
from reporter.render.slack.text import Block, fitting
from reporter.render.words import words
from reporter.reports.report import DetailKind, Report


def drawn(report: Report, rung: Rung, room: int) -> list[Block]:
    """The lists, and how many more there are."""
    blocks = _blocks(report, rung)
    shown = fitting(blocks, MOST_DETAILS, room)
    if rest := len(report.details) - shown:
        more = phrasing.counted(words(report.locale).more_details, rest, report.locale)
        return [*blocks[:shown], slack_blocks.context(more)]
    return blocks


def shown(report: Report, room: int) -> int:
    """How many of them the full message has room for."""
    return fitting(_blocks(report, Rung.FULL), MOST_DETAILS, room)


def reserve(report: Report) -> int:
    """The room that must be left to say how many more there are."""
    return ROOM_FOR_REST if report.details else 0


def _blocks(report: Report, rung: Rung) -> list[Block]:
    said = [breakdown_text(detail, report.locale) for detail in report.details[:MOST_DETAILS]]
    if rung is Rung.SECTIONS:
        return [slack_blocks.section("\n".join((breakdown_heading(each), *each.lines))) for each in said]
    steps = (detail.kind is DetailKind.STEPS for detail in report.details)
    return [_list(each, is_ordered=ordered) for each, ordered in zip(said, steps, strict=False)]


def _list(said: BreakdownText, *, is_ordered: bool) -> Block:
    rows = [(row.name, row.value, "".join(f" · {number}" for number in row.numbers[1:])) for row in said.rows]
    return slack_blocks.measured(said.label, said.aside, rows, is_ordered=is_ordered)
