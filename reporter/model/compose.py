"""Figures -> Report: what is worth showing. Pure."""

from datetime import datetime, timedelta

from reporter.model.edition import Edition
from reporter.model.figures import Daily, Failed, Figures, Measured, Ranking, TooLittleHistory
from reporter.model.insights import Busiest, Finding, Moved, NothingHappened, NotMeasured
from reporter.model.measure import ActiveUsers, EventCount
from reporter.model.period import ONE_DAY, Period
from reporter.model.report import (
    Change,
    Chart,
    Late,
    Metric,
    Next,
    NoEarlierData,
    Note,
    RankedPartly,
    Report,
    Sampled,
    TopEvent,
    TopEvents,
    ZoneAssumed,
)
from reporter.model.subscription import MetricSpec, ReportSpec
from reporter.model.verdict import Verdict, judge

MOST_FINDINGS = 3
MOST_POINTS = 20  # a line with more is not read on a phone, and Slack's charts take no more
WEEK = timedelta(days=7)
LATE_AFTER = timedelta(hours=1)

# With these Mixpanel keeps identities and experiments: no activity of a user (Mixpanel, identity docs).
IDENTITY_EVENTS = frozenset({"$identify", "$create_alias", "$merge", "$experiment_started"})
HIDDEN_PREFIX = "$mp_"


def compose(edition: Edition, figures: Figures, now: datetime) -> Report:
    """The report that these figures make; `now` says whether it is late."""
    spec = edition.spec
    verdict = judge(spec, figures)
    metrics = tuple(
        Metric(
            metric.label,
            figures.now[metric.measure],
            figures.before[metric.measure],
            verdict.usual.get(metric.label),
        )
        for metric in spec.metrics
    )
    top_events = _top_events(spec, figures)
    return Report(
        name=spec.name,
        title=spec.title,
        company=spec.company,
        project=figures.project.name,
        zone=figures.project.zone,
        locale=spec.locale,
        cadence=edition.cadence,
        period=edition.period,
        previous=edition.previous,
        findings=_findings(spec.metrics, metrics, top_events, verdict),
        metrics=metrics,
        top_events=top_events,
        charts=_charts(spec, figures),
        notes=_notes(edition, figures, top_events, now),
        computed_at=figures.computed_at,
        queries=figures.queries,
    )


def is_activity(event: str) -> bool:
    """Whether an event is something a user did."""
    return event not in IDENTITY_EVENTS and not event.startswith(HIDDEN_PREFIX)


def _first_day(figures: Figures) -> TooLittleHistory | None:
    return next((figure for figure in figures.before.values() if isinstance(figure, TooLittleHistory)), None)


def _top_events(spec: ReportSpec, figures: Figures) -> TopEvents | Failed | None:
    if not isinstance(figures.ranking, Ranking):
        return figures.ranking
    shown = [
        total
        for total in figures.ranking.events
        if total.count and is_activity(total.name) and total.name not in spec.hidden_events
    ]
    comparable = _first_day(figures) is None
    rows = tuple(
        TopEvent(total.name, total.count, Change.between(total.previous, total.count) if comparable else None)
        for total in shown[: spec.top_events]
    )
    return TopEvents(rows, sum(total.count for total in shown), len(shown), figures.ranking.is_partial)


def _findings(
    specs: tuple[MetricSpec, ...],
    metrics: tuple[Metric, ...],
    top_events: TopEvents | Failed | None,
    verdict: Verdict,
) -> tuple[Finding, ...]:
    """Doubts about the data first, then the headline, what is unusual, and the plain facts."""
    missing = tuple(metric.label for metric in metrics if not isinstance(metric.figure, Measured))
    values = [metric.figure.value for metric in metrics if isinstance(metric.figure, Measured)]
    has_events = isinstance(top_events, TopEvents) and bool(top_events.rows)
    facts = [
        Moved(
            metric.label,
            spec.said(metric.figure.value),
            metric.figure.value,
            metric.previous.value if isinstance(metric.previous, Measured) else None,
        )
        for spec, metric in zip(specs, metrics, strict=True)
        if spec.sentence and isinstance(metric.figure, Measured) and metric.label not in verdict.doubted
    ]
    found: list[Finding] = [*verdict.doubts, *facts[:1], *verdict.unusual, *facts[1:]]
    if isinstance(top_events, TopEvents) and top_events.rows:
        found.append(_busiest(top_events))
    if values and not any(values) and not has_events:
        found = [NothingHappened()]
    kept = found[: MOST_FINDINGS - bool(missing)]
    return (*kept, NotMeasured(missing)) if missing else tuple(kept)


def _busiest(top_events: TopEvents) -> Busiest:
    first = top_events.rows[0]
    return Busiest(first.name, first.count, first.count / top_events.total)


def _charts(spec: ReportSpec, figures: Figures) -> tuple[Chart, ...]:
    """Active users and the first metric that is a count: the two lines a reader looks for."""
    if not spec.charts:
        return ()
    actives = [metric for metric in spec.metrics if isinstance(metric.measure, ActiveUsers)]
    counts = [metric for metric in spec.metrics if isinstance(metric.measure, EventCount)]
    drawn = (_chart(metric, figures) for metric in (*actives[:1], *counts[:1]))
    return tuple(chart for chart in drawn if chart is not None)


def _chart(metric: MetricSpec, figures: Figures) -> Chart | None:
    """The period against the previous one; a single day is shown in its week, against the week before."""
    daily = figures.daily.get(metric.measure)
    period, previous = figures.question.period, figures.question.previous
    if daily is None:
        return None
    if period.length == 1:
        period = Period(period.end - WEEK, period.end)
        previous = period.previous
    spans = _spans(period)
    values = _averages(daily, spans)
    if values is None or not any(values):
        return None
    before = None if _first_day(figures) else _averages(daily, _spans(previous))
    return Chart(metric.label, spans, values, before if before and len(before) == len(spans) else ())


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


def _notes(
    edition: Edition, figures: Figures, top_events: TopEvents | Failed | None, now: datetime
) -> tuple[Note, ...]:
    notes: list[Note] = [Next(edition.next_due)] if edition.next_due is not None else []
    if edition.due is not None and now - edition.due > LATE_AFTER:
        notes.append(Late(edition.due))
    if short := _first_day(figures):
        notes.append(NoEarlierData(short.first_day))
    if any(isinstance(figure, Measured) and figure.sampled for figure in figures.now.values()):
        notes.append(Sampled())
    if isinstance(top_events, TopEvents) and top_events.is_partial:
        notes.append(RankedPartly(top_events.known))
    if figures.project.zone_is_assumed:
        notes.append(ZoneAssumed())
    return tuple(notes)
