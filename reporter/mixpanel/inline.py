"""What the answer to an inline Insights query tells of each metric. Pure."""

from dataclasses import dataclass
from datetime import datetime

from reporter.mixpanel.labels import match_metrics
from reporter.mixpanel.queries import InsightsQuery, Metric
from reporter.mixpanel.series import ALL, Points, Series, read_daily
from reporter.model.figures import Because, Daily, Failed, Figure, Measured, Undefined


@dataclass(frozen=True, slots=True)
class Inline:
    """The metrics that were asked for, as they came; `refused` says why some were not asked in the end."""

    query: InsightsQuery
    series: Series[Points]
    computed_at: datetime
    refused: str | None = None

    def figure(self, metric: Metric) -> Figure:
        """The metric over the whole period."""
        if self.refused is not None and metric not in self.query.metrics:
            return Failed(self.refused, why=Because.REFUSED)
        if other_days := self.series.other_days(self.query.period):
            return unclear(other_days)
        points = self._points(metric)
        if points is None or ALL not in points:
            return unclear(f"Mixpanel's answer does not tell which number is that of {metric}")
        return read_number(metric, points[ALL], sampled=self.series.sampled)

    def daily(self, metric: Metric) -> Daily | None:
        """The metric on each day; None on a day that the answer leaves out."""
        points = self._points(metric)
        days = None if points is None else read_daily(points)
        if days is None or not all(is_possible(metric, value) for value in days.values()):
            return None
        return Daily(self.query.period.start, tuple(days.get(day) for day in self.query.period))

    def _points(self, metric: Metric) -> Points | None:
        label = match_metrics(self.query.metrics, self.series.labelled).get(metric)
        return None if label is None else self.series.labelled[label]


def read_number(metric: Metric, value: float | None, *, sampled: bool) -> Figure:
    """A metric's number; of nothing there is no average."""
    if value is None and not metric.has_always_a_number:
        return Undefined()
    if value is None or not is_possible(metric, value):
        return unclear(f"Mixpanel's answer has no number for {metric}")
    return Measured(value, sampled)


def is_possible(metric: Metric, value: float | None) -> bool:
    """Whether it may be the metric's number: nothing happens less than never."""
    return value is None or value >= 0 or not metric.is_count


def unclear(reason: str) -> Failed:
    """What Mixpanel's answer does not tell; raw events do."""
    return Failed(reason, why=Because.NOT_OFFERED)
