"""A report or a notice as a calm page of text in a terminal.

All of it is rich `Text`, which reads no markup: a name like `[red]x[/red]` stands there as it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import assert_never

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from reporter.render import chart_words, dates, metric_text, notices, numbers, phrasing, sanitize, sentences
from reporter.render.words import words
from reporter.reports.deliveries import Notice
from reporter.reports.figures import Failed
from reporter.reports.report import Chart, Detail, Report, ReportedMetric, TopEvent, TopEvents
from reporter.reports.subscriptions import NUMBER

WIDEST = 88  # with longer lines the eye loses its row
BARS_FROM = 72  # a narrower terminal keeps its columns for names and numbers
GAP = 2  # columns of air before each column
SHARE = 12  # columns of the bar beside an event
MOST_TITLE = 150

STRONG, QUIET, ACCENT = "bold", "dim", "cyan"
HEAVY, HALF, LIGHT = "━", "╸", "─"


def draw(report: Report, console: Console) -> None:
    """Print the report."""
    _print(console, _title(report), *_findings(report), *_metrics(report))
    has_bars = console.width >= BARS_FROM
    _print(console, *(_breakdown(detail, report.locale, has_bars=has_bars) for detail in report.details))
    _print(console, *_ranking(report, has_bars=has_bars))
    _print(console, *(_chart(chart, report) for chart in report.charts))
    _print(console, *_notes(report), _line(dates.freshness(report), QUIET))


def draw_notice(notice: Notice, console: Console) -> None:
    """Print what could not be made or sent, why, and what to do."""
    say, said = words(notice.locale), notices.said(notice)
    _print(console, Group(Text(said.problem, STRONG), _line(said.about, QUIET)))
    if said.reasons:
        _print(console, _section(say.reasons, Text("\n".join(f"– {reason}" for reason in said.reasons))))
    if said.next_step:
        _print(console, _section(say.next_step, Text(said.next_step)))


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of the width it is given, to the half column; faint up to where `beyond` reaches further."""

    part: float  # 0..1
    beyond: float = 0.0

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        halves = round(self.part * options.max_width * 2)
        solid = HEAVY * (halves // 2) + HALF * (halves % 2)
        faint = LIGHT * (round(self.beyond * options.max_width) - len(solid))
        yield Segment(solid, console.get_style(ACCENT))
        yield Segment(faint, console.get_style(QUIET))


@dataclass(frozen=True, slots=True)
class Row:
    """Something, its numbers at the right, and perhaps a remark below."""

    what: RenderableType
    numbers: tuple[Text, ...]
    remark: str = ""


def _print(console: Console, *parts: RenderableType) -> None:
    """Each part with a line of air above it."""
    for part in parts:
        console.print(Padding(part, (1, 1, 0, 2)), width=min(console.width, WIDEST))


def _title(report: Report) -> RenderableType:
    title = sanitize.shown(report.title, sanitize.clean(report.name), MOST_TITLE)
    return Group(Text(title, STRONG), _line(dates.period_line(report), QUIET))


def _findings(report: Report) -> tuple[RenderableType, ...]:
    return (Text("\n".join(sentences.findings(report))),) if report.findings else ()


def _notes(report: Report) -> tuple[RenderableType, ...]:
    said = "\n".join(sentences.notes(report))
    return (Text(said),) if said else ()


def _section(heading: str, content: RenderableType) -> RenderableType:
    return Group(Text(heading, STRONG), content)


def _line(parts: Iterable[str], style: str = "") -> Text:
    return Text(" · ".join(parts), style)


def _rows(heading: Text, columns: tuple[str, ...], rows: list[Row]) -> RenderableType:
    """A heading with its columns, and rows whose numbers stand under each other."""
    top = Row(heading, tuple(Text(column, QUIET) for column in columns))
    widths = [max(map(_width, column)) for column in zip(*(row.numbers for row in (top, *rows)), strict=True)]
    return Group(*(_row(row, widths) for row in (top, *rows)))


def _width(text: Text) -> int:
    return cell_len(text.plain)


def _row(row: Row, widths: list[int]) -> RenderableType:
    grid = Table.grid(expand=True)
    grid.add_column(ratio=1, overflow="fold")
    for width in widths:
        grid.add_column(justify="right", width=GAP + width, no_wrap=True, vertical="bottom")
    grid.add_row(row.what, *row.numbers)
    return Group(grid, Padding(Text(row.remark, QUIET), (0, 0, 0, 2))) if row.remark else grid


def _metrics(report: Report) -> tuple[RenderableType, ...]:
    if not report.metrics:
        return ()
    say = words(report.locale)
    columns = (say.this_period, say.change, say.period_before)
    rows = [_metric(metric, report) for metric in report.metrics]
    return (_rows(Text(say.key_metrics, STRONG), columns, rows),)


def _metric(metric: ReportedMetric, report: Report) -> Row:
    read = metric_text.metric_text(metric, report)
    cells = Text(read.value, STRONG), Text(read.change), Text(read.previous, QUIET)
    return Row(Text(read.label), cells, " · ".join(read.asides))


def _breakdown(detail: Detail, locale: str, *, has_bars: bool) -> RenderableType:
    """A value or a step in each row; where there is room, with a bar."""
    say, said = words(locale), metric_text.breakdown_text(detail, locale)
    heading = Text.assemble((said.label, STRONG), "  ", (said.aside, QUIET))
    if not said.rows:
        return heading
    titles = ((say.this_period, True), (say.share, said.has_shares), (say.change, said.has_changes))
    columns = tuple(title for title, is_there in titles if is_there)
    rows = [
        Row(_named(row.name, part, has_bar=has_bars), _numbers(row.numbers))
        for row, part in zip(said.rows, said.parts, strict=True)
    ]
    return _rows(heading, columns, rows)


def _named(name: str, part: float, *, has_bar: bool) -> RenderableType:
    return _beside(Text(name), Bar(part)) if has_bar else Text(name)


def _numbers(numbers: tuple[str, ...]) -> tuple[Text, ...]:
    """The first of them counts most."""
    return Text(numbers[0], STRONG), *(Text(number) for number in numbers[1:])


def _ranking(report: Report, *, has_bars: bool) -> tuple[RenderableType, ...]:
    say, top_events = words(report.locale), report.top_events
    match top_events:
        case TopEvents(rows=()):
            return (_section(say.top_events, Text(say.no_events, QUIET)),)
        case TopEvents():
            return (_top_events(top_events, report.locale, has_bars=has_bars),)
        case Failed():
            failed = phrasing.ranking_failed(top_events, report)
            return (_section(say.top_events, Text(failed, QUIET)),)
        case None:
            return ()
        case _:
            assert_never(top_events)


def _top_events(top_events: TopEvents, locale: str, *, has_bars: bool) -> RenderableType:
    say = words(locale)
    shown = phrasing.ranked(top_events, len(top_events.rows), locale)
    most = max(row.count for row in top_events.rows) if has_bars else 0
    rows = [_event(row, most, locale) for row in top_events.rows]
    heading = Text.assemble((say.top_events, STRONG), "  ", (shown, QUIET))
    return _rows(heading, (say.count, say.change), rows)


def _event(row: TopEvent, most: float, locale: str) -> Row:
    name = Text(phrasing.name(row.name, locale))
    cells = (
        Text(numbers.number(row.count, locale), STRONG),
        Text(numbers.change(row.change, NUMBER, locale)),
    )
    return Row(_beside(name, Bar(numbers.part(row.count, most))) if most else name, cells)


def _beside(left: RenderableType, bar: Bar) -> Table:
    grid = Table.grid(expand=True)
    grid.add_column(ratio=1, overflow="fold")
    grid.add_column(width=GAP)
    grid.add_column(width=SHARE, vertical="bottom")
    grid.add_row(left, "", bar)
    return grid


def _chart(chart: Chart, report: Report) -> RenderableType:
    """A row a day: this period as a heavy bar, then faintly up to where the period before was higher."""
    heading = chart_words.heading(chart, report.locale)
    if not chart_words.is_drawable(chart):
        return _section(heading, Text(chart_words.not_drawn(chart, report.locale), QUIET))
    most = max(*chart.values, *chart.previous, 0)
    rows = _spans(chart, most, report.locale)
    return _rows(Text(heading, STRONG), chart_words.line_names(chart, report), rows)


def _spans(chart: Chart, most: float, locale: str) -> list[Row]:
    ticks = [dates.tick(span, locale) for span in chart.spans]
    width = max(map(cell_len, ticks))
    befores = chart.previous or (None,) * len(ticks)
    rows: list[Row] = []
    for tick, value, before in zip(ticks, chart.values, befores, strict=True):
        bar = Bar(numbers.part(value, most), numbers.part(before or 0, most))
        cells = (Text(numbers.amount(value, chart.format, locale)),)
        if before is not None:
            cells = (*cells, Text(numbers.amount(before, chart.format, locale), QUIET))
        rows.append(Row(_labelled(Text(tick, QUIET), bar, width), cells))
    return rows


def _labelled(label: Text, bar: Bar, width: int) -> Table:
    grid = Table.grid(expand=True)
    grid.add_column(width=width + GAP, no_wrap=True)
    grid.add_column(ratio=1)
    grid.add_row(label, bar)
    return grid
