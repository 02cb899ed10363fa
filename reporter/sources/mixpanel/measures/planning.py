"""Which queries a question needs: as few as there can be."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import assert_never

from reporter.reports.figures import Question
from reporter.reports.measures import (
    ActiveUsers,
    Breakdown,
    EventCount,
    EventMeasure,
    EventUsers,
    Funnel,
    Lifecycle,
    Measure,
    PropertyStatistic,
    Ratio,
    Retention,
    SavedFunnel,
    SavedInsights,
    Sessions,
    Stickiness,
    events_of,
    parts_of,
)
from reporter.reports.periods import Period
from reporter.sources.mixpanel.queries import (
    ACTIVES,
    AnswerQuery,
    CountsQuery,
    FunnelQuery,
    InsightsMetric,
    InsightsQuery,
    Math,
    NamesQuery,
    Query,
    RetentionQuery,
    SavedInsightsQuery,
)
from reporter.sources.mixpanel.query_language import obstacle

ACTIVES_REACH = timedelta(days=91)  # "All Events" takes 93 days at most; 13 weeks are whole weeks


def plan(question: Question, shared: Iterable[str] = ()) -> tuple[Query, ...]:
    """The queries of a question, each costing one of the hour's if nobody has asked it.

    Which names the project has is not known here: the counts stand for all of them, and for the question's
    own events beyond `shared`. So questions with different events outside of `shared` are taken to need two,
    although they share one where those events are among the project's names.
    """
    names: tuple[Query, ...] = ()
    if needs_counts(question):
        own = tuple(sorted(set(events_in(question)) - set(shared)))
        names = (NamesQuery(), CountsQuery(own, question.history))
    return (*names, *other_queries(question))


def needs_counts(question: Question) -> bool:
    return question.ranks_events or bool(events_in(question))


def events_in(question: Question) -> tuple[str, ...]:
    """The events that the question names, each once."""
    return tuple(dict.fromkeys(event for measure in question.measures for event in events_of(measure)))


def other_queries(question: Question) -> tuple[AnswerQuery, ...]:
    """All but the names and the counts, each once: over the period, over the previous one, and by the day."""
    found: dict[AnswerQuery, None] = {}
    for period in (question.period, question.previous):
        for measure in simple(question):
            found |= dict.fromkeys(_queries_over(measure, period, question))
    line = line_query(question)
    return (*found, line) if line else tuple(found)


def whole_query(question: Question, period: Period) -> InsightsQuery:
    """All metrics that are one number of a period. Users of any event come with those of some."""
    metrics = {metric for measure in simple(question) if (metric := metric_of(measure)) is not None}
    if any(metric.math is Math.UNIQUE for metric in metrics):
        metrics.add(ACTIVES)
    return InsightsQuery(_in_order(metrics), period)


def line_query(question: Question) -> InsightsQuery | None:
    """All metrics by the day, as far back as Mixpanel tells them."""
    metrics = {metric for measure in simple(question) if (metric := daily_metric(measure)) is not None}
    if not metrics:
        return None
    history = question.history
    start = max(history.start, history.end - ACTIVES_REACH) if ACTIVES in metrics else history.start
    return InsightsQuery(_in_order(metrics), Period(start, history.end), by_day=True)


def groups_query(question: Question, group: str, period: Period) -> InsightsQuery:
    """All metrics that are broken down by a property."""
    metrics = {
        broken_down(measure.of)
        for measure in simple(question)
        if isinstance(measure, Breakdown) and measure.property == group and not obstacle(measure.of.where)
    }
    return InsightsQuery(_in_order(metrics), period, group=group)


def actives_query(days: int, period: Period) -> InsightsQuery:
    """The users of any event in so many days up to the end of the period."""
    return InsightsQuery((ACTIVES,), Period(period.end - timedelta(days=days), period.end))


def retention_query(measure: Retention, born: str, period: Period) -> RetentionQuery:
    """The last cohort of whom the whole unit is over when the period ends."""
    days = period.earlier((measure.after + 1) * measure.unit.days)
    return RetentionQuery(born, measure.returned, days, measure.after, measure.unit)


def funnel_query(measure: SavedFunnel, period: Period, question: Question) -> FunnelQuery | None:
    """Those who began in the period; with a length, in one so much earlier that all of them had their time.

    Mixpanel looks for completions past the days that are asked for ("Query Funnel"). So without a length,
    those of the previous period had more time than those of this one, and are not asked for.
    """
    if measure.days is not None:
        return FunnelQuery(measure.id, period.earlier(measure.days), measure.days)
    return FunnelQuery(measure.id, period) if period == question.period else None


def metric_of(measure: Measure) -> InsightsMetric | None:
    """What Insights measures as one number. Events are counted more cheaply elsewhere, unless filtered."""
    match measure:
        case ActiveUsers():
            return ACTIVES
        case EventCount(where=()):
            return None
        case EventCount() | EventUsers() | PropertyStatistic():
            return None if obstacle(measure.where) else broken_down(measure)
        case Breakdown() | Ratio() | Stickiness() | Funnel() | Retention() | Lifecycle() | Sessions():
            return None
        case SavedInsights() | SavedFunnel():
            return None
        case _:
            assert_never(measure)


def daily_metric(measure: Measure) -> InsightsMetric | None:
    """What Insights measures by the day: counts, users and sums."""
    if isinstance(measure, Stickiness):
        return ACTIVES
    metric = metric_of(measure)
    return metric if metric is not None and metric.has_always_a_number else None


def broken_down(measure: EventMeasure) -> InsightsMetric:
    """The metric that a breakdown divides."""
    match measure:
        case EventCount(event, where):
            return InsightsMetric(event, Math.TOTAL, None, where)
        case EventUsers(event, where):
            return InsightsMetric(event, Math.UNIQUE, None, where)
        case PropertyStatistic(event, name, statistic, where):
            math = Math.TOTAL if statistic.value == "sum" else Math(statistic.value)
            return InsightsMetric(event, math, name, where)
        case _:
            assert_never(measure)


def _queries_over(measure: Measure, period: Period, question: Question) -> Iterator[AnswerQuery]:
    match measure:
        case ActiveUsers() | EventCount() | EventUsers() | PropertyStatistic():
            if metric_of(measure) is not None:
                yield whole_query(question, period)
        case Breakdown(of, group):
            if not obstacle(of.where):
                yield groups_query(question, group, period)
        case Stickiness(days):
            yield actives_query(days, period)
        case Retention(born, unbounded=unbounded):
            if born is not None and not unbounded:
                yield retention_query(measure, born, period)
        case SavedInsights(number):
            yield SavedInsightsQuery(number)
        case SavedFunnel():
            if (query := funnel_query(measure, period, question)) is not None:
                yield query
        case Funnel() | Lifecycle() | Sessions() | Ratio():
            return
        case _:
            assert_never(measure)


def simple(question: Question) -> tuple[Measure, ...]:
    """The measures of the question, a ratio as the two that it is made of, each once."""
    return tuple(dict.fromkeys(part for measure in question.measures for part in parts_of(measure)))


def _in_order(metrics: Iterable[InsightsMetric]) -> tuple[InsightsMetric, ...]:
    """Users of any event first, and always the same, so that reports share the query."""
    return tuple(sorted(metrics, key=lambda one: (one != ACTIVES, one.event, one.math, repr(one))))
