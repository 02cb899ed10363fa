"""What a breakdown and the parts of segments are made of."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias, assert_never

from reporter.reports.definitions import largest_parts
from reporter.reports.errors import Refused
from reporter.reports.figures import Failed, Figure, Measured, Name, Segmentation, Segments
from reporter.reports.measures import (
    ActiveUsers,
    Breakdown,
    EventCount,
    EventUsers,
    Groupable,
    PropertyStatistic,
    Statistic,
    traits,
)
from reporter.reports.periods import Period
from reporter.sources.events.measures.aggregates import Aggregates
from reporter.sources.events.measures.bucket import Dimension
from reporter.sources.events.measures.by_day import numbers, occurrences
from reporter.sources.events.measures.quantiles import quantile
from reporter.sources.events.measures.sums import quotient

Values: TypeAlias = Callable[[], Mapping[Name, float]]


def breakdown(
    measure: Breakdown, period: Period, total: Callable[[], Figure], families: Aggregates
) -> Callable[[], Figure]:
    """The total, with the largest values as its parts."""
    values = by_value(measure.of, measure.property, period, families)

    def read() -> Figure:
        figure = total()
        if not isinstance(figure, Measured):
            return figure
        try:
            found = values()
        except Refused as refusal:
            return Failed(str(refusal))
        adds_up = traits(measure.of).is_additive
        return replace(
            figure, parts=largest_parts(found, figure.value, measure.top, adds_up=adds_up, is_complete=True)
        )

    return read


def segments(measure: Groupable, asked: Segmentation, families: Aggregates) -> Callable[[], Segments]:
    """A measure's numbers of each period, by value; a property of too many values explains nothing."""
    tables = {
        property: [by_value(measure, property, period, families) for period in asked.periods]
        for property in asked.properties
    }
    return lambda: {
        property: found for property, periods in tables.items() if (found := told(periods)) is not None
    }


def told(periods: list[Values]) -> dict[str, tuple[float, ...]] | None:
    """Each value's numbers of all periods; None of too many values."""
    try:
        numbers = [values() for values in periods]
    except Refused:
        return None
    names = sorted({name for values in numbers for name in values if name is not None})
    return {name: tuple(values.get(name, 0) for values in numbers) for name in names}


def by_value(measure: Groupable, property: str, period: Period, families: Aggregates) -> Values:
    """The measure's number for each value that the property has in the period. Raises Refused if too many."""
    dimension = Dimension(occurrences(measure), property)
    match measure:
        case EventCount():
            counts = families.divided.wish_events(dimension, period)
            return lambda: {name: count for name, count in counts().items() if count}
        case EventUsers() | ActiveUsers():
            users = families.divided.wish_users(dimension, period)
            return lambda: {name: count for name, count in users().items() if count}
        case PropertyStatistic():
            return statistic_by_value(measure, property, period, families)
        case _:
            assert_never(measure)


def statistic_by_value(
    measure: PropertyStatistic, property: str, period: Period, families: Aggregates
) -> Values:
    match measure.statistic:
        case Statistic.SUM:
            sums = families.divided_sums.wish(numbers(measure), property, period)
            return lambda: {name: quotient(one.sum) for name, one in sums().items() if one.count}
        case Statistic.AVERAGE:
            sums = families.divided_sums.wish(numbers(measure), property, period)
            return lambda: {name: quotient(one.sum, one.count) for name, one in sums().items() if one.count}
        case Statistic.MEDIAN | Statistic.P90 as kind:
            runs = families.numbers.wish_divided(numbers(measure), property, period)
            return lambda: {
                name: number for name, one in runs().items() if (number := quantile(one, kind)) is not None
            }
        case _:
            assert_never(measure.statistic)
