"""How often events happened on each day."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from typing import TypeAlias

from reporter.reports.definitions import is_activity
from reporter.reports.figures import EventTotal, Name, Ranking
from reporter.reports.periods import Period
from reporter.sources.events.measures.bucket import Bucket, Dimension, Occurrences, ValueTable
from reporter.sources.events.measures.sql import HAS_USER, Parameters, count_of, span, within
from reporter.sources.events.measures.users import DayBits


class EventCounts:
    """Counts of every event by day."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, date]] = Counter()

    def add(self, bucket: Bucket) -> None:
        names = {number: name for name, number in bucket.numbers.items()}
        text = "SELECT event, day, count(*) FROM occurred GROUP BY event, day"
        for event, day, count in bucket.rows(text, Parameters(), tuple[int, date, int]):
            self._counts[names[event], day] += count

    def wish(self, event: str, period: Period) -> Callable[[], list[int]]:
        return lambda: [self._counts[event, day] for day in period]

    @property
    def events(self) -> int:
        return self._counts.total()

    def seen(self) -> dict[str, Period]:
        """The first and the last day of every event."""
        days: dict[str, list[date]] = {}
        for event, day in self._counts:
            days.setdefault(event, []).append(day)
        return {event: Period.of_days(min(those), max(those)) for event, those in sorted(days.items())}

    def ranking(self, period: Period, previous: Period) -> Ranking:
        """All activity that happened in either period, the busiest first."""
        names = {event for event, _ in self._counts if is_activity(event)}
        totals = (
            EventTotal(event, sum(self.wish(event, period)()), sum(self.wish(event, previous)()))
            for event in names
        )
        return Ranking.of(totals)


class ChosenCounts:
    """Counts by day of events that fulfil conditions."""

    def __init__(self) -> None:
        self._wanted: dict[Occurrences, Period] = {}
        self._counts: Counter[tuple[Occurrences, date]] = Counter()

    def wish(self, occurrences: Occurrences, period: Period) -> Callable[[], list[int]]:
        self._wanted[occurrences] = span((period, self._wanted.get(occurrences, period)))
        return lambda: [self._counts[occurrences, day] for day in period]

    def add(self, bucket: Bucket) -> None:
        for occurrences, period in self._wanted.items():
            given = Parameters()
            text = f"""
                SELECT day, count(*) FROM occurred
                WHERE {within(period)} AND {bucket.chosen(occurrences, given)}
                GROUP BY day
            """
            for day, count in bucket.rows(text, given, tuple[date, int]):
                self._counts[occurrences, day] += count


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
            given = Parameters()
            text = count_query(dimension, table.periods, bucket, given)
            fill(table, bucket.rows(text, given, NamedCounts))
        for dimension, table in self._users.items():
            given = Parameters()
            text = user_query(dimension, table.periods, bucket, given)
            fill(table, bucket.rows(text, given, NamedCounts))


def fill(table: ValueTable[int], rows: Iterator[NamedCounts]) -> None:
    for name, *counts in rows:
        if table.is_full:
            return
        entries = table.row(name)
        for place, count in enumerate(counts):
            entries[place] += count


def count_query(dimension: Dimension, periods: list[Period], bucket: Bucket, given: Parameters) -> str:
    counts = ", ".join(count_of(within(period)) for period in periods)
    chosen = f"{within(span(periods))} AND {bucket.chosen(dimension.occurrences, given)}"
    return f"""
        SELECT name, {counts} FROM ({bucket.named(dimension.property, chosen)}) GROUP BY name
    """


def user_query(dimension: Dimension, periods: list[Period], bucket: Bucket, given: Parameters) -> str:
    bits = DayBits.covering(periods)
    counts = ", ".join(count_of(bits.on_any_of(period)) for period in periods)
    chosen = f"{HAS_USER} AND {bits.covered} AND {bucket.chosen(dimension.occurrences, given)}"
    return f"""
        SELECT name, {counts} FROM (
            SELECT name, {", ".join(bits.gathered("true"))} FROM ({bucket.named(dimension.property, chosen)})
            GROUP BY name, "user"
        ) GROUP BY name
    """
