"""A page as Slack blocks: as many metrics as there is room for, and as many breakdowns as they leave."""

from dataclasses import dataclass
from enum import IntEnum

from reporter.render import numbers, phrasing, sanitize
from reporter.render.metric_text import BreakdownText
from reporter.render.page import Page, RankingText
from reporter.render.phrases import words
from reporter.render.slack import blocks as slack_blocks
from reporter.render.slack import blocks as slack_charts
from reporter.render.slack.blocks import Cell
from reporter.render.slack.metrics import fields_of, metric_rows, most_fenced, table_of
from reporter.render.slack.text import (
    MOST_MESSAGE,
    MOST_NOTIFICATION,
    Block,
    cut,
    fitting,
    mention,
    total_weight,
    weight,
)

MOST_TITLE = 150
MOST_FINDINGS = 6
MOST_FINDING = 400
MOST_NOTE = 240
MOST_MISSING = 1_000
MOST_NOTES = 1_500
MOST_AS_FIELDS = 8  # metrics; more are read in a zigzag, and stand in a table
MOST_METRICS = 60
MOST_PLAIN_METRICS = 32  # four screens of a phone
MOST_ROWS = 20  # of the ranking
MOST_LISTED_ROWS = 10  # where it is text
MOST_BREAKDOWNS = 8
ROOM_FOR_REST = 100  # for "and 168 more metrics, not shown here"


class Fallback(IntEnum):
    """How plain a message is: the next one is sent where Slack refused the one before."""

    FULL = 0
    WITHOUT_CHARTS = 1  # and the table is text of even width
    SECTIONS = 2
    TEXT = 3


@dataclass(frozen=True, slots=True)
class Layout:
    """A message's blocks, and how many metrics and breakdowns of the page are in them."""

    blocks: tuple[Block, ...]
    metrics: int
    breakdowns: int


def layout(page: Page, level: Fallback) -> Layout:
    """The blocks of a message."""
    above, below = _above(page, level), _below(page, level)
    room = MOST_MESSAGE - MOST_NOTIFICATION - total_weight((*above, *below)) - room_for_rest(page)
    shown, metrics = _metrics(page, level, room - ROOM_FOR_REST)
    lists = _breakdowns(page, level)
    listed = fitting(lists, MOST_BREAKDOWNS, room - total_weight(metrics))
    rest = [slack_blocks.context(line) for line in more_breakdowns(page, listed)]
    return Layout((*above, *metrics, *lists[:listed], *rest, *below), shown, listed)


def headline(page: Page) -> str:
    """The title, cut to leave room for the dates."""
    room = MOST_TITLE - 2 - weight(page.dates) - len(" · ")
    return page.headed(sanitize.isolated(cut(page.title, room)))


def findings(page: Page) -> list[tuple[str, str]]:
    """The findings, each its head and the rest; a sign that there are more, should there be too many."""
    found = [(cut(one.head, MOST_FINDING), cut(one.rest, MOST_FINDING)) for one in page.findings]
    return [*found[:MOST_FINDINGS], ("", sanitize.ELLIPSIS)] if len(found) > MOST_FINDINGS else found


def notes(page: Page, level: Fallback) -> str:
    """What could not be measured or drawn, and what else a reader must know."""
    say, drawn = words(page.locale), {chart.label for chart in slack_charts.drawable_charts(page)}
    lines = [page.missing, *page.notes] if page.missing else [*page.notes]
    if undrawn := tuple(chart.label for chart in page.charts if chart.label not in drawn):
        lines.append(say.chart_not_drawn.format(label=phrasing.few(undrawn, page.locale)))
    if parts := left_out(page, level, page.locale):
        lines.append(say.left_out.format(parts=numbers.listed(parts, page.locale)))
    return cut(
        "\n".join(
            cut(line, MOST_MISSING if line is page.missing else MOST_NOTE) for line in dict.fromkeys(lines)
        ),
        MOST_NOTES,
    )


def footer(page: Page) -> str:
    """What it is compared with, and up to when it is complete."""
    return " · ".join(page.footer)


def left_out(page: Page, level: Fallback, locale: str) -> tuple[str, ...]:
    """What a message of this level lacks that the full one has."""
    say, is_plainer = words(locale), level > Fallback.FULL
    lacking = (
        (say.charts, is_plainer and slack_charts.drawable_charts(page)),
        (say.table_layout, is_plainer and (has_table(page) or (page.ranking and page.ranking.rows))),
        (say.text_layout, level >= Fallback.SECTIONS),
    )
    return tuple(part for part, is_lacking in lacking if is_lacking)


def room_for_rest(page: Page) -> int:
    """The room that must be left to say how many more breakdowns there are."""
    return ROOM_FOR_REST if page.breakdowns else 0


def more_metrics(page: Page, shown: int) -> list[str]:
    """How many more there are, where there are more."""
    rest = len(page.metrics) - shown
    return [phrasing.counted(words(page.locale).more_metrics, rest, page.locale)] if rest else []


def more_breakdowns(page: Page, shown: int) -> list[str]:
    """How many more there are, where there are more."""
    rest = len(page.breakdowns) - shown
    return [phrasing.counted(words(page.locale).more_details, rest, page.locale)] if rest else []


def has_table(page: Page) -> bool:
    """Whether the metrics are the one table that Slack takes; the ranking is a list then."""
    return len(page.metrics) > MOST_AS_FIELDS


def ranking_rows(ranking: RankingText) -> list[tuple[str, ...]]:
    """The busiest events; without columns in which nothing is known."""
    return [(row.name, *ranking.numbers(row)) for row in ranking.rows]


def ranking_lines(ranking: RankingText, first: int, most: int) -> list[str]:
    """The events from the place `first` on as lines, each with its place."""
    rows = ranking_rows(ranking)[first - 1 : most]
    return [f"{place}. {name}: {' · '.join(cells)}" for place, (name, *cells) in enumerate(rows, first)]


def ranking_text(ranking: RankingText) -> str:
    """The ranking as a numbered list, or why there is none."""
    heading = words(ranking.locale).top_events
    if not ranking.rows:
        return f"{heading}\n{ranking.remark}"
    lines = ranking_lines(ranking, 1, MOST_LISTED_ROWS)
    return "\n".join((f"{heading} · {ranking.aside(len(lines))}", *lines))


def _above(page: Page, level: Fallback) -> list[Block]:
    """What stands above the metrics."""
    called = mention(page.mention)
    call = [slack_blocks.call(called)] if called else []
    return [*call, slack_blocks.header(headline(page)), *_summary(page, level)]


def _below(page: Page, level: Fallback) -> list[Block]:
    """What stands below the breakdowns."""
    charts = slack_charts.drawable_charts(page) if level is Fallback.FULL else ()
    noted, say = notes(page, level), words(page.locale)
    has_footer = bool(footer(page) or page.link)
    return [
        *(slack_charts.line_chart(chart, page.locale) for chart in charts),
        *(_ranking(page, page.ranking, level) if page.ranking else ()),
        *([slack_blocks.context(noted)] if noted else []),
        *([slack_blocks.footer(footer(page), page.link, say.open_in_mixpanel)] if has_footer else []),
        *([slack_blocks.context(page.own_line)] if page.own_line else []),
    ]


def _summary(page: Page, level: Fallback) -> list[Block]:
    found, heading = findings(page), words(page.locale).summary
    if not found:
        return []
    if level is Fallback.SECTIONS:
        return [slack_blocks.section("\n".join((heading, *(f"• {head}{rest}" for head, rest in found))))]
    caption = [] if page.is_alert else [slack_blocks.caption(heading)]
    return [*caption, slack_blocks.sentences(found)]


def _metrics(page: Page, level: Fallback, room: int) -> tuple[int, list[Block]]:
    """How many metrics there is room for, and their blocks."""
    if not page.metrics:
        return 0, []
    is_rich = level is not Fallback.SECTIONS
    if is_rich and has_table(page):
        fits = MOST_METRICS if level is Fallback.FULL else most_fenced(page)
        shown = max(1, fitting(metric_rows(page), fits, room))
        drawn = table_of(page, shown, is_native=level is Fallback.FULL)
    else:
        cells = [slack_blocks.field(each, rich=is_rich) for each in page.metrics]
        shown = max(1, fitting(cells, MOST_METRICS if is_rich else MOST_PLAIN_METRICS, room))
        drawn = fields_of(page, cells[:shown], rich=is_rich)
    more = [slack_blocks.context(line) for line in more_metrics(page, shown)]
    return shown, [slack_blocks.caption(words(page.locale).key_metrics), *drawn, *more]


def _breakdowns(page: Page, level: Fallback) -> list[Block]:
    shown = page.breakdowns[:MOST_BREAKDOWNS]
    if level is Fallback.SECTIONS:
        return [slack_blocks.section("\n".join((each.heading, *each.lines))) for each in shown]
    return [_list(each) for each in shown]


def _list(breakdown: BreakdownText) -> Block:
    rows = [
        (row.name, row.value, "".join(f" · {number}" for number in row.numbers[1:])) for row in breakdown.rows
    ]
    return slack_blocks.measured(breakdown.label, breakdown.aside, rows, is_ordered=breakdown.is_ordered)


def _ranking(page: Page, ranking: RankingText, level: Fallback) -> list[Block]:
    say = words(ranking.locale)
    if level is Fallback.SECTIONS:
        return [slack_blocks.section(ranking_text(ranking))]
    if not ranking.rows:
        return [slack_blocks.caption(say.top_events, ranking.remark)]
    if has_table(page):
        return _ranked_list(ranking)
    rows = [(say.event, *ranking.titles), *ranking_rows(ranking)[:MOST_ROWS]]
    caption = slack_blocks.caption(say.top_events, ranking.aside(len(rows) - 1))
    if level is Fallback.FULL:
        return [caption, slack_blocks.table([[Cell(cell) for cell in row] for row in rows])]
    return [caption, slack_blocks.fenced(rows)]


def _ranked_list(ranking: RankingText) -> list[Block]:
    rows = [
        (name, count, "".join(f" · {each}" for each in rest))
        for name, count, *rest in ranking_rows(ranking)[:MOST_LISTED_ROWS]
    ]
    caption = slack_blocks.caption(words(ranking.locale).top_events, ranking.aside(len(rows)))
    return [caption, slack_blocks.measured("", "", rows, is_ordered=True)]
