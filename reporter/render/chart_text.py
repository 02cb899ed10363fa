"""A chart in words: what it and its lines are called, its numbers, and their usual range."""

from dataclasses import dataclass, replace

from reporter.render import dates, numbers, phrasing
from reporter.render.phrases import words
from reporter.reports.periods import Period
from reporter.reports.report import Chart, Report, Span

FARTHEST = 1e300  # beyond this the arithmetic of a scale overflows
MARK = "•"


@dataclass(frozen=True, slots=True)
class ChartText:
    """A chart in words: what it and its lines are called, and its numbers by span, this period's and before.

    A remark stands in the place of a chart whose numbers cannot be drawn.
    """

    chart: Chart
    label: str
    heading: str
    lines: tuple[str, ...] = ()
    ticks: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    previous: tuple[str, ...] = ()
    usual: tuple[str, ...] = ()  # the normal range of each span
    remark: str = ""

    @property
    def whole(self) -> "ChartText":
        """Without the spans at its beginning that have no number, for what cannot draw gaps."""
        whole = self.chart.whole
        first = len(self.chart.spans) - len(whole.spans)
        return replace(
            self,
            chart=whole,
            ticks=self.ticks[first:],
            values=self.values[first:],
            previous=self.previous[first:] if whole.previous else (),
            usual=self.usual[first:] if whole.usual else (),
            lines=self.lines if whole.previous else self.lines[:1],
        )


def chart_text(chart: Chart, report: Report) -> ChartText:
    """A chart in words."""
    say, locale = words(report.locale), report.locale
    label = phrasing.name(chart.label, locale)
    is_average = any(span.length > 1 for span in chart.spans)
    heading = say.per_day.format(label=label) if is_average else label
    if not _is_drawable(chart):
        return ChartText(chart, label, heading, remark=say.chart_not_drawn.format(label=label))
    count = len(chart.spans)
    columns = numbers.column((*chart.values, *chart.previous), chart.format, locale)
    return ChartText(
        chart,
        label,
        heading,
        lines=_line_names(chart, report),
        ticks=tuple(_tick(span, report) for span in chart.spans),
        values=columns[:count],
        previous=columns[count:],
        usual=tuple(_range(span, chart, locale) for span in chart.usual),
    )


def _tick(span: Period, report: Report) -> str:
    """A point's label; among the days of its week, the one day that the report is about is marked."""
    tick = dates.tick(span, report.locale)
    return f"{MARK} {tick}" if span == report.period and span.length == 1 else tick


def _range(span: Span | None, chart: Chart, locale: str) -> str:
    if span is None:
        return ""
    low, high = numbers.column((numbers.estimated(edge, chart.format) for edge in span), chart.format, locale)
    return f"{low}–{high}"


def _is_drawable(chart: Chart) -> bool:
    """Whether there is a number for each span, and none is endless."""
    fits = len(chart.values) == len(chart.spans) and len(chart.previous) in (0, len(chart.spans))
    fits = fits and len(chart.usual) in (0, len(chart.spans))
    has_any = any(value is not None for value in chart.values)
    return has_any and fits and all(abs(value) < FARTHEST for value in chart.numbers)


def _line_names(chart: Chart, report: Report) -> tuple[str, ...]:
    """The days of each line: a single day's chart shows its week, so "this period" would be untrue."""
    covered = Period(chart.spans[0].start, max(span.end for span in chart.spans))
    before = report.previous if covered == report.period else covered.previous
    drawn = (covered, before) if chart.previous else (covered,)
    return tuple(dates.date_range(period, report.locale, beside=covered) for period in drawn)
