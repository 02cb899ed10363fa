"""Figures and a verdict on them -> Report: what is worth showing. Pure."""

from dataclasses import replace
from datetime import datetime

from reporter.model.activity import is_activity
from reporter.model.charts import charts
from reporter.model.delivery import Said
from reporter.model.details import details
from reporter.model.edition import Edition
from reporter.model.figures import Failed, Figure, Figures, Measured, Ranking
from reporter.model.notes import first_day, notes
from reporter.model.report import Change, Metric, Progress, Report, TopEvent, TopEvents
from reporter.model.said import restated
from reporter.model.subscription import MetricSpec, ReportSpec
from reporter.model.summary import summary
from reporter.model.verdict import Verdict


def compose(edition: Edition, figures: Figures, verdict: Verdict, now: datetime, said: Said = ()) -> Report:
    """The report that these figures make.

    `now` says whether it is late, `said` what the report of the previous period told.
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
        notes=(*notes(edition, figures, verdict, top_events, now), *restated(said, metrics)),
        computed_at=figures.computed_at,
        made_at=now,
        queries=figures.queries,
        details=details(spec.metrics, figures),
    )
    return calling(report, spec)


def calling(report: Report, spec: ReportSpec) -> Report:
    """The report, calling somebody where it is an alert and has something to tell."""
    is_called = spec.only_when_unusual and report.is_unusual
    return replace(report, mention=spec.mention) if is_called else report


def _metric(metric: MetricSpec, figures: Figures, verdict: Verdict) -> Metric:
    figure = figures.now[metric.measure]
    return Metric(
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
