"""A report as a calm page of text in a terminal.

All of it is rich `Text`, which reads no markup: a name like `[red]x[/red]` stands there as it is.
"""

from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from reporter.render import numbers, sanitize
from reporter.render.chart_text import ChartText
from reporter.render.metric_text import BreakdownText, MetricText
from reporter.render.page import Page, RankingText, page_of
from reporter.render.phrases import words
from reporter.reports.report import Report

WIDEST = 88  # with longer lines the eye loses its row
BARS_FROM = 72  # a narrower terminal keeps its columns for names and numbers
GAP = 2  # columns of air before each column
SHARE = 12  # columns of the bar beside an event
MOST_TITLE = 150

STRONG, QUIET, ACCENT = "bold", "dim", "cyan"
HEAVY, HALF, LIGHT = "━", "╸", "─"
GLUED = {ord("\u00a0"): "\ue000", ord("\u202f"): "\ue001"}  # letters of nobody, as wide as a blank
UNGLUED = {ord(sign): chr(blank) for blank, sign in GLUED.items()}
WITHIN, BAND = "═", "░"  # the usual range, within a bar and beyond it


def draw(report: Report, console: Console) -> None:
    """Print the report."""
    page, has_bars = page_of(report), console.width >= BARS_FROM
    _print(console, literal(headline(page), STRONG), *_findings(page), *_metrics(page))
    _print(console, *(_breakdown(each, page.locale, has_bars=has_bars) for each in page.breakdowns))
    _print(console, *(_chart(chart, page.locale) for chart in page.charts))
    if page.ranking is not None:
        _print(console, _ranking(page.ranking, has_bars=has_bars))
    _print(console, *_text((page.missing, *page.notes)), *_text(_footer(page), QUIET))


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of the width it is given, to the half column; faint up to where `beyond` reaches further.

    Where a usual range is known, that is drawn as a band instead: within the bar and beyond it.
    """

    part: float  # 0..1
    beyond: float = 0.0
    band: tuple[float, float] | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = options.max_width
        halves = round(self.part * width * 2)
        solid = HEAVY * (halves // 2) + HALF * (halves % 2)
        faint = LIGHT * (round(self.beyond * width) - len(solid))
        if self.band is not None:
            low, high = (round(edge * width) for edge in self.band)
            solid = "".join(WITHIN if low <= place < high else each for place, each in enumerate(solid))
            faint = " " * (low - len(solid)) + BAND * (high - max(low, len(solid)))
        yield Segment(solid, console.get_style(ACCENT))
        yield Segment(faint, console.get_style(QUIET))


def literal(text: str, style: str = "") -> Text:
    """As it is, and never broken at a blank that keeps things together: rich would break "12,7 %" there."""
    return Text(text.translate(GLUED), style)


@dataclass(frozen=True, slots=True)
class Unbroken:
    """With the blanks that were glued for it."""

    part: RenderableType

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for segment in console.render(self.part, options):
            yield segment._replace(text=segment.text.translate(UNGLUED))


@dataclass(frozen=True, slots=True)
class TerminalRow:
    """Something, its numbers at the right, and perhaps a remark below."""

    what: RenderableType
    numbers: tuple[Text, ...]
    remark: str = ""


def _print(console: Console, *parts: RenderableType) -> None:
    """Each part with a line of air above it."""
    for part in parts:
        console.print(Unbroken(Padding(part, (1, 1, 0, 2))), width=min(console.width, WIDEST))


def headline(page: Page) -> str:
    return page.headed(sanitize.shown(page.title, "", MOST_TITLE))


def _findings(page: Page) -> tuple[RenderableType, ...]:
    lines = [Text.assemble(literal(found.head, STRONG), literal(found.rest)) for found in page.findings]
    return (Group(*lines),) if lines else ()


def _text(sentences: tuple[str, ...], style: str = "") -> tuple[RenderableType, ...]:
    lines = [sentence for sentence in sentences if sentence]
    return (literal("\n".join(lines), style),) if lines else ()


def _footer(page: Page) -> tuple[str, ...]:
    """What it is compared with, where more is found, and the company's own line."""
    link = words(page.locale).labelled.format(label=words(page.locale).open_in_mixpanel, value=page.link)
    return " · ".join(page.footer), link if page.link else "", page.own_line


def _section(heading: str, content: RenderableType) -> RenderableType:
    return Group(literal(heading, STRONG), content)


def _rows(heading: Text, columns: tuple[str, ...], rows: list[TerminalRow]) -> RenderableType:
    """A heading with its columns, and rows whose numbers stand under each other."""
    top = TerminalRow(heading, tuple(literal(column, QUIET) for column in columns))
    widths = [max(map(_width, column)) for column in zip(*(row.numbers for row in (top, *rows)), strict=True)]
    return Group(*(_row(row, widths) for row in (top, *rows)))


def _width(text: Text) -> int:
    return cell_len(text.plain)


def _row(row: TerminalRow, widths: list[int]) -> RenderableType:
    grid = Table.grid(expand=True)
    grid.add_column(ratio=1, overflow="fold")
    for width in widths:
        grid.add_column(justify="right", width=GAP + width, no_wrap=True, vertical="bottom")
    grid.add_row(row.what, *row.numbers)
    return Group(grid, Padding(literal(row.remark, QUIET), (0, 0, 0, 2))) if row.remark else grid


def _metrics(page: Page) -> tuple[RenderableType, ...]:
    if not page.metrics:
        return ()
    say = words(page.locale)
    has_before = any(metric.previous for metric in page.metrics)
    before = page.before_title or say.period_before
    columns = (say.this_period, say.change, before)[: 3 if has_before else 1]
    rows = [
        row
        for heading, metrics in page.sections
        for row in (
            *_section_rows(heading, len(columns)),
            *(_metric(metric, len(columns)) for metric in metrics),
        )
    ]
    return (_rows(literal(say.key_metrics, STRONG), columns, rows),)


def _section_rows(heading: str, columns: int) -> tuple[TerminalRow, ...]:
    return (TerminalRow(literal(heading, STRONG), (Text(),) * columns),) if heading else ()


def _metric(metric: MetricText, columns: int) -> TerminalRow:
    change, previous = metric.change or numbers.MISSING, metric.previous or numbers.MISSING
    cells = (literal(metric.value, STRONG), literal(change), literal(previous, QUIET))[:columns]
    return TerminalRow(literal(metric.label), cells, " · ".join(metric.asides))


def _breakdown(breakdown: BreakdownText, locale: str, *, has_bars: bool) -> RenderableType:
    """A value or a step in each row; where there is room, with a bar."""
    say = words(locale)
    heading = Text.assemble(literal(f"{breakdown.label}  ", STRONG), literal(breakdown.aside, QUIET))
    if not breakdown.rows:
        return heading
    titles = (
        (say.this_period, True),
        (say.share, breakdown.has_shares),
        (say.change, breakdown.has_changes),
    )
    columns = tuple(title for title, is_there in titles if is_there)
    rows = [
        TerminalRow(_named(row.name, row.part, has_bar=has_bars), _numbers(row.numbers))
        for row in breakdown.rows
    ]
    return _rows(heading, columns, rows)


def _named(name: str, part: float, *, has_bar: bool) -> RenderableType:
    return _beside(literal(name), Bar(part)) if has_bar else literal(name)


def _numbers(numbers: tuple[str, ...]) -> tuple[Text, ...]:
    """The first of them counts most."""
    return literal(numbers[0], STRONG), *(literal(number) for number in numbers[1:])


def _ranking(ranking: RankingText, *, has_bars: bool) -> RenderableType:
    say = words(ranking.locale)
    if not ranking.rows:
        return _section(say.top_events, literal(ranking.remark, QUIET))
    rows = [
        TerminalRow(_named(row.name, row.part, has_bar=has_bars), _numbers(ranking.numbers(row)))
        for row in ranking.rows
    ]
    aside = ranking.aside(len(rows))
    heading = Text.assemble(literal(f"{say.top_events}  ", STRONG), literal(aside, QUIET))
    return _rows(heading, ranking.titles, rows)


def _beside(left: RenderableType, bar: Bar) -> Table:
    grid = Table.grid(expand=True)
    grid.add_column(ratio=1, overflow="fold")
    grid.add_column(width=GAP)
    grid.add_column(width=SHARE, vertical="bottom")
    grid.add_row(left, "", bar)
    return grid


def _chart(chart: ChartText, locale: str) -> RenderableType:
    """A row a day: this period as a heavy bar; faintly the usual range, or else the period before."""
    if chart.remark:
        return _section(chart.heading, literal(chart.remark, QUIET))
    usual = (words(locale).usual_range,) if chart.usual else ()
    return _rows(literal(chart.heading, STRONG), (*chart.lines, *usual), _spans(chart))


def _spans(chart: ChartText) -> list[TerminalRow]:
    drawn, none = chart.chart, (None,) * len(chart.ticks)
    most = max(*drawn.numbers, 0.0)
    width = max(map(cell_len, chart.ticks))
    bars = [
        Bar(
            numbers.part(value or 0.0, most),
            numbers.part(before or 0.0, most),
            (numbers.part(band[0], most), numbers.part(band[1], most)) if band else None,
        )
        for value, before, band in zip(drawn.values, drawn.previous or none, drawn.usual or none, strict=True)
    ]
    columns = [[literal(value) for value in chart.values]]
    quiet = [column for column in (chart.previous, chart.usual) if column]
    columns += [[literal(value, QUIET) for value in column] for column in quiet]
    rows = zip(chart.ticks, bars, zip(*columns, strict=True), strict=True)
    return [TerminalRow(_labelled(literal(tick, QUIET), bar, width), row) for tick, bar, row in rows]


def _labelled(label: Text, bar: Bar, width: int) -> Table:
    grid = Table.grid(expand=True)
    grid.add_column(width=width + GAP, no_wrap=True)
    grid.add_column(ratio=1)
    grid.add_row(label, bar)
    return grid
