"""A report that somebody saved in Mixpanel, and its number for a period. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import fmean
from typing import assert_never

from reporter.mixpanel.queries import SavedInsightsQuery
from reporter.mixpanel.series import ALL, Points, Series, read_daily
from reporter.model.figures import Failed, Figure, Incomparable, Measured, Undefined, Unlike
from reporter.model.measure import Combine, SavedInsights
from reporter.model.period import Period

MOST_NAMED = 5  # series in an error

# How Mixpanel ends the name of a series that nobody renamed: "Sign Up [Total Events]", "Sign Up - Unique".
_COUNTS_EVENTS = re.compile(r"( \[| - )(Total|Sum)\b(?! per)")
_COUNTS_USERS = re.compile(r"( \[| - )(Unique|Uniques|DAU|WAU|MAU)\b")
_OTHERS = '"average" or "last"'


@dataclass(frozen=True, slots=True)
class SavedReport:
    """A saved report as it came, over its own dates."""

    query: SavedInsightsQuery
    series: Series[Points]
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
