"""Whether properties hold what measures expect of them: counts by the day, many in one query."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import assert_never

from pydantic import TypeAdapter

from reporter.reports.conditions import ALL_EVENTS, Condition, Operator, Scalar, Where
from reporter.reports.errors import ReporterError
from reporter.reports.figures import Failed, NotNumeric, Unknown, UnknownProperty, UnknownValue
from reporter.reports.measures import PropertyStatistic
from reporter.reports.periods import Period
from reporter.reports.references import Content, Reference, unknown, with_nearest
from reporter.sources.mixpanel.decoding import decode
from reporter.sources.mixpanel.measures.counts import MOST_NAMES
from reporter.sources.mixpanel.measures.insights import (
    ACTIVES_REACH,
    MOST_METRICS,
    InsightsAnswer,
    InsightsQuery,
)
from reporter.sources.mixpanel.queries import QueryApi, attempt, failed, unclear
from reporter.sources.mixpanel.query_language import InsightsMetric, Math, obstacle


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
    asked = {one: PropertyCounts(one.event, one.property, one.where) for one in statistics}
    metrics = dict.fromkeys(metric for one in asked.values() for metric in (*one.is_set, *one.numbers))
    counts = _count_by_day(metrics, period, api)
    found: dict[PropertyStatistic, NotNumeric | Failed] = {}
    for statistic, one in asked.items():
        if failure := counts.failure((*one.is_set, *one.numbers)):
            found[statistic] = failure
        elif counts.any(one.is_set) and not counts.any(one.numbers):
            found[statistic] = NotNumeric(one.event, one.name)
    return found


def _missing(reference: Reference, counts: "LookupCounts") -> Unknown | Failed | None:
    if failure := counts.failure(_metrics(reference)):
        return failure
    of = PropertyCounts(reference.event, reference.property)
    content = Content(
        since=counts.since,
        occurrences=counts.any(of.all),
        is_set=counts.any(of.is_set),
        has_numbers=counts.any(of.numbers),
        has_truths=counts.any(of.truths),
        held=frozenset(one for one in reference.conditions if counts.any(of.of(one))),
    )
    return unknown(_askable(reference), content)


def _with_nearest(reference: Reference, found: Unknown | Failed, api: QueryApi) -> Unknown | Failed | None:
    """With the likely meant names; they are asked for only here, and one can do without."""
    match found:
        case Failed() | NotNumeric():
            return found
        case UnknownProperty(event) | UnknownValue(event) if event == ALL_EVENTS:
            return found  # Mixpanel lists them by event
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
    of_one = tuple(metric for metric in every if metric.event != ALL_EVENTS)
    of_any = tuple(metric for metric in every if metric.event == ALL_EVENTS)
    recent = Period(max(days.start, days.end - ACTIVES_REACH), days.end)
    queries = [
        InsightsQuery(those[start : start + MOST_METRICS], period, by_day=True)
        for those, period in ((of_one, days), (of_any, recent))
        for start in range(0, len(those), MOST_METRICS)
    ]
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


def _askable(reference: Reference) -> Reference:
    """Without the conditions that Mixpanel has no filter for."""
    return replace(reference, conditions=tuple(one for one in reference.conditions if not obstacle((one,))))


def _metrics(reference: Reference) -> tuple[InsightsMetric, ...]:
    """All counts that tell of what is expected of the property."""
    asked, counts = _askable(reference), PropertyCounts(reference.event, reference.property)
    types = {type(value) for condition in asked.conditions for value in condition.values}
    numbers = counts.numbers if asked.is_number or types & {int, float} else ()
    truths = counts.truths if bool in types else ()
    return (*counts.all, *counts.is_set, *numbers, *truths, *counts.of(*asked.conditions))


@dataclass(frozen=True, slots=True)
class PropertyCounts:
    """The counts of an event that tell what a property holds, as far as there are filters for it."""

    event: str
    name: str
    where: Where = ()

    @property
    def all(self) -> tuple[InsightsMetric, ...]:
        return (InsightsMetric(self.event, Math.TOTAL, None, self.where),)

    @property
    def is_set(self) -> tuple[InsightsMetric, ...]:
        return self.of(Condition(self.name, Operator.IS_SET))

    @property
    def numbers(self) -> tuple[InsightsMetric, ...]:
        """A number is one or the other; Mixpanel compares nothing else so."""
        signs = (Operator.AT_LEAST, Operator.LESS_THAN)
        return self.of(*(Condition(self.name, sign, (0,)) for sign in signs))

    @property
    def truths(self) -> tuple[InsightsMetric, ...]:
        return self.of(*(Condition(self.name, Operator.IS, (truth,)) for truth in (True, False)))

    def of(self, *conditions: Condition) -> tuple[InsightsMetric, ...]:
        """How often the event fulfilled each condition."""
        wheres = ((*self.where, condition) for condition in conditions)
        return tuple(
            InsightsMetric(self.event, Math.TOTAL, None, where) for where in wheres if not obstacle(where)
        )
