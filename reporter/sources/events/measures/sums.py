"""Sums and averages of a property, which do not depend on the order of adding.

Every number becomes whole numbers, which add up exactly: it is `whole / 2**shift` with a whole of at most
56 bits, so wholes of the same shift add up without loss, and Python's integers hold them all in units of
2**-1130. The one rounding is at the end.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias

from reporter.reports.figures import Figure, Measured, Name, NotNumeric
from reporter.reports.measures import PropertyStatistic, Statistic
from reporter.reports.periods import Period
from reporter.sources.events.measures.aggregates import (
    Aggregates,
    DailyDefinition,
    DayTable,
    GroupedDefinition,
    Reader,
    ValueTable,
    measured,
)
from reporter.sources.events.measures.bucket import Bucket, Occurrences
from reporter.sources.events.measures.sql import Parameters, column, count_of, is_set, number, span, within

FINEST = 1130  # more than the shift of the smallest number there is

# log2 may be off by one near powers of two; two spare bits make the whole a whole number all the same.
SHIFT = "CASE WHEN number = 0 THEN 0 ELSE CAST(54 - floor(log2(abs(number))) AS INTEGER) END"
# In two steps, since 2**1128 is too large for a number.
WHOLE = "CAST(number * pow(2.0, shift // 2) * pow(2.0, shift - shift // 2) AS BIGINT)"


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of a property of some events."""

    occurrences: Occurrences
    property: str

    @classmethod
    def of(cls, measure: PropertyStatistic) -> "Numbers":
        return cls(Occurrences.of(measure), measure.property)


@dataclass(slots=True)
class Total:
    """An exact sum, in units of 2**-1130, and how many numbers it is of."""

    sum: int = 0
    count: int = 0
    skipped: int = 0  # values that are no numbers

    def add(self, whole: int, shift: int, count: int) -> None:
        """Adds numbers whose wholes of one shift have this sum."""
        self.sum += whole << (FINEST - shift)
        self.count += count

    def over(self, count: int) -> float:
        """The exact sum over a count, rounded once."""
        return self.sum / (count << FINEST)


@dataclass(frozen=True, slots=True)
class SumDefinition(DailyDefinition, GroupedDefinition):
    """The sum of a property's numbers, or their average."""

    measure: PropertyStatistic

    def figure(self, period: Period, aggregates: Aggregates) -> Reader[Figure]:
        days = aggregates.of(Sums).days.request(Numbers.of(self.measure), period)
        return with_skipped(self.measure, days, lambda: measured(self._number(total_of(days()))))

    def daily(self, period: Period, aggregates: Aggregates) -> Reader[list[float | None]]:
        days = aggregates.of(Sums).days.request(Numbers.of(self.measure), period)
        return lambda: [self._number(total) for total in days()]

    def grouped(self, property: str, period: Period, aggregates: Aggregates) -> Reader[Mapping[Name, float]]:
        totals = aggregates.of(GroupedSums).request(Numbers.of(self.measure), property, period)
        return lambda: {
            name: number
            for name, total in totals().items()
            if total.count and (number := self._number(total)) is not None
        }

    def _number(self, total: Total) -> float | None:
        if self.measure.statistic is Statistic.SUM:
            return total.over(1)
        return total.over(total.count) if total.count else None


def with_skipped(
    measure: PropertyStatistic, days: Reader[list[Total]], read: Reader[Figure]
) -> Reader[Figure]:
    """The figure, and how many values are no numbers; where no value is a number, there is none."""

    def figure() -> Figure:
        total = total_of(days())
        if not total.skipped:
            return read()
        if not total.count:
            return NotNumeric(measure.event, measure.property)
        found = read()
        return replace(found, skipped=total.skipped) if isinstance(found, Measured) else found

    return figure


def total_of(days: Iterable[Total]) -> Total:
    every = tuple(days)
    return Total(
        sum=sum(day.sum for day in every),
        count=sum(day.count for day in every),
        skipped=sum(day.skipped for day in every),
    )


SumRow: TypeAlias = tuple[date, int | None, int | None, int]  # no shift and no sum: these are no numbers


class Sums:
    """Exact sums by day."""

    def __init__(self) -> None:
        self.days: DayTable[Numbers, Total] = DayTable(Total)

    def add(self, bucket: Bucket) -> None:
        for numbers, period in self.days.periods.items():
            parameters, value = Parameters(), column(numbers.property)
            text = f"""
                WITH numbers AS (
                    SELECT day, {number(value)} AS number FROM occurred
                    WHERE {within(period)} AND {is_set(value)}
                        AND {bucket.filtered(numbers.occurrences, parameters)}
                ), shifted AS (
                    SELECT day, number, {SHIFT} AS shift FROM numbers
                )
                SELECT day, shift, sum({WHOLE}), count(*) FROM shifted GROUP BY day, shift
            """
            for day, shift, whole, count in bucket.rows(text, parameters, SumRow):
                total = self.days.entries[numbers, day]
                if shift is None or whole is None:
                    total.skipped += count
                else:
                    total.add(whole, shift, count)


class GroupedSums:
    """Exact sums by value."""

    def __init__(self) -> None:
        self.tables: dict[tuple[Numbers, str], ValueTable[Total]] = {}

    def request(self, numbers: Numbers, by: str, period: Period) -> Reader[dict[Name, Total]]:
        return self.tables.setdefault((numbers, by), ValueTable(by, Total)).request(period)

    def add(self, bucket: Bucket) -> None:
        for (numbers, by), table in self.tables.items():
            parameters = Parameters()
            text = query(numbers, by, table.periods, bucket, parameters)
            for name, shift, *found in bucket.rows(text, parameters, tuple[Name, int, *tuple[int, ...]]):
                if table.is_full:
                    break
                for total, whole, count in zip(table.row(name), found[::2], found[1::2], strict=True):
                    total.add(whole, shift, count)


def query(numbers: Numbers, by: str, periods: list[Period], bucket: Bucket, parameters: Parameters) -> str:
    sums = ", ".join(
        f"coalesce(sum({WHOLE}) FILTER (WHERE {within(period)}), 0), {count_of(within(period))}"
        for period in periods
    )
    condition = f"{within(span(periods))} AND {bucket.filtered(numbers.occurrences, parameters)}"
    return f"""
        WITH numbers AS (
            SELECT day, name, {number(column(numbers.property))} AS number
            FROM ({bucket.named(by, condition)})
        ), shifted AS (
            SELECT day, name, number, {SHIFT} AS shift FROM numbers WHERE number IS NOT NULL
        )
        SELECT name, shift, {sums} FROM shifted GROUP BY name, shift
    """
