"""Reports and funnels that somebody saved in Mixpanel: what is asked, and their numbers for a period."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from statistics import fmean
from typing import Annotated, assert_never, cast

from pydantic import BaseModel, BeforeValidator, TypeAdapter, ValidationError

from reporter.reports.errors import Refused
from reporter.reports.figures import Failed, Figure, Incomparable, Measured, Part, Question, Undefined, Unlike
from reporter.reports.measures import Combine, SavedFunnel, SavedInsights
from reporter.reports.periods import Period
from reporter.sources.mixpanel.decoding import (
    ALL,
    Count,
    Day,
    InsightsSeries,
    Meta,
    Moment,
    Points,
    decode,
    is_sampled,
    read_daily,
)
from reporter.sources.mixpanel.queries import Given, Query, QueryAnswers, QueryApi, QueryReading

MOST_NAMED = 5  # series in an error
OVERALL = "$overall"

# How Mixpanel ends the name of a series that nobody renamed: "Sign Up [Total Events]", "Sign Up - Unique".
_COUNTS_EVENTS = re.compile(r"( \[| - )(Total|Sum)\b(?! per)")
_COUNTS_USERS = re.compile(r"( \[| - )(Unique|Uniques|DAU|WAU|MAU)\b")
_OTHERS = '"average" or "last"'


def saved_report(measure: SavedInsights, period: Period, question: Question) -> QueryReading:
    """A number of the report, for as many of the days as it was saved with."""
    is_before = period == question.previous
    query = SavedReportQuery(measure.id)
    return _only_there(query, lambda answer: answer.figure(measure, period, is_before=is_before))


def saved_funnel(measure: SavedFunnel, period: Period, question: Question) -> QueryReading:
    """Those who began in the period; with a length, in one so much earlier that all of them had their time.

    Mixpanel looks for completions past the days that are asked for ("Query Funnel"). So without a length,
    those of the previous period had more time than those of this one, and are not asked for.
    """
    if measure.days is not None:
        query = FunnelQuery(measure.id, period.earlier(measure.days), measure.days)
    elif period == question.period:
        query = FunnelQuery(measure.id, period)
    else:
        return QueryReading((), lambda _: Incomparable(Unlike.RIPENS))
    return _only_there(query, FunnelAnswer.figure)


def _only_there(query: Query[Given], read: Callable[[Given], Figure]) -> QueryReading:
    """A report that is saved in Mixpanel cannot be had from raw events."""

    def figure(answers: QueryAnswers) -> Figure:
        found = answers.read(query, read)
        return replace(found, raw_reason=None) if isinstance(found, Failed) else found

    return QueryReading((query,), figure)


@dataclass(frozen=True, slots=True)
class SavedReportQuery:
    """A saved Insights report, over its own dates."""

    id: int

    def fetch(self, api: QueryApi) -> "SavedReportAnswer":
        series = read_saved(api.get("/insights", {"bookmark_id": str(self.id)}))
        return SavedReportAnswer(self, series, series.computed_at or api.now())


@dataclass(frozen=True, slots=True)
class SavedReportAnswer:
    """A saved report as it came, over its own dates."""

    query: SavedReportQuery
    series: InsightsSeries[Points]
    computed_at: datetime

    def figure(self, measure: SavedInsights, period: Period, *, is_before: bool) -> Figure:
        """Its number for the period; for the previous one only where its dates reach so far."""
        points = self._points(measure.series)
        if isinstance(points, Failed):
            return points
        days = self._days(points)
        if is_before and (days is None or not all(day in days for day in period)):
            return Incomparable(Unlike.OTHER_DAYS)
        if ALL in points:
            return self._number(points[ALL])
        if days is None:
            return Failed(f"{self._name} is neither one number nor a line by the day; save it as one of them")
        missing = next((day for day in period if day not in days), None)
        if missing is not None:
            return Failed(f"{self._name} does not reach {missing}; give it a longer date range in Mixpanel")
        combine = self._combine(measure, period)
        if isinstance(combine, Failed):
            return combine
        return self._combined(combine, [days[day] for day in period])

    @property
    def _name(self) -> str:
        return f"The report {self.query.id} saved in Mixpanel"

    def _points(self, wanted: str | None) -> Points | Failed:
        labelled = self.series.series
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
        stated = (self.series.first or first, self.series.last or last)
        if len(days) == 1:  # one point may be a day, or a week that begins with it
            return days if self.series.last is not None and stated == (first, last) else None
        return days if last - first == timedelta(days=len(days) - 1) else None

    def _combine(self, measure: SavedInsights, period: Period) -> Combine | Failed:
        """How the days make one number: users of days are never added up."""
        name = measure.series or next(iter(self.series.series))
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


def read_saved(body: bytes) -> InsightsSeries[Points]:
    """The answer to a saved report, however deep it is broken down. Raises Unavailable or Refused."""
    return decode(_SAVED, body, "/insights")


def _flatten(tree: object) -> object:
    """Series by their path: "Sign Up [Total Events] / Android"."""
    if not isinstance(tree, dict):
        return tree  # which the shape refuses
    found: dict[str, Points] = {}
    for path, points in _leaves(cast(object, tree), ()):
        while path and path[-1] == OVERALL:
            path = path[:-1]
        name = " / ".join(path)
        if name in found:
            raise Refused(f"Two series of the saved report are both called {name[:80]}")
        found[name] = points
    return found


class _SavedSeries(InsightsSeries[Points]):
    series: Annotated[dict[str, Points], BeforeValidator(_flatten)]


_SAVED = TypeAdapter(_SavedSeries)
_POINTS = TypeAdapter(Points)


def _leaves(node: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Points]]:
    """What lies at the ends of the branches; a branch is an object of objects."""
    if not isinstance(node, dict):
        raise Refused("Mixpanel's answer to /insights has another shape than is known here")
    branch = cast(dict[str, object], node)
    if other_kind := _other_kind(branch.keys()):
        raise Refused(f"The saved report is {other_kind}")
    if any(isinstance(child, dict) for child in branch.values()) or not path:
        for key, child in branch.items():
            yield from _leaves(child, (*path, key))
        return
    try:
        yield path, _POINTS.validate_python(branch)
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
class FunnelQuery:
    """A saved funnel of the users who began in the period, as one."""

    id: int
    period: Period
    length: int | None = None  # days that a user has for all steps; None: as it is saved

    def fetch(self, api: QueryApi) -> "FunnelAnswer":
        parameters = {
            "funnel_id": str(self.id),
            "from_date": self.period.start.isoformat(),
            "to_date": self.period.last.isoformat(),
            "interval": str(self.period.length),  # one stretch, over which each user counts once
        }
        if self.length is not None:
            parameters |= {"length": str(self.length), "length_unit": "day"}
        answer = decode(_FUNNEL, api.get("/funnels", parameters), "/funnels")
        steps = {day: [Part(step.name, step.count) for step in one.steps] for day, one in answer.data.items()}
        return FunnelAnswer(self, steps, answer.computed_at or api.now(), is_sampled(answer.meta))


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


_FUNNEL = TypeAdapter(_Funnel)


@dataclass(frozen=True, slots=True)
class FunnelAnswer:
    """The users of each step, in each stretch of days of the answer."""

    query: FunnelQuery
    buckets: Mapping[date, Sequence[Part]]
    computed_at: datetime
    sampled: bool = False

    def figure(self) -> Figure:
        """The share of those who did the first step that did the last one."""
        if [*self.buckets] != [self.query.period.start]:  # users of several stretches cannot be added up
            return Failed(f"Mixpanel's answer does not tell the funnel {self.query.id} over the whole period")
        steps = self.buckets[self.query.period.start]
        if not steps:
            return Failed(f"Mixpanel's answer has no steps of the funnel {self.query.id}")
        first, last = steps[0].value, steps[-1].value
        return Measured(last / first, self.sampled, tuple(steps)) if first else Undefined()
