"""What an Insights answer tells of each metric by the values of a property. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import fsum

from reporter.mixpanel.inline import is_possible, read_number, unclear
from reporter.mixpanel.labels import match_metrics
from reporter.mixpanel.queries import InsightsQuery, Metric
from reporter.mixpanel.series import ALL, OVERALL, Groups, Points, Series, read_daily
from reporter.model.errors import Refused
from reporter.model.figures import Figure, Measured, Part
from reporter.model.period import Period

NOT_SET = "undefined"  # how Mixpanel calls what does not have the property
_ROUNDING = 1e-9  # of a sum of many numbers


@dataclass(frozen=True, slots=True)
class Grouped:
    """The metrics that were asked for by the values of a property, as they came."""

    query: InsightsQuery
    series: Series[Groups]
    computed_at: datetime

    def figure(self, metric: Metric, top: int) -> Figure:
        """The metric over all values, with the largest ones as its parts."""
        if other_days := self.series.other_days(self.query.period):
            return unclear(other_days)
        groups = self._groups(metric)
        if groups is None or ALL not in groups.get(OVERALL, {}):
            return unclear(f"Mixpanel's answer does not tell which number is that of {metric}")
        whole = read_number(metric, groups[OVERALL][ALL], sampled=self.series.sampled)
        return self._with_parts(metric, whole, groups, top) if isinstance(whole, Measured) else whole

    def sums(self, metric: Metric, periods: Sequence[Period]) -> Mapping[str, tuple[float, ...]]:
        """For each value that is set the sum of each period's days. Raises Refused where that is not told."""
        groups = self._groups(metric)
        if groups is None or self.series.other_days(self.query.period):
            raise Refused(f"Mixpanel's answer does not tell {metric} by {self.query.group}")
        return {
            name: _sums(points, periods) for name, points in groups.items() if name not in {OVERALL, NOT_SET}
        }

    def _groups(self, metric: Metric) -> Groups | None:
        label = match_metrics(self.query.metrics, self.series.labelled).get(metric)
        return None if label is None else self.series.labelled[label]

    def _with_parts(self, metric: Metric, whole: Measured, groups: Groups, top: int) -> Figure:
        parts = [
            Part(None if name == NOT_SET else name, value)
            for name, points in groups.items()
            if name != OVERALL and (value := points.get(ALL)) is not None and not _is_empty(metric, value)
        ]
        if not all(is_possible(metric, part.value) for part in parts):
            return unclear(f"Mixpanel's answer has no number for {metric} by {self.query.group}")
        if not metric.is_additive:
            return replace(whole, parts=tuple(_ranked(parts)[:top]))
        beyond = whole.value - fsum(part.value for part in parts)
        rounding = _ROUNDING * fsum(abs(part.value) for part in parts)
        if beyond < -rounding and all(part.value >= 0 for part in parts):
            return unclear(
                f"Mixpanel counts some of {metric} for several values of {self.query.group} at once"
            )
        return replace(whole, parts=_with_rest(_ranked(parts), top, 0.0 if beyond <= rounding else beyond))


def _is_empty(metric: Metric, value: float) -> bool:
    """Whether nothing happened with this value, so that there is nothing to tell."""
    return metric.is_count and value == 0


def _ranked(parts: Sequence[Part]) -> list[Part]:
    return sorted(parts, key=lambda part: (-part.value, part.name is None, part.name or ""))


def _with_rest(ranked: Sequence[Part], top: int, untold: float) -> tuple[Part, ...]:
    """The largest parts, and all others as one, with those that Mixpanel left out."""
    others = ranked[top:]
    if not others and not untold:
        return tuple(ranked)
    rest = fsum((*(part.value for part in others), untold))
    return (*ranked[:top], Part(None, int(rest) if rest == int(rest) else rest, is_rest=True))


def _sums(points: Points, periods: Sequence[Period]) -> tuple[float, ...]:
    days = read_daily(points)
    if days is None:
        raise Refused("Mixpanel's answer to /insights is not by the day")
    return tuple(fsum(days.get(day) or 0.0 for day in period) for period in periods)
