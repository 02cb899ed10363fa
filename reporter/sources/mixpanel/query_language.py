"""The Query API's language: filters, and the bookmark of an inline Insights query."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal, TypeAlias, assert_never

from reporter.reports.measures import Condition, Operator, Where
from reporter.sources.mixpanel.queries import InsightsMetric, InsightsQuery, series_names

FilterEntry: TypeAlias = Mapping[str, object]
Alternatives: TypeAlias = Sequence[Sequence[FilterEntry]]  # one of the lists holds; of a list, all do

_COMPARISONS = {
    Operator.GREATER_THAN: "is greater than",
    Operator.AT_LEAST: "is at least",
    Operator.LESS_THAN: "is less than",
    Operator.AT_MOST: "is at most",
}


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of a metric."""

    determiner: Literal["all", "any"]
    entries: Sequence[FilterEntry]


class NotExpressibleError(Exception):
    """Mixpanel has no filters for it; the text says for what."""


def filters(where: Where) -> Filters:
    """What holds where all of the conditions do. Raises NotExpressibleError."""
    conditions = [_alternatives(condition) for condition in where]
    if all(len(alternatives) == 1 for alternatives in conditions):
        return Filters("all", [*chain.from_iterable(chain.from_iterable(conditions))])
    if len(conditions) == 1 and all(len(entries) == 1 for entries in conditions[0]):
        return Filters("any", [*chain.from_iterable(conditions[0])])
    raise NotExpressibleError("several conditions, one of which has several values of its own")


def obstacle(where: Where) -> str | None:
    """What keeps Mixpanel from filtering exactly so, if anything does."""
    try:
        filters(where)
    except NotExpressibleError as error:
        return str(error)
    return None


def _alternatives(condition: Condition) -> Alternatives:
    match condition.operator:
        case Operator.IS:
            return _is(condition)
        case Operator.IS_NOT:
            return [_is_not(condition)]
        case Operator.CONTAINS:
            return _contains(condition)
        case Operator.IS_SET:
            return [[_entry(condition, "string", "is set")]]
        case Operator.IS_NOT_SET:
            return [[_entry(condition, "string", "is not set")]]
        case Operator.GREATER_THAN | Operator.AT_LEAST | Operator.LESS_THAN | Operator.AT_MOST:
            return _compares(condition, _COMPARISONS[condition.operator])
        case _:
            assert_never(condition.operator)


def _is(condition: Condition) -> Alternatives:
    texts = _texts(condition)
    found: list[list[FilterEntry]] = [[_entry(condition, "string", "equals", texts)]] if texts else []
    found += [[_entry(condition, "number", "is equal to", number)] for number in _numbers(condition)]
    if True in _truths(condition):
        found.append([_entry(condition, "boolean", "true")])
    if False in _truths(condition):
        # Mixpanel takes what is not set for false where it has to guess (docs, "Data types").
        found.append([_entry(condition, "boolean", "false"), _entry(condition, "string", "is set")])
    return found or _refuse(condition, "has no value to be")


def _is_not(condition: Condition) -> Sequence[FilterEntry]:
    if _truths(condition) or not condition.values:
        _refuse(condition, "is not true or false")
    texts = _texts(condition)
    found = [_entry(condition, "string", "does not equal", texts)] if texts else []
    return [*found, *(_entry(condition, "number", "does not equal", one) for one in _numbers(condition))]


def _contains(condition: Condition) -> Alternatives:
    """Mixpanel compares text in whatever case (docs, "Custom properties"), so letters are not exact."""
    texts = _texts(condition)
    if not texts or len(texts) < len(condition.values) or not all(texts):
        _refuse(condition, "contains what is no text")
    if any(text.lower() != text.upper() for text in texts):
        _refuse(condition, "contains text, letter for letter")
    return [[_entry(condition, "string", "contains", text)] for text in texts]


def _compares(condition: Condition, operator: str) -> Alternatives:
    numbers = _numbers(condition)
    if len(numbers) != 1 or len(condition.values) != 1:
        _refuse(condition, "is compared with what is no number")
    return [[_entry(condition, "number", operator, numbers[0])]]


def _entry(condition: Condition, kind: str, operator: str, value: object = None) -> FilterEntry:
    """A filter as Mixpanel's own client writes it."""
    return {
        "resourceType": "events",
        "filterType": kind,
        "defaultType": kind,
        "filterValue": value,
        "filterOperator": operator,
        "value": condition.property,
    }


def _texts(condition: Condition) -> list[str]:
    return [value for value in condition.values if isinstance(value, str)]


def _numbers(condition: Condition) -> list[float]:
    numbers: list[float] = [
        value for value in condition.values if isinstance(value, int | float) and not isinstance(value, bool)
    ]
    if not all(map(math.isfinite, numbers)):
        _refuse(condition, "has a value that is no finite number")
    return numbers


def _truths(condition: Condition) -> list[bool]:
    return [value for value in condition.values if isinstance(value, bool)]


def _refuse(condition: Condition, problem: str) -> Alternatives:
    raise NotExpressibleError(f"“{condition.property[:80]}” {problem}")


def bookmark(query: InsightsQuery) -> object:
    """The metrics as one number each ("bar") or by the day ("line"). Raises NotExpressibleError."""
    period = query.period
    names = series_names(query.metrics)
    return {
        "sections": {
            "show": [_clause(metric, names.get(metric)) for metric in query.metrics],
            "time": [
                {
                    "dateRangeType": "between",
                    "unit": "day",
                    "value": [period.start.isoformat(), period.last.isoformat()],
                }
            ],
            "filter": [],
            "group": [] if query.group is None else [_group(query.group)],
        },
        "displayOptions": {"chartType": "line" if query.by_day else "bar", "analysis": "linear"},
    }


def _clause(metric: InsightsMetric, name: str | None) -> object:
    where = filters(metric.where)
    clause: dict[str, object] = {
        "type": "metric",
        "behavior": {
            "type": "event",
            "name": metric.event,
            "resourceType": "events",
            "filtersDeterminer": where.determiner,
            "filters": where.entries,
        },
        "measurement": _measurement(metric),
    }
    return clause if name is None else {**clause, "name": name}


def _measurement(metric: InsightsMetric) -> object:
    if metric.number is None:
        return {"math": metric.math.value}
    return {"math": metric.math.value, "property": {"name": metric.number, "resourceType": "events"}}


def _group(name: str) -> object:
    return {
        "value": name,
        "propertyName": name,
        "resourceType": "events",
        "propertyType": "string",
        "propertyDefaultType": "string",
    }
