"""Which events a filter of Insights lets through, and which values a breakdown tells apart.

A filter has a type, and a value of another type is never equal to it, nor greater or less. Text that another
text contains may be in upper or lower case (Mixpanel compares text so, "Custom properties"). Of a list, each
item counts by itself, and one is enough for a filter (Mixpanel, "List property support").
"""

import json
from collections.abc import Sequence
from typing import cast

from reporter.local.mixpanel.bookmark import KINDS, Filter
from reporter.local.product import ProductEvent


def holds(condition: Filter, event: ProductEvent) -> bool:
    value = property_of(event, condition.value)
    match condition.filter_operator:
        case "is set":
            return value is not None
        case "is not set":
            return value is None
        case "does not equal":
            return not any(_equals(item, condition) for item in _items(value))
        case "does not contain":
            return not any(_contains(item, condition) for item in _items(value))
        case _:
            return any(_fulfils(item, condition) for item in _items(value))


def _items(value: object) -> Sequence[object]:
    return cast(list[object], value) if isinstance(value, list) else [value]


def _fulfils(value: object, condition: Filter) -> bool:
    match condition.filter_operator:
        case "equals" | "is equal to":
            return _equals(value, condition)
        case "contains":
            return _contains(value, condition)
        case "true":
            return value is True
        case "false":
            return value is False or value is None
        case _:
            is_of_the_type = type(value) in KINDS[condition.filter_type]
            return isinstance(value, int | float) and is_of_the_type and _compares(value, condition)


def segments_of(value: object) -> Sequence[str]:
    """The names of the segments in which an event with this value counts; an empty list is like no value."""
    return [*dict.fromkeys(map(text_of, _items(value)))] or [text_of(None)]


def _equals(value: object, condition: Filter) -> bool:
    return type(value) in KINDS[condition.filter_type] and value in condition.values


def _contains(text: object, condition: Filter) -> bool:
    return isinstance(text, str) and any(
        isinstance(part, str) and part.casefold() in text.casefold() for part in condition.values
    )


def _compares(number: float, condition: Filter) -> bool:
    first, *others = (value for value in condition.values if isinstance(value, int | float))
    match condition.filter_operator:
        case "is greater than":
            return number > first
        case "is at least":
            return number >= first
        case "is less than":
            return number < first
        case "is at most":
            return number <= first
        case "is between":
            return first <= number <= others[0]
        case _:
            return not first <= number <= others[0]


def property_of(event: ProductEvent, name: str) -> object:
    return event.distinct_id if name == "distinct_id" else event.properties.get(name)


def text_of(value: object) -> str:
    """How Mixpanel writes a property's value as the name of a segment."""
    match value:
        case None:
            return "undefined"
        case bool():
            return str(value).lower()
        case float() if value.is_integer():
            return str(int(value))
        case list() | dict():
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        case _:
            return str(value)
