"""Slack's blocks, each within its limits whatever is put into it.

Limits: Slack, "Block Kit reference" and "Data visualization block". One bad block loses the whole message.
"""

import unicodedata
from collections.abc import Sequence

from reporter.render import numbers, sanitize
from reporter.render.digits import exact, rounded
from reporter.render.page import ChartText, Page
from reporter.render.phrases import words
from reporter.render.slack.text import Block, Json, cut, escape, is_literal, mrkdwn, plain, weight
from reporter.reports.subscriptions import Format

MOST_HEADER = 150
MOST_SECTION = 3_000
MOST_CONTEXT = 2_000
MOST_FIELDS = 10
MOST_LABEL = 60
MOST_LINE = 320
MOST_FENCED_NAME = 24  # a wider line breaks on a phone
MOST_CHARTS = 2
MOST_POINTS = 20
MOST_CHART_NAME = 20
MOST_CHART_TITLE = 50

DIVIDER: Block = {"type": "divider"}

Row = tuple[str, ...]  # a name, then numbers


def header(text: str) -> Block:
    return {"type": "header", "text": plain(text, MOST_HEADER)}


def context(text: str) -> Block:
    """Small, quiet text."""
    return {"type": "context", "elements": [plain(text, MOST_CONTEXT)]}


def section(text: str) -> Block:
    """A literal paragraph."""
    return {"type": "section", "text": plain(text, MOST_SECTION)}


def heading(text: str, aside: str = "") -> Block:
    """One of our own headings; nobody else's words."""
    return {"type": "rich_text", "elements": [_words(_bold(text), *([_text(f"  {aside}")] if aside else []))]}


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
    above = _words(_bold(cut(title, MOST_LABEL)), _text(f"  {cut(aside, MOST_LABEL)}"))
    return {"type": "rich_text", "elements": [above, *([listed] if items else [])]}


def call(mention: str) -> Block:
    """Calls somebody; `mention` is Slack's own mrkdwn."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": mention}}


def paragraph(title: str, text: str) -> Block:
    """A heading over literal text."""
    return {"type": "rich_text", "elements": [_words(_bold(title), _text(f"\n{text}"))]}


def commands(title: str, text: str) -> Block:
    """A heading over our own words, in which backticks hold what is to be typed."""
    spans = [(span, place % 2 == 1) for place, span in enumerate(text.split("`")) if span]
    return {
        "type": "rich_text",
        "elements": [
            _words(_bold(f"{title}\n"), *(_code(span) if code else _text(span) for span, code in spans))
        ],
    }


def field(label: str, line: str, *, rich: bool) -> Block:
    """A label over its figure. Bold only where nothing in it could format by itself."""
    label, line = cut(label, MOST_LABEL), cut(line, MOST_LINE)
    if rich and is_literal(label) and is_literal(line):
        return mrkdwn(f"*{escape(label)}*\n{escape(line)}")
    return plain(f"{label}\n{line}", MOST_LABEL + MOST_LINE + 1)


def fields(title: str, cells: Sequence[Block], *, rich: bool) -> list[Block]:
    """A heading over fields, in as many sections as they need."""
    text = mrkdwn(f"*{escape(title)}*") if rich else plain(title, MOST_LABEL)
    first: Block = {"type": "section", "text": text, "fields": cells[:MOST_FIELDS]}
    rest = range(MOST_FIELDS, len(cells), MOST_FIELDS)
    return [first, *({"type": "section", "fields": cells[place : place + MOST_FIELDS]} for place in rest)]


def table(rows: Sequence[Row]) -> Block:
    """Rows of literal cells, the first row their titles; numbers stand at the right."""
    settings: list[Json] = [{"is_wrapped": True}, *({"align": "right"} for _ in rows[0][1:])]
    cells = [[{"type": "raw_text", "text": cut(cell, MOST_LABEL)} for cell in row] for row in rows]
    return {"type": "table", "column_settings": settings, "rows": cells}


def fenced(rows: Sequence[Row]) -> Block:
    """The same rows as text of even width, for where Slack takes no table."""
    short = [(sanitize.cut(cut(row[0], MOST_LABEL), MOST_FENCED_NAME, columns), *row[1:]) for row in rows]
    widths = [max(columns(row[place]) for row in short) for place in range(len(rows[0]))]
    lines = (
        "  ".join((_padded(row[0], widths[0]), *map(_right, row[1:], widths[1:]))).rstrip() for row in short
    )
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_preformatted", "elements": [_text("\n".join(lines))]}],
    }


def columns(text: str) -> int:
    """How many columns a text takes where every letter is as wide as the other."""
    return sum(map(_column, text))


def _words(*elements: Block) -> Block:
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
    """The charts that Slack can show."""
    short = [chart for chart in page.charts if len(chart.ticks) <= MOST_POINTS]
    return [chart for chart in short if not chart.remark][:MOST_CHARTS]


def line_chart(chart: ChartText, locale: str) -> Block:
    ticks, drawn = _ticks(chart), chart.chart
    lines = zip(_series_names(chart, locale), (drawn.values, drawn.previous), strict=False)
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


def _series(name: str, ticks: Sequence[str], values: Sequence[float], form: Format) -> Block:
    """Slack writes bare numbers, so that a percentage is drawn as one."""
    scale = 100 if form.is_percent else 1
    data = [
        {"label": tick, "value": _chart_number(scale * value)}
        for tick, value in zip(ticks, values, strict=True)
    ]
    return {"name": name, "data": data}


def _chart_number(value: float) -> float:
    """In two decimals, halves away from zero as everywhere in the report."""
    return value if value == int(value) else float(rounded(exact(value), 2))
