"""What is true of a product's events, counted the plainest way, and a clock that tests wind."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from statistics import fmean
from zoneinfo import ZoneInfo

from reporter.local.product import Event, Product
from reporter.reports.definitions import is_activity
from reporter.reports.periods import Period

ZONE = ZoneInfo("Europe/Berlin")
TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
DAY = 24 * 3_600_000

_DAYS: dict[int, tuple[Product, dict[date, list[Event]]]] = {}  # products stay, so their ids do


class Seconds:
    """A clock that tests wind."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def happened(product: Product, period: Period, name: str | None = None) -> list[Event]:
    """The events of these days that have come in by now, each once, the last to come in; in order."""
    if id(product) not in _DAYS:
        _DAYS[id(product)] = (product, _by_day(product))
    _, days = _DAYS[id(product)]
    return [event for day in period for event in days.get(day, ()) if name in {None, event.name}]


def _by_day(product: Product) -> dict[date, list[Event]]:
    unique: dict[object, Event] = {}
    for event in sorted(product.events, key=lambda event: event.ingested_at):
        if event.ingested_at <= NOW.timestamp() * 1_000:
            unique[event.name, event.distinct_id, event.time, event.insert_id] = event
    days: dict[date, list[Event]] = {}
    for event in sorted(unique.values(), key=lambda event: event.time):
        days.setdefault(datetime.fromtimestamp(event.time / 1_000, ZONE).date(), []).append(event)
    return days


def each_day(period: Period) -> Iterator[Period]:
    return (Period(day, day + timedelta(days=1)) for day in period)


def count(events: Iterable[Event], name: str) -> int:
    return sum(event.name == name for event in events)


def people(events: Iterable[Event]) -> set[str]:
    return {event.distinct_id for event in events} - {""}


def users(events: Iterable[Event], name: str | None = None) -> int:
    return len(
        people(event for event in events if event.name == name or (name is None and is_activity(event.name)))
    )


def numbers(events: Iterable[Event], name: str) -> list[float]:
    """The values of a property that are numbers."""
    values = (event.properties.get(name) for event in events)
    return [
        float(value) for value in values if isinstance(value, int | float) and not isinstance(value, bool)
    ]


def percentile(values: Iterable[float], share: float) -> float:
    """Linear between the nearest ranks."""
    ranked = sorted(values)
    place = share * (len(ranked) - 1)
    low = int(place)
    high = min(low + 1, len(ranked) - 1)
    return ranked[low] + (ranked[high] - ranked[low]) * (place - low)


def stickiness(product: Product, period: Period, days: int) -> float:
    window = Period(period.end - timedelta(days=days), period.end)
    return fmean(users(happened(product, day)) for day in each_day(period)) / users(happened(product, window))


def came_back(
    product: Product, cohort: Period, born: str, returned: str | None, after: int, unit: int
) -> float:
    """The share of those who did `born` that did `returned` so many units later."""
    births: dict[str, int] = {}
    for event in happened(product, cohort, born):
        if event.distinct_id:
            births.setdefault(event.distinct_id, event.time)
    later = happened(product, Period(cohort.start, TODAY))
    back = {
        event.distinct_id
        for event in later
        if event.distinct_id in births
        and (event.name == returned or (returned is None and is_activity(event.name)))
        and event.time > births[event.distinct_id]
        and (event.time - births[event.distinct_id]) // (unit * DAY) == after
    }
    return len(back) / len(births)
