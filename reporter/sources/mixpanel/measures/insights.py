"""Users, filtered counts and statistics: what is asked of Insights, and how its answer is read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import fmean
from typing import assert_never

from pydantic import TypeAdapter

from reporter.reports.conditions import ALL_EVENTS
from reporter.reports.definitions import days_around
from reporter.reports.errors import PlanRefused, Refused
from reporter.reports.figures import Daily, Failed, Figure, Measured, Question, Undefined, divide
from reporter.reports.measures import (
    ActiveUsers,
    EventCount,
    EventMeasure,
    EventUsers,
    Groupable,
    PropertyStatistic,
    Statistic,
    Stickiness,
)
from reporter.reports.periods import Period
from reporter.sources.mixpanel.decoding import (
    ALL,
    InsightsSeries,
    Points,
    decode,
    read_daily,
)
from reporter.sources.mixpanel.errors import AccessRefused, OutOfReach
from reporter.sources.mixpanel.http import MOST_GROUPS
from reporter.sources.mixpanel.measures.counts import EventsQuery
from reporter.sources.mixpanel.queries import (
    QueryAnswers,
    QueryApi,
    QueryReading,
    failed,
    not_offered,
    only_raw_events_tell,
    reading,
    unclear,
)
from reporter.sources.mixpanel.query_language import InsightsMetric, Math, bookmark, obstacle

ACTIVES = InsightsMetric(ALL_EVENTS)
MOST_METRICS = 40  # of one query (Mixpanel's changelog of December 2025)
ACTIVES_REACH = timedelta(days=91)  # "All Events" takes 93 days at most; 13 weeks are whole weeks


@dataclass(frozen=True, slots=True)
class InsightsQuery:
    """These metrics over the whole period, or on each day of it."""

    metrics: tuple[InsightsMetric, ...]
    period: Period
    by_day: bool = False
    is_shared: bool = False  # is sent as one query with the others that are asked so

    def fetch(self, api: QueryApi) -> "InsightsAnswer":
        """By the day, as many of the days as the plan shows."""
        if self.by_day:
            return api.within_reach(self.period, lambda period: replace(self, period=period)._fetch(api))
        return self._fetch(api)

    def _fetch(self, api: QueryApi) -> "InsightsAnswer":
        """All metrics, or the plain ones: a filter that Mixpanel refuses shall not cost the active users."""
        plain = tuple(metric for metric in self.metrics if metric.is_plain)
        try:
            return self._fetch_all(api)
        except (PlanRefused, AccessRefused, OutOfReach):
            raise
        except Refused as error:
            if not plain or plain == self.metrics:
                raise
            refused = failed(error)
        return replace(replace(self, metrics=plain)._fetch_all(api), refused=refused)

    def _fetch_all(self, api: QueryApi) -> "InsightsAnswer":
        body = bookmark(self.metrics, self.period, by_day=self.by_day)
        series = read_series(api.insights(body, MOST_GROUPS))
        return InsightsAnswer(self, series, series.computed_at or api.now())


def as_one_query(asked: Sequence[InsightsQuery]) -> InsightsQuery:
    """All metrics of the same days; by the day, as far back as Mixpanel tells them.

    Users of any event come with those of some, so that reports share the query.
    """
    period, by_day = asked[0].period, asked[0].by_day
    metrics = {metric for query in asked for metric in query.metrics}
    if not by_day and any(metric.math is Math.UNIQUE for metric in metrics):
        metrics.add(ACTIVES)
    if by_day and any(metric.event == ALL_EVENTS for metric in metrics):
        period = Period(max(period.start, period.end - ACTIVES_REACH), period.end)
    return InsightsQuery(in_order(metrics), period, by_day)


def in_order(metrics: Iterable[InsightsMetric]) -> tuple[InsightsMetric, ...]:
    """Users of any event first, and always the same, so that reports share the query."""
    return tuple(sorted(metrics, key=lambda one: (one != ACTIVES, one.event, one.math, repr(one))))


def metric_of(measure: Groupable) -> InsightsMetric:
    """What Insights is asked for a measure of one event, or of any."""
    match measure:
        case ActiveUsers(where):
            return InsightsMetric(ALL_EVENTS, Math.UNIQUE, None, where)
        case EventCount(event, where):
            return InsightsMetric(event, Math.TOTAL, None, where)
        case EventUsers(event, where):
            return InsightsMetric(event, Math.UNIQUE, None, where)
        case PropertyStatistic(event, name, statistic, where):
            math = Math.TOTAL if statistic is Statistic.SUM else Math(statistic.value)
            return InsightsMetric(event, math, name, where)
        case _:
            assert_never(measure)


def of_event(measure: EventMeasure, period: Period, question: Question) -> QueryReading:
    """A filtered count, users, or a statistic; by the day where each day has a number."""
    metric = metric_of(measure)
    query = InsightsQuery((metric,), period, is_shared=True)
    whole = unless_it_never_happened(
        measure, period, question, reading(query, lambda answer: answer.figure(metric))
    )
    return _with_days(metric, question, whole)


def unless_it_never_happened(
    measure: EventMeasure, period: Period, question: Question, whole: QueryReading
) -> QueryReading:
    """The figure of an answer; of an event that did not happen there is zero, but no average."""
    if problem := obstacle(measure.where):
        return not_offered(f"exactly this filter ({problem})")
    has_always_a_number = metric_of(measure).has_always_a_number
    query = EventsQuery((measure.event,), days_around(question, period))

    def figure(answers: QueryAnswers) -> Figure:
        found, events = whole.figure(answers), answers.of(query)
        if not isinstance(found, Failed) and has_always_a_number:
            return found
        if isinstance(events, Failed) or events.figure(measure.event, period) != Measured(0):
            return found
        return Measured(0) if has_always_a_number else Undefined()

    return QueryReading((*whole.queries, query), figure)


def _with_days(metric: InsightsMetric, question: Question, whole: QueryReading) -> QueryReading:
    """The reading with the metric on each day; of what is not asked at all there are no days, either."""
    query = _line(metric, question.history)
    queries = (*whole.queries, query) if whole.queries else ()
    return QueryReading(
        queries, whole.figure, lambda answers: answers.read(query, lambda line: line.daily(metric))
    )


def _line(metric: InsightsMetric, days: Period) -> InsightsQuery:
    return InsightsQuery((metric,), days, by_day=True, is_shared=True)


def active_users(measure: ActiveUsers, period: Period, question: Question) -> QueryReading:
    """Users of any event. Where there was none at all, an Insights answer has no series."""
    if problem := obstacle(measure.where):
        return not_offered(f"exactly this filter ({problem})")
    metric = metric_of(measure)
    query = InsightsQuery((metric,), period, is_shared=True)
    events = EventsQuery((), days_around(question, period))

    def figure(answers: QueryAnswers) -> Figure:
        answer, known = answers.of(query), answers.of(events)
        if isinstance(answer, Failed):
            return answer
        if not answer.series.series and not isinstance(known, Failed) and known.were_none(period):
            return Measured(0)
        return answer.figure(metric)

    return _with_days(metric, question, QueryReading((query, events), figure))


def stickiness(measure: Stickiness, period: Period, question: Question) -> QueryReading:
    """The average of the active users of the days, over those of so many days up to the end."""
    if problem := obstacle(measure.where):
        return not_offered(f"exactly this filter ({problem})")
    metric = metric_of(ActiveUsers(measure.where))
    is_near = days_around(question, period) == question.history
    line = _line(metric, question.history if is_near else period)
    window = InsightsQuery((metric,), measure.window(period))

    def figure(answers: QueryAnswers) -> Figure:
        by_day, users = answers.of(line), answers.of(window)
        if isinstance(by_day, Failed):
            return by_day
        if isinstance(users, Failed):
            return users
        daily = by_day.daily(metric)
        actives = daily.over(period) if daily else ()
        known = [number for number in actives if number is not None]
        if len(known) < period.length:
            return only_raw_events_tell(f"the active users of each day of {period}")
        return divide(Measured(fmean(known), by_day.series.sampled), users.figure(metric))

    return QueryReading((line, window), figure)


_FLAT = TypeAdapter(InsightsSeries[Points])


def read_series(body: bytes) -> InsightsSeries[Points]:
    """The answer to a query without a breakdown. Raises Unavailable or Refused."""
    return decode(_FLAT, body, "/insights")


@dataclass(frozen=True, slots=True)
class InsightsAnswer:
    """The metrics that were asked for, as they came; `refused` says why some were not asked in the end."""

    query: InsightsQuery
    series: InsightsSeries[Points]
    computed_at: datetime
    refused: Failed | None = None

    def figure(self, metric: InsightsMetric) -> Figure:
        """The metric over the whole period."""
        if self.refused is not None and metric not in self.query.metrics:
            return self.refused
        if other_days := self.series.other_days(self.query.period):
            return unclear(other_days)
        points = self.series.of(metric, self.query.metrics)
        if points is None or ALL not in points:
            return unclear(f"Mixpanel's answer does not tell which number is that of {metric}")
        return read_number(metric, points[ALL], sampled=self.series.sampled)

    def daily(self, metric: InsightsMetric) -> Daily | None:
        """The metric on each day; None on a day that the answer leaves out."""
        points = self.series.of(metric, self.query.metrics)
        days = None if points is None else read_daily(points)
        if days is None or not all(is_possible(metric, value) for value in days.values()):
            return None
        return Daily(self.query.period.start, tuple(days.get(day) for day in self.query.period))


def read_number(metric: InsightsMetric, value: float | None, *, sampled: bool) -> Figure:
    """A metric's number; of nothing there is no average."""
    if value is None and not metric.has_always_a_number:
        return Undefined()
    if value is None or not is_possible(metric, value):
        return unclear(f"Mixpanel's answer has no number for {metric}")
    return Measured(value, sampled)


def is_possible(metric: InsightsMetric, value: float | None) -> bool:
    """Whether it may be the metric's number: nothing happens less than never."""
    return value is None or value >= 0 or not metric.is_count
