"""A report that somebody saved in Mixpanel, and its number for a period. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import fmean
from typing import assert_never

from pydantic import BaseModel, TypeAdapter

from reporter.reports.figures import Failed, Figure, Incomparable, Measured, Part, Undefined, Unlike
from reporter.reports.measures import Combine, SavedInsights
from reporter.reports.periods import Period
from reporter.sources.mixpanel.decoding import Count, Day, Meta, Moment, decode, is_sampled
from reporter.sources.mixpanel.queries import FunnelQuery, SavedInsightsQuery
from reporter.sources.mixpanel.series import ALL, InsightsSeries, Points, read_daily

MOST_NAMED = 5  # series in an error

# How Mixpanel ends the name of a series that nobody renamed: "Sign Up [Total Events]", "Sign Up - Unique".
_COUNTS_EVENTS = re.compile(r"( \[| - )(Total|Sum)\b(?! per)")
_COUNTS_USERS = re.compile(r"( \[| - )(Unique|Uniques|DAU|WAU|MAU)\b")
_OTHERS = '"average" or "last"'


@dataclass(frozen=True, slots=True)
class SavedReport:
    """A saved report as it came, over its own dates."""

    query: SavedInsightsQuery
    series: InsightsSeries[Points]
    computed_at: datetime

    def figure(self, measure: SavedInsights, period: Period) -> Figure:
        """Its number for the period."""
        points = self._points(measure.series)
        if isinstance(points, Failed) or ALL in points:
            return points if isinstance(points, Failed) else self._number(points[ALL])
        days = self._days(points)
        if days is None:
            return Failed(f"{self._name} is neither one number nor a line by the day; save it as one of them")
        missing = next((day for day in period if day not in days), None)
        if missing is not None:
            return Failed(f"{self._name} does not reach {missing}; give it a longer date range in Mixpanel")
        combine = self._combine(measure, period)
        if isinstance(combine, Failed):
            return combine
        return self._combined(combine, [days[day] for day in period])

    def figure_before(self, measure: SavedInsights, previous: Period) -> Figure:
        """Its number for the previous period; there is none where its dates do not reach so far."""
        points = self._points(measure.series)
        if isinstance(points, Failed):
            return points
        days = self._days(points)
        if days is None or not all(day in days for day in previous):
            return Incomparable(Unlike.OTHER_DAYS)
        return self.figure(measure, previous)

    @property
    def _name(self) -> str:
        return f"The report {self.query.id} saved in Mixpanel"

    def _points(self, wanted: str | None) -> Points | Failed:
        labelled = self.series.labelled
        if wanted is None and len(labelled) == 1:
            return next(iter(labelled.values()))
        if wanted is not None and wanted in labelled:
            return labelled[wanted]
        names = [f"“{name[:80]}”" for name in labelled][:MOST_NAMED]
        more = f" and {len(labelled) - MOST_NAMED} more" if len(labelled) > MOST_NAMED else ""
        there_are = f"it has {', '.join(names)}{more}" if names else "it has none"
        if wanted is None:
            return Failed(f"{self._name} needs the name of a series: {there_are}")
        return Failed(f"{self._name} has no series “{wanted[:80]}”: {there_are}")

    def _days(self, points: Points) -> Mapping[date, float | None] | None:
        """The numbers by the day; None where the points are of other lengths of time, or may be."""
        days = read_daily(points)
        if not days:
            return None
        first, last = min(days), max(days)
        told = (self.series.first or first, self.series.last or last)
        if len(days) == 1:  # one point may be a day, or a week that begins with it
            return days if self.series.last is not None and told == (first, last) else None
        return days if last - first == timedelta(days=len(days) - 1) else None

    def _combine(self, measure: SavedInsights, period: Period) -> Combine | Failed:
        """How the days make one number: users of days are never added up."""
        name = measure.series or next(iter(self.series.labelled))
        if measure.combine in (Combine.AVERAGE, Combine.LAST) or period.length == 1:
            return measure.combine or Combine.SUM
        if _COUNTS_USERS.search(name):
            return Failed(
                f"{self._name} counts users by the day, who cannot be added up; save it as a single number, "
                f"such as a bar chart over the days of the report, or write combine = {_OTHERS}"
            )
        if measure.combine is Combine.SUM or _COUNTS_EVENTS.search(name):
            return Combine.SUM
        return Failed(
            f'{self._name} does not say whether its days can be added up; write combine = "sum", {_OTHERS}'
        )

    def _combined(self, combine: Combine, numbers: list[float | None]) -> Figure:
        known = [number for number in numbers if number is not None]
        if not known:
            return Undefined()
        match combine:
            case Combine.SUM:
                return self._number(sum(known))
            case Combine.AVERAGE:
                return self._number(fmean(known))
            case Combine.LAST:
                return self._number(numbers[-1])
            case _:
                assert_never(combine)

    def _number(self, number: float | None) -> Figure:
        return Undefined() if number is None else Measured(number, self.series.sampled)


class _Step(BaseModel):
    count: Count
    step_label: str | None = None
    event: str | None = None
    goal: str | None = None

    @property
    def name(self) -> str:
        return self.step_label or self.event or self.goal or ""


class _Bucket(BaseModel):
    steps: list[_Step]


class _Funnel(BaseModel):
    data: dict[Day, _Bucket]
    computed_at: Moment = None
    meta: Meta | None = None


@dataclass(frozen=True, slots=True)
class FunnelSteps:
    """The users of each step, in each stretch of days that Mixpanel told."""

    query: FunnelQuery
    buckets: Mapping[date, Sequence[Part]]
    computed_at: datetime
    sampled: bool = False

    def figure(self) -> Figure:
        """The share of those who did the first step that did the last one."""
        if [*self.buckets] != [self.query.period.start]:  # users of several stretches can not be added up
            return Failed(f"Mixpanel's answer does not tell the funnel {self.query.id} over the whole period")
        steps = self.buckets[self.query.period.start]
        if not steps:
            return Failed(f"Mixpanel's answer has no steps of the funnel {self.query.id}")
        first, last = steps[0].value, steps[-1].value
        return Measured(last / first, self.sampled, tuple(steps)) if first else Undefined()


_FUNNEL = TypeAdapter(_Funnel)


def read_funnel(query: FunnelQuery, body: bytes, now: datetime) -> FunnelSteps:
    """The answer of `/funnels`. Raises Unavailable or Refused."""
    answer = decode(_FUNNEL, body, "/funnels")
    buckets = {
        day: [Part(step.name, step.count) for step in bucket.steps] for day, bucket in answer.data.items()
    }
    return FunnelSteps(query, buckets, answer.computed_at or now, is_sampled(answer.meta))
