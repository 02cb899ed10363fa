"""Which queries a question needs, as values: two questions that need the same one share its answer."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias
from urllib.parse import quote

from reporter.mixpanel.labels import ALL_EVENTS
from reporter.model.figures import Question
from reporter.model.measure import ActiveUsers, EventUsers, event_of
from reporter.model.period import Period

MOST_NAMES = 255  # Mixpanel, Query API, "Top events": its default, and what it documents
LONGEST_LIST = 6_000  # bytes of a URL, so that nobody on the way finds it too long
ACTIVES_REACH = timedelta(days=91)  # "All Events" takes 93 days at most; 13 weeks are whole weeks


@dataclass(frozen=True, slots=True)
class NamesQuery:
    """The names of the project's events of the last 31 days, the most common first."""


@dataclass(frozen=True, slots=True)
class CountsQuery:
    """How often each of these events happened, by the day."""

    events: tuple[str, ...]
    period: Period


@dataclass(frozen=True, slots=True)
class UsersQuery:
    """How many distinct users did each of these events: over the whole period, or on each day of it."""

    events: tuple[str, ...]
    period: Period
    by_day: bool = False


Query: TypeAlias = NamesQuery | CountsQuery | UsersQuery


def plan(question: Question, shared: Iterable[str] = ()) -> tuple[Query, ...]:
    """The queries of a question, each costing one of the hour's if nobody has asked it.

    Which names the project has is not known here: the counts stand for all of them, and for the question's
    own events beyond `shared`. So questions with different events outside of `shared` are taken to need two,
    although they share one where those events are among the project's names.
    """
    names: tuple[Query, ...] = ()
    if needs_counts(question):
        own = tuple(sorted(set(events_of(question)) - set(shared)))
        names = (NamesQuery(), CountsQuery(own, question.history))
    return (*names, *users_queries(question))


def needs_counts(question: Question) -> bool:
    return question.ranks_events or bool(events_of(question))


def events_of(question: Question) -> tuple[str, ...]:
    """The events that the question names, each once."""
    named = (event_of(measure) for measure in question.measures)
    return tuple(dict.fromkeys(event for event in named if event is not None))


def users_queries(question: Question) -> tuple[UsersQuery, ...]:
    """Distinct users over the period, over the previous one, and by the day for the line of active users."""
    if not any(isinstance(measure, ActiveUsers | EventUsers) for measure in question.measures):
        return ()
    events = users_events(question)
    whole = (UsersQuery(events, question.period), UsersQuery(events, question.previous))
    if ActiveUsers() not in question.measures:
        return whole
    start = max(question.history.start, question.period.end - ACTIVES_REACH)
    return (*whole, UsersQuery((ALL_EVENTS,), Period(start, question.period.end), by_day=True))


def users_events(question: Question) -> tuple[str, ...]:
    own = {measure.event for measure in question.measures if isinstance(measure, EventUsers)}
    return (ALL_EVENTS, *sorted(own - {ALL_EVENTS}))


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
