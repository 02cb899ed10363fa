"""Slack's blocks, each within its limits whatever is put into it.

Limits: Slack, "Block Kit reference" and "Data visualization block". One bad block loses the whole message.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from reporter.render import numbers, sanitize
from reporter.render.chart_text import ChartText
from reporter.render.digits import exact, rounded
from reporter.render.metric_text import MetricText
from reporter.render.page import Page
from reporter.render.phrases import words
from reporter.render.slack.text import Block, Json, cut, escape, is_literal, mrkdwn, plain, weight
from reporter.reports.subscriptions import Format

MOST_HEADER = 150
MOST_SECTION = 3_000
MOST_CONTEXT = 2_000
MOST_FIELDS = 10
MOST_LABEL = 60
MOST_LINE = 320
MOST_FIELD = 2_000
MOST_FENCED_NAME = 24  # a wider line breaks on a phone
MOST_CHARTS = 2
MOST_POINTS = 20
MOST_CHART_NAME = 20
MOST_CHART_TITLE = 50

BLANK = "\u2800"  # Slack refuses a cell that is empty, and this one has nothing to be seen

Row = tuple[str, ...]  # a name, then numbers


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table."""

    text: str
    is_bold: bool = False
    link: str = ""


def header(text: str) -> Block:
    return {"type": "header", "text": plain(text, MOST_HEADER)}


def context(text: str) -> Block:
    """Small, quiet text."""
    return {"type": "context", "elements": [plain(text, MOST_CONTEXT)]}


def footer(text: str, link: str, words: str) -> Block:
    """The same, with a link at its end."""
    quiet = [plain(text, MOST_CONTEXT)] if text else []
    return {"type": "context", "elements": [*quiet, *([mrkdwn(linked(link, words))] if link else [])]}


def caption(text: str, aside: str = "") -> Block:
    """One of our own headings, quietly, and what is said beside it."""
    return context(" · ".join(filter(None, (text, aside))))


def section(text: str) -> Block:
    """A literal paragraph."""
    return {"type": "section", "text": plain(text, MOST_SECTION)}


def heading(text: str) -> Block:
    """One of our own headings; nobody else's words."""
    return {"type": "rich_text", "elements": [_words(_bold(text))]}


def sentences(found: Sequence[tuple[str, str]]) -> Block:
    """A line for each: what happened in bold, and the rest."""
    lines = [[*([_bold(head)] if head else []), *([_text(rest)] if rest else [])] for head, rest in found]
    return {"type": "rich_text", "elements": [_words(*line) for line in lines]}


def bullets(title: str, items: Sequence[str]) -> Block:
    """A heading over literal sentences."""
    listed: Block = {
        "type": "rich_text_list",
        "style": "bullet",
        "elements": [_words(_text(item)) for item in items],
    }
    return {"type": "rich_text", "elements": [_words(_bold(title)), listed]}


def measured(title: str, aside: str, rows: Sequence[tuple[str, str, str]], *, is_ordered: bool) -> Block:
    """A heading over a list: what it is, its number in bold, and what else is known of it."""
    items = [
        _words(_text(f"{cut(name, MOST_LABEL)}  "), _bold(number), *([_text(rest)] if rest else []))
        for name, number, rest in rows
    ]
    style = "ordered" if is_ordered else "bullet"
    listed: Block = {"type": "rich_text_list", "style": style, "elements": items}
    beside = [_text(f"  {cut(aside, MOST_LABEL)}")] if aside else []
    above = [_words(_bold(cut(title, MOST_LABEL)), *beside)] if title else []
    return {"type": "rich_text", "elements": [*above, *([listed] if items else [])]}


def call(mention: str) -> Block:
    """Calls somebody; `mention` is Slack's own mrkdwn."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": mention}}


def commands(title: str, text: str) -> Block:
    """A heading over our own words, in which backticks hold what is to be typed."""
    spans = [(span, place % 2 == 1) for place, span in enumerate(text.split("`")) if span]
    return {
        "type": "rich_text",
        "elements": [
            _words(_bold(f"{title}\n"), *(_code(span) if code else _text(span) for span, code in spans))
        ],
    }


def field(metric: MetricText, *, rich: bool) -> Block:
    """A label, its number in bold with its change, and below them what it is held against.

    Plain where something in it could format by itself.
    """
    label = cut(metric.label, MOST_LABEL)
    beside = f"  {metric.change}" if metric.change else ""
    below = [cut(line, MOST_LINE) for line in metric.lines_below]
    if not (rich and all(map(is_literal, (label, metric.value, *below)))):
        return plain("\n".join((label, metric.value + beside, *below)), MOST_FIELD)
    name = linked(metric.link, label) if metric.link else escape(label)
    said = "\n".join((name, f"*{metric.value}*{escape(beside)}", *map(escape, below)))
    return mrkdwn(said, names=" ".join((label, *below)))


def fields(title: str, cells: Sequence[Block], *, rich: bool) -> list[Block]:
    """Fields in as many sections as they need, below a heading if there is one."""
    is_bold = rich and is_literal(title)
    text = mrkdwn(f"*{escape(title)}*", names=title) if is_bold else plain(title or "-", MOST_LABEL)
    groups = [cells[place : place + MOST_FIELDS] for place in range(0, len(cells), MOST_FIELDS)]
    drawn: list[Block] = [{"type": "section", "fields": group} for group in groups]
    return [{**drawn[0], "text": text}, *drawn[1:]] if title else drawn


def linked(url: str, words: str) -> str:
    """Our own link in mrkdwn; the words are cut by whoever calls."""
    return f"<{escape(url)}|{escape(words)}>"


def table(rows: Sequence[Sequence[Cell]]) -> Block:
    """Rows of literal cells, the first row their titles; numbers stand at the right."""
    settings: list[Json] = [{"is_wrapped": True}, *({"align": "right"} for _ in rows[0][1:])]
    return {
        "type": "table",
        "column_settings": settings,
        "rows": [[_cell(cell) for cell in row] for row in rows],
    }


def _cell(cell: Cell) -> Block:
    text = cut(cell.text or BLANK, MOST_LABEL)
    if not (cell.is_bold or cell.link):
        return {"type": "raw_text", "text": text}
    style: Block = {"style": {"bold": True}} if cell.is_bold else {}
    inner: Block = {"type": "link", "url": cell.link} if cell.link else {"type": "text"}
    return {"type": "rich_text", "elements": [_words({**inner, "text": text, **style})]}


def fenced(rows: Sequence[Row]) -> Block:
    """The same rows as text of even width, for where Slack takes no table."""
    lines = [_text("\n".join(even_lines(rows)))]
    return {"type": "rich_text", "elements": [{"type": "rich_text_preformatted", "elements": lines}]}


def even_lines(rows: Sequence[Row]) -> list[str]:
    """Rows as lines in which each column is as wide as its longest cell."""
    short = [(sanitize.cut(cut(row[0], MOST_LABEL), MOST_FENCED_NAME, columns), *row[1:]) for row in rows]
    widths = [max(columns(row[place]) for row in short) for place in range(len(rows[0]))]
    return [
        "  ".join((_padded(row[0], widths[0]), *map(_right, row[1:], widths[1:]))).rstrip() for row in short
    ]


def columns(text: str) -> int:
    """How many columns a text takes where every letter is as wide as the other."""
    return sum(map(_column, text))


def _words(*elements: Block) -> Block:
    """A line: Slack gives each section its own (themashcodee/slack-blocks-to-jsx, pull request 100)."""
    return {"type": "rich_text_section", "elements": elements}


def _text(text: str) -> Block:
    return {"type": "text", "text": text}


def _bold(text: str) -> Block:
    return {"type": "text", "text": text, "style": {"bold": True}}


def _code(text: str) -> Block:
    return {"type": "text", "text": text, "style": {"code": True}}


def _padded(text: str, width: int) -> str:
    return text + " " * (width - columns(text))


def _right(text: str, width: int) -> str:
    return " " * (width - columns(text)) + text


def _column(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def drawable_charts(page: Page) -> list[ChartText]:
    """The charts that Slack can show, without days that have no number: it draws no gaps."""
    drawn = (chart.whole for chart in page.charts if not chart.remark)
    return [chart for chart in drawn if len(chart.ticks) <= MOST_POINTS][:MOST_CHARTS]


def line_chart(chart: ChartText, locale: str) -> Block:
    """This period, and the edges of the normal range; the period before where no range is known.

    More than three lines are not told apart at a glance.
    """
    ticks, drawn = _ticks(chart), chart.chart
    say, edges = words(locale), list(zip(*(span for span in drawn.usual if span), strict=True))
    names = _series_names(chart, locale)
    lines = [*zip(names, (drawn.values, drawn.previous), strict=False)][: 1 if edges else 2]
    lines += zip((say.usual_from, say.usual_to), edges, strict=True) if edges else ()
    series = [_series(name, ticks, values, drawn.format) for name, values in lines]
    return {
        "type": "data_visualization",
        "title": _chart_title(chart, locale),
        "chart": {"type": "line", "series": series, "axis_config": {"categories": ticks}},
    }


def _chart_title(chart: ChartText, locale: str) -> str:
    """The metric's name, what its numbers are of, and their unit, which Slack does not draw beside them."""
    say, unit = words(locale), numbers.unit(chart.chart.format, locale)
    label = sanitize.clean(chart.chart.label) or say.nameless
    template = "{label}" if chart.heading == chart.label else say.per_day
    template += f" ({unit})" if unit else ""
    room = MOST_CHART_TITLE - 2 - weight(template.format(label=""))
    return template.format(label=sanitize.isolated(cut(label, room)))


def _ticks(chart: ChartText) -> Sequence[str]:
    """Short and unique: Slack refuses a message with a category that is neither."""
    if _are_good(chart.ticks):
        return chart.ticks
    starts = [str(span.start) for span in chart.chart.spans]
    return starts if _are_good(starts) else [str(place) for place in range(1, len(starts) + 1)]


def _are_good(ticks: Sequence[str]) -> bool:
    return len(set(ticks)) == len(ticks) and all(weight(tick) <= MOST_CHART_NAME for tick in ticks)


def _series_names(chart: ChartText, locale: str) -> tuple[str, ...]:
    """The days of each line, or plain words where Slack takes no name so long."""
    say, names = words(locale), chart.lines
    return names if _are_good(names) else (say.this_period, say.period_before)[: len(names)]


def _series(name: str, ticks: Sequence[str], values: Sequence[float | None], form: Format) -> Block:
    """Slack writes bare numbers, so that a percentage is drawn as one."""
    scale = 100 if form.is_percent else 1
    data = [
        {"label": tick, "value": _chart_number(scale * (value or 0.0))}
        for tick, value in zip(ticks, values, strict=True)
    ]
    return {"name": name, "data": data}


def _chart_number(value: float) -> float:
    """In two decimals, halves away from zero as everywhere in the report."""
    return value if value == int(value) else float(rounded(exact(value), 2))
