"""What is true of a product's events, by the same plain reference that raw events are held against."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from reporter.local.product import Product, ProductEvent
from reporter.reports.figures import Figure, Measured, divide
from reporter.reports.measures import (
    ActiveUsers,
    Breakdown,
    EventCount,
    EventUsers,
    Measure,
    PropertyStatistic,
    Ratio,
    Retention,
    Stickiness,
)
from reporter.reports.periods import Period
from tests.sources.events import reference

ZONE = ZoneInfo("Europe/Berlin")
TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)

Offered = EventCount | EventUsers | ActiveUsers | PropertyStatistic | Breakdown | Stickiness | Retention

# Products are kept, so that their ids stay theirs.
_KNOWN: dict[int, tuple[Product, dict[date, list[ProductEvent]], list[reference.Event]]] = {}


class Seconds:
    """A clock that tests wind."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def true_figure(product: Product, measure: Measure, period: Period) -> Figure:
    """The measure over the period, of the events that have come in by now."""
    if isinstance(measure, Ratio):
        parts = (measure.numerator, measure.denominator)
        return divide(*(true_figure(product, part, period) for part in parts))
    assert isinstance(measure, Offered)
    return reference.figure(stored(product), measure, period)


def true_number(product: Product, measure: Measure, period: Period) -> float:
    figure = true_figure(product, measure, period)
    assert isinstance(figure, Measured)
    return figure.value


def happened(product: Product, period: Period, name: str | None = None) -> list[ProductEvent]:
    """The events of these days that have come in by now, each once, in order."""
    days = _known(product)[0]
    return [event for day in period for event in days.get(day, ()) if name in {None, event.name}]


def stored(product: Product) -> list[reference.Event]:
    """The same events as raw events are stored."""
    return _known(product)[1]


def each_day(period: Period) -> Iterator[Period]:
    return (Period.of_days(day, day) for day in period)


def _known(product: Product) -> tuple[dict[date, list[ProductEvent]], list[reference.Event]]:
    if id(product) not in _KNOWN:
        events = sorted(_once(product), key=lambda event: event.time)
        days: dict[date, list[ProductEvent]] = {}
        for event in events:
            days.setdefault(_day(event), []).append(event)
        users = {user: place for place, user in enumerate({event.distinct_id for event in events})}
        _KNOWN[id(product)] = (product, days, [_as_stored(event, users) for event in events])
    return _KNOWN[id(product)][1:]


def _once(product: Product) -> list[ProductEvent]:
    """The last to come in of each event."""
    unique: dict[object, ProductEvent] = {}
    for event in sorted(product.events, key=lambda event: event.ingested_at):
        if event.ingested_at <= NOW.timestamp() * 1_000:
            unique[event.name, event.distinct_id, event.time, event.insert_id] = event
    return [*unique.values()]


def _as_stored(event: ProductEvent, users: dict[str, int]) -> reference.Event:
    user = users[event.distinct_id] if event.distinct_id else None
    properties = {name: json.dumps(value) for name, value in event.properties.items()}
    return reference.Event(event.name, user, event.time, _day(event), properties)


def _day(event: ProductEvent) -> date:
    return datetime.fromtimestamp(event.time / 1_000, ZONE).date()
