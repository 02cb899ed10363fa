"""A source of figures: the Query API, asked as seldom as it can be."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar
from zoneinfo import ZoneInfo

from reporter.mixpanel import queries
from reporter.mixpanel.account import advice, find_project
from reporter.mixpanel.answers import read_counts, read_names, read_series
from reporter.mixpanel.bookmark import bookmark
from reporter.mixpanel.client import AT_ONCE, Client
from reporter.mixpanel.distinct import DistinctUsers
from reporter.mixpanel.history import History
from reporter.mixpanel.memo import Memo
from reporter.mixpanel.patience import Tally
from reporter.mixpanel.queries import CountsQuery, Query, UsersQuery
from reporter.mixpanel.readings import Answers, daily_numbers, figures_before, figures_now, ranking
from reporter.mixpanel.refusals import AccessRefused, OutOfReach
from reporter.model.errors import PlanRefused, Refused, ReporterError
from reporter.model.figures import Figures, Project, Question
from reporter.model.period import Period

KEPT = 15 * 60.0  # seconds for which an answer serves other questions
NAMES_REACH = timedelta(days=31)

Answer = TypeVar("Answer")
DailyQuery = TypeVar("DailyQuery", CountsQuery, UsersQuery)


class QuerySource:
    """Answers questions about one project.

    `shared` are the events any report may ask for: asked for each time, they let all reports share a query.
    """

    def __init__(
        self,
        client: Client,
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
        self._names = Memo[str, tuple[str, ...]](KEPT, clock)
        self._counts = Memo[CountsQuery, History](KEPT, clock)
        self._users = Memo[UsersQuery, DistinctUsers](KEPT, clock)
        self._advice = Memo[str, str | None](KEPT, clock)

    def project(self) -> Project:
        """The project and its zone. Raises Unavailable or Refused."""
        return self._projects.get(self._client.project_id, self._find_project)

    def event_names(self) -> tuple[str, ...]:
        """The project's events of the last 31 days, the most common first. Raises Unavailable or Refused."""
        return self._fetch_names(Tally())

    def plan(self, question: Question) -> tuple[Query, ...]:
        """The queries that a question needs; those that two questions have in common cost once."""
        return queries.plan(question, self._shared)

    def cost(self, question: Question) -> int:
        """How many of the hour's queries a question takes when nothing is shared."""
        return len(self.plan(question))

    def measure(self, question: Question) -> Figures:
        """What was asked; a figure that could not be had is Failed.

        Raises Unavailable or Refused where the project is not told, PlanRefused where the plan gives nothing.
        """
        project, tally, asked_at = self.project(), Tally(), self._now()
        answers = self._ask(question, tally)
        if plan_refused := answers.plan_refused:
            raise plan_refused
        return Figures(
            project=project,
            question=question,
            now=figures_now(question, answers),
            before=figures_before(question, answers),
            daily=daily_numbers(question, answers),
            ranking=ranking(question, answers, is_partial=self._is_partial(question, answers, project)),
            computed_at=answers.computed_at or asked_at,
            queries=tally.count,
        )

    def _ask(self, question: Question, tally: Tally) -> Answers:
        """All that the question needs, at the same time."""
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            events = pool.submit(self._ask_events, question, tally)
            asked = [
                pool.submit(_attempt, partial(self._fetch_users, query, tally))
                for query in queries.users_queries(question)
            ]
            names, history = events.result()
            users = [one.result() for one in asked]
        return Answers(names, history, *users)

    def _ask_events(
        self, question: Question, tally: Tally
    ) -> tuple[tuple[str, ...] | ReporterError | None, History | ReporterError | None]:
        """The project's events and how often each happened; without their names, those that are asked for."""
        if not queries.needs_counts(question):
            return None, None
        names = _attempt(partial(self._fetch_names, tally))
        if isinstance(names, PlanRefused):
            return names, names
        known = () if isinstance(names, ReporterError) else names
        wanted = (*queries.events_of(question), *self._shared)
        query = queries.counts_query(wanted, known, question.history)
        return names, _attempt(partial(self._fetch_counts, query, tally)) if query.events else None

    def _find_project(self) -> Project:
        return find_project(self._client, zone=self._project_zone, fallback_zone=self._fallback_zone)

    def _fetch_names(self, tally: Tally) -> tuple[str, ...]:
        parameters = {"type": "general", "limit": str(queries.MOST_NAMES)}
        return self._names.get(
            "names",
            lambda: read_names(self._advised(partial(self._client.get, "/events/names", parameters, tally))),
        )

    def _fetch_counts(self, query: CountsQuery, tally: Tally) -> History:
        def fetch(query: CountsQuery) -> History:
            parameters = {
                "event": queries.encode(query.events),
                "type": "general",
                "unit": "day",
                "from_date": query.period.start.isoformat(),
                "to_date": query.period.last.isoformat(),
            }
            counts = read_counts(self._advised(partial(self._client.get, "/events", parameters, tally)))
            return History(query, replace(counts, computed_at=counts.computed_at or self._now()))

        return self._counts.get(query, lambda: self._within_reach(query, fetch))

    def _fetch_users(self, query: UsersQuery, tally: Tally) -> DistinctUsers:
        def fetch(query: UsersQuery) -> DistinctUsers:
            series = read_series(self._advised(partial(self._client.insights, bookmark(query), tally)))
            return DistinctUsers(query, replace(series, computed_at=series.computed_at or self._now()))

        return self._users.get(
            query, lambda: self._within_reach(query, fetch) if query.by_day else fetch(query)
        )

    def _within_reach(self, query: DailyQuery, fetch: Callable[[DailyQuery], Answer]) -> Answer:
        """The answer to the query, or to as much of it as the plan shows."""
        try:
            return fetch(query)
        except OutOfReach as error:
            reachable = self._now().date() - timedelta(days=error.days - 1)
            if not query.period.start < reachable < query.period.end:
                raise
        return fetch(replace(query, period=Period(reachable, query.period.end)))

    def _advised(self, fetch: Callable[[], bytes]) -> bytes:
        """What is fetched; a refused access is explained by what Mixpanel tells of the account."""
        try:
            return fetch()
        except AccessRefused as error:
            refused = error
        reason = self._advice.get("advice", lambda: advice(self._client))
        raise Refused(f"{refused}. {reason}") if reason else refused

    def _is_partial(self, question: Question, answers: Answers, project: Project) -> bool:
        """Whether events may be left out of the ranking: too many to ask for, or none in the last 31 days."""
        if not isinstance(answers.history, History) or not isinstance(answers.names, tuple):
            return False
        today = self._now().astimezone(project.zone).date()
        left_out = not set(answers.names) <= set(answers.history.query.events)
        return (
            left_out
            or len(answers.names) >= queries.MOST_NAMES
            or question.period.start < today - NAMES_REACH
        )


def _attempt(fetch: Callable[[], Answer]) -> Answer | ReporterError:
    try:
        return fetch()
    except ReporterError as error:
        return error
