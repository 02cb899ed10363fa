"""What a measure is to raw events, and the numbers that measures add up over buckets."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Protocol, TypeAlias, TypeVar, cast, runtime_checkable

from reporter.reports.errors import Refused
from reporter.reports.figures import Figure, Measured, Name, Part, Undefined
from reporter.reports.periods import Period
from reporter.sources.events.measures.bucket import Bucket, KeptColumns
from reporter.sources.events.measures.sql import Parameters, span

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Value = TypeVar("Value")
Reader: TypeAlias = Callable[[], Value]  # gives a number once all buckets are counted


class Aggregate(Protocol):
    """Takes requests first, then buckets; each request returns what reads its numbers in the end."""

    def add(self, bucket: Bucket) -> None: ...


Kind = TypeVar("Kind", bound=Aggregate)


class Aggregates:
    """All that is counted in the events, one aggregate of each kind: measures share what they request."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._numbers: dict[str, int] = {}
        self._all: dict[type[Aggregate], Aggregate] = {}

    def of(self, kind: type[Kind]) -> Kind:
        if kind not in self._all:
            self._all[kind] = kind()
        return cast("Kind", self._all[kind])

    def requested(self, kind: type[Kind]) -> Kind | None:
        """What was requested of a kind, if anything."""
        return cast("Kind | None", self._all.get(kind))

    def add(self, connection: "DuckDBPyConnection", kept: KeptColumns) -> None:
        """Counts all that was requested in a bucket."""
        bucket = Bucket(connection, self._numbers, self._folder)
        bucket.lay_out(kept)
        for aggregate in self._all.values():
            aggregate.add(bucket)
        bucket.drop()


Key = TypeVar("Key")
Entry = TypeVar("Entry")


class DayTable(Generic[Key, Entry]):
    """One entry for each key and day; `periods` are the days that were requested of each key."""

    def __init__(self, empty: Callable[[], Entry]) -> None:
        self.periods: dict[Key, Period] = {}
        self.entries = defaultdict[tuple[Key, date], Entry](empty)

    def request(self, key: Key, period: Period) -> Reader[list[Entry]]:
        self.periods[key] = span((period, self.periods.get(key, period)))
        return lambda: [self.entries[key, day] for day in period]


MOST_VALUES = 50_000  # of a property, that fit in little memory; Mixpanel itself tells 10,000 apart


@dataclass(slots=True)
class ValueTable(Generic[Entry]):
    """One entry for each value of a property and period."""

    property: str
    empty: Callable[[], Entry]
    periods: list[Period] = field(default_factory=list[Period])
    is_full: bool = False
    _rows: dict[Name, list[Entry]] = field(default_factory=dict[Name, "list[Entry]"])

    def request(self, period: Period) -> Reader[dict[Name, Entry]]:
        """The entries of each value in the period. Raises Refused where there are too many values."""
        if period not in self.periods:
            self.periods.append(period)
        return lambda: self._over(period)

    def row(self, name: Name) -> list[Entry]:
        """The entries of a value, for each period; of no value once there are too many."""
        if name not in self._rows and len(self._rows) >= MOST_VALUES:
            self.is_full = True
            self._rows.clear()
        return self._rows.setdefault(name, [self.empty() for _ in self.periods])

    def _over(self, period: Period) -> dict[Name, Entry]:
        if self.is_full:
            raise Refused(
                f"{self.property[:80]} has more than {MOST_VALUES:,} values, too many to tell apart; "
                "choose a property with fewer"
            )
        place = self.periods.index(period)
        return {name: entries[place] for name, entries in self._rows.items()}


class PeriodQuery(Hashable, Protocol):
    def sql(self, periods: Sequence[Period], bucket: Bucket, parameters: Parameters) -> str:
        """The query of the place of each period, and its row of counts."""
        ...


class PeriodCounts:
    """The counts of queries over periods, each asked once for all of its periods."""

    def __init__(self) -> None:
        self.counts: dict[PeriodQuery, dict[Period, list[int]]] = {}

    def request(self, query: PeriodQuery, period: Period, size: int) -> Reader[list[int]]:
        """The numbers of the row, which is so long."""
        counts = self.counts.setdefault(query, {}).setdefault(period, [0] * size)
        return lambda: counts

    def add(self, bucket: Bucket) -> None:
        for query, counts in self.counts.items():
            parameters, rows = Parameters(), [*counts.values()]
            text = query.sql([*counts], bucket, parameters)
            for place, *found in bucket.rows(text, parameters, tuple[int, ...]):
                add_each(rows[place], found)


class DailyQuery(Hashable, Protocol):
    def daily_sql(self, period: Period, bucket: Bucket, parameters: Parameters) -> str:
        """The query of days of the period, and a count of each."""
        ...


class DailyCounts:
    """The counts of queries by day, each asked once over all days that were requested."""

    def __init__(self) -> None:
        self.days: DayTable[DailyQuery, int] = DayTable(int)

    def request(self, query: DailyQuery, period: Period) -> Reader[list[int]]:
        return self.days.request(query, period)

    def add(self, bucket: Bucket) -> None:
        for query, period in self.days.periods.items():
            parameters = Parameters()
            text = query.daily_sql(period, bucket, parameters)
            for day, count in bucket.rows(text, parameters, tuple[date, int]):
                self.days.entries[query, day] += count


class GroupedQuery(Hashable, Protocol):
    def grouped_sql(
        self, property: str, periods: list[Period], bucket: Bucket, parameters: Parameters
    ) -> str:
        """The query of the property's values, and a count for each period."""
        ...


NamedCounts: TypeAlias = tuple[Name, *tuple[int, ...]]


class GroupedCounts:
    """The counts of queries by the values of a property, each asked once over all periods."""

    def __init__(self) -> None:
        self.tables: dict[tuple[GroupedQuery, str], ValueTable[int]] = {}

    def request(self, query: GroupedQuery, property: str, period: Period) -> Reader[Mapping[Name, int]]:
        counts = self.tables.setdefault((query, property), ValueTable(property, int)).request(period)
        return lambda: {name: count for name, count in counts().items() if count}

    def add(self, bucket: Bucket) -> None:
        for (query, property), table in self.tables.items():
            parameters = Parameters()
            text = query.grouped_sql(property, table.periods, bucket, parameters)
            for name, *counts in bucket.rows(text, parameters, NamedCounts):
                if table.is_full:
                    break
                add_each(table.row(name), counts)


def add_each(totals: list[int], counts: Sequence[int]) -> None:
    for place, count in enumerate(counts):
        totals[place] += count


class Definition(Protocol):
    """How a measure is worked out: each method requests what it needs, and returns what reads the number.

    Requests come before the first bucket, numbers are read after the last.
    """

    def days(self, period: Period) -> Period:
        """The days whose events it takes to be right about the period."""
        return period

    def figure(self, period: Period, aggregates: Aggregates) -> Reader[Figure]:
        """The figure of the period."""
        ...


@runtime_checkable
class DailyDefinition(Definition, Protocol):
    """A measure that has a number for each single day."""

    def daily(self, period: Period, aggregates: Aggregates) -> Reader[Sequence[float | None]]:
        """A number for each day of the period; None for a day that has none."""
        ...


@runtime_checkable
class GroupedDefinition(Definition, Protocol):
    """A measure that has a number for each value of a property."""

    def grouped(self, property: str, period: Period, aggregates: Aggregates) -> Reader[Mapping[Name, float]]:
        """The number of each value that the property has in the period. Raises Refused if too many."""
        ...


def measured(number: float | None) -> Figure:
    """The figure of a number; None where there was nothing to measure it of."""
    return Undefined() if number is None else Measured(number)


def share(some: int, of: int, parts: tuple[Part, ...] = ()) -> Figure:
    """The part of a whole; nothing where there is no whole."""
    return Measured(some / of, parts=parts, base=of) if of else Undefined()
