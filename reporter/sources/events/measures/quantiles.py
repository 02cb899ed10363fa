"""The numbers of a property in order, for medians and percentiles; also for each value of another."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from reporter.reports.figures import Name
from reporter.reports.measures import Statistic
from reporter.reports.periods import Period
from reporter.sources.events.measures.bucket import Bucket, ValueTable
from reporter.sources.events.measures.sql import Parameters, column, number, within
from reporter.sources.events.measures.sums import Numbers

if TYPE_CHECKING:
    from reporter.sources.events.measures.sorted_runs import SortedRuns


class OrderedNumbers:
    """Each bucket gives a sorted run of distinct numbers with their counts: quantiles do not add up."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._plain: dict[tuple[Numbers, Period], SortedRuns] = {}
        self._divided: dict[tuple[Numbers, str, Period], ValueTable[SortedRuns]] = {}

    def wish(self, numbers: Numbers, period: Period) -> "Callable[[], SortedRuns]":
        runs = self._plain.setdefault((numbers, period), self._empty())
        return lambda: runs

    def wish_divided(
        self, numbers: Numbers, by: str, period: Period
    ) -> "Callable[[], dict[Name, SortedRuns]]":
        table = self._divided.setdefault((numbers, by, period), ValueTable(by, self._empty))
        return table.wish(period)

    def add(self, bucket: Bucket) -> None:
        for (numbers, period), runs in self._plain.items():
            given = Parameters()
            text = f"""
                SELECT number, count(*) AS count
                FROM (SELECT {number(column(numbers.property))} AS number FROM occurred
                      WHERE {within(period)} AND {bucket.chosen(numbers.occurrences, given)})
                WHERE number IS NOT NULL
                GROUP BY number ORDER BY number
            """
            runs.add(*bucket.arrays(text, given))
        for (numbers, by, period), table in self._divided.items():
            self._add_divided(bucket, numbers, by, period, table)

    def _add_divided(
        self, bucket: Bucket, numbers: Numbers, by: str, period: Period, table: "ValueTable[SortedRuns]"
    ) -> None:
        given = Parameters()
        bucket.connection.execute(divided(numbers, by, period, bucket, given), given.values)
        values, counts = bucket.arrays(
            "SELECT number, count FROM ordered ORDER BY name, number", Parameters()
        )
        sizes = "SELECT name, count(*) FROM ordered GROUP BY name ORDER BY name"
        start = 0
        for name, size in bucket.rows(sizes, Parameters(), tuple[Name, int]):
            if table.is_full:
                break
            part = slice(start, start := start + size)
            table.row(name)[0].add(values[part], counts[part])
        bucket.connection.execute("DROP TABLE ordered")

    def _empty(self) -> "SortedRuns":
        from reporter.sources.events.measures.sorted_runs import SortedRuns  # numpy: a quarter of starting

        return SortedRuns(self._folder)


def divided(numbers: Numbers, by: str, period: Period, bucket: Bucket, given: Parameters) -> str:
    chosen = f"{within(period)} AND {bucket.chosen(numbers.occurrences, given)}"
    return f"""
        CREATE TEMP TABLE ordered AS
        SELECT name, number, count(*) AS count
        FROM (SELECT name, {number(column(numbers.property))} AS number FROM ({bucket.named(by, chosen)}))
        WHERE number IS NOT NULL
        GROUP BY name, number
    """


def quantile(runs: "SortedRuns", statistic: Statistic) -> float | None:
    """The median or the 90th percentile, linear between the nearest ranks; None of no numbers."""
    if not runs.size:
        return None
    tenths = 9 if statistic is Statistic.P90 else 5
    rank, remainder = divmod(tenths * (runs.size - 1), 10)
    low = runs.at(rank)
    return low if not remainder else low + (runs.at(rank + 1) - low) * (remainder / 10)
