"""Fetches what a query asks for, once for all who ask within a quarter of an hour."""

import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Generic, TypeVar, assert_never

from reporter.reports.errors import PlanRefused, Refused
from reporter.reports.periods import Period
from reporter.sources.mixpanel.account import advice
from reporter.sources.mixpanel.decoding import (
    read_counts,
    read_names,
    read_property_names,
    read_property_values,
)
from reporter.sources.mixpanel.errors import AccessRefused, OutOfReach
from reporter.sources.mixpanel.http import MixpanelClient
from reporter.sources.mixpanel.limits import QueryCounter
from reporter.sources.mixpanel.measures.breakdowns import Grouped
from reporter.sources.mixpanel.measures.gathered import QueryResult
from reporter.sources.mixpanel.measures.history import EventHistory
from reporter.sources.mixpanel.measures.retention import Cohorts, read_cohorts
from reporter.sources.mixpanel.measures.saved import FunnelSteps, SavedReport, read_funnel
from reporter.sources.mixpanel.queries import (
    AnswerQuery,
    CountsQuery,
    FunnelQuery,
    InsightsQuery,
    RetentionQuery,
    SavedInsightsQuery,
    encode,
)
from reporter.sources.mixpanel.query_language import bookmark
from reporter.sources.mixpanel.series import Inline, read_groups, read_saved, read_series

KEPT = 15 * 60.0  # seconds for which an answer serves other questions
MOST_NAMES = 255  # Mixpanel, Query API, "Top events": its default, and what it documents

Reached = TypeVar("Reached")


class Fetcher:
    """Asks one project. Each method raises Unavailable or Refused."""

    def __init__(
        self,
        client: MixpanelClient,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client, self._now = client, now
        self._names = Memo[str, tuple[str, ...]](KEPT, clock)
        self._counts = Memo[CountsQuery, EventHistory](KEPT, clock)
        self._others = Memo[AnswerQuery, QueryResult](KEPT, clock)
        self._known = Memo[tuple[str, ...], tuple[str, ...]](KEPT, clock)
        self._advice = Memo[str, str | None](KEPT, clock)

    def names(self, tally: QueryCounter) -> tuple[str, ...]:
        """The project's events of the last 31 days, the most common first."""
        parameters = {"type": "general", "limit": str(MOST_NAMES)}
        return self._names.get("names", lambda: read_names(self._get("/events/names", parameters, tally)))

    def property_names(self, event: str, tally: QueryCounter) -> tuple[str, ...]:
        """The properties that the event has, the most common first."""
        parameters = {"event": event, "limit": str(MOST_NAMES)}

        def fetch() -> tuple[str, ...]:
            return read_property_names(self._get("/events/properties/top", parameters, tally))

        return self._known.get((event,), fetch)

    def property_values(self, event: str, name: str, tally: QueryCounter) -> tuple[str, ...]:
        """The values that the property has, the most common first, all as text."""
        parameters = {"event": event, "name": name, "limit": str(MOST_NAMES)}

        def fetch() -> tuple[str, ...]:
            return read_property_values(self._get("/events/properties/values", parameters, tally))

        return self._known.get((event, name), fetch)

    def counts(self, query: CountsQuery, tally: QueryCounter) -> EventHistory:
        """As many of the days as the plan shows."""

        def fetch(period: Period) -> EventHistory:
            parameters = {
                "event": encode(query.events),
                "type": "general",
                "unit": "day",
                "from_date": period.start.isoformat(),
                "to_date": period.last.isoformat(),
            }
            counts = read_counts(self._get("/events", parameters, tally))
            counted = replace(counts, computed_at=counts.computed_at or self._now())
            return EventHistory(replace(query, period=period), counted)

        return self._counts.get(query, lambda: self._within_reach(query.period, fetch))

    def other(self, query: AnswerQuery, tally: QueryCounter) -> QueryResult:
        return self._others.get(query, lambda: self._fetch(query, tally))

    def _fetch(self, query: AnswerQuery, tally: QueryCounter) -> QueryResult:
        match query:
            case InsightsQuery(by_day=True, group=None):
                return self._within_reach(
                    query.period, lambda period: self._plain_at_least(replace(query, period=period), tally)
                )
            case InsightsQuery(group=None):
                return self._plain_at_least(query, tally)
            case InsightsQuery():
                return self._grouped(query, tally)
            case RetentionQuery():
                return self._cohorts(query, tally)
            case SavedInsightsQuery():
                return self._saved(query, tally)
            case FunnelQuery():
                return self._funnel(query, tally)
            case _:
                assert_never(query)

    def _plain_at_least(self, query: InsightsQuery, tally: QueryCounter) -> Inline:
        """All metrics, or the plain ones: a filter that Mixpanel refuses shall not cost the active users."""
        plain = tuple(metric for metric in query.metrics if metric.is_plain)
        try:
            return self._inline(query, tally)
        except (PlanRefused, AccessRefused, OutOfReach):
            raise
        except Refused as error:
            if not plain or plain == query.metrics:
                raise
            refused = str(error)
        return replace(self._inline(replace(query, metrics=plain), tally), refused=refused)

    def _inline(self, query: InsightsQuery, tally: QueryCounter) -> Inline:
        series = read_series(self._insights(query, tally))
        return Inline(query, series, series.computed_at or self._now())

    def _grouped(self, query: InsightsQuery, tally: QueryCounter) -> Grouped:
        series = read_groups(self._insights(query, tally))
        return Grouped(query, series, series.computed_at or self._now())

    def _cohorts(self, query: RetentionQuery, tally: QueryCounter) -> Cohorts:
        parameters = {
            "retention_type": "birth",
            "born_event": query.born,
            "from_date": query.days.start.isoformat(),
            "to_date": query.days.last.isoformat(),
            "unit": query.unit.value,
            "interval_count": str(query.after + 1),
        }
        if query.returned is not None:
            parameters["event"] = query.returned
        return read_cohorts(query, self._get("/retention", parameters, tally), self._now())

    def _saved(self, query: SavedInsightsQuery, tally: QueryCounter) -> SavedReport:
        series = read_saved(self._get("/insights", {"bookmark_id": str(query.id)}, tally))
        return SavedReport(query, series, series.computed_at or self._now())

    def _funnel(self, query: FunnelQuery, tally: QueryCounter) -> FunnelSteps:
        parameters = {
            "funnel_id": str(query.id),
            "from_date": query.period.start.isoformat(),
            "to_date": query.period.last.isoformat(),
            "interval": str(query.period.length),  # one stretch, over which each user counts once
        }
        if query.length is not None:
            parameters |= {"length": str(query.length), "length_unit": "day"}
        return read_funnel(query, self._get("/funnels", parameters, tally), self._now())

    def _insights(self, query: InsightsQuery, tally: QueryCounter) -> bytes:
        body = bookmark(query)
        return self._advised(partial(self._client.insights, body, tally, query.most))

    def _get(self, path: str, parameters: dict[str, str], tally: QueryCounter) -> bytes:
        return self._advised(partial(self._client.get, path, parameters, tally))

    def _within_reach(self, period: Period, fetch: Callable[[Period], Reached]) -> Reached:
        """What is fetched for the period, or for as much of it as the plan shows."""
        try:
            return fetch(period)
        except OutOfReach as error:
            reachable = self._now().date() - timedelta(days=error.days - 1)
            if not period.start < reachable < period.end:
                raise
        return fetch(Period(reachable, period.end))

    def _advised(self, fetch: Callable[[], bytes]) -> bytes:
        """What is fetched; a refused access is explained by what Mixpanel tells of the account."""
        try:
            return fetch()
        except AccessRefused as error:
            refused = error
        reason = self._advice.get("advice", lambda: advice(self._client))
        raise type(refused)(f"{refused}. {reason}") if reason else refused


Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Memo(Generic[Key, Value]):
    """Who asks first fetches; who asks meanwhile waits for that; failures are not remembered."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds, self._clock = seconds, clock
        self._lock = threading.Lock()
        self._kept: dict[Key, tuple[float, Future[Value]]] = {}

    def get(self, key: Key, fetch: Callable[[], Value]) -> Value:
        """The remembered value, or the fetched one. Raises what `fetch` raises."""
        with self._lock:
            self._forget_old()
            kept = self._kept.get(key)
            value = kept[1] if kept else Future[Value]()
            if kept is None:
                self._kept[key] = (self._clock() + self._seconds, value)
        if kept is None:
            self._fetch_into(value, key, fetch)
        return value.result()

    def _fetch_into(self, value: Future[Value], key: Key, fetch: Callable[[], Value]) -> None:
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
