"""How many distinct users there were, as an Insights answer tells it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from reporter.mixpanel.answers import ALL, Series, read_daily
from reporter.mixpanel.labels import ALL_EVENTS, match_labels
from reporter.mixpanel.queries import UsersQuery
from reporter.model.figures import Daily, Failed, Figure, Measured


@dataclass(frozen=True, slots=True)
class DistinctUsers:
    """The users that were asked for, as they came."""

    query: UsersQuery
    series: Series

    def figure(self, event: str) -> Figure:
        """How many users did the event, each counted once over the whole period."""
        if clipped := self._clipped():
            return clipped
        points = self._points(event)
        if points is None or ALL not in points:
            asked = "any event" if event == ALL_EVENTS else event[:80]
            return Failed(f"Mixpanel's answer does not tell which number is that of the users of {asked}")
        return Measured(points[ALL], self.series.sampled)

    def daily(self, event: str) -> Daily | None:
        """The users of each day; None on a day that the answer leaves out."""
        points = self._points(event)
        days = None if points is None else read_daily(points)
        if days is None:
            return None
        return Daily(self.query.period.start, tuple(days.get(day) for day in self.query.period))

    def _points(self, event: str) -> Mapping[str, float] | None:
        labels = match_labels(self.query.events, self.series.labelled)
        return self.series.labelled[labels[event]] if event in labels else None

    def _clipped(self) -> Failed | None:
        """Fewer days than were asked for have fewer users, which nobody would see in the number."""
        first, last, period = self.series.first, self.series.last, self.query.period
        if (first and first > period.start) or (last and last < period.last):
            answered = f"from {first or period.start} to {last or period.last}"
            return Failed(f"Mixpanel answered for other days ({answered}) than the asked ones ({period})")
        return None
