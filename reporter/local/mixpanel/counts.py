"""Counts of events over time: /events and /events/names (Mixpanel, Query API)."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta

from reporter.local.mixpanel.days import Dated, Days, start_of_unit, users
from reporter.local.mixpanel.query_parameters import (
    BadRequestError,
    DateRange,
    QueryParameters,
    choice,
    date_range,
    last_days,
    names,
    read_day,
    whole_number,
)
from reporter.local.product import ProductEvent, days_between

TYPES = ("general", "unique", "average")
UNITS = ("minute", "hour", "day", "week", "month")
_FORMATS = {"minute": "%Y-%m-%d %H:%M:00", "hour": "%Y-%m-%d %H:00:00"}

Counts = dict[str, float]


def answer_events(days: Days, parameters: QueryParameters) -> object:
    """Many events over time. As in the documented example, a bucket without an event is left out; so is an
    event that did not happen at all, whether or not the project knows it: `legend_size` counts the others.
    """
    wanted = names(parameters, "event")
    kind = choice(parameters, "type", TYPES)
    unit = choice(parameters, "unit", UNITS)
    period = _period(days, parameters, unit)
    counted = {name: _over_time(days, days.during(name, period), unit, kind) for name in wanted}
    values = {name: counts for name, counts in counted.items() if counts}
    return {"data": {"series": list(_keys(period, unit)), "values": values}, "legend_size": len(values)}


def answer_names(days: Days, parameters: QueryParameters) -> object:
    """The commonest events of the last 31 days, or of the dates that Mixpanel's own client sends."""
    kind = choice(parameters, "type", TYPES)
    limit = whole_number(parameters, "limit", 255)
    period = date_range(parameters) if "from_date" in parameters else last_days(days.today(), 31)
    counts = {name: _count(days.events(name, period), kind) for name in days.names(period)}
    return sorted(counts, key=lambda name: (-counts[name], name))[:limit]


def computed_at(days: Days) -> str:
    return days.now().isoformat()


def _period(days: Days, parameters: QueryParameters, unit: str) -> DateRange:
    """`from_date` and `to_date`; or the last `interval` units, of which the current one is the last."""
    if "interval" not in parameters:
        return date_range(parameters)
    count = whole_number(parameters, "interval", 1)
    last = days.today()
    if "to_date" in parameters:
        last = read_day(parameters["to_date"], "to_date")
    match unit:
        case "month":
            months = last.year * 12 + last.month - count
            return DateRange(date(months // 12, months % 12 + 1, 1), last)
        case "week":
            return DateRange(start_of_unit(last, "week") - timedelta(weeks=count - 1), last)
        case "day":
            return last_days(last, count)
        case _:
            raise BadRequestError("This local Mixpanel takes from_date and to_date for minutes and hours")


def _count(events: Iterable[ProductEvent], kind: str) -> float:
    """How many: in all, different users, or on average for each user."""
    counted = list(events)
    match kind:
        case "unique":
            return len(users(counted))
        case "average":
            people = len(users(counted))
            return len(counted) / people if people else 0
        case _:
            return len(counted)


def _over_time(days: Days, events: Iterable[Dated], unit: str, kind: str) -> Counts:
    if kind == "unique" and unit in _FORMATS:
        raise BadRequestError("Unique counts are not available by the minute or hour")
    buckets: dict[str, list[ProductEvent]] = {}
    for day, event in events:
        buckets.setdefault(_key(days, day, event, unit), []).append(event)
    return {key: _count(buckets[key], kind) for key in sorted(buckets)}


def _key(days: Days, day: date, event: ProductEvent, unit: str) -> str:
    if unit in _FORMATS:
        return days.local(event).strftime(_FORMATS[unit])
    return start_of_unit(day, unit).isoformat()


def _keys(period: DateRange, unit: str) -> Iterator[str]:
    """Every bucket of a period, in order, with or without events."""
    if unit not in _FORMATS:
        starts = (start_of_unit(day, unit) for day in days_between(period.first, period.last))
        yield from dict.fromkeys(start.isoformat() for start in starts)
        return
    step = timedelta(hours=1) if unit == "hour" else timedelta(minutes=1)
    for day in days_between(period.first, period.last):
        midnight = datetime.combine(day, time.min)  # what the clock shows, so without a zone
        for number in range(timedelta(days=1) // step):
            yield (midnight + number * step).strftime(_FORMATS[unit])
