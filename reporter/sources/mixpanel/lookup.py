"""Whether properties hold what measures expect of them: counts by the day, many in one query."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import assert_never

from pydantic import TypeAdapter

from reporter.reports.errors import ReporterError
from reporter.reports.figures import Failed, NotNumeric, Unknown, UnknownProperty, UnknownValue
from reporter.reports.measures import Condition, Operator, PropertyStatistic, Scalar, Where
from reporter.reports.periods import Period
from reporter.reports.references import Content, Reference, unknown, with_nearest
from reporter.sources.mixpanel.decoding import decode
from reporter.sources.mixpanel.measures.counts import MOST_NAMES
from reporter.sources.mixpanel.measures.insights import InsightsAnswer, InsightsQuery
from reporter.sources.mixpanel.queries import QueryApi, attempt, failed, unclear
from reporter.sources.mixpanel.query_language import InsightsMetric, Math, obstacle

MOST_METRICS = 40  # of one query (Mixpanel's changelog of December 2025)


def look_up(
    references: Collection[Reference], days: Period, api: QueryApi
) -> Mapping[Reference, Unknown | Failed]:
    """Which of these Mixpanel does not know, with the likely meant names, or could not be asked for."""
    asked = dict.fromkeys(metric for reference in references for metric in _metrics(reference))
    counts = _count_by_day(asked, days, api)
    found: dict[Reference, Unknown | Failed] = {}
    for reference in references:
        missing = _missing(reference, counts)
        if missing is not None and (named := _with_nearest(reference, missing, api)) is not None:
            found[reference] = named
    return found


def look_up_numbers(
    statistics: Collection[PropertyStatistic], period: Period, api: QueryApi
) -> Mapping[PropertyStatistic, NotNumeric | Failed]:
    """Which properties were set in the period, and never a number."""
    set_counts = {one: _expressible(one, (_is_set(one.property),)) for one in statistics}
    numbers = {one: _expressible(one, _signs(one.property)) for one in statistics}
    asked = dict.fromkeys(metric for one in statistics for metric in (*set_counts[one], *numbers[one]))
    counts = _count_by_day(asked, period, api)
    found: dict[PropertyStatistic, NotNumeric | Failed] = {}
    for one in statistics:
        if failure := counts.failure((*set_counts[one], *numbers[one])):
            found[one] = failure
        elif counts.any(set_counts[one]) and not counts.any(numbers[one]):
            found[one] = NotNumeric(one.event, one.property)
    return found


def _missing(reference: Reference, counts: "LookupCounts") -> Unknown | Failed | None:
    if failure := counts.failure(_metrics(reference)):
        return failure
    event, name = reference.event, reference.property
    content = Content(
        since=counts.since,
        occurrences=counts.any((InsightsMetric(event, Math.TOTAL),)),
        is_set=counts.any((_count(event, (_is_set(name),)),)),
        has_numbers=counts.any(_number_counts(event, name)),
        has_truths=counts.any(_truth_counts(event, name)),
        held=frozenset(one for one in reference.conditions if counts.any((_count(event, (one,)),))),
    )
    return unknown(_askable(reference), content)


def _with_nearest(reference: Reference, found: Unknown | Failed, api: QueryApi) -> Unknown | Failed | None:
    """With the likely meant names; they are asked for only here, and one can do without."""
    match found:
        case Failed() | NotNumeric():
            return found
        case UnknownProperty(event):
            names = attempt(partial(api.answer, PropertyNamesQuery(event)))
        case UnknownValue(event, name):
            values = attempt(partial(api.answer, PropertyValuesQuery(event, name)))
            names = values if isinstance(values, ReporterError) else listed(reference, values)
        case _:
            assert_never(found)
    return found if isinstance(names, ReporterError) else with_nearest(reference, found, names)


@dataclass(frozen=True, slots=True)
class PropertyNamesQuery:
    """The properties that an event has, the most common first."""

    event: str

    def fetch(self, api: QueryApi) -> tuple[str, ...]:
        path = "/events/properties/top"
        body = api.get(path, {"event": self.event, "limit": str(MOST_NAMES)})
        return tuple(decode(_PROPERTIES, body, path))


@dataclass(frozen=True, slots=True)
class PropertyValuesQuery:
    """The values that a property has, the most common first, all as text."""

    event: str
    property: str

    def fetch(self, api: QueryApi) -> tuple[str, ...]:
        path = "/events/properties/values"
        body = api.get(path, {"event": self.event, "name": self.property, "limit": str(MOST_NAMES)})
        return tuple(dict.fromkeys(decode(_VALUES, body, path)))


_PROPERTIES = TypeAdapter(dict[str, object])
_VALUES = TypeAdapter(list[str])


@dataclass(frozen=True, slots=True)
class LookupCounts:
    """Whether each metric was ever above zero, or why nobody can tell."""

    happened: Mapping[InsightsMetric, bool | Failed]
    since: date  # the first day that was counted: the plan may show fewer than were asked for

    def failure(self, metrics: Iterable[InsightsMetric]) -> Failed | None:
        """Why one of these could not be counted, if one could not."""
        found = (self.happened[metric] for metric in metrics)
        return next((one for one in found if isinstance(one, Failed)), None)

    def any(self, metrics: Iterable[InsightsMetric]) -> bool:
        return any(self.happened.get(metric) is True for metric in metrics)


def _count_by_day(metrics: Iterable[InsightsMetric], days: Period, api: QueryApi) -> LookupCounts:
    every = tuple(metrics)
    parts = (every[start : start + MOST_METRICS] for start in range(0, len(every), MOST_METRICS))
    queries = [InsightsQuery(part, days, by_day=True) for part in parts]
    answers = api.answers(queries)
    happened = {metric: _happened(metric, answers[query]) for query in queries for metric in query.metrics}
    starts = [one.query.period.start for one in answers.values() if isinstance(one, InsightsAnswer)]
    return LookupCounts(happened, max(starts, default=days.start))


def _happened(metric: InsightsMetric, answer: InsightsAnswer | ReporterError) -> bool | Failed:
    if isinstance(answer, ReporterError):
        return failed(answer)
    daily = answer.daily(metric)
    if daily is None:
        return unclear(f"Mixpanel's answer does not tell which number is that of {metric}")
    return any(daily.values)


def listed(reference: Reference, values: Iterable[str]) -> tuple[Scalar, ...]:
    """The values that Mixpanel lists, all as text. One that looks as the wanted one is of another type."""
    wanted = [value for condition in reference.conditions for value in condition.values]
    texts = {value for value in wanted if isinstance(value, str)}
    return tuple(_other_type(value) if value in texts else value for value in values)


def _other_type(text: str) -> Scalar:
    if text in ("true", "false"):
        return text == "true"
    try:
        return float(text)
    except ValueError:
        return text


def _metrics(reference: Reference) -> tuple[InsightsMetric, ...]:
    event, name, asked = reference.event, reference.property, _askable(reference)
    types = {type(value) for condition in asked.conditions for value in condition.values}
    found = [InsightsMetric(event, Math.TOTAL), _count(event, (_is_set(name),))]
    if asked.is_number or types & {int, float}:
        found += _number_counts(event, name)
    if bool in types:
        found += _truth_counts(event, name)
    return (*found, *(_count(event, (condition,)) for condition in asked.conditions))


def _askable(reference: Reference) -> Reference:
    """Without the conditions that Mixpanel has no filter for."""
    return replace(reference, conditions=tuple(one for one in reference.conditions if not obstacle((one,))))


def _expressible(statistic: PropertyStatistic, conditions: Where) -> tuple[InsightsMetric, ...]:
    wheres = ((*statistic.where, condition) for condition in conditions)
    return tuple(_count(statistic.event, where) for where in wheres if not obstacle(where))


def _number_counts(event: str, name: str) -> tuple[InsightsMetric, ...]:
    return tuple(_count(event, (condition,)) for condition in _signs(name))


def _signs(name: str) -> Where:
    """A number is one or the other; Mixpanel compares nothing else so."""
    return Condition(name, Operator.AT_LEAST, (0,)), Condition(name, Operator.LESS_THAN, (0,))


def _truth_counts(event: str, name: str) -> tuple[InsightsMetric, ...]:
    return tuple(_count(event, (Condition(name, Operator.IS, (value,)),)) for value in (True, False))


def _is_set(name: str) -> Condition:
    return Condition(name, Operator.IS_SET)


def _count(event: str, where: Where) -> InsightsMetric:
    return InsightsMetric(event, Math.TOTAL, None, where)
