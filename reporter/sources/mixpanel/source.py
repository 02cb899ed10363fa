"""A source of figures: the Query API, asked as seldom as it can be."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar, assert_never
from zoneinfo import ZoneInfo

from reporter.reports.errors import PlanRefused, Refused, ReporterError
from reporter.reports.figures import (
    Failed,
    Figures,
    NotNumeric,
    Project,
    Question,
    SegmentAnswer,
    Segmentation,
    Segments,
    Unknown,
    UnknownProperty,
    UnknownValue,
)
from reporter.reports.measures import ActiveUsers, EventCount, EventUsers, Measure, PropertyStatistic
from reporter.reports.periods import Period
from reporter.reports.references import Reference, with_nearest
from reporter.sources.mixpanel.account import find_project
from reporter.sources.mixpanel.fetching import KEPT, MOST_NAMES, Fetcher, Memo
from reporter.sources.mixpanel.http import AT_ONCE, MixpanelClient
from reporter.sources.mixpanel.limits import QueryCounter
from reporter.sources.mixpanel.lookup import Lookup, NumericLookup, listed
from reporter.sources.mixpanel.measures import planning
from reporter.sources.mixpanel.measures.breakdowns import Grouped
from reporter.sources.mixpanel.measures.gathered import QueryResult, QueryResults
from reporter.sources.mixpanel.measures.history import EventHistory
from reporter.sources.mixpanel.measures.measuring import Reader
from reporter.sources.mixpanel.measures.readings import (
    begins,
    daily_numbers,
    figures_before,
    figures_now,
    ranking,
)
from reporter.sources.mixpanel.queries import (
    ACTIVES,
    AnswerQuery,
    InsightsMetric,
    InsightsQuery,
    Query,
    counts_query,
)
from reporter.sources.mixpanel.query_language import obstacle

NAMES_REACH = timedelta(days=31)
HALF_A_YEAR = timedelta(weeks=26)

Fetched = TypeVar("Fetched")


class QuerySource:
    """Answers questions about one project.

    `shared` are the events any report may ask for: asked for each time, they let all reports share a query.
    """

    def __init__(
        self,
        client: MixpanelClient,
        *,
        project_zone: ZoneInfo | None = None,
        fallback_zone: ZoneInfo | None = None,
        shared: Iterable[str] = (),
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client = client
        self._project_zone, self._fallback_zone = project_zone, fallback_zone
        self._shared = frozenset(shared)
        self._now = now
        self._projects = Memo[str, Project](KEPT, clock)
        self._fetcher = Fetcher(client, clock=clock, now=now)

    def project(self) -> Project:
        """The project and its zone. Raises Unavailable or Refused."""
        return self._projects.get(self._client.project_id, self._find_project)

    def event_names(self) -> tuple[str, ...]:
        """The project's events of the last 31 days, the most common first. Raises Unavailable or Refused."""
        return self._fetcher.names(QueryCounter())

    def plan(self, question: Question) -> tuple[Query, ...]:
        """The queries that a question needs; those that two questions have in common cost once."""
        return planning.plan(question, self._shared)

    def cost(self, question: Question) -> int:
        """How many of the hour's queries a question takes when nothing is shared."""
        return len(self.plan(question))

    def measure(self, question: Question) -> Figures:
        """What was asked; a figure that could not be had is Failed.

        Raises Unavailable or Refused where the project is not told, PlanRefused where the plan gives nothing.
        """
        project, tally, asked_at = self.project(), QueryCounter(), self._now()
        answers = self._ask(question, tally)
        if plan_refused := answers.plan_refused:
            raise plan_refused
        answers = self._checked(question, answers, tally)
        return Figures(
            project=project,
            question=question,
            now=figures_now(question, answers),
            before=figures_before(question, answers),
            daily=daily_numbers(question, answers),
            ranking=ranking(question, answers, is_partial=self._is_partial(question, answers, project)),
            computed_at=answers.computed_at or asked_at,
            queries=tally.count,
            daily_failure=Reader(question, answers).daily_failure(),
            begins=begins(question, answers),
        )

    def look_up(self, references: Collection[Reference]) -> Mapping[Reference, Unknown | Failed]:
        """Which of these Mixpanel does not know, in half a year. Raises Unavailable or Refused."""
        today = self._now().astimezone(self.project().zone).date()
        return self._look_up(tuple(references), Period(today - HALF_A_YEAR, today), QueryCounter())

    def segments(self, segmentation: Segmentation) -> SegmentAnswer:
        """The measures by each property, over each period; one query for each property.

        Users of a period are the sum of its days' users. Values beyond the largest are left out, and so are
        measures that Mixpanel does not tell so. Raises Unavailable or Refused, PlanRefused among them.
        """
        tally = QueryCounter()
        found = self._ask_all(queries(segmentation), tally)
        return SegmentAnswer(read(segmentation, found), tally.count)

    def _ask(self, question: Question, tally: QueryCounter) -> QueryResults:
        """All that the question needs, at the same time."""
        with ThreadPoolExecutor(max_workers=1) as pool:
            events = pool.submit(self._ask_events, question, tally)
            others = self._ask_all(planning.other_queries(question), tally)
            names, history = events.result()
        return QueryResults(names, history, others)

    def _checked(self, question: Question, answers: QueryResults, tally: QueryCounter) -> QueryResults:
        """With what is known of the names, where a number is nothing; there nobody can tell by the number."""
        reader = Reader(question, answers)
        unknown = self._look_up(reader.doubtful(), question.history, tally)
        answers = replace(answers, unknown=unknown)
        reader, not_numeric = Reader(question, answers), dict(answers.not_numeric)
        for period in (question.period, question.previous):
            lookup = NumericLookup(reader.without_numbers(period), period)
            found = lookup.read(self._ask_all(lookup.queries, tally))
            not_numeric |= {(statistic, period): told for statistic, told in found.items()}
        return replace(answers, not_numeric=not_numeric)

    def _look_up(
        self, references: tuple[Reference, ...], days: Period, tally: QueryCounter
    ) -> Mapping[Reference, Unknown | Failed]:
        lookup = Lookup(references, days)
        found = lookup.read(self._ask_all(lookup.queries, tally))
        told = ((reference, self._with_nearest(reference, one, tally)) for reference, one in found.items())
        return {reference: one for reference, one in told if one is not None}

    def _with_nearest(
        self, reference: Reference, found: Unknown | Failed, tally: QueryCounter
    ) -> Unknown | Failed | None:
        """With the likely meant names; they are asked for only here, and one can do without."""
        match found:
            case Failed() | NotNumeric():
                return found
            case UnknownProperty(event):
                names = _attempt(partial(self._fetcher.property_names, event, tally))
                return found if isinstance(names, ReporterError) else with_nearest(reference, found, names)
            case UnknownValue(event, name):
                values = _attempt(partial(self._fetcher.property_values, event, name, tally))
                if isinstance(values, ReporterError):
                    return found
                return with_nearest(reference, found, listed(reference, values))
            case _:
                assert_never(found)

    def _ask_all(
        self, wanted: Sequence[AnswerQuery], tally: QueryCounter
    ) -> Mapping[AnswerQuery, QueryResult | ReporterError]:
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            attempts = [pool.submit(_attempt, partial(self._fetcher.other, query, tally)) for query in wanted]
            return {query: attempt.result() for query, attempt in zip(wanted, attempts, strict=True)}

    def _ask_events(
        self, question: Question, tally: QueryCounter
    ) -> tuple[tuple[str, ...] | ReporterError | None, EventHistory | ReporterError | None]:
        """The project's events and how often each happened; without their names, those that are asked for."""
        if not planning.needs_counts(question):
            return None, None
        names = _attempt(partial(self._fetcher.names, tally))
        if isinstance(names, PlanRefused):
            return names, names
        known = () if isinstance(names, ReporterError) else names
        wanted = (*planning.events_in(question), *self._shared)
        query = counts_query(wanted, known, question.history)
        return names, _attempt(partial(self._fetcher.counts, query, tally)) if query.events else None

    def _find_project(self) -> Project:
        return find_project(self._client, zone=self._project_zone, fallback_zone=self._fallback_zone)

    def _is_partial(self, question: Question, answers: QueryResults, project: Project) -> bool:
        """Whether events may be left out of the ranking: too many to ask for, or none in the last 31 days."""
        if not isinstance(answers.history, EventHistory) or not isinstance(answers.names, tuple):
            return False
        today = self._now().astimezone(project.zone).date()
        left_out = not set(answers.names) <= set(answers.history.query.events)
        return left_out or len(answers.names) >= MOST_NAMES or question.period.start < today - NAMES_REACH


def _attempt(fetch: Callable[[], Fetched]) -> Fetched | ReporterError:
    try:
        return fetch()
    except ReporterError as error:
        return error


LARGEST = 200  # values of a property: times 3 measures and 9 weeks these are 40,000 numbers


def queries(segmentation: Segmentation) -> tuple[AnswerQuery, ...]:
    """By the day, from the first day of the oldest period to the last one of the youngest."""
    metrics = tuple(dict.fromkeys(_metrics(segmentation).values()))
    if not metrics:
        return ()
    span = _span(segmentation)
    return tuple(
        InsightsQuery(metrics, span, by_day=True, group=name, most=LARGEST)
        for name in dict.fromkeys(segmentation.properties)
    )


def read(
    segmentation: Segmentation, answers: Mapping[AnswerQuery, QueryResult | ReporterError]
) -> Mapping[Measure, Segments]:
    """The measures that can be told, by each property. Raises the first error among the answers."""
    grouped = {answer.query.group or "": answer for answer in map(_told, answers.values())}
    return {
        measure: {name: one.sums(metric, segmentation.periods) for name, one in grouped.items()}
        for measure, metric in _metrics(segmentation).items()
    }


def _told(answer: QueryResult | ReporterError) -> Grouped:
    if isinstance(answer, ReporterError):
        raise answer
    if not isinstance(answer, Grouped):
        raise Refused("Mixpanel did not answer by the values of a property")
    return answer


def _metrics(segmentation: Segmentation) -> Mapping[Measure, InsightsMetric]:
    """The measures of which the days can be asked for."""
    metrics = {measure: _metric(measure) for measure in segmentation.measures}
    is_long = _span(segmentation).length > planning.ACTIVES_REACH.days
    return {
        measure: metric
        for measure, metric in metrics.items()
        if metric is not None and metric.has_always_a_number and not (is_long and metric == ACTIVES)
    }


def _metric(measure: Measure) -> InsightsMetric | None:
    if isinstance(measure, EventCount | EventUsers | PropertyStatistic):
        return None if obstacle(measure.where) else planning.broken_down(measure)
    return ACTIVES if isinstance(measure, ActiveUsers) else None


def _span(segmentation: Segmentation) -> Period:
    return Period(segmentation.periods[0].start, segmentation.periods[-1].end)
