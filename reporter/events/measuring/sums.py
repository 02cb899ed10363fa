"""Sums of a property's numbers on each day, and how many numbers there were."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from reporter.events.measuring.bucket import Bucket, Occurrences
from reporter.events.measuring.exact import SHIFT, WHOLE, from_whole
from reporter.events.measuring.json_text import column, number
from reporter.events.measuring.sql import Given, span, within
from reporter.model.period import Period


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

    def wish(self, numbers: Numbers, period: Period) -> Callable[[], list[tuple[int, int]]]:
        self._wanted[numbers] = span((period, self._wanted.get(numbers, period)))
        return lambda: [(self._sums[numbers, day], self._counts[numbers, day]) for day in period]

    def add(self, bucket: Bucket) -> None:
        for numbers, period in self._wanted.items():
            given = Given()
            text = f"""
                WITH numbers AS (
                    SELECT day, {number(column(numbers.property))} AS number FROM occurred
                    WHERE {within(period)} AND {bucket.chosen(numbers.occurrences, given)}
                ), shifted AS (
                    SELECT day, number, {SHIFT} AS shift FROM numbers WHERE number IS NOT NULL
                )
                SELECT day, shift, sum({WHOLE}), count(*) FROM shifted GROUP BY day, shift
            """
            for day, shift, whole, count in bucket.rows(text, given, tuple[date, int, int, int]):
                self._sums[numbers, day] += from_whole(whole, shift)
                self._counts[numbers, day] += count
