"""Exact numbers from raw events, with SQL: one plan, measured on one bucket of users after the other.

Each bucket is a DuckDB connection with a table

    events(event VARCHAR, "user" <any type; NULL: no user>, time BIGINT, day DATE, "p:<property>" VARCHAR, …)

of events that are there once each: time in milliseconds, day in the project's zone, and each property as its
JSON text. All that is counted adds up over users, so buckets bound the memory and do not change a number.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, assert_never

from reporter.reports.conditions import ALL_EVENTS, Where
from reporter.reports.definitions import largest_parts
from reporter.reports.errors import Refused
from reporter.reports.figures import Daily, Failed, Figure, Measured, Name, Ranking, Segmentation, Segments
from reporter.reports.measures import (
    ActiveUsers,
    Breakdown,
    ByDay,
    EventCount,
    EventUsers,
    Funnel,
    Lifecycle,
    Measure,
    PropertyStatistic,
    Retention,
    Sessions,
    Statistic,
    Stickiness,
    traits,
)
from reporter.reports.periods import Period
from reporter.reports.references import events_of, references
from reporter.sources.events.measures.aggregates import (
    Aggregates,
    DailyDefinition,
    Definition,
    GroupedDefinition,
    Reader,
)
from reporter.sources.events.measures.bucket import KeptColumns
from reporter.sources.events.measures.counts import AllEventCounts, EventCountDefinition, FilteredEventCounts
from reporter.sources.events.measures.quantiles import QuantileDefinition
from reporter.sources.events.measures.sequences import (
    ConversionDefinition,
    RetentionDefinition,
    SessionsDefinition,
)
from reporter.sources.events.measures.sql import span
from reporter.sources.events.measures.sums import SumDefinition
from reporter.sources.events.measures.users import (
    LifecycleDefinition,
    RankedUsers,
    StickinessDefinition,
    UsersDefinition,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

RawMeasure: TypeAlias = (
    EventCount
    | EventUsers
    | ActiveUsers
    | PropertyStatistic
    | Breakdown
    | Stickiness
    | Funnel
    | Retention
    | Lifecycle
    | Sessions
)


def definition(measure: RawMeasure) -> Definition:
    """How the measure is worked out."""
    match measure:
        case EventCount():
            return EventCountDefinition(measure)
        case EventUsers() | ActiveUsers():
            return UsersDefinition(measure)
        case PropertyStatistic(statistic=Statistic.SUM | Statistic.AVERAGE):
            return SumDefinition(measure)
        case PropertyStatistic():
            return QuantileDefinition(measure)
        case Breakdown(of=of):
            return BreakdownDefinition(measure, grouped_definition(of))
        case Stickiness():
            return StickinessDefinition(measure)
        case Funnel():
            return ConversionDefinition(measure)
        case Retention():
            return RetentionDefinition(measure)
        case Lifecycle():
            return LifecycleDefinition(measure)
        case Sessions():
            return SessionsDefinition(measure)
        case _:
            assert_never(measure)


def daily_definition(measure: Measure) -> DailyDefinition:
    """The same of a measure that has daily numbers. Raises ValueError for any other."""
    found = definition(measure) if isinstance(measure, RawMeasure) else None
    if not isinstance(found, DailyDefinition):
        raise ValueError(f"no number of a single day: {measure}")  # noqa: TRY004
    return found


def grouped_definition(measure: Measure) -> GroupedDefinition:
    """The same of a measure that has a number for each value. Raises ValueError for any other."""
    found = definition(measure) if isinstance(measure, RawMeasure) else None
    if not isinstance(found, GroupedDefinition):
        raise ValueError(f"no segments: {measure}")  # noqa: TRY004
    return found


@dataclass(frozen=True, slots=True)
class MeasureRequest:
    """A measure over a period. Ratios are requested by their parts, and put together outside."""

    measure: RawMeasure
    period: Period


NO_SEGMENTATION = Segmentation((), (), ())


@dataclass(frozen=True, slots=True)
class EventsPlan:
    """All that is measured at once."""

    requests: frozenset[MeasureRequest]
    daily: frozenset[ByDay] = frozenset()  # over the history
    history: Period | None = None
    ranking: tuple[Period, Period] | None = None  # the period, and the one it is compared with
    ranked: Where = ()  # what events must be to be ranked
    segmentation: Segmentation = NO_SEGMENTATION

    def __post_init__(self) -> None:
        if self.daily and self.history is None:
            raise ValueError("daily numbers need a history")
        for measure in self.daily:
            daily_definition(measure)
        for measure in self.segmentation.measures:
            grouped_definition(measure)

    @property
    def days(self) -> Period | None:
        """From the first to the last day that is needed; None of an empty plan."""
        periods = [definition(one.measure).days(one.period) for one in self.requests]
        periods += [self.history] if self.history else []
        periods += (*(self.ranking or ()), *self.segmentation.periods)
        return span(periods) if periods else None

    @property
    def columns(self) -> KeptColumns:
        """Which properties are read, and of which events."""
        grouped = self.segmentation.measures
        measures = (*(one.measure for one in self.requests), *self.daily, *grouped)
        found = [reference for measure in measures for reference in references(measure)]
        properties = {reference.property for reference in found}.union(self.segmentation.properties)
        properties.update(condition.property for condition in self.ranked)
        events = {reference.event for reference in found}
        events.update(event for measure in grouped for event in events_of(measure))
        is_any = ALL_EVENTS in events or any(isinstance(measure, ActiveUsers) for measure in grouped)
        return KeptColumns(frozenset(properties), None if is_any or self.ranked else frozenset(events))


@dataclass(frozen=True, slots=True)
class EventsResult:
    """What was measured of a plan."""

    figures: Mapping[MeasureRequest, Figure]
    daily: Mapping[ByDay, Daily]
    ranking: Ranking | None
    segments: Mapping[Measure, Segments]  # values of a property that is not set are left out
    seen: Mapping[str, Period]  # every event's first to last day, identity events as well
    events: int  # that were measured


class PlanRun:
    """Adds up what buckets of users say; each user must be in one bucket only, in any order.

    >>> run = PlanRun(plan)
    >>> for connection in buckets:
    ...     run.add(connection)
    >>> run.result().figures[MeasureRequest(EventCount("Sign Up"), week)]
    Measured(value=12)
    """

    def __init__(self, plan: EventsPlan, folder: Path | None = None) -> None:
        """Numbers that do not fit in memory go to the folder."""
        self._plan = plan
        self._columns = plan.columns
        self.aggregates = every = Aggregates(folder)
        self._counts = every.of(AllEventCounts)
        self._ranking = self._ranked(every)
        self._figures = {one: definition(one.measure).figure(one.period, every) for one in plan.requests}
        history = plan.history
        self._daily = {one: daily_definition(one).daily(history, every) for one in plan.daily if history}
        self._segments = {
            one: segments(grouped_definition(one), plan.segmentation, every)
            for one in plan.segmentation.measures
        }

    def add(self, connection: "DuckDBPyConnection") -> None:
        """Counts the table `events` of a bucket; leaves nothing behind in it."""
        self.aggregates.add(connection, self._columns)

    def _ranked(self, aggregates: Aggregates) -> Reader[Ranking | None]:
        periods, where = self._plan.ranking, self._plan.ranked
        if periods is None:
            return lambda: None
        users = aggregates.of(RankedUsers).request(where, periods[0])
        if not where:
            return lambda: self._counts.ranking(*periods, users())
        return aggregates.of(FilteredEventCounts).ranking(where, *periods, users)

    def result(self) -> EventsResult:
        start = self._plan.history.start if self._plan.history else None
        return EventsResult(
            figures={one: read() for one, read in self._figures.items()},
            daily={one: Daily(start, tuple(read())) for one, read in self._daily.items() if start},
            ranking=self._ranking(),
            segments={one: read() for one, read in self._segments.items()},
            seen=self._counts.seen(),
            events=self._counts.events,
        )


@dataclass(frozen=True, slots=True)
class BreakdownDefinition(Definition):
    """The total, with the largest values as its parts."""

    measure: Breakdown
    of: GroupedDefinition

    def figure(self, period: Period, aggregates: Aggregates) -> Reader[Figure]:
        total = self.of.figure(period, aggregates)
        values = self.of.grouped(self.measure.property, period, aggregates)
        return lambda: self._with_parts(total(), values)

    def _with_parts(self, total: Figure, values: Reader[Mapping[Name, float]]) -> Figure:
        if not isinstance(total, Measured):
            return total
        try:
            found = values()
        except Refused as refusal:
            return Failed(str(refusal))
        adds_up = traits(self.measure).is_additive
        parts = largest_parts(found, total.value, self.measure.top, adds_up=adds_up, is_complete=True)
        return replace(total, parts=parts)


def segments(
    measure: GroupedDefinition, segmentation: Segmentation, aggregates: Aggregates
) -> Reader[Segments]:
    """A measure's numbers of each period, by value; a property of too many values explains nothing."""
    tables = {
        property: [measure.grouped(property, period, aggregates) for period in segmentation.periods]
        for property in segmentation.properties
    }
    return lambda: {
        property: found for property, periods in tables.items() if (found := by_value(periods)) is not None
    }


def by_value(periods: list[Reader[Mapping[Name, float]]]) -> dict[str, tuple[float, ...]] | None:
    """Each value's numbers of all periods; None of too many values."""
    try:
        numbers = [values() for values in periods]
    except Refused:
        return None
    names = sorted({name for values in numbers for name in values if name is not None})
    return {name: tuple(values.get(name, 0) for values in numbers) for name in names}
