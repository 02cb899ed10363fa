"""Slack's native line charts: a metric in this period against the last.

Limits: Slack, "Data visualization block": two a message, short and unique names, one point for each category.
"""

from collections.abc import Sequence

from reporter.render import numbers, sanitize
from reporter.render.page import ChartText, Page
from reporter.render.phrases import words
from reporter.render.slack.text import Block, cut, weight
from reporter.reports.subscriptions import Format

MOST_CHARTS = 2
MOST_POINTS = 20
MOST_NAME = 20
MOST_TITLE = 50


def drawable(page: Page) -> list[ChartText]:
    """The charts that Slack can show."""
    short = [chart for chart in page.charts if len(chart.ticks) <= MOST_POINTS]
    return [chart for chart in short if not chart.remark][:MOST_CHARTS]


def line_chart(chart: ChartText, locale: str) -> Block:
    ticks, drawn = _ticks(chart), chart.chart
    lines = zip(_series_names(chart, locale), (drawn.values, drawn.previous), strict=False)
    series = [_series(name, ticks, values, drawn.format) for name, values in lines]
    return {
        "type": "data_visualization",
        "title": _title(chart, locale),
        "chart": {"type": "line", "series": series, "axis_config": {"categories": ticks}},
    }


def _title(chart: ChartText, locale: str) -> str:
    """The metric's name, what its numbers are of, and their unit, which Slack does not draw beside them."""
    say, unit = words(locale), numbers.unit(chart.chart.format, locale)
    label = sanitize.clean(chart.chart.label) or say.nameless
    template = "{label}" if chart.heading == chart.label else say.per_day
    template += f" ({unit})" if unit else ""
    room = MOST_TITLE - 2 - weight(template.format(label=""))
    return template.format(label=sanitize.isolated(cut(label, room)))


def _ticks(chart: ChartText) -> Sequence[str]:
    """Short and unique: Slack refuses a message with a category that is neither."""
    if _are_good(chart.ticks):
        return chart.ticks
    starts = [str(span.start) for span in chart.chart.spans]
    return starts if _are_good(starts) else [str(place) for place in range(1, len(starts) + 1)]


def _are_good(ticks: Sequence[str]) -> bool:
    return len(set(ticks)) == len(ticks) and all(weight(tick) <= MOST_NAME for tick in ticks)


def _series_names(chart: ChartText, locale: str) -> tuple[str, ...]:
    """The days of each line, or plain words where Slack takes no name so long."""
    say, names = words(locale), chart.lines
    return names if _are_good(names) else (say.this_period, say.period_before)[: len(names)]


def _series(name: str, ticks: Sequence[str], values: Sequence[float], form: Format) -> Block:
    """Slack writes bare numbers, so that a percentage is drawn as one."""
    scale = 100 if form.is_percent else 1
    data = [
        {"label": tick, "value": _number(scale * value)} for tick, value in zip(ticks, values, strict=True)
    ]
    return {"name": name, "data": data}


def _number(value: float) -> float:
    """In two decimals, halves away from zero as everywhere in the report."""
    return value if value == int(value) else float(numbers.rounded(numbers.exact(value), 2))
