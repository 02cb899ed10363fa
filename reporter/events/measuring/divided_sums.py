"""Sums of a property's numbers for each value of another."""

from collections.abc import Callable
from dataclasses import dataclass

from reporter.events.measuring.bucket import Bucket
from reporter.events.measuring.exact import SHIFT, WHOLE, from_whole
from reporter.events.measuring.json_text import column, number
from reporter.events.measuring.sql import Given, count_of, span, within
from reporter.events.measuring.sums import Numbers
from reporter.events.measuring.value_table import ValueTable
from reporter.model.parts import Name
from reporter.model.period import Period


@dataclass(slots=True)
class Total:
    """An exact sum, in units of `exact`, and how many numbers it is of."""

    sum: int = 0
    count: int = 0


class DividedSums:
    """Sums and counts of numbers by value."""

    def __init__(self) -> None:
        self._wanted: dict[tuple[Numbers, str], ValueTable[Total]] = {}

    def wish(self, numbers: Numbers, by: str, period: Period) -> Callable[[], dict[Name, Total]]:
        return self._wanted.setdefault((numbers, by), ValueTable(by, Total)).wish(period)

    def add(self, bucket: Bucket) -> None:
        for (numbers, by), table in self._wanted.items():
            given = Given()
            text = query(numbers, by, table.periods, bucket, given)
            for name, shift, *found in bucket.rows(text, given, tuple[Name, int, *tuple[int, ...]]):
                if table.is_full:
                    break
                for total, whole, count in zip(table.row(name), found[::2], found[1::2], strict=True):
                    total.sum += from_whole(whole, shift)
                    total.count += count


def query(numbers: Numbers, by: str, periods: list[Period], bucket: Bucket, given: Given) -> str:
    sums = ", ".join(
        f"coalesce(sum({WHOLE}) FILTER (WHERE {within(period)}), 0), {count_of(within(period))}"
        for period in periods
    )
    chosen = f"{within(span(periods))} AND {bucket.chosen(numbers.occurrences, given)}"
    return f"""
        WITH numbers AS (
            SELECT day, name, {number(column(numbers.property))} AS number FROM ({bucket.named(by, chosen)})
        ), shifted AS (
            SELECT day, name, number, {SHIFT} AS shift FROM numbers WHERE number IS NOT NULL
        )
        SELECT name, shift, {sums} FROM shifted GROUP BY name, shift
    """
