"""A page's metrics as Slack blocks: fields, or one table where they are many."""

from collections.abc import Sequence

from reporter.render import numbers
from reporter.render.metric_text import MetricText
from reporter.render.page import Page
from reporter.render.phrases import words
from reporter.render.slack import blocks as slack_blocks
from reporter.render.slack.blocks import Cell, Row
from reporter.render.slack.text import Block, weight

MOST_FENCED = 2_900  # characters of one text


def fields_of(page: Page, cells: Sequence[Block], *, rich: bool) -> list[Block]:
    """Fields under the headings of their sections."""
    drawn: list[Block] = []
    for heading, metrics in page.sections:
        own, cells = cells[: len(metrics)], cells[len(metrics) :]
        drawn += slack_blocks.fields(heading, own, rich=rich) if own else []
    return drawn


def metric_rows(page: Page) -> list[Row]:
    """A row for each metric, without the columns in which nothing is known."""
    return [_row(metric, page) for metric in page.metrics]


def table_of(page: Page, shown: int, *, is_native: bool) -> list[Block]:
    """The first metrics in one table, or in text of even width; a heading is a row of its own."""
    titles, rows = _titles(page), metric_rows(page)[:shown]
    cells = [[Cell(title) for title in titles]]
    for heading, metrics in page.sections:
        own, rows = rows[: len(metrics)], rows[len(metrics) :]
        if heading and own:
            cells.append([Cell(heading, is_bold=True), *(Cell("") for _ in titles[1:])])
        for metric, (label, value, *rest) in zip(metrics, own, strict=False):
            cells.append([Cell(label, link=metric.link), Cell(value, is_bold=True), *map(Cell, rest)])
    if is_native:
        return [slack_blocks.table(cells)]
    return [slack_blocks.fenced([tuple(cell.text for cell in row) for row in cells])]


def most_fenced(page: Page) -> int:
    """How many metrics one text of even width can hold, in which every line is as long as the longest."""
    lines = slack_blocks.even_lines([_titles(page), *metric_rows(page)])
    return max(1, MOST_FENCED // (max(map(weight, lines)) + 1) - 1 - len(page.sections))


def _columns(page: Page) -> tuple[bool, bool, bool]:
    """Whether some metric is compared, or says why not; left its usual range; has a goal."""
    is_compared = page.compares and any(each.previous or each.remark for each in page.metrics)
    return is_compared, any(each.usual for each in page.metrics), any(each.progress for each in page.metrics)


def _row(metric: MetricText, page: Page) -> Row:
    is_compared, has_usual, has_goals = _columns(page)
    change = metric.change or metric.remark or numbers.MISSING
    value = metric.value if is_compared else metric.remark or metric.value
    compared = (change, metric.previous or numbers.MISSING) if is_compared else ()
    usual = (metric.usual_range,) if has_usual else ()
    goal = (metric.progress,) if has_goals else ()
    return (metric.label, value, *compared, *usual, *goal)


def _titles(page: Page) -> Row:
    say, (is_compared, has_usual, has_goals) = words(page.locale), _columns(page)
    usual, goal = (say.usual_title,) if has_usual else (), (say.goal_title,) if has_goals else ()
    compared = (say.change, page.before_title or say.before) if is_compared else ()
    return (say.metric, say.value, *compared, *usual, *goal)
