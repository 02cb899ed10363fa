"""What a chart and its lines are called, and whether its numbers can be drawn at all."""

from reporter.render import dates, phrasing
from reporter.render.words import words
from reporter.reports.periods import Period
from reporter.reports.report import Chart, Report

FARTHEST = 1e300  # beyond this the arithmetic of a scale overflows


def is_drawable(chart: Chart) -> bool:
    """Whether there is a number for each span, and none is endless."""
    fits = len(chart.values) == len(chart.spans) and len(chart.previous) in (0, len(chart.spans))
    values = (*chart.values, *chart.previous)
    return bool(values) and fits and all(abs(value) < FARTHEST for value in values)


def heading(chart: Chart, locale: str) -> str:
    """The metric's name; over longer spans than days, that the numbers are of an average day."""
    label = phrasing.name(chart.label, locale)
    is_average = any(span.length > 1 for span in chart.spans)
    return words(locale).per_day.format(label=label) if is_average else label


def not_drawn(chart: Chart, locale: str) -> str:
    """What stands in the place of a chart that can not be drawn."""
    return words(locale).chart_not_drawn.format(label=phrasing.name(chart.label, locale))


def line_names(chart: Chart, report: Report) -> tuple[str, ...]:
    """The days of each line: a single day's chart shows its week, so "this period" would be untrue."""
    covered = Period(chart.spans[0].start, max(span.end for span in chart.spans))
    before = report.previous if covered == report.period else covered.previous
    drawn = (covered, before) if chart.previous else (covered,)
    return tuple(dates.date_range(period, report.locale, beside=covered) for period in drawn)
