"""Series of an Insights answer, matched to the metrics that were asked."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Generic, TypeAlias, TypeVar

from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError

from reporter.reports.errors import Refused
from reporter.reports.figures import Daily, Failed, Figure, Measured, RawReason, Undefined
from reporter.reports.periods import Period
from reporter.sources.mixpanel.decoding import ONE_A_DAY, Day, Meta, Moment, Number, decode, is_sampled
from reporter.sources.mixpanel.queries import InsightsMetric, InsightsQuery, match_metrics

ALL = "all"  # the key of a number that is over the whole range
OVERALL = "$overall"
REMAINING = "$remaining_values"  # what is beyond the limit, as answers to saved reports have it: no value
BETWEEN = " / "  # the names of a series of a saved report that is broken down

Points: TypeAlias = Mapping[str, float | None]
Groups: TypeAlias = Mapping[str, Points]
Leaf = TypeVar("Leaf", covariant=True)
Tree = TypeVar("Tree")


class _DateRange(BaseModel):
    from_date: Moment = None
    to_date: Moment = None


class _Insights(BaseModel, Generic[Tree]):
    series: dict[str, Tree]
    date_range: _DateRange | None = None
    computed_at: Moment = None
    meta: Meta | None = None


@dataclass(frozen=True, slots=True)
class InsightsSeries(Generic[Leaf]):
    """The series of an Insights answer by Mixpanel's labels, and the days it says it is about."""

    labelled: Mapping[str, Leaf]
    first: date | None = None
    last: date | None = None
    computed_at: datetime | None = None
    sampled: bool = False

    def other_days(self, period: Period) -> str | None:
        """What there is to say where the answer is about fewer days than were asked for.

        Fewer days have fewer users, which nobody would see in the number.
        """
        if (self.first and self.first > period.start) or (self.last and self.last < period.last):
            answered = f"from {self.first or period.start} to {self.last or period.last}"
            return f"Mixpanel answered for other days ({answered}) than the asked ones ({period})"
        return None


_Points = dict[str, Number | None]
_FLAT = TypeAdapter(_Insights[_Points])
_GROUPED = TypeAdapter(_Insights[dict[str, _Points]])
_ANY = TypeAdapter(_Insights[JsonValue])
_POINTS = TypeAdapter(_Points)
_DAILY = TypeAdapter(Annotated[dict[Day, Number | None], ONE_A_DAY])


def read_series(body: bytes) -> InsightsSeries[Points]:
    """The answer to an inline query. Raises Unavailable or Refused, as all of these do."""
    answer = decode(_FLAT, body, "/insights")
    return _series(answer, answer.series)


def read_groups(body: bytes) -> InsightsSeries[Groups]:
    """The answer to an inline query with a breakdown."""
    answer = decode(_GROUPED, body, "/insights")
    return _series(answer, answer.series)


def read_saved(body: bytes) -> InsightsSeries[Points]:
    """The answer to a saved report, however deep it is broken down: "Sign Up [Total Events] / Android"."""
    answer = decode(_ANY, body, "/insights")
    leaves: dict[str, Points] = {}
    for path, points in _leaves(answer.series, ()):
        while path and path[-1] == OVERALL:
            path = path[:-1]
        name = BETWEEN.join(path)
        if name in leaves:
            raise Refused(f"Two series of the saved report are both called {name[:80]}")
        leaves[name] = points
    return _series(answer, leaves)


def read_daily(points: Points) -> Mapping[date, float | None] | None:
    """The points of one series over time, by the day; None where they are not one number a day."""
    try:
        return _DAILY.validate_python(dict(points))
    except ValidationError:
        return None


def _series(answer: _Insights[Tree], labelled: Mapping[str, Leaf]) -> InsightsSeries[Leaf]:
    answered = answer.date_range or _DateRange()
    first, last = answered.from_date, answered.to_date
    return InsightsSeries(
        labelled,
        first.date() if first else None,
        last.date() if last else None,
        answer.computed_at,
        is_sampled(answer.meta),
    )


def _leaves(node: JsonValue, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Points]]:
    """What lies at the ends of the branches; a branch is an object of objects."""
    if not isinstance(node, dict):
        raise Refused("Mixpanel's answer to /insights has another shape than is known here")
    if other_kind := _other_kind(node.keys()):
        raise Refused(f"The saved report is {other_kind}")
    if any(isinstance(child, dict) for child in node.values()) or not path:
        for key, child in node.items():
            yield from _leaves(child, (*path, key))
        return
    try:
        yield path, _POINTS.validate_python(node)
    except ValidationError:
        raise Refused("Mixpanel's answer to /insights holds what is no number") from None


def _other_kind(keys: Collection[str]) -> str | None:
    """What a saved report is where it is not one of Insights, as the parts of its answer tell."""
    if "first" in keys and "counts" in keys:
        return 'a retention report, not one of Insights; measure it with measure = "retention"'
    if "steps" in keys and "analysis" in keys:
        return 'a funnel, not one of Insights; read it with measure = "saved_funnel"'
    return None


@dataclass(frozen=True, slots=True)
class Inline:
    """The metrics that were asked for, as they came; `refused` says why some were not asked in the end."""

    query: InsightsQuery
    series: InsightsSeries[Points]
    computed_at: datetime
    refused: str | None = None

    def figure(self, metric: InsightsMetric) -> Figure:
        """The metric over the whole period."""
        if self.refused is not None and metric not in self.query.metrics:
            return Failed(self.refused, raw_reason=RawReason.REFUSED)
        if other_days := self.series.other_days(self.query.period):
            return unclear(other_days)
        points = self._points(metric)
        if points is None or ALL not in points:
            return unclear(f"Mixpanel's answer does not tell which number is that of {metric}")
        return read_number(metric, points[ALL], sampled=self.series.sampled)

    def daily(self, metric: InsightsMetric) -> Daily | None:
        """The metric on each day; None on a day that the answer leaves out."""
        points = self._points(metric)
        days = None if points is None else read_daily(points)
        if days is None or not all(is_possible(metric, value) for value in days.values()):
            return None
        return Daily(self.query.period.start, tuple(days.get(day) for day in self.query.period))

    def _points(self, metric: InsightsMetric) -> Points | None:
        label = match_metrics(self.query.metrics, self.series.labelled).get(metric)
        return None if label is None else self.series.labelled[label]


def read_number(metric: InsightsMetric, value: float | None, *, sampled: bool) -> Figure:
    """A metric's number; of nothing there is no average."""
    if value is None and not metric.has_always_a_number:
        return Undefined()
    if value is None or not is_possible(metric, value):
        return unclear(f"Mixpanel's answer has no number for {metric}")
    return Measured(value, sampled)


def is_possible(metric: InsightsMetric, value: float | None) -> bool:
    """Whether it may be the metric's number: nothing happens less than never."""
    return value is None or value >= 0 or not metric.is_count


def unclear(reason: str) -> Failed:
    """What Mixpanel's answer does not tell; raw events do."""
    return Failed(reason, raw_reason=RawReason.NOT_OFFERED)
