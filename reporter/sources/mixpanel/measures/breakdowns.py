"""What an Insights answer tells of each metric by the values of a property. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import fsum

from reporter.reports.errors import Refused
from reporter.reports.figures import Figure, Measured, Name, parts
from reporter.reports.periods import Period
from reporter.sources.mixpanel.queries import InsightsMetric, InsightsQuery, match_metrics
from reporter.sources.mixpanel.series import (
    ALL,
    OVERALL,
    REMAINING,
    Groups,
    InsightsSeries,
    Points,
    is_possible,
    read_daily,
    read_number,
    unclear,
)

NOT_SET = "undefined"  # how Mixpanel calls what does not have the property, and text that says just this


@dataclass(frozen=True, slots=True)
class Grouped:
    """The metrics that were asked for by the values of a property, as they came."""

    query: InsightsQuery
    series: InsightsSeries[Groups]
    computed_at: datetime

    def figure(self, metric: InsightsMetric, top: int) -> Figure:
        """The metric over all values, with the largest ones as its parts."""
        if other_days := self.series.other_days(self.query.period):
            return unclear(other_days)
        groups = self._groups(metric)
        if groups is None or ALL not in groups.get(OVERALL, {}):
            return unclear(f"Mixpanel's answer does not tell which number is that of {metric}")
        whole = read_number(metric, groups[OVERALL][ALL], sampled=self.series.sampled)
        return self._with_parts(metric, whole, groups, top) if isinstance(whole, Measured) else whole

    def sums(self, metric: InsightsMetric, periods: Sequence[Period]) -> Mapping[str, tuple[float, ...]]:
        """For each value that is set the sum of each period's days. Raises Refused where that is not told."""
        groups = self._groups(metric)
        if groups is None or self.series.other_days(self.query.period):
            raise Refused(f"Mixpanel's answer does not tell {metric} by {self.query.group}")
        return {name: _sums(points, periods) for name, points in _values(groups) if name is not None}

    def _groups(self, metric: InsightsMetric) -> Groups | None:
        label = match_metrics(self.query.metrics, self.series.labelled).get(metric)
        return None if label is None else self.series.labelled[label]

    def _with_parts(self, metric: InsightsMetric, whole: Measured, groups: Groups, top: int) -> Figure:
        numbers = {name: points.get(ALL) for name, points in _values(groups)}
        known = {name: one for name, one in numbers.items() if one is not None and not _is_empty(metric, one)}
        if not all(is_possible(metric, number) for number in known.values()):
            return unclear(f"Mixpanel's answer has no number for {metric} by {self.query.group}")
        is_complete = REMAINING not in groups and len(numbers) < self.query.most
        shown = parts(known, whole.value, top, adds_up=metric.is_additive, is_complete=is_complete)
        return replace(whole, parts=shown)


def _values(groups: Groups) -> Iterator[tuple[Name, Points]]:
    """What is told of each value; what is over all of them, or over the rest, is no value."""
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
