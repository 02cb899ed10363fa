"""The lines of a report: which metrics are drawn, and over which days."""

from datetime import date, timedelta

from reporter.model.figures import Daily, Figures, TooLittleHistory
from reporter.model.insights import Unusual, UnusualDay
from reporter.model.measure import ActiveUsers
from reporter.model.period import ONE_DAY, Period
from reporter.model.report import Chart
from reporter.model.subscription import MetricSpec, ReportSpec
from reporter.model.verdict import Verdict

MOST_CHARTS = 2  # as many as a message of Slack takes
LEAST_POINTS = 2  # that make a line
MOST_POINTS = 20  # a line with more is not read on a phone, and Slack's charts take no more
WEEK = timedelta(days=7)


def charts(spec: ReportSpec, figures: Figures, verdict: Verdict) -> tuple[Chart, ...]:
    """What is in doubt or unusual first, then active users and the first other metric with daily numbers."""
    if not spec.charts:
        return ()
    drawn = {metric.label: metric for metric in spec.metrics if metric.measure in figures.daily}
    actives = [label for label, metric in drawn.items() if isinstance(metric.measure, ActiveUsers)]
    others = [label for label in drawn if label not in actives]
    wanted = dict.fromkeys((*_remarkable(verdict), *actives[:1], *others[:1]))
    made = (_chart(drawn[label], figures) for label in wanted if label in drawn)
    return tuple(chart for chart in made if chart is not None)[:MOST_CHARTS]


def _remarkable(verdict: Verdict) -> tuple[str, ...]:
    """The labels of what the summary begins with."""
    unusual = (found.label for found in verdict.unusual if isinstance(found, Unusual | UnusualDay))
    return tuple(label for label in (*(doubt.label for doubt in verdict.doubts), *unusual) if label)


def _chart(metric: MetricSpec, figures: Figures) -> Chart | None:
    """The period against the previous one; a single day is shown in its week, against the week before.

    It begins where the project's data does: a day before that is no zero, and Slack's charts know no gaps.
    """
    daily = figures.daily[metric.measure]
    period, previous = figures.question.period, figures.question.previous
    if period.length == 1:
        period = Period(period.end - WEEK, period.end)
        previous = period.previous
    begins = figures.begins or date.min
    spans = tuple(span for span in _spans(period) if span.start >= begins)
    values = _averages(daily, spans)
    if values is None or not any(values) or len(values) < LEAST_POINTS:
        return None
    is_young = any(isinstance(figure, TooLittleHistory) for figure in figures.before.values())
    before = None if is_young or previous.start < begins else _averages(daily, _spans(previous))
    comparable = before if before and len(before) == len(spans) else ()
    return Chart(metric.label, spans, values, comparable, metric.format)


def _spans(period: Period) -> tuple[Period, ...]:
    """Single days, or as many whole weeks as keep the points few enough to read."""
    if period.length <= MOST_POINTS:
        return tuple(Period(day, day + ONE_DAY) for day in period)
    step = WEEK * -(-period.length // (7 * MOST_POINTS))
    number = period.length // step.days  # the last span takes what is left over
    starts = [period.start + step * place for place in range(number)]
    return tuple(Period(start, end) for start, end in zip(starts, (*starts[1:], period.end), strict=True))


def _averages(daily: Daily, spans: tuple[Period, ...]) -> tuple[float, ...] | None:
    """The mean day of each span; None when a day has no number."""
    averages: list[float] = []
    for span in spans:
        values = [value for value in daily.over(span) if value is not None]
        if len(values) < span.length:
            return None
        averages.append(sum(values) / span.length)
    return tuple(averages)
