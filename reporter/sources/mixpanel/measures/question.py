"""One question: what each of its measures asks and reads, and which queries are sent for all of them."""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias, TypeVar, assert_never

from reporter.reports.definitions import daily_measures, days_around, periods_of
from reporter.reports.figures import Failed, Figure, Question
from reporter.reports.measures import (
    ActiveUsers,
    Breakdown,
    EventCount,
    EventUsers,
    PropertyStatistic,
    Retention,
    SavedFunnel,
    SavedInsights,
    Simple,
    Stickiness,
    in_query_api,
    parts_of,
    traits,
)
from reporter.reports.periods import Period
from reporter.reports.references import events_of
from reporter.sources.mixpanel.measures import breakdowns, counts, insights, retention, saved
from reporter.sources.mixpanel.measures.breakdowns import BreakdownQuery
from reporter.sources.mixpanel.measures.counts import CountsQuery, EventsQuery, NamesQuery
from reporter.sources.mixpanel.measures.insights import InsightsQuery
from reporter.sources.mixpanel.measures.ranking import RankingQuery, ranking_queries
from reporter.sources.mixpanel.queries import (
    Query,
    QueryAnswer,
    QueryAnswers,
    QueryApi,
    QueryReading,
    not_offered,
    side_by_side,
)

AnyQuery: TypeAlias = Query[QueryAnswer]
Asked: TypeAlias = tuple[Simple | Breakdown, Period]
Sent = TypeVar("Sent", InsightsQuery, BreakdownQuery)


def read_measure(measure: Simple | Breakdown, period: Period, question: Question) -> QueryReading:
    """What the measure asks over one of the question's periods, and how its figure is read."""
    if not in_query_api(measure):
        return not_offered(traits(measure).raw_only)
    match measure:
        case EventCount(event, where=()):
            return counts.event_count(event, period, question)
        case EventCount() | EventUsers() | PropertyStatistic():
            return insights.of_event(measure, period, question)
        case ActiveUsers():
            return insights.active_users(measure, period, question)
        case Breakdown():
            return breakdowns.breakdown(measure, period, question)
        case Stickiness():
            return insights.stickiness(measure, period, question)
        case Retention():
            return retention.retention(measure, period)
        case SavedInsights():
            return saved.saved_report(measure, period, question)
        case SavedFunnel():
            return saved.saved_funnel(measure, period, question)
        case _:
            assert_never(measure)


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """What the measures of a question ask and read, and the queries that are sent for them."""

    question: Question
    readings: Mapping[Asked, QueryReading]
    events: EventsQuery  # which is answered where events are asked for
    sent: Mapping[AnyQuery, AnyQuery]  # for each query that is asked
    past: EventsQuery  # the same about the days that are compared with; another one where they lie apart
    ranked: tuple[RankingQuery, ...] = ()  # what is asked for the ranking, where it has a filter

    @classmethod
    def of(cls, question: Question, shared: Iterable[str] = ()) -> "QueryPlan":
        """As few queries as there can be. `shared` events are counted with the question's own."""
        measures: dict[Simple | Breakdown, None] = {}
        for measure in question.measures:
            measures |= dict.fromkeys((*parts_of(measure), *daily_measures(measure)))
        readings = {
            (measure, period): _unless_unknown(measure, period, question)
            for period in periods_of(question)
            for measure in measures
        }
        asked = [query for one in readings.values() for query in one.queries]
        events, past = (EventsQuery((), days_around(question, period)) for period in _both(question))
        ranked = ranking_queries(question)
        sent = _sent(asked, (events, past), question.ranks_events, shared)
        return cls(question, readings, events, sent | dict(zip(ranked, ranked, strict=True)), past, ranked)

    def costs(self, shared: Collection[str] = ()) -> tuple[Query[object], ...]:
        """The queries, each costing one of the hour's if nobody has asked it.

        Which names the project has is not known here: the counts stand for all of them, and for the
        question's own events beyond `shared`. So questions with different events outside of `shared` are
        taken to need two, although they share one where those events are among the project's names.
        """
        found: list[Query[object]] = []
        for query in self._queries:
            if isinstance(query, EventsQuery):
                own = tuple(sorted(set(query.events) - set(shared)))
                found += [NamesQuery(), CountsQuery(own, query.period)]
            else:
                found.append(query)
        return tuple(found)

    def fetch(self, api: QueryApi) -> QueryAnswers:
        """All answers, fetched side by side."""
        found = side_by_side({query: partial(_fetch, query, api) for query in self._queries})
        return QueryAnswers(self.sent, found)

    @property
    def line(self) -> InsightsQuery | None:
        """What is asked of Insights by the day."""
        asked = (query for query in self.sent if isinstance(query, InsightsQuery) and query.by_day)
        return next(asked, None)

    @property
    def _queries(self) -> tuple[AnyQuery, ...]:
        return tuple(dict.fromkeys(self.sent.values()))


def _both(question: Question) -> tuple[Period, Period]:
    """The periods that are ranked: without a comparison the same one twice."""
    periods = periods_of(question)
    return periods[0], periods[-1]


def _fetch(query: AnyQuery, api: QueryApi) -> QueryAnswer:
    """The names and counts of events are remembered apart from each other."""
    return query.fetch(api) if isinstance(query, EventsQuery) else api.answer(query)


def _unless_unknown(measure: Simple | Breakdown, period: Period, question: Question) -> QueryReading:
    """The measure's figure, unless the project does not know one of its events."""
    known, names = read_measure(measure, period, question), events_of(measure)
    if not names:
        return known
    query = EventsQuery(names, question.history)

    def figure(answers: QueryAnswers) -> Figure:
        events = answers.of(query)
        unknown = None if isinstance(events, Failed) else events.unknown(names)
        return unknown or known.figure(answers)

    return replace(known, queries=(query, *known.queries), figure=figure)


def _sent(
    asked: Iterable[AnyQuery], of_any: tuple[EventsQuery, ...], ranks_events: bool, shared: Iterable[str]
) -> dict[AnyQuery, AnyQuery]:
    """For each query that is asked the one that is sent: one for all that can be asked as one."""
    sent = {query: query for query in asked}
    events = [query for query in sent if isinstance(query, EventsQuery)]
    by_metric = [query for query in sent if isinstance(query, InsightsQuery) and query.is_shared]
    by_value = [query for query in sent if isinstance(query, BreakdownQuery)]
    for together in _grouped(by_metric, lambda one: (one.period, one.by_day)):
        for some in _batches(together, insights.MOST_METRICS - 1):  # users of any event may come with them
            sent |= dict.fromkeys(some, insights.as_one_query(some))
    for together in _grouped(by_value, lambda one: (one.period, one.property)):
        sent |= dict.fromkeys(together, breakdowns.as_one_query(together))
    names = tuple(dict.fromkeys(name for query in events for name in query.events))
    if names or ranks_events:
        every = dict.fromkeys((*events, *of_any) if ranks_events or events else events)
        return sent | {query: replace(query, events=(*names, *shared)) for query in every}
    for query in of_any:
        sent.pop(query, None)  # it is asked only together with others
    return sent


def _grouped(queries: Iterable[Sent], key: Callable[[Sent], Hashable]) -> Iterable[list[Sent]]:
    groups: dict[Hashable, list[Sent]] = {}
    for query in queries:
        groups.setdefault(key(query), []).append(query)
    return groups.values()


def _batches(queries: list[Sent], most: int) -> Iterable[list[Sent]]:
    return (queries[start : start + most] for start in range(0, len(queries), most))
