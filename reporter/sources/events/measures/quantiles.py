"""Medians and percentiles of a property: its numbers in order, of any amount."""

import math
import struct
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from reporter.reports.figures import Figure, Name
from reporter.reports.measures import PropertyStatistic, Statistic
from reporter.reports.periods import Period
from reporter.sources.events.measures.aggregates import (
    Aggregates,
    DailyDefinition,
    GroupedDefinition,
    Reader,
    ValueTable,
    measured,
)
from reporter.sources.events.measures.bucket import Bucket
from reporter.sources.events.measures.sql import Parameters, column, number, within
from reporter.sources.events.measures.sums import Numbers, Sums, with_skipped

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Integers: TypeAlias = NDArray[np.int64]
    Scalar = TypeVar("Scalar", np.float64, np.int64)

Named = TypeVar("Named", Name, date)

IN_MEMORY = 32_768  # numbers of a run that need no file
SIGN = 1 << 63


@dataclass(frozen=True, slots=True)
class QuantileDefinition(DailyDefinition, GroupedDefinition):
    """The median or the 90th percentile."""

    measure: PropertyStatistic

    def figure(self, period: Period, aggregates: Aggregates) -> Reader[Figure]:
        numbers = Numbers.of(self.measure)
        runs = aggregates.of(OrderedNumbers).request(numbers, period)
        days = aggregates.of(Sums).days.request(numbers, period)
        return with_skipped(self.measure, days, lambda: measured(quantile(runs, self.measure.statistic)))

    def daily(self, period: Period, aggregates: Aggregates) -> Reader[list[float | None]]:
        days = aggregates.of(OrderedNumbers).request_daily(Numbers.of(self.measure), period)
        return lambda: [quantile(days[day], self.measure.statistic) for day in period]

    def grouped(self, property: str, period: Period, aggregates: Aggregates) -> Reader[Mapping[Name, float]]:
        runs = aggregates.of(OrderedNumbers).request_grouped(Numbers.of(self.measure), property, period)
        return lambda: {
            name: found
            for name, one in runs().items()
            if (found := quantile(one, self.measure.statistic)) is not None
        }


def quantile(runs: "SortedRuns", statistic: Statistic) -> float | None:
    """The median or the 90th percentile, linear between the nearest ranks; None of no numbers."""
    if not runs.size:
        return None
    tenths = 9 if statistic is Statistic.P90 else 5
    rank, remainder = divmod(tenths * (runs.size - 1), 10)
    low = runs.at(rank)
    return low if not remainder else low + (runs.at(rank + 1) - low) * (remainder / 10)


class OrderedNumbers:
    """Each bucket gives a sorted run of distinct numbers with their counts: quantiles do not add up."""

    def __init__(self) -> None:
        self.plain: dict[tuple[Numbers, Period], SortedRuns] = {}
        self.grouped: dict[tuple[Numbers, str, Period], ValueTable[SortedRuns]] = {}
        self.daily: dict[tuple[Numbers, Period], defaultdict[date, SortedRuns]] = {}

    def request(self, numbers: Numbers, period: Period) -> "SortedRuns":
        return self.plain.setdefault((numbers, period), SortedRuns())

    def request_daily(self, numbers: Numbers, period: Period) -> "Mapping[date, SortedRuns]":
        return self.daily.setdefault((numbers, period), defaultdict(SortedRuns))

    def request_grouped(self, numbers: Numbers, by: str, period: Period) -> "Reader[dict[Name, SortedRuns]]":
        table = self.grouped.setdefault((numbers, by, period), ValueTable(by, SortedRuns))
        return table.request(period)

    def add(self, bucket: Bucket) -> None:
        for (numbers, period), runs in self.plain.items():
            parameters = Parameters()
            text = f"""
                SELECT number, count(*) AS count
                FROM (SELECT {number(column(numbers.property))} AS number FROM occurred
                      WHERE {within(period)} AND {bucket.filtered(numbers.occurrences, parameters)})
                WHERE number IS NOT NULL
                GROUP BY number ORDER BY number
            """
            runs.add(*bucket.arrays(text, parameters), bucket.folder)
        for (numbers, by, period), table in self.grouped.items():
            parameters = Parameters()
            rows = bucket.named(by, chosen(numbers, period, bucket, parameters))
            for name, values, upto in runs_by_name(numbers, rows, bucket, parameters, tuple[Name, int]):
                if table.is_full:
                    break
                table.row(name)[0].add_run(values, upto)
        for (numbers, period), days in self.daily.items():
            parameters = Parameters()
            rows = f"SELECT *, day AS name FROM occurred WHERE {chosen(numbers, period, bucket, parameters)}"
            for day, values, upto in runs_by_name(numbers, rows, bucket, parameters, tuple[date, int]):
                days[day].add_run(values, upto)


def chosen(numbers: Numbers, period: Period, bucket: Bucket, parameters: Parameters) -> str:
    return f"{within(period)} AND {bucket.filtered(numbers.occurrences, parameters)}"


def runs_by_name(
    numbers: Numbers, rows: str, bucket: Bucket, parameters: Parameters, shape: "type[tuple[Named, int]]"
) -> "list[tuple[Named, Floats, Integers]]":
    """A sorted run for each name of the rows, with how many numbers there are up to each one."""
    text = f"""
        CREATE OR REPLACE TEMP TABLE ordered AS
        SELECT name, number, count(*) AS count
        FROM (SELECT name, {number(column(numbers.property))} AS number FROM ({rows}))
        WHERE number IS NOT NULL
        GROUP BY name, number
    """
    bucket.connection.execute(text, parameters.values)
    values, counts = bucket.arrays("SELECT number, count FROM ordered ORDER BY name, number", Parameters())
    sizes = "SELECT name, count(*) FROM ordered GROUP BY name ORDER BY name"
    parts: list[tuple[Named, slice]] = []
    for name, size in bucket.rows(sizes, Parameters(), shape):
        start = parts[-1][1].stop if parts else 0
        parts.append((name, slice(start, start + size)))
        counts[start : start + size] = counts[start : start + size].cumsum()
    bucket.connection.execute("DROP TABLE ordered")
    values, upto = kept(values, bucket.folder), kept(counts, bucket.folder)
    return [(name, values[part], upto[part]) for name, part in parts]


@dataclass(slots=True)
class SortedRuns:
    """Finds the number at any rank, without merging the runs; large runs lie in files."""

    size: int = 0
    _runs: "list[tuple[Floats, Integers]]" = field(default_factory=list["tuple[Floats, Integers]"])

    def add(self, values: "Floats", counts: "Integers", folder: Path | None = None) -> None:
        """Distinct values in order, and how often each is there; `folder` is for large runs."""
        if len(values):
            self.add_run(kept(values, folder), kept(counts.cumsum(), folder))

    def add_run(self, values: "Floats", upto: "Integers") -> None:
        """The same, with how many numbers there are up to each one."""
        self.size += int(upto[-1])
        self._runs.append((values, upto))

    def at(self, rank: int) -> float:
        """The number that has `rank` numbers before it."""
        low, high = place(-math.inf), place(math.inf)
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if self._up_to(number_at(middle)) > rank else (middle + 1, high)
        return number_at(low) + 0.0  # and so never the negative zero

    def _up_to(self, value: float) -> int:
        """How many numbers are at most this one."""
        found = ((upto, int(values.searchsorted(value, side="right"))) for values, upto in self._runs)
        return sum(int(upto[number - 1]) for upto, number in found if number)


def kept(numbers: "NDArray[Scalar]", folder: Path | None) -> "NDArray[Scalar]":
    if len(numbers) <= IN_MEMORY:
        return numbers
    import numpy as np  # heavy: a quarter of starting

    with tempfile.TemporaryFile(dir=folder) as file:  # the map keeps it alive
        numbers.tofile(file)
        return np.memmap(file, numbers.dtype, mode="r")


def place(number: float) -> int:
    """Where a number stands among all there can be: in the same order, and whole."""
    (bits,) = struct.unpack("<Q", struct.pack("<d", number))
    return SIGN - 1 - (bits - SIGN) if bits >= SIGN else bits + SIGN


def number_at(place: int) -> float:
    """The number at a place."""
    bits = place - SIGN if place >= SIGN else SIGN + (SIGN - 1 - place)
    (number,) = struct.unpack("<d", struct.pack("<Q", bits))
    return number
