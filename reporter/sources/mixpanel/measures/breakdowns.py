"""A measure by the values of a property: what is asked of Insights, and how its answer is read."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import fsum
from typing import TypeAlias

from pydantic import TypeAdapter

from reporter.reports.conditions import ALL_EVENTS
from reporter.reports.definitions import largest_parts
from reporter.reports.errors import Refused, ReporterError
from reporter.reports.figures import Figure, Measured, Name, Question, Segmentation, Segments
from reporter.reports.measures import (
    ActiveUsers,
    Breakdown,
    EventCount,
    EventUsers,
    Measure,
    PropertyStatistic,
)
from reporter.reports.periods import Period
from reporter.sources.mixpanel.decoding import (
    ALL,
    InsightsSeries,
    Points,
    decode,
    read_daily,
)
from reporter.sources.mixpanel.http import MOST_GROUPS
from reporter.sources.mixpanel.measures.insights import (
    ACTIVES_REACH,
    in_order,
    is_possible,
    metric_of,
    read_number,
    unless_it_never_happened,
)
from reporter.sources.mixpanel.queries import QueryApi, QueryReading, reading, unclear
from reporter.sources.mixpanel.query_language import InsightsMetric, bookmark, obstacle

MOST_SEGMENTS = 200  # values of a property
MOST_SERIES = 600  # values times measures: over 9 weeks these are 40,000 numbers
NOT_SET = "undefined"  # how Mixpanel calls what does not have the property, and text that says just this
OVERALL = "$overall"
REMAINING = "$remaining_values"  # what is beyond the limit, as answers to saved reports have it: no value

Groups: TypeAlias = dict[str, Points]


@dataclass(frozen=True, slots=True)
class BreakdownQuery:
    """These metrics by the values of a property, the largest ones."""

    metrics: tuple[InsightsMetric, ...]
    period: Period
    property: str
    by_day: bool = False
    most: int = MOST_GROUPS

    def fetch(self, api: QueryApi) -> "BreakdownAnswer":
        body = bookmark(self.metrics, self.period, by_day=self.by_day, group=self.property)
        series = decode(_GROUPED, api.insights(body, self.most), "/insights")
        return BreakdownAnswer(self, series, series.computed_at or api.now())


def breakdown(measure: Breakdown, period: Period, question: Question) -> QueryReading:
    """The measure over all values, with the largest ones as its parts."""
    metric = metric_of(measure.of)
    # The period before has all values, so that those that are large now have a change.
    top = MOST_GROUPS if period == question.previous else measure.top
    query = BreakdownQuery((metric,), period, measure.property)
    whole = reading(query, lambda answer: answer.figure(metric, top))
    return unless_it_never_happened(measure.of, period, question, whole)


def as_one_query(asked: Sequence[BreakdownQuery]) -> BreakdownQuery:
    """All metrics that are broken down by the property over the period."""
    return replace(asked[0], metrics=in_order({metric for query in asked for metric in query.metrics}))


def segment_queries(segmentation: Segmentation) -> tuple[BreakdownQuery, ...]:
    """By the day, from the first day of the oldest period to the last one of the youngest."""
    metrics = tuple(dict.fromkeys(_metrics(segmentation).values()))
    properties = dict.fromkeys(segmentation.properties) if metrics else ()
    days = _days(segmentation)
    most = segmentation.most or min(MOST_SEGMENTS, MOST_SERIES // max(len(metrics), 1))
    return tuple(BreakdownQuery(metrics, days, name, by_day=True, most=most) for name in properties)


def read_segments(
    segmentation: Segmentation, answers: Iterable["BreakdownAnswer | ReporterError"]
) -> Mapping[Measure, Segments]:
    """The measures by each property. Raises the first error among the answers."""
    found: dict[str, BreakdownAnswer] = {}
    for answer in answers:
        if isinstance(answer, ReporterError):
            raise answer
        found[answer.query.property] = answer
    return {
        measure: {name: one.sums(metric, segmentation.periods) for name, one in found.items()}
        for measure, metric in _metrics(segmentation).items()
    }


def _metrics(segmentation: Segmentation) -> Mapping[Measure, InsightsMetric]:
    """The measures of which the days can be asked for."""
    metrics = {measure: _metric(measure) for measure in segmentation.measures}
    is_long = _days(segmentation).length > ACTIVES_REACH.days
    return {
        measure: metric
        for measure, metric in metrics.items()
        if metric is not None and metric.has_always_a_number and not (is_long and metric.event == ALL_EVENTS)
    }


def _metric(measure: Measure) -> InsightsMetric | None:
    if isinstance(measure, EventCount | EventUsers | PropertyStatistic | ActiveUsers):
        return None if obstacle(measure.where) else metric_of(measure)
    return None


def _days(segmentation: Segmentation) -> Period:
    return Period(segmentation.periods[0].start, segmentation.periods[-1].end)


_GROUPED = TypeAdapter(InsightsSeries[Groups])


@dataclass(frozen=True, slots=True)
class BreakdownAnswer:
    """The metrics that were asked for by the values of a property, as they came."""

    query: BreakdownQuery
    series: InsightsSeries[Groups]
    computed_at: datetime

    def figure(self, metric: InsightsMetric, top: int) -> Figure:
        """The metric over all values, with the largest ones as its parts."""
        if other_days := self.series.other_days(self.query.period):
            return unclear(other_days)
        groups = self.series.of(metric, self.query.metrics)
        if groups is None or ALL not in groups.get(OVERALL, {}):
            return unclear(f"Mixpanel's answer does not tell which number is that of {metric}")
        whole = read_number(metric, groups[OVERALL][ALL], sampled=self.series.sampled)
        return self._with_parts(metric, whole, groups, top) if isinstance(whole, Measured) else whole

    def sums(self, metric: InsightsMetric, periods: Sequence[Period]) -> Mapping[str, tuple[float, ...]]:
        """For each value that is set the sum of each period's days. Raises Refused if it is unclear."""
        groups = self.series.of(metric, self.query.metrics)
        if groups is None or self.series.other_days(self.query.period):
            raise Refused(f"Mixpanel's answer does not tell {metric} by {self.query.property}")
        return {name: _sums(points, periods) for name, points in _values(groups) if name is not None}

    def _with_parts(self, metric: InsightsMetric, whole: Measured, groups: Groups, top: int) -> Figure:
        numbers = {name: points.get(ALL) for name, points in _values(groups)}
        known = {name: one for name, one in numbers.items() if one is not None and not _is_empty(metric, one)}
        if not all(is_possible(metric, number) for number in known.values()):
            return unclear(f"Mixpanel's answer has no number for {metric} by {self.query.property}")
        is_complete = REMAINING not in groups and len(numbers) < self.query.most
        shown = largest_parts(known, whole.value, top, adds_up=metric.is_additive, is_complete=is_complete)
        return replace(whole, parts=shown)


def _values(groups: Groups) -> Iterator[tuple[Name, Points]]:
    """The points of each value; what is over all of them, or over the rest, is no value."""
    for name, points in groups.items():
        if name not in {OVERALL, REMAINING}:
            yield None if name == NOT_SET else name, points


def _is_empty(metric: InsightsMetric, value: float) -> bool:
    """Whether nothing happened with this value, so that there is nothing to tell."""
    return metric.is_count and value == 0


def _sums(points: Points, periods: Sequence[Period]) -> tuple[float, ...]:
    days = read_daily(points)
    if days is None:
        raise Refused("Mixpanel's answer to /insights is not by the day")
    return tuple(fsum(days.get(day) or 0.0 for day in period) for period in periods)
