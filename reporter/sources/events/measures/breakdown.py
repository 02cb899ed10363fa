"""A measure by the values of a property: its figure's parts, and the parts of a change."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from reporter.reports.definitions import largest_parts
from reporter.reports.errors import Refused
from reporter.reports.figures import Failed, Figure, Measured, Name, Segmentation, Segments
from reporter.reports.measures import Breakdown, traits
from reporter.reports.periods import Period
from reporter.sources.events.measures.aggregates import (
    Aggregates,
    Definition,
    GroupedDefinition,
    Reader,
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
