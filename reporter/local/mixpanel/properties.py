"""What properties an event has, and which values they: /events/properties/top and …/values (Query API)."""

from collections import Counter
from datetime import timedelta

from reporter.local.mixpanel.days import Days
from reporter.local.mixpanel.query_parameters import DateRange, QueryParameters, required, whole_number
from reporter.local.mixpanel.selectors import segments_of, text_of

_RECENT = timedelta(days=30)


def answer_top_properties(days: Days, parameters: QueryParameters) -> object:
    """How many of the event's occurrences have each property, the most common first."""
    name = required(parameters, "event")
    limit = whole_number(parameters, "limit", 10)
    counts = Counter(key for event in days.events(name, _recently(days)) for key in event.properties)
    return {key: {"count": count} for key, count in _ranked(counts)[:limit]}


def answer_property_values(days: Days, parameters: QueryParameters) -> object:
    """The most common values, all as text."""
    name, key = required(parameters, "event"), required(parameters, "name")
    limit = whole_number(parameters, "limit", 255)
    values = (event.properties.get(key) for event in days.events(name, _recently(days)))
    counts = Counter(text for value in values if value is not None for text in segments_of(value))
    return [text_of(value) for value, _ in _ranked(counts)[:limit]]


def _recently(days: Days) -> DateRange:
    return DateRange(days.today() - _RECENT, days.today())


def _ranked(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
