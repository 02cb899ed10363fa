"""The events of some users, laid out so that each question reads little."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar, cast

from reporter.reports.definitions import is_activity, is_in_sessions
from reporter.reports.errors import Refused
from reporter.reports.figures import Name
from reporter.reports.measures import Where
from reporter.reports.periods import Period
from reporter.sources.events.measures.sql import Parameters, column, holds, is_list, names, shown

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from reporter.sources.events.measures.sorted_runs import Floats, Integers

Row = TypeVar("Row", bound=tuple[object, ...])

ROWS_AT_ONCE = 10_000  # that are held as Python's objects
NO_EVENT = -1


class Columns(Protocol):
    """A result that can be had as arrays."""

    def fetchnumpy(self) -> Mapping[str, object]: ...


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Which events are looked at: those of one name that fulfil conditions, or any activity (None)."""

    event: str | None
    where: Where = ()


ACTIVITY = Occurrences(None)


@dataclass(frozen=True, slots=True)
class KeptColumns:
    """Of which events which properties are looked at; None: of all events."""

    properties: frozenset[str]
    events: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Bucket:
    """All events of each user that is in it.

    Reading `events` may mean to read many files, so it is read once, into a table of its own:
    `occurred(event, "user", time, day)` with the properties of the events that need them. In it an event is
    its number.
    """

    connection: "DuckDBPyConnection"
    numbers: dict[str, int]  # of the events' names; those of one bucket do for the next

    @classmethod
    def of(cls, connection: "DuckDBPyConnection", numbers: dict[str, int], details: KeptColumns) -> "Bucket":
        """Lays a bucket out; names that are new in it get numbers."""
        bucket = cls(connection, numbers)
        if not numbers:
            bucket.number_events()
        bucket.lay_out(details)
        if bucket.has_new_events():
            bucket.number_events()
            bucket.lay_out(details)
        return bucket

    def lay_out(self, details: KeptColumns) -> None:
        """Makes the table, with no number for an event that has none yet."""
        columns = "".join(f", {self.detail(column(name), details)}" for name in sorted(details.properties))
        text = f"""
            CREATE OR REPLACE TEMP TABLE occurred AS
            SELECT number AS event, "user", time, day {columns} FROM events LEFT JOIN
                (SELECT unnest($1::VARCHAR[]) AS name, unnest($2::INTEGER[]) AS number) ON event = name
        """
        self.connection.execute(text, [[*self.numbers], [*self.numbers.values()]])

    def detail(self, name: str, details: KeptColumns) -> str:
        """A property's column, empty where nobody looks at it: what is not there takes no time to copy."""
        if details.events is None:
            return name
        numbers = ", ".join(str(self.number(event)) for event in sorted(details.events))
        return f"CASE WHEN number IN ({numbers}) THEN {name} END AS {name}"

    def has_new_events(self) -> bool:
        found = self.connection.execute("SELECT 1 FROM occurred WHERE event IS NULL LIMIT 1").fetchone()
        return found is not None

    def number_events(self) -> None:
        names = self.rows("SELECT DISTINCT event FROM events ORDER BY event", Parameters(), tuple[str])
        for (name,) in names:
            self.numbers.setdefault(name, len(self.numbers))

    def drop(self) -> None:
        self.connection.execute("DROP TABLE temp.occurred")

    def rows(self, text: str, given: Parameters, shape: type[Row]) -> Iterator[Row]:
        """What a query finds, in rows of the shape that it says, without holding all of it."""
        result = self.connection.execute(text, given.values)
        while some := result.fetchmany(ROWS_AT_ONCE):
            yield from cast("list[Row]", some)

    def arrays(self, text: str, given: Parameters) -> "tuple[Floats, Integers]":
        """The columns `number` and `count` that a query finds."""
        found = cast("Columns", self.connection.execute(text, given.values)).fetchnumpy()
        return cast("Floats", found["number"]), cast("Integers", found["count"])

    def number(self, event: str) -> int:
        """What the event is called in the tables."""
        return self.numbers.get(event, NO_EVENT)

    @property
    def activity(self) -> str:
        """The condition that an event is something a user did."""
        return self._each(is_activity)

    @property
    def in_sessions(self) -> str:
        """The condition that an event is part of a session."""
        return self._each(is_in_sessions)

    def _each(self, counts: Callable[[str], bool]) -> str:
        """The condition that an event is one of those that count, by its name."""
        others = [str(number) for name, number in self.numbers.items() if not counts(name)]
        return f"event NOT IN ({', '.join(others)})" if others else "true"

    def chosen(self, occurrences: Occurrences, given: Parameters) -> str:
        """The condition that an event is one of these."""
        if occurrences.event is None:
            return self.activity
        return " AND ".join((f"event = {self.number(occurrences.event)}", *holds(occurrences.where, given)))

    def named(self, property: str, chosen: str) -> str:
        """The query of what is chosen, once for each name of the property's value: a list has several."""
        value = column(property)
        name = f"unnest({names(value)})" if self.has_lists(value) else shown(value)
        return f"SELECT *, {name} AS name FROM occurred WHERE {chosen}"

    def has_lists(self, value: str) -> bool:
        """Whether a property is ever a list; where it never is, to look for items would only cost time."""
        found = self.connection.execute(f"SELECT 1 FROM occurred WHERE {is_list(value)} LIMIT 1").fetchone()
        return found is not None


Entry = TypeVar("Entry")

MOST_VALUES = 50_000  # of a property that can be told apart in little memory; Mixpanel itself tells 10,000


@dataclass(frozen=True, slots=True)
class Dimension:
    """Which events, and by which property."""

    occurrences: Occurrences
    property: str


@dataclass(slots=True)
class ValueTable(Generic[Entry]):
    """One entry for each value and period."""

    property: str
    empty: Callable[[], Entry]
    periods: list[Period] = field(default_factory=list[Period])
    is_full: bool = False
    _rows: dict[Name, list[Entry]] = field(default_factory=dict[Name, "list[Entry]"])

    def wish(self, period: Period) -> Callable[[], dict[Name, Entry]]:
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
