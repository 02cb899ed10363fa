"""Figures and a verdict on them -> Report: what is worth showing, with charts and details. Pure."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from math import fsum

from reporter.reports.definitions import is_activity
from reporter.reports.deliveries import ReportedNumbers
from reporter.reports.figures import Daily, Failed, Figure, Figures, Measured, Part, Ranking, TooLittleHistory
from reporter.reports.findings import Unusual, UnusualDay
from reporter.reports.measures import ActiveUsers, Breakdown, EventUsers, Funnel, SavedFunnel, traits
from reporter.reports.periods import ONE_DAY, Period
from reporter.reports.report import (
    Change,
    Chart,
    Detail,
    DetailKind,
    DetailRow,
    Progress,
    Report,
    ReportedMetric,
    TopEvent,
    TopEvents,
    Verdict,
    restated,
)
from reporter.reports.subscriptions import NUMBER, Edition, MetricSpec, ReportSpec
from reporter.reports.summary import first_day, notes, summary


def compose(
    edition: Edition, figures: Figures, verdict: Verdict, now: datetime, reported: ReportedNumbers = ()
) -> Report:
    """The report that these figures make.

    `now` says whether it is late, `reported` what the report of the previous period had.
    """
    spec = edition.spec
    metrics = tuple(_metric(metric, figures, verdict) for metric in spec.metrics)
    top_events = _top_events(spec, figures)
    report = Report(
        name=spec.name,
        title=spec.title,
        company=spec.company,
        project=figures.project.name,
        zone=figures.project.zone,
        locale=spec.locale,
        cadence=edition.cadence,
        period=edition.period,
        previous=edition.previous,
        findings=summary(spec, figures, verdict, top_events),
        metrics=metrics,
        top_events=top_events,
        charts=charts(spec, figures, verdict),
        notes=(*notes(edition, figures, verdict, top_events, now), *restated(reported, metrics)),
        computed_at=figures.computed_at,
        made_at=now,
        queries=figures.queries,
        details=details(spec.metrics, figures),
        where=spec.where,
    )
    return with_mention(report, spec)


def with_mention(report: Report, spec: ReportSpec) -> Report:
    """The report, calling somebody where it is an alert and has something to tell."""
    is_called = spec.only_when_unusual and report.is_unusual
    return replace(report, mention=spec.mention) if is_called else report


def _metric(metric: MetricSpec, figures: Figures, verdict: Verdict) -> ReportedMetric:
    figure = figures.now[metric.measure]
    return ReportedMetric(
        label=metric.label,
        figure=figure,
        previous=figures.before[metric.measure],
        usual=verdict.usual.get(metric.label),
        format=metric.format,
        progress=_progress(metric, figure),
    )


def _progress(metric: MetricSpec, figure: Figure) -> Progress | None:
    """Where the figure is on the way to its goal; there is no way to a goal of zero."""
    goal = metric.goal
    if goal is None or not goal.target or not isinstance(figure, Measured):
        return None
    is_reached = figure.value <= goal.target if goal.is_limit else figure.value >= goal.target
    return Progress(goal, figure.value / goal.target, is_reached)


def _top_events(spec: ReportSpec, figures: Figures) -> TopEvents | Failed | None:
    if not isinstance(figures.ranking, Ranking):
        return figures.ranking
    shown = [
        total
        for total in figures.ranking.events
        if total.count and is_activity(total.name) and total.name not in spec.hidden_events
    ]
    comparable = first_day(figures) is None
    rows = tuple(
        TopEvent(total.name, total.count, Change(total.previous, total.count) if comparable else None)
        for total in shown[: spec.top_events]
    )
    return TopEvents(rows, sum(total.count for total in shown), len(shown), figures.ranking.is_partial)


ALL_BELOW = 3_000  # values: Mixpanel tells no more, so that of fewer none is missing
ROUNDING = 1e-9  # of a sum


def details(specs: tuple[MetricSpec, ...], figures: Figures) -> tuple[Detail, ...]:
    """One for each metric whose figure has parts."""
    found = (_detail(metric, figures.now[metric.measure], figures.before[metric.measure]) for metric in specs)
    return tuple(detail for detail in found if detail is not None)


def _detail(metric: MetricSpec, figure: Figure, previous: Figure) -> Detail | None:
    if not isinstance(figure, Measured) or not figure.parts:
        return None
    before = previous if isinstance(previous, Measured) else None
    match metric.measure:
        case Breakdown(property=by) as breakdown:
            whole = figure.value if traits(breakdown).is_additive else 0.0
            rows = tuple(
                _value(
                    part, whole, None if before is None else _before(part, figure.parts, before, breakdown)
                )
                for part in figure.parts
            )
            return Detail(metric.label, DetailKind.BREAKDOWN, by, rows, metric.format)
        case Funnel() | SavedFunnel():
            steps = _steps(figure.parts, before.parts if before else ())
            return Detail(metric.label, DetailKind.STEPS, None, steps, NUMBER)
        case _:
            return None


def _value(part: Part, whole: float, before: float | None) -> DetailRow:
    return DetailRow(
        name=part.name,
        value=part.value,
        share=part.value / whole if whole > 0 else None,
        change=None if before is None else Change(before, part.value),
        is_rest=part.is_rest,
    )


def _before(part: Part, parts: tuple[Part, ...], before: Measured, measure: Breakdown) -> float | None:
    """The same value's number before, or that of the same rest: all values but those named now.

    A value that was not there came to nothing, unless others may be missing, or it is an average.
    """
    known = {one.name: one.value for one in before.parts if not one.is_rest}
    is_whole = len(known) == len(before.parts) < ALL_BELOW
    counts = traits(measure).is_additive or isinstance(measure.of, EventUsers)
    absent = 0.0 if is_whole and counts else None
    if not part.is_rest:
        return known.get(part.name, absent)
    named = [known.get(one.name, absent) for one in parts if not one.is_rest]
    numbers = [number for number in named if number is not None]
    overlap = fsum(known.values()) > before.value + ROUNDING * abs(before.value)  # as items of lists do
    if len(numbers) < len(named) or overlap:
        return None
    rest = fsum((before.value, *(-number for number in numbers)))
    return 0.0 if abs(rest) <= ROUNDING * abs(before.value) else rest


def _steps(parts: tuple[Part, ...], before: tuple[Part, ...]) -> tuple[DetailRow, ...]:
    """Steps by their place: a funnel may have the same event twice."""
    is_same = [part.name for part in parts] == [part.name for part in before]
    first = parts[0].value
    return tuple(
        DetailRow(
            name=part.name,
            value=part.value,
            share=part.value / first if first else None,
            change=Change(before[place].value, part.value) if is_same else None,
        )
        for place, part in enumerate(parts)
    )


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
    totals = [daily.total(span) for span in spans]
    known = [(total, span) for total, span in zip(totals, spans, strict=True) if total is not None]
    return tuple(total / span.length for total, span in known) if len(known) == len(spans) else None
