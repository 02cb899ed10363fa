"""Figures and a verdict on them -> Report: what is worth showing, with details. Pure."""

from dataclasses import replace
from datetime import datetime
from math import fsum

from reporter.reports.charting import charts
from reporter.reports.definitions import is_activity
from reporter.reports.deliveries import ReportedNumbers
from reporter.reports.figures import EventTotal, Failed, Figure, Figures, Measured, Part, Ranking
from reporter.reports.measures import (
    Breakdown,
    EventUsers,
    Funnel,
    Measure,
    SavedFunnel,
    SavedInsights,
    traits,
)
from reporter.reports.report import (
    Change,
    Detail,
    DetailKind,
    DetailRow,
    Progress,
    Report,
    ReportedMetric,
    TopEvent,
    TopEvents,
    Verdict,
)
from reporter.reports.restatements import restated
from reporter.reports.subscriptions import NUMBER, Edition, Goal, MetricSpec, ReportSpec
from reporter.reports.summary import first_day, notes, summary


def compose(
    edition: Edition, figures: Figures, verdict: Verdict, now: datetime, reported: ReportedNumbers = ()
) -> Report:
    """The report that these figures make; `reported` is what that of the previous period said."""
    spec = edition.spec
    metrics = tuple(_metric(metric, edition, figures, verdict) for metric in spec.metrics)
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
        compare=spec.compare,
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
        link=figures.project.link,
        footer=spec.footer,
        names_project=spec.project is not None,
    )
    is_alert = spec.only_when_unusual and report.is_unusual
    return replace(report, is_alert=True, mention=spec.mention) if is_alert else report


def _metric(metric: MetricSpec, edition: Edition, figures: Figures, verdict: Verdict) -> ReportedMetric:
    figure, measure = figures.now[metric.measure], metric.measure
    return ReportedMetric(
        label=metric.label,
        figure=figure,
        previous=figures.before[metric.measure],
        usual=verdict.usual.get(metric.label),
        format=metric.format,
        progress=_progress(metric.goal_of(edition.cadence), figure),
        section=metric.section,
        is_lower_better=metric.is_lower_better,
        adds_up=traits(measure).is_additive,
        link=metric.link or _saved_at(measure, figures.project.link),
        is_repeated=isinstance(measure, Breakdown)
        and any(other.measure == measure.of for other in edition.spec.metrics),
    )


def _saved_at(measure: Measure, project: str) -> str | None:
    """Where a saved report is in Mixpanel's web application (mixpanel-headless, its grammar of links)."""
    if not project:
        return None
    match measure:
        case SavedInsights(id=number):
            return f"{project}/app/insights#report/{number}"
        case SavedFunnel(id=number):
            return f"{project}/app/funnels#view/{number}"
        case _:
            return None


def _progress(goal: Goal | None, figure: Figure) -> Progress | None:
    """Where the figure is on the way to its goal; there is no way to a goal of zero."""
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
    comparable, labels = first_day(figures) is None and figures.question.compares, dict(spec.event_labels)
    rows = tuple(
        TopEvent(
            total.name,
            total.count,
            Change(total.previous, total.count) if comparable else None,
            labels.get(total.name, ""),
            _users_of(total, spec, figures),
        )
        for total in shown[: spec.top_events]
    )
    return TopEvents(rows, sum(total.count for total in shown), len(shown), figures.ranking.is_partial)


def _users_of(total: EventTotal, spec: ReportSpec, figures: Figures) -> float | None:
    """Who did it, where the source told, or a metric of the report has asked."""
    if total.users is not None:
        return total.users
    asked = figures.now.get(EventUsers(total.name, spec.where))
    return asked.value if isinstance(asked, Measured) else None


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
