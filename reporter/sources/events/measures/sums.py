"""Sums that do not depend on the order of adding: every number becomes whole numbers, which add up exactly.

A number is `whole / 2**shift` with a whole of at most 56 bits, so wholes of the same shift add up without
loss, and Python's integers hold them all in units of 2**-1130. The one rounding is at the end.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from reporter.reports.figures import Name
from reporter.reports.periods import Period
from reporter.sources.events.measures.bucket import Bucket, Occurrences, ValueTable
from reporter.sources.events.measures.sql import Parameters, column, count_of, is_set, number, span, within

FINEST = 1130  # more than the shift of the smallest number there is

# log2 may be off by one near powers of two; two spare bits make the whole a whole number all the same.
SHIFT = "CASE WHEN number = 0 THEN 0 ELSE CAST(54 - floor(log2(abs(number))) AS INTEGER) END"
# In two steps, since 2**1128 is too large for a number.
WHOLE = "CAST(number * pow(2.0, shift // 2) * pow(2.0, shift - shift // 2) AS BIGINT)"


def from_whole(whole: int, shift: int) -> int:
    """A sum of wholes of one shift, in units of 2**-1130."""
    return whole << (FINEST - shift)


def quotient(total: int, count: int = 1) -> float:
    """The exact total over the count, rounded once."""
    return total / (count << FINEST)


Row: TypeAlias = tuple[date, int | None, int | None, int]  # no shift and no sum: these are no numbers


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of a property of some events."""

    occurrences: Occurrences
    property: str


class Sums:
    """Exact sums by day, in units of `exact`, beside the count of what was added."""

    def __init__(self) -> None:
        self._wanted: dict[Numbers, Period] = {}
        self._sums: Counter[tuple[Numbers, date]] = Counter()
        self._counts: Counter[tuple[Numbers, date]] = Counter()
        self._skipped: Counter[tuple[Numbers, date]] = Counter()

    def wish(self, numbers: Numbers, period: Period) -> Callable[[], list[tuple[int, int]]]:
        self._wanted[numbers] = span((period, self._wanted.get(numbers, period)))
        return lambda: [(self._sums[numbers, day], self._counts[numbers, day]) for day in period]

    def wish_skipped(self, numbers: Numbers, period: Period) -> Callable[[], int]:
        """How many values are no numbers."""
        self.wish(numbers, period)
        return lambda: sum(self._skipped[numbers, day] for day in period)

    def add(self, bucket: Bucket) -> None:
        for numbers, period in self._wanted.items():
            given, value = Parameters(), column(numbers.property)
            text = f"""
                WITH numbers AS (
                    SELECT day, {number(value)} AS number FROM occurred
                    WHERE {within(period)} AND {is_set(value)}
                        AND {bucket.chosen(numbers.occurrences, given)}
                ), shifted AS (
                    SELECT day, number, {SHIFT} AS shift FROM numbers
                )
                SELECT day, shift, sum({WHOLE}), count(*) FROM shifted GROUP BY day, shift
            """
            for day, shift, whole, count in bucket.rows(text, given, Row):
                if shift is None or whole is None:
                    self._skipped[numbers, day] += count
                    continue
                self._sums[numbers, day] += from_whole(whole, shift)
                self._counts[numbers, day] += count


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
            given = Parameters()
            text = query(numbers, by, table.periods, bucket, given)
            for name, shift, *found in bucket.rows(text, given, tuple[Name, int, *tuple[int, ...]]):
                if table.is_full:
                    break
                for total, whole, count in zip(table.row(name), found[::2], found[1::2], strict=True):
                    total.sum += from_whole(whole, shift)
                    total.count += count


def query(numbers: Numbers, by: str, periods: list[Period], bucket: Bucket, given: Parameters) -> str:
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
