"""Slack's native line charts: a metric in this period against the last.

Limits: Slack, "Data visualization block": two a message, short and unique names, one point for each category.
"""

from collections.abc import Sequence

from reporter.render import amounts, chart_words, figures, names
from reporter.render.slack.text import Block, cut, weight
from reporter.render.words import words
from reporter.reports.report import Chart, Report
from reporter.reports.subscriptions import Format

MOST_CHARTS = 2
MOST_POINTS = 20
MOST_NAME = 20
MOST_TITLE = 50


def drawn(report: Report) -> list[Block]:
    """The charts that Slack can show."""
    return [_line_chart(chart, report) for chart in _drawable(report)]


def not_drawn(report: Report) -> tuple[str, ...]:
    """The labels of the others."""
    drawable = _drawable(report)
    return tuple(chart.label for chart in report.charts if not any(chart is each for each in drawable))


def _drawable(report: Report) -> list[Chart]:
    short = [chart for chart in report.charts if len(chart.spans) <= MOST_POINTS]
    return [chart for chart in short if chart_words.is_drawable(chart)][:MOST_CHARTS]


def _line_chart(chart: Chart, report: Report) -> Block:
    ticks = _ticks(chart, report.locale)
    lines = zip(_series_names(chart, report), (chart.values, chart.previous), strict=False)
    series = [_series(name, ticks, values, chart.format) for name, values in lines]
    return {
        "type": "data_visualization",
        "title": _chart_title(chart, report.locale),
        "chart": {"type": "line", "series": series, "axis_config": {"categories": ticks}},
    }


def _chart_title(chart: Chart, locale: str) -> str:
    """The metric's name, what its numbers are of, and their unit, which Slack does not draw beside them."""
    say, unit = words(locale), amounts.unit(chart.format, locale)
    label = names.clean(chart.label) or say.nameless
    template = "{label}" if all(span.length == 1 for span in chart.spans) else say.per_day
    template += f" ({unit})" if unit else ""
    room = MOST_TITLE - 2 - weight(template.format(label=""))
    return template.format(label=names.isolated(cut(label, room)))


def _ticks(chart: Chart, locale: str) -> list[str]:
    """Short and unique: Slack refuses a message with a category that is neither."""
    ticks = [figures.tick(span, locale) for span in chart.spans]
    if _are_good(ticks):
        return ticks
    starts = [str(span.start) for span in chart.spans]
    return starts if _are_good(starts) else [str(place) for place in range(1, len(starts) + 1)]


def _are_good(ticks: Sequence[str]) -> bool:
    return len(set(ticks)) == len(ticks) and all(weight(tick) <= MOST_NAME for tick in ticks)


def _series_names(chart: Chart, report: Report) -> tuple[str, ...]:
    """The days of each line, or plain words where Slack takes no name so long."""
    say, line_names = words(report.locale), chart_words.line_names(chart, report)
    return line_names if _are_good(line_names) else (say.this_period, say.period_before)[: len(line_names)]


def _series(name: str, ticks: Sequence[str], values: Sequence[float], reads: Format) -> Block:
    """Slack writes bare numbers, so that a percentage is drawn as one."""
    scale = 100 if reads.is_percent else 1
    data = [
        {"label": tick, "value": _number(scale * value)} for tick, value in zip(ticks, values, strict=True)
    ]
    return {"name": name, "data": data}


def _number(value: float) -> float:
    """In two decimals, halves away from zero as everywhere in the report."""
    return value if value == int(value) else float(figures.rounded(figures.exact(value), 2))
