"""Medians and percentiles of a property: its numbers in order, of any amount."""

import math
import struct
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from reporter.reports.figures import Figure, Name
from reporter.reports.measures import PropertyStatistic, Statistic
from reporter.reports.periods import Period
from reporter.sources.events.measures.aggregates import (
    Aggregates,
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

IN_MEMORY = 32_768  # numbers of a run that need no file
SIGN = 1 << 63


@dataclass(frozen=True, slots=True)
class QuantileDefinition(GroupedDefinition):
    """The median or the 90th percentile."""

    measure: PropertyStatistic

    def figure(self, period: Period, aggregates: Aggregates) -> Reader[Figure]:
        numbers = Numbers.of(self.measure)
        runs = aggregates.of(OrderedNumbers).request(numbers, period)
        days = aggregates.of(Sums).days.request(numbers, period)
        return with_skipped(self.measure, days, lambda: measured(quantile(runs, self.measure.statistic)))

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
        self._plain: dict[tuple[Numbers, Period], SortedRuns] = {}
        self._grouped: dict[tuple[Numbers, str, Period], ValueTable[SortedRuns]] = {}

    def request(self, numbers: Numbers, period: Period) -> "SortedRuns":
        return self._plain.setdefault((numbers, period), SortedRuns())

    def request_grouped(self, numbers: Numbers, by: str, period: Period) -> "Reader[dict[Name, SortedRuns]]":
        table = self._grouped.setdefault((numbers, by, period), ValueTable(by, SortedRuns))
        return table.request(period)

    def add(self, bucket: Bucket) -> None:
        for (numbers, period), runs in self._plain.items():
            parameters = Parameters()
            text = f"""
                SELECT number, count(*) AS count
                FROM (SELECT {number(column(numbers.property))} AS number FROM occurred
                      WHERE {within(period)} AND {bucket.filtered(numbers.occurrences, parameters)})
                WHERE number IS NOT NULL
                GROUP BY number ORDER BY number
            """
            runs.add(*bucket.arrays(text, parameters), bucket.folder)
        for (numbers, by, period), table in self._grouped.items():
            parameters = Parameters()
            text = grouped_query(numbers, by, period, bucket, parameters)
            bucket.connection.execute(text, parameters.values)
            self._add_ordered(bucket, table)
            bucket.connection.execute("DROP TABLE ordered")

    def _add_ordered(self, bucket: Bucket, table: "ValueTable[SortedRuns]") -> None:
        ordered = "SELECT number, count FROM ordered ORDER BY name, number"
        values, counts = bucket.arrays(ordered, Parameters())
        sizes = "SELECT name, count(*) FROM ordered GROUP BY name ORDER BY name"
        start = 0
        for name, size in bucket.rows(sizes, Parameters(), tuple[Name, int]):
            if table.is_full:
                return
            part = slice(start, start := start + size)
            table.row(name)[0].add(values[part], counts[part], bucket.folder)


def grouped_query(numbers: Numbers, by: str, period: Period, bucket: Bucket, parameters: Parameters) -> str:
    condition = f"{within(period)} AND {bucket.filtered(numbers.occurrences, parameters)}"
    return f"""
        CREATE TEMP TABLE ordered AS
        SELECT name, number, count(*) AS count
        FROM (SELECT name, {number(column(numbers.property))} AS number FROM ({bucket.named(by, condition)}))
        WHERE number IS NOT NULL
        GROUP BY name, number
    """


@dataclass(slots=True)
class SortedRuns:
    """Finds the number at any rank, without merging the runs; large runs lie in files."""

    size: int = 0
    _runs: "list[tuple[Floats, Integers]]" = field(default_factory=list["tuple[Floats, Integers]"])

    def add(self, values: "Floats", counts: "Integers", folder: Path | None = None) -> None:
        """Distinct values in order, and how often each is there; `folder` is for large runs."""
        if not len(values):
            return
        upto = counts.cumsum()
        self.size += int(upto[-1])
        self._runs.append((kept(values, folder), kept(upto, folder)))

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
