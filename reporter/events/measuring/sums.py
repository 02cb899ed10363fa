"""Sums of a property's numbers on each day, how many there were, and how many values are no numbers."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from reporter.events.measuring.bucket import Bucket, Occurrences
from reporter.events.measuring.exact import SHIFT, WHOLE, from_whole
from reporter.events.measuring.json_text import column, is_set, number
from reporter.events.measuring.sql import Given, span, within
from reporter.model.period import Period

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
            given, value = Given(), column(numbers.property)
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
