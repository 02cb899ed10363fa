"""A page as Slack blocks: as many metrics as there is room for, and as many breakdowns as they leave."""

from dataclasses import dataclass
from enum import IntEnum

from reporter.render import numbers, phrasing, sanitize
from reporter.render.metric_text import BreakdownText
from reporter.render.page import Page, RankingText
from reporter.render.phrases import words
from reporter.render.slack import blocks as slack_blocks
from reporter.render.slack import blocks as slack_charts
from reporter.render.slack.text import (
    MOST_MESSAGE,
    MOST_NOTIFICATION,
    Block,
    cut,
    fitting,
    mention,
    total_weight,
)

MOST_TITLE = 150
MOST_FINDINGS = 5
MOST_FINDING = 300
MOST_NOTE = 240
MOST_NOTES = 1_500
MOST_METRICS = 32  # four screens of a phone
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
    cells = _cells(page, level)
    shown = max(1, fitting(cells, MOST_METRICS, room - ROOM_FOR_REST)) if cells else 0
    metrics = _metrics(page, level, cells[:shown])
    lists = _breakdowns(page, level)
    listed = fitting(lists, MOST_BREAKDOWNS, room - total_weight(metrics))
    rest = [slack_blocks.context(line) for line in more_breakdowns(page, listed)]
    return Layout((*above, *metrics, *lists[:listed], *rest, *below), shown, listed)


def title(page: Page) -> str:
    return sanitize.isolated(cut(page.title, MOST_TITLE - 2))


def findings(page: Page) -> list[str]:
    """The findings; a sign that there are more, should there be too many."""
    found = [cut(sentence, MOST_FINDING) for sentence in page.findings]
    return [*found[:MOST_FINDINGS], sanitize.ELLIPSIS] if len(found) > MOST_FINDINGS else found


def footer(page: Page, level: Fallback) -> str:
    """What else a reader must know, and how fresh the numbers are."""
    say, lines, drawn = words(page.locale), list(page.notes), slack_charts.drawable_charts(page)
    missing = tuple(chart.label for chart in page.charts if not any(chart is each for each in drawn))
    if missing:
        lines.append(say.chart_not_drawn.format(label=phrasing.few(missing, page.locale)))
    if parts := left_out(page, level, page.locale):
        lines.append(say.left_out.format(parts=numbers.listed(parts, page.locale)))
    notes = cut("\n".join(cut(line, MOST_NOTE) for line in dict.fromkeys(lines)), MOST_NOTES)
    return "\n".join(filter(None, (notes, " · ".join(page.freshness))))


def left_out(page: Page, level: Fallback, locale: str) -> tuple[str, ...]:
    """What a message of this level lacks that the full one has."""
    say, is_plainer = words(locale), level > Fallback.FULL
    lacking = (
        (say.charts, is_plainer and slack_charts.drawable_charts(page)),
        (say.table_layout, is_plainer and page.ranking and page.ranking.rows),
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


def ranking_rows(ranking: RankingText) -> list[tuple[str, ...]]:
    """The busiest events; without a column of changes where none is known."""
    width = 3 if ranking.has_changes else 2
    return [(row.name, row.count, row.change)[:width] for row in ranking.rows]


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
    return [
        *([slack_blocks.call(called)] if called else []),
        slack_blocks.header(title(page)),
        slack_blocks.context(" · ".join(page.context)),
        slack_blocks.DIVIDER,
        *_summary(page, level),
    ]


def _below(page: Page, level: Fallback) -> list[Block]:
    """What stands below the breakdowns."""
    charts = slack_charts.drawable_charts(page) if level is Fallback.FULL else ()
    return [
        *(_ranking(page.ranking, level) if page.ranking else ()),
        *(slack_charts.line_chart(chart, page.locale) for chart in charts),
        slack_blocks.context(footer(page, level)),
    ]


def _summary(page: Page, level: Fallback) -> list[Block]:
    found, heading = findings(page), words(page.locale).summary
    if not found:
        return []
    if level is Fallback.SECTIONS:
        return [slack_blocks.section("\n".join((heading, *(f"• {sentence}" for sentence in found))))]
    return [slack_blocks.bullets(heading, found)]


def _cells(page: Page, level: Fallback) -> list[Block]:
    is_rich = level is not Fallback.SECTIONS
    shown = page.metrics[:MOST_METRICS]
    return [slack_blocks.field(each.label, each.line(before_the_goal="\n"), rich=is_rich) for each in shown]


def _metrics(page: Page, level: Fallback, cells: list[Block]) -> list[Block]:
    if not cells:
        return []
    heading, is_rich = words(page.locale).key_metrics, level is not Fallback.SECTIONS
    rest = [slack_blocks.context(line) for line in more_metrics(page, len(cells))]
    return [*slack_blocks.fields(heading, cells, rich=is_rich), *rest]


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


def _ranking(ranking: RankingText, level: Fallback) -> list[Block]:
    say = words(ranking.locale)
    if level is Fallback.SECTIONS:
        return [slack_blocks.section(ranking_text(ranking))]
    if not ranking.rows:
        return [slack_blocks.paragraph(say.top_events, ranking.remark)]
    titles = (say.event, say.count, say.change)[: 3 if ranking.has_changes else 2]
    rows = [titles, *ranking_rows(ranking)[:MOST_ROWS]]
    heading = slack_blocks.heading(say.top_events, ranking.aside(len(rows) - 1))
    return [heading, slack_blocks.table(rows) if level is Fallback.FULL else slack_blocks.fenced(rows)]
