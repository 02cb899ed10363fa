"""Which metrics of a report are drawn, over which days, and with which usual range."""

from dataclasses import dataclass
from datetime import date, timedelta

from reporter.reports.definitions import rate_of
from reporter.reports.figures import Daily, Figures
from reporter.reports.findings import Unusual, UnusualDay
from reporter.reports.measures import ActiveUsers, Measure, has_days
from reporter.reports.periods import ONE_DAY, Period
from reporter.reports.report import Chart, Span, Verdict
from reporter.reports.subscriptions import MetricSpec, ReportSpec
from reporter.reports.summary import first_day

LEAST_POINTS = 2  # that make a line
MOST_POINTS = 20  # a line with more is not read on a phone, and Slack's charts take no more
WEEK = timedelta(days=7)


def charts(spec: ReportSpec, figures: Figures, verdict: Verdict) -> tuple[Chart, ...]:
    """What is in doubt or unusual first, then what the file names, active users, and the first other metric.

    An alert draws nothing but what it is about.
    """
    drawn = {
        metric.label: metric
        for metric in spec.metrics
        if metric.is_charted is not False and _days_of(metric.measure, figures) is not None
    }
    named = [label for label, metric in drawn.items() if metric.is_charted]
    actives = [label for label, metric in drawn.items() if isinstance(metric.measure, ActiveUsers)]
    others = [label for label, metric in drawn.items() if label not in actives and has_days(metric.measure)]
    remarkable = _remarkable(verdict)
    calm = () if spec.only_when_unusual and remarkable else (*named, *actives[:1], *others[:1])
    wanted = dict.fromkeys((*remarkable, *calm))
    made = (_chart(drawn[label], figures, verdict) for label in wanted if label in drawn)
    return tuple(chart for chart in made if chart is not None)[: spec.charts]


def chart_spans(period: Period) -> tuple[Period, ...]:
    """Single days, or as many whole weeks as keep the points few enough to read."""
    if period.length <= MOST_POINTS:
        return tuple(Period(day, day + ONE_DAY) for day in period)
    step = WEEK * -(-period.length // (7 * MOST_POINTS))
    number = period.length // step.days  # the last span takes what is left over
    starts = [period.start + step * place for place in range(number)]
    return tuple(Period(start, end) for start, end in zip(starts, (*starts[1:], period.end), strict=True))


def _remarkable(verdict: Verdict) -> tuple[str, ...]:
    """The labels of what the summary begins with."""
    unusual = (found.label for found in verdict.unusual if isinstance(found, Unusual | UnusualDay))
    return tuple(label for label in (*(doubt.label for doubt in verdict.doubts), *unusual) if label)


def _chart(metric: MetricSpec, figures: Figures, verdict: Verdict) -> Chart | None:
    """The period against the previous one; a single day is shown in its week, against the week before.

    A day before the project's data begins is no zero.
    """
    days = _days_of(metric.measure, figures)
    period, previous = figures.question.period, figures.question.previous
    if period.length == 1:
        period, previous = (Period(one.end - WEEK, one.end) for one in (period, previous))
    young = first_day(figures)
    begins = figures.begins or (young.first_day if young else date.min)
    spans, before = chart_spans(period), chart_spans(previous)
    values = days and days.points(spans, begins)
    if not days or not values or not any(values) or sum(one is not None for one in values) < LEAST_POINTS:
        return None
    is_comparable = figures.question.compares and len(before) == len(spans) and previous.start >= begins
    known = (days.points(before, begins) if is_comparable else None) or ()
    return Chart(metric.label, spans, values, known, metric.format, _usual(verdict, metric.label, spans))


def _usual(verdict: Verdict, label: str, spans: tuple[Period, ...]) -> tuple[Span | None, ...]:
    """The normal range of each span, as far as they were judged."""
    known = verdict.ranges.get(label, {})
    return tuple(known.get(span) for span in spans) if known.keys() & {*spans} else ()


@dataclass(frozen=True, slots=True)
class _Days:
    """What is drawn of each day: a number, or of a rate its numerator and its denominator."""

    over: Daily
    under: Daily | None = None  # None: a number that is no rate
    is_mean: bool = False  # `over` is a mean of as many as `under` says

    def points(self, spans: tuple[Period, ...], begins: date) -> tuple[float | None, ...] | None:
        """A number a span; nothing before the data begins. None when another day has no number."""
        found = [self._point(span) if span.start >= begins else None for span in spans]
        is_lacking = any(one is None and span.start >= begins for one, span in zip(found, spans, strict=True))
        return None if is_lacking else tuple(found)

    def _point(self, span: Period) -> float | None:
        """The average day; of a rate the one of all its days together."""
        over = self.over.total(span)
        if self.under is None or over is None:
            return None if over is None else over / span.length
        if self.is_mean and span.length == 1:
            return over
        under = self.under.over(span)
        numerators = zip(self.over.over(span), under, strict=True)
        whole = sum((one or 0.0) * (many or 0.0) for one, many in numerators) if self.is_mean else over
        denominator = sum(many or 0.0 for many in under)
        return whole / denominator if denominator and None not in under else None


def _days_of(measure: Measure, figures: Figures) -> _Days | None:
    """None where days do not tell it, or were not asked for."""
    parts = rate_of(measure)
    if parts is not None and all(part in figures.daily for part in parts):
        over, under = parts
        return _Days(figures.daily[over], figures.daily[under], is_mean=over == measure)
    return _Days(figures.daily[measure]) if has_days(measure) and measure in figures.daily else None
