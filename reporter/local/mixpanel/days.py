"""What a query sees of the events: each one once, cut into the project's days.

Mixpanel counts an event once for each event name, distinct_id, time and $insert_id, and the one that was
ingested last wins (Mixpanel, "Event deduplication").
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from reporter.local.mixpanel.query_parameters import DateRange
from reporter.local.product import Product, ProductEvent, days_between

ALL_EVENTS = "$all_events"
_BOOKKEEPING = (
    *("$identify", "$create_alias", "$merge"),
    *("$mp_session_record", "$hotshard_events", "$experiment_started"),
)

EventsByName = Mapping[str, Sequence[ProductEvent]]  # by name of the event
Dated = tuple[date, ProductEvent]  # the day of the project's zone on which it happened


def is_activity(name: str) -> bool:
    """Whether "All Events" has it: Autocapture's events too, but no bookkeeping."""
    return name not in _BOOKKEEPING


class Days:
    """The days of a project, as far as their events have been ingested by now."""

    def __init__(self, product: Product, now: Callable[[], datetime]) -> None:
        self.product = product
        self.now = now
        self._settled: dict[date, EventsByName] = {}

    def today(self) -> date:
        return self.now().astimezone(self.product.zone).date()

    def day(self, day: date) -> EventsByName:
        if day in self._settled:
            return self._settled[day]
        moment = int(self.now().timestamp() * 1_000)
        received = self.product.on(day)
        ingested = [event for event in received if event.ingested_at <= moment]
        by_name = _by_name(_each_once(ingested))
        if len(ingested) == len(received):
            self._settled[day] = by_name
        return by_name

    def named(self, name: str, day: date) -> Iterator[ProductEvent]:
        """The events of a day with this name; `$all_events` names all that count as activity."""
        for one, events in self.day(day).items():
            if one == name or (name == ALL_EVENTS and is_activity(one)):
                yield from events

    def during(self, name: str, days: DateRange) -> Iterator[Dated]:
        for day in self._within_history(days):
            for event in self.named(name, day):
                yield day, event

    def events(self, name: str, days: DateRange) -> Iterator[ProductEvent]:
        return (event for _, event in self.during(name, days))

    def names(self, days: DateRange) -> set[str]:
        return {name for day in self._within_history(days) for name in self.day(day)}

    def knows(self, name: str) -> bool:
        """Whether the project ever had such an event."""
        return name == ALL_EVENTS or name in self._names_ever

    @cached_property
    def _names_ever(self) -> set[str]:
        return {event.name for event in self.product.events}

    def local(self, event: ProductEvent) -> datetime:
        """When it happened, on the project's clocks."""
        return self._moment(event.time)

    def date_of(self, time: int) -> date:
        return self._moment(time).date()

    def _moment(self, time: int) -> datetime:
        return datetime.fromtimestamp(time / 1_000, UTC).astimezone(self.product.zone)

    def _within_history(self, days: DateRange) -> Iterator[date]:
        return days_between(max(days.first, self.product.first_day), min(days.last, self.product.last_day))


def _each_once(events: Iterable[ProductEvent]) -> Iterable[ProductEvent]:
    latest: dict[tuple[str, str, int, str], ProductEvent] = {}
    for event in events:
        key = (event.name, event.distinct_id, event.time, event.insert_id)
        known = latest.get(key)
        if known is None or event.ingested_at >= known.ingested_at:
            latest[key] = event
    return latest.values()


def _by_name(events: Iterable[ProductEvent]) -> EventsByName:
    by_name: dict[str, list[ProductEvent]] = {}
    for event in events:
        by_name.setdefault(event.name, []).append(event)
    return by_name


def users(events: Iterable[ProductEvent]) -> set[str]:
    """Who did it. An empty distinct_id is nobody."""
    return {event.distinct_id for event in events if event.distinct_id}


def start_of_unit(day: date, unit: str) -> date:
    """The first day of the week (Monday) or month that a day is in."""
    match unit:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case _:
            return day
