"""Slack's native line charts: a metric in this period against the last.

Limits: Slack, "Data visualization block": two a message, short and unique names, one point for each category.
"""

import math
from collections.abc import Sequence

from reporter.model.period import Period
from reporter.model.report import Chart, Report
from reporter.render import figures, names
from reporter.render.slack_text import Block, cut, weight
from reporter.render.words import words

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
    return [chart for chart in report.charts if _can_be_drawn(chart)][:MOST_CHARTS]


def _line_chart(chart: Chart, report: Report) -> Block:
    ticks = _ticks(chart, report.locale)
    now, before = _series_names(chart, report)
    series = [_series(now, ticks, chart.values)]
    if chart.previous:
        series.append(_series(before, ticks, chart.previous))
    return {
        "type": "data_visualization",
        "title": _chart_title(chart, report.locale),
        "chart": {"type": "line", "series": series, "axis_config": {"categories": ticks}},
    }


def _can_be_drawn(chart: Chart) -> bool:
    numbers = (*chart.values, *chart.previous)
    fits = 1 <= len(chart.spans) <= MOST_POINTS and len(chart.values) == len(chart.spans)
    return fits and len(chart.previous) in (0, len(chart.spans)) and all(map(math.isfinite, numbers))


def _chart_title(chart: Chart, locale: str) -> str:
    say = words(locale)
    label = names.clean(chart.label) or say.nameless
    if all(span.length == 1 for span in chart.spans):
        return names.isolated(cut(label, MOST_TITLE - 2))
    room = MOST_TITLE - 2 - weight(say.per_day.format(label=""))
    return say.per_day.format(label=names.isolated(cut(label, room)))


def _ticks(chart: Chart, locale: str) -> list[str]:
    """Short and unique: Slack refuses a message with a category that is neither."""
    ticks = [figures.tick(span, locale) for span in chart.spans]
    if _are_good(ticks):
        return ticks
    starts = [str(span.start) for span in chart.spans]
    return starts if _are_good(starts) else [str(place) for place in range(1, len(starts) + 1)]


def _are_good(ticks: Sequence[str]) -> bool:
    return len(set(ticks)) == len(ticks) and all(weight(tick) <= MOST_NAME for tick in ticks)


def _series_names(chart: Chart, report: Report) -> tuple[str, str]:
    covered = Period(chart.spans[0].start, max(chart.spans[-1].end, chart.spans[0].end))
    previous = report.previous if covered == report.period else covered.previous
    now, before = _span_name(covered, report.locale), _span_name(previous, report.locale)
    if _are_good((now, before)):
        return now, before
    return words(report.locale).this_period, words(report.locale).period_before


def _span_name(period: Period, locale: str) -> str:
    return figures.dates(period, locale, beside=period)


def _series(name: str, ticks: Sequence[str], values: Sequence[float]) -> Block:
    data = [{"label": tick, "value": round(value, 2)} for tick, value in zip(ticks, values, strict=True)]
    return {"name": name, "data": data}
