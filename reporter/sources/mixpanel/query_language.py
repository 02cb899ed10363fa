"""The Query API's language: the metrics of an inline Insights query, their filters, and its bookmark."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Literal, TypeAlias, assert_never

from reporter.reports.conditions import ALL_EVENTS, Condition, Operator, Where
from reporter.reports.periods import Period


class Math(StrEnum):
    """What Insights takes of an event's occurrences, in Mixpanel's words."""

    TOTAL = "total"  # how many there are; of a property, the sum
    UNIQUE = "unique"  # how many users there are
    AVERAGE = "average"
    MEDIAN = "median"
    P90 = "p90"


@dataclass(frozen=True, slots=True)
class InsightsMetric:
    """One number, or one line, of an Insights query."""

    event: str
    math: Math = Math.UNIQUE
    number: str | None = None  # the property that is summed, averaged and so on
    where: Where = ()

    @property
    def is_plain(self) -> bool:
        """Whether it is just an event's users, of which there is nothing to refuse."""
        return self.math is Math.UNIQUE and not self.where

    @property
    def is_count(self) -> bool:
        """Whether it counts something, and so is never below zero."""
        return self.number is None

    @property
    def is_additive(self) -> bool:
        """Whether the numbers of its parts add up to its own."""
        return self.math is Math.TOTAL

    @property
    def has_always_a_number(self) -> bool:
        """Whether there is a number where nothing happened: no average of nothing."""
        return self.math in {Math.TOTAL, Math.UNIQUE}

    def __str__(self) -> str:
        event = "any event" if self.event == ALL_EVENTS else self.event[:80]
        words = {Math.TOTAL: "sum", Math.P90: "90th percentile"}
        if self.number is not None:
            return f"the {words.get(self.math, self.math)} of {self.number[:80]} of {event}"
        return f"the users of {event}" if self.math is Math.UNIQUE else f"the count of {event}"


ACTIVES = InsightsMetric(ALL_EVENTS)


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


def bookmark(
    metrics: Sequence[InsightsMetric], period: Period, *, by_day: bool = False, group: str | None = None
) -> object:
    """The metrics as one number each ("bar") or by the day ("line"). Raises NotExpressibleError."""
    names = series_names(metrics)
    return {
        "sections": {
            "show": [_clause(metric, names.get(metric)) for metric in metrics],
            "time": [
                {
                    "dateRangeType": "between",
                    "unit": "day",
                    "value": [period.start.isoformat(), period.last.isoformat()],
                }
            ],
            "filter": [],
            "group": [] if group is None else [_group(group)],
        },
        "displayOptions": {"chartType": "line" if by_day else "bar", "analysis": "linear"},
    }


def series_names(metrics: Sequence[InsightsMetric]) -> Mapping[InsightsMetric, str]:
    """A name for each metric where two of them are about the same event. No event begins like one."""
    if len({metric.event for metric in metrics}) == len(metrics):
        return {}
    mark = "#"
    while any(metric.event.startswith(mark) for metric in metrics):
        mark += "#"
    return {metric: f"{mark}{number}" for number, metric in enumerate(metrics, 1)}


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
