"""Events, and users, for each value of a property."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from reporter.events.measuring.bucket import Bucket
from reporter.events.measuring.day_bits import DayBits
from reporter.events.measuring.sql import HAS_USER, Given, count_of, span, within
from reporter.events.measuring.value_table import Dimension, ValueTable
from reporter.model.parts import Name
from reporter.model.period import Period

NamedCounts: TypeAlias = tuple[Name, *tuple[int, ...]]  # a value, and a number for each period


class DividedCounts:
    """How many there are of each value: occurrences, or users who had it in a period."""

    def __init__(self) -> None:
        self._events: dict[Dimension, ValueTable[int]] = {}
        self._users: dict[Dimension, ValueTable[int]] = {}

    def wish_events(self, dimension: Dimension, period: Period) -> Callable[[], dict[Name, int]]:
        return self._events.setdefault(dimension, ValueTable(dimension.property, int)).wish(period)

    def wish_users(self, dimension: Dimension, period: Period) -> Callable[[], dict[Name, int]]:
        return self._users.setdefault(dimension, ValueTable(dimension.property, int)).wish(period)

    def add(self, bucket: Bucket) -> None:
        for dimension, table in self._events.items():
            given = Given()
            text = count_query(dimension, table.periods, bucket, given)
            fill(table, bucket.rows(text, given, NamedCounts))
        for dimension, table in self._users.items():
            given = Given()
            text = user_query(dimension, table.periods, bucket, given)
            fill(table, bucket.rows(text, given, NamedCounts))


def fill(table: ValueTable[int], rows: Iterator[NamedCounts]) -> None:
    for name, *counts in rows:
        if table.is_full:
            return
        entries = table.row(name)
        for place, count in enumerate(counts):
            entries[place] += count


def count_query(dimension: Dimension, periods: list[Period], bucket: Bucket, given: Given) -> str:
    counts = ", ".join(count_of(within(period)) for period in periods)
    chosen = f"{within(span(periods))} AND {bucket.chosen(dimension.occurrences, given)}"
    return f"""
        SELECT name, {counts} FROM ({bucket.named(dimension.property, chosen)}) GROUP BY name
    """


def user_query(dimension: Dimension, periods: list[Period], bucket: Bucket, given: Given) -> str:
    bits = DayBits.covering(periods)
    counts = ", ".join(count_of(bits.on_any_of(period)) for period in periods)
    chosen = f"{HAS_USER} AND {bits.covered} AND {bucket.chosen(dimension.occurrences, given)}"
    return f"""
        SELECT name, {counts} FROM (
            SELECT name, {", ".join(bits.gathered("true"))} FROM ({bucket.named(dimension.property, chosen)})
            GROUP BY name, "user"
        ) GROUP BY name
    """
