"""Queries as values, each fetched once for all who ask it within ten minutes, and their answers."""

import threading
from collections.abc import Callable, Hashable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar, cast

from reporter import telemetry
from reporter.reports.errors import (
    FailureCause,
    FailureCode,
    PlanRefused,
    Refused,
    ReporterError,
    Unavailable,
)
from reporter.reports.figures import Daily, Failed, Figure, RawReason
from reporter.reports.periods import Period
from reporter.sources.mixpanel.account import advice
from reporter.sources.mixpanel.errors import AccessRefused, AccountRefused, OutOfReach
from reporter.sources.mixpanel.http import AT_ONCE, MixpanelClient
from reporter.sources.mixpanel.limits import QueryCounter

KEPT = 10 * 60.0  # seconds for which an answer serves other questions; less than a report waits for its data

Fetched = TypeVar("Fetched")
Content = TypeVar("Content", covariant=True)


class Query(Protocol[Content]):
    """What is asked of Mixpanel; queries that are equal share their answer."""

    def fetch(self, api: "QueryApi") -> Content:
        """Raises Unavailable or Refused."""
        ...


class QueryAnswer(Protocol):
    """What came back for a query, from which figures are read."""

    @property
    def computed_at(self) -> datetime | None: ...


Key = TypeVar("Key", bound=Hashable)
Given = TypeVar("Given", bound=QueryAnswer)


@dataclass(frozen=True, slots=True)
class QueryApi:
    """The Query API of one project, as one question asks it. Fetching raises Unavailable or Refused."""

    client: MixpanelClient
    memo: "Memo"
    now: Callable[[], datetime]
    counter: QueryCounter

    def answer(self, query: Query[Fetched]) -> Fetched:
        """The answer, or the one that was given to the same query before."""
        return self.memo.get(query, lambda: query.fetch(self))

    def answers(self, queries: Iterable[Query[Fetched]]) -> Mapping[Query[Fetched], Fetched | ReporterError]:
        """The answer to each query, or the error in its place."""
        return side_by_side({query: partial(self.answer, query) for query in queries})

    def get(self, path: str, parameters: Mapping[str, str]) -> bytes:
        return self._advised(lambda: self.client.get(path, parameters, self.counter))

    def insights(self, bookmark: object, most: int) -> bytes:
        return self._advised(lambda: self.client.insights(bookmark, self.counter, most))

    def within_reach(self, period: Period, fetch: Callable[[Period], Fetched]) -> Fetched:
        """What is fetched for the period, or for as much of it as the plan shows."""
        try:
            return fetch(period)
        except OutOfReach as error:
            reachable = self.now().date() - timedelta(days=error.days - 1)
            if not period.start < reachable < period.end:
                raise
        return fetch(Period(reachable, period.end))

    def _advised(self, fetch: Callable[[], bytes]) -> bytes:
        """What is fetched; a refused access is explained by what Mixpanel tells of the account."""
        try:
            return fetch()
        except AccessRefused as error:
            refused = error
        reason = self.memo.get("advice", lambda: advice(self.client))
        if not reason:
            raise refused
        raise type(refused)(f"{refused}. {reason}", *refused.causes, FailureCause("other", said=reason))


def side_by_side(fetches: Mapping[Key, Callable[[], Fetched]]) -> Mapping[Key, Fetched | ReporterError]:
    """What each fetches, or its error, as many at the same time as Mixpanel takes."""
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        attempts = {key: pool.submit(telemetry.carried(attempt), fetch) for key, fetch in fetches.items()}
    return {key: one.result() for key, one in attempts.items()}


def attempt(fetch: Callable[[], Fetched]) -> Fetched | ReporterError:
    try:
        return fetch()
    except ReporterError as error:
        return error


class Memo:
    """Who asks first fetches; who asks meanwhile waits for that; failures are not remembered."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds, self._clock = seconds, clock
        self._lock = threading.Lock()
        self._kept: dict[Hashable, tuple[float, Future[object]]] = {}

    def get(self, key: Hashable, fetch: Callable[[], Fetched]) -> Fetched:
        """The remembered value, or the fetched one; a key is for one type. Raises what `fetch` raises."""
        with self._lock:
            self._forget_old()
            kept = self._kept.get(key)
            value = kept[1] if kept else Future[object]()
            if kept is None:
                self._kept[key] = (self._clock() + self._seconds, value)
        if kept is None:
            self._fetch_into(value, key, fetch)
        return cast(Fetched, value.result())

    def _fetch_into(self, value: Future[object], key: Hashable, fetch: Callable[[], object]) -> None:
        try:
            value.set_result(fetch())
        except BaseException as error:  # whoever waits must hear of it, whatever it is
            with self._lock:
                self._kept.pop(key, None)
            value.set_exception(error)

    def _forget_old(self) -> None:
        now = self._clock()
        for key in [key for key, (until, _) in self._kept.items() if until <= now]:
            del self._kept[key]


@dataclass(frozen=True, slots=True)
class QueryAnswers:
    """What came back for one question: each answer, or the error in its place."""

    sent: Mapping[Query[QueryAnswer], Query[QueryAnswer]]  # for each query that a measure asks
    found: Mapping[Query[QueryAnswer], QueryAnswer | ReporterError]

    def of(self, query: Query[Given]) -> Given | Failed:
        """The answer to a query that a measure asks."""
        answer = self.found.get(self.sent.get(query, query))
        if answer is None:
            return Failed("Mixpanel was not asked for it")
        return failed(answer) if isinstance(answer, ReporterError) else cast(Given, answer)

    def read(self, query: Query[Given], read: Callable[[Given], Fetched]) -> Fetched | Failed:
        """What is read from the answer; where there is none, why."""
        answer = self.of(query)
        return answer if isinstance(answer, Failed) else read(answer)

    @property
    def plan_refused(self) -> PlanRefused | None:
        """The plan's refusal, where there is nothing else."""
        refusals = [answer for answer in self.found.values() if isinstance(answer, PlanRefused)]
        return refusals[0] if refusals and len(refusals) == len(self.found) else None

    @property
    def computed_at(self) -> datetime | None:
        """When the oldest answer was computed."""
        answers = (answer for answer in self.found.values() if not isinstance(answer, ReporterError))
        return min((moment for one in answers if (moment := one.computed_at) is not None), default=None)


@dataclass(frozen=True, slots=True)
class QueryReading:
    """What a measure asks over a period, and how its figure and daily numbers are read from the answers."""

    queries: tuple[Query[QueryAnswer], ...]
    figure: Callable[[QueryAnswers], Figure]
    daily: Callable[[QueryAnswers], Daily | Failed | None] = lambda _: None


def reading(query: Query[Given], figure: Callable[[Given], Figure]) -> QueryReading:
    """The figure that one answer gives."""
    return QueryReading((query,), lambda answers: answers.read(query, figure))


def not_offered(what: str) -> QueryReading:
    """Nothing is asked for what only raw events tell."""
    failure = only_raw_events_tell(what)
    return QueryReading((), lambda _: failure)


def only_raw_events_tell(what: str) -> Failed:
    reason = f'Mixpanel\'s Query API does not tell {what}; with source = "auto" raw events do'
    return unclear(reason, "not_offered")


def unclear(reason: str, code: FailureCode = "unclear_answer") -> Failed:
    """What Mixpanel's answer does not tell; raw events do."""
    return Failed(reason, raw_reason=RawReason.NOT_OFFERED, causes=(FailureCause(code),))


def failed(error: ReporterError) -> Failed:
    """A figure in whose place there is an error; what Mixpanel refuses may be had from raw events."""
    if isinstance(error, Unavailable):
        return Failed(str(error), is_temporary=True, after=error.after, causes=error.causes)
    is_elsewhere = isinstance(error, Refused) and not isinstance(error, AccountRefused)
    raw_reason = RawReason.REFUSED if is_elsewhere else None
    return Failed(str(error), raw_reason=raw_reason, causes=error.causes)
