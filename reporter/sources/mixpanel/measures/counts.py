"""How often each of the project's events happened on each day: what is asked, and what follows from it."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Annotated
from urllib.parse import quote

from pydantic import BaseModel, TypeAdapter

from reporter.reports.definitions import Coverage, days_around
from reporter.reports.errors import FailureCause, PlanRefused, ReporterError
from reporter.reports.figures import (
    Daily,
    EventTotal,
    Failed,
    Figure,
    Measured,
    Question,
    Ranking,
    UnknownEvent,
)
from reporter.reports.periods import Period
from reporter.reports.references import nearest
from reporter.sources.mixpanel.decoding import (
    NO_NULLS,
    ONE_A_DAY,
    Count,
    Day,
    Meta,
    Moment,
    decode,
    is_sampled,
)
from reporter.sources.mixpanel.queries import QueryApi, QueryReading, attempt, failed

MOST_NAMES = 255  # Mixpanel, Query API, "Top events": its default, and what it documents
LONGEST_LIST = 6_000  # bytes of a URL, so that nobody on the way finds it too long


@dataclass(frozen=True, slots=True)
class NamesQuery:
    """The names of the project's events of the last 31 days, the most common first."""

    def fetch(self, api: QueryApi) -> tuple[str, ...]:
        return read_names(api.get("/events/names", {"type": "general", "limit": str(MOST_NAMES)}))


@dataclass(frozen=True, slots=True)
class CountsQuery:
    """How often each of these events happened, by the day."""

    events: tuple[str, ...]
    period: Period

    def fetch(self, api: QueryApi) -> "EventHistory":
        """As many of the days as the plan shows."""
        return api.within_reach(self.period, partial(self._fetch, api))

    def _fetch(self, api: QueryApi, period: Period) -> "EventHistory":
        parameters = {
            "event": encode(self.events),
            "type": "general",
            "unit": "day",
            "from_date": period.start.isoformat(),
            "to_date": period.last.isoformat(),
        }
        query = replace(self, period=period)
        return EventHistory.read(query, api.get("/events", parameters), api.now())


@dataclass(frozen=True, slots=True)
class EventsQuery:
    """The project's events, and how often each happened; these among them, whatever Mixpanel lists."""

    events: tuple[str, ...]
    period: Period

    def fetch(self, api: QueryApi) -> "ProjectEvents":
        """Without names, these events are counted. Raises PlanRefused; the answer holds other errors."""
        names = attempt(lambda: api.answer(NamesQuery()))
        if isinstance(names, PlanRefused):
            raise names
        query = counts_query(self.events, () if isinstance(names, ReporterError) else names, self.period)
        history = attempt(lambda: api.answer(query)) if query.events else None
        return ProjectEvents(names, history)


def event_count(event: str, period: Period, question: Question) -> QueryReading:
    """How often the event happened, which costs less than an Insights query."""
    query = EventsQuery((event,), days_around(question, period))
    return QueryReading(
        (query,),
        figure=lambda answers: answers.read(query, lambda events: events.figure(event, period)),
        daily=lambda answers: answers.read(query, lambda events: events.daily(event)),
    )


class _EventsData(BaseModel):
    series: list[Day]
    values: dict[str, Annotated[dict[Day, Count], ONE_A_DAY, NO_NULLS]]


class _Events(BaseModel):
    data: _EventsData
    computed_at: Moment = None
    meta: Meta | None = None


_NAMES = TypeAdapter(list[str])
_EVENTS = TypeAdapter(_Events)


def read_names(body: bytes) -> tuple[str, ...]:
    """The answer of `/events/names`. Raises Unavailable or Refused."""
    return tuple(dict.fromkeys(decode(_NAMES, body, "/events/names")))


@dataclass(frozen=True, slots=True)
class EventHistory:
    """How often events happened on each day. A day that an event lacks, of those answered, is a zero."""

    query: CountsQuery
    days: frozenset[date]
    counts: Mapping[str, Mapping[date, float]]
    computed_at: datetime
    sampled: bool = False

    @classmethod
    def read(cls, query: CountsQuery, body: bytes, now: datetime) -> "EventHistory":
        """The answer of `/events` by the day. Raises Unavailable or Refused."""
        answer = decode(_EVENTS, body, "/events")
        counts = answer.data.values
        days = frozenset(answer.data.series).union(*counts.values())
        return cls(query, days, counts, answer.computed_at or now, is_sampled(answer.meta))

    def daily(self, event: str) -> Daily | None:
        """The event's count on each day; None on a day that the answer leaves out."""
        if event not in self.query.events:
            return None
        counts = self.counts.get(event, {})
        days = (counts.get(day, 0) if self._knows(day) else None for day in self.query.period)
        return Daily(self.query.period.start, tuple(days))

    def figure(self, event: str, period: Period) -> Figure:
        """How often the event happened in the period."""
        if event not in self.query.events:
            return Failed(
                f"{event[:80]} does not fit into one Mixpanel query beside the report's other events"
            )
        return self._gap(period) or Measured(self._total(event, period), self.sampled)

    def ranking(
        self, period: Period, past: "EventHistory", previous: Period, *, is_partial: bool
    ) -> Ranking | Failed:
        """All events that happened in either period."""
        if gap := self._gap(period) or past._gap(previous):
            return gap
        totals = (
            EventTotal(event, self._total(event, period), past._total(event, previous))
            for event in self.query.events
        )
        return Ranking.of(totals, is_partial=is_partial)

    def happened(self, event: str) -> bool:
        """Whether the event happened at all; one that was not asked for is taken to have."""
        return event not in self.query.events or any(self.counts.get(event, {}).values())

    @property
    def first_day(self) -> date | None:
        """The first day on which anything happened."""
        return min(self._busy_days(), default=None)

    def _busy_days(self) -> Iterator[date]:
        return (day for counts in self.counts.values() for day, number in counts.items() if number)

    def _gap(self, period: Period) -> Failed | None:
        missing = next((day for day in period if not self._knows(day)), None)
        if missing is None:
            return None
        reason = f"Mixpanel's answer has no numbers for {missing}"
        return Failed(reason, causes=(FailureCause("unclear_answer"),))

    def _total(self, event: str, period: Period) -> float:
        counts = self.counts.get(event, {})
        return sum(counts.get(day, 0) for day in period)

    def _knows(self, day: date) -> bool:
        """Whether the answer is about the day. What comes before all of it is before the project began."""
        days = self.days
        return self.query.period.covers(day) and (day in days or (bool(days) and day < min(days)))


@dataclass(frozen=True, slots=True)
class ProjectEvents:
    """The names of the project's events and how often they happened; or the errors in their place."""

    names: tuple[str, ...] | ReporterError
    history: EventHistory | ReporterError | None  # None: there are no events to count

    @property
    def computed_at(self) -> datetime | None:
        return self.history.computed_at if isinstance(self.history, EventHistory) else None

    @property
    def coverage(self) -> Coverage | None:
        """From which day on all events are counted; None without their names, or their counts."""
        if not isinstance(self.history, EventHistory) or isinstance(self.names, ReporterError):
            return None
        return Coverage(self.history.query.period.start, self.history.first_day)

    def figure(self, event: str, period: Period) -> Figure:
        """How often the event happened in the period."""
        match self.history:
            case EventHistory():
                return self.history.figure(event, period)
            case None:
                return UnknownEvent(event)
            case error:
                return failed(error)

    def daily(self, event: str) -> Daily | None:
        return self.history.daily(event) if isinstance(self.history, EventHistory) else None

    def unknown(self, events: Iterable[str]) -> UnknownEvent | Failed | None:
        """The first of these that never happened and is not among the names; without them, who knows."""
        return next((one for event in events if (one := self._unknown(event)) is not None), None)

    def _unknown(self, event: str) -> UnknownEvent | Failed | None:
        if not isinstance(self.history, EventHistory) or self.history.happened(event):
            return None
        if isinstance(self.names, ReporterError):
            return failed(self.names)
        return None if event in self.names else UnknownEvent(event, nearest(event, self.names))

    def were_none(self, period: Period) -> bool:
        """Whether no event happened at all."""
        if not isinstance(self.history, EventHistory):
            return self.names == ()
        return all(self.history.figure(event, period) == Measured(0) for event in self.history.query.events)

    def ranking(self, question: Question, past: "ProjectEvents", *, may_lack: bool) -> Ranking | Failed:
        """All events of the project; `may_lack` some, beside those that do not fit into one query."""
        for answer in (self.names, self.history, past.history):
            if isinstance(answer, ReporterError):
                return failed(answer)
        if not (isinstance(self.history, EventHistory) and isinstance(past.history, EventHistory)):
            return Ranking(())  # the project has no events to rank
        if isinstance(self.names, ReporterError):
            return failed(self.names)
        left_out = not set(self.names) <= set(self.history.query.events) or len(self.names) >= MOST_NAMES
        return self.history.ranking(
            question.period, past.history, question.previous, is_partial=left_out or may_lack
        )


def counts_query(wanted: Iterable[str], names: Sequence[str], period: Period) -> CountsQuery:
    """All of the names, and what is wanted beside them: the same list for all questions wherever that fits.

    Where it does not, what is wanted comes first, then the most common names.
    """
    wanted = tuple(sorted(set(wanted)))
    events = _that_fit((*names, *wanted))
    return CountsQuery(events if set(wanted) <= set(events) else _that_fit((*wanted, *names)), period)


def _that_fit(events: Iterable[str]) -> tuple[str, ...]:
    taken: list[str] = []
    left = LONGEST_LIST - encoded_length(())
    for event in dict.fromkeys(events):
        needed = encoded_length((event,)) - encoded_length(()) + len(quote(","))
        if needed <= left:
            taken.append(event)
            left -= needed
    return tuple(taken)


def encode(events: Sequence[str]) -> str:
    """A list of events as Mixpanel takes it."""
    return json.dumps(list(events), ensure_ascii=False, separators=(",", ":"))


def encoded_length(events: Sequence[str]) -> int:
    """How many bytes of a URL a list of events takes."""
    return len(quote(encode(events), safe=""))
