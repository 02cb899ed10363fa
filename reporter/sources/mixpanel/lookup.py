"""Whether properties hold what measures expect of them: counts by the day, many in one query. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from reporter.reports.errors import ReporterError
from reporter.reports.figures import Failed, NotNumeric, Unknown
from reporter.reports.measures import Condition, Operator, PropertyStatistic, Scalar, Where
from reporter.reports.periods import Period
from reporter.reports.references import Content, Reference, unknown
from reporter.sources.mixpanel.measures.gathered import QueryResult, failed
from reporter.sources.mixpanel.queries import AnswerQuery, InsightsMetric, InsightsQuery, Math
from reporter.sources.mixpanel.query_language import obstacle
from reporter.sources.mixpanel.series import Inline, unclear

MOST_METRICS = 40  # of one query (Mixpanel's changelog of December 2025)


@dataclass(frozen=True, slots=True)
class Lookup:
    """What is asked of the properties that are named, over some days."""

    references: tuple[Reference, ...]
    days: Period

    @property
    def queries(self) -> tuple[InsightsQuery, ...]:
        metrics = dict.fromkeys(metric for one in self.references for metric in _metrics(one))
        return _queries(metrics, self.days)

    def read(
        self, answers: Mapping[AnswerQuery, QueryResult | ReporterError]
    ) -> Mapping[Reference, Unknown | Failed]:
        """What is not known, or could not be found out."""
        counts = LookupCounts(answers)
        found = ((one, self._read(one, counts)) for one in self.references)
        return {one: told for one, told in found if told is not None}

    def _read(self, reference: Reference, counts: "LookupCounts") -> Unknown | Failed | None:
        if failure := counts.failure(_metrics(reference)):
            return failure
        event, name = reference.event, reference.property
        content = Content(
            since=counts.since or self.days.start,
            occurrences=counts.any(InsightsMetric(event, Math.TOTAL)),
            is_set=counts.any(_count(event, (_is_set(name),))),
            has_numbers=any(map(counts.any, _number_counts(event, name))),
            has_truths=any(map(counts.any, _truth_counts(event, name))),
            held=frozenset(one for one in reference.conditions if counts.any(_count(event, (one,)))),
        )
        return unknown(_askable(reference), content)


@dataclass(frozen=True, slots=True)
class NumericLookup:
    """Whether a property was a number at all in a period, where the statistic of it came out as nothing."""

    statistics: tuple[PropertyStatistic, ...]
    period: Period

    @property
    def queries(self) -> tuple[InsightsQuery, ...]:
        metrics = dict.fromkeys(
            metric for one in self.statistics for metric in (*_set_count(one), *_numeric_counts(one))
        )
        return _queries(metrics, self.period)

    def read(
        self, answers: Mapping[AnswerQuery, QueryResult | ReporterError]
    ) -> Mapping[PropertyStatistic, NotNumeric | Failed]:
        counts = LookupCounts(answers)
        found: dict[PropertyStatistic, NotNumeric | Failed] = {}
        for one in self.statistics:
            numbers = _numeric_counts(one)
            if failure := counts.failure((*_set_count(one), *numbers)):
                found[one] = failure
            elif any(map(counts.any, _set_count(one))) and not any(map(counts.any, numbers)):
                found[one] = NotNumeric(one.event, one.property)
        return found


@dataclass(frozen=True, slots=True)
class LookupCounts:
    """The answers to counts by the day."""

    answers: Mapping[AnswerQuery, QueryResult | ReporterError]

    def failure(self, metrics: Iterable[InsightsMetric]) -> Failed | None:
        """Why one of these could not be counted, if one could not."""
        found = (self._failure(metric) for metric in metrics)
        return next((failure for failure in found if failure is not None), None)

    def any(self, metric: InsightsMetric) -> bool:
        """Whether it happened at all."""
        daily = next((one.daily(metric) for one in self._inlines() if metric in one.query.metrics), None)
        return daily is not None and any(daily.values)

    @property
    def since(self) -> date | None:
        """The first day that was counted: the plan may show fewer than were asked for."""
        return max((one.query.period.start for one in self._inlines()), default=None)

    def _failure(self, metric: InsightsMetric) -> Failed | None:
        answer = next((one for query, one in self.answers.items() if _asks(query, metric)), None)
        if isinstance(answer, ReporterError):
            return failed(answer)
        if isinstance(answer, Inline) and answer.daily(metric) is not None:
            return None
        return unclear(f"Mixpanel's answer does not tell which number is that of {metric}")

    def _inlines(self) -> Iterator[Inline]:
        return (answer for answer in self.answers.values() if isinstance(answer, Inline))


def _asks(query: AnswerQuery, metric: InsightsMetric) -> bool:
    return isinstance(query, InsightsQuery) and metric in query.metrics


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


def _queries(metrics: Iterable[InsightsMetric], days: Period) -> tuple[InsightsQuery, ...]:
    every = tuple(metrics)
    parts = (every[start : start + MOST_METRICS] for start in range(0, len(every), MOST_METRICS))
    return tuple(InsightsQuery(part, days, by_day=True) for part in parts)


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


def _set_count(statistic: PropertyStatistic) -> tuple[InsightsMetric, ...]:
    return _expressible(statistic, (_is_set(statistic.property),))


def _numeric_counts(statistic: PropertyStatistic) -> tuple[InsightsMetric, ...]:
    return _expressible(statistic, _signs(statistic.property))


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
