"""The events of some users, laid out so that each question reads little."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from reporter.reports.conditions import Where
from reporter.reports.definitions import is_activity, is_in_sessions
from reporter.reports.measures import ActiveUsers, Groupable
from reporter.sources.events.measures.sql import Parameters, column, holds, is_list, names, shown

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from reporter.sources.events.measures.quantiles import Floats, Integers

Row = TypeVar("Row", bound=tuple[object, ...])

ROWS_AT_ONCE = 10_000  # that are held as Python's objects
NO_EVENT = -1


class Columns(Protocol):
    """A result that can be read as arrays."""

    def fetchnumpy(self) -> Mapping[str, object]: ...


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Which events are counted: those of one name, or any activity (None), that fulfil conditions."""

    event: str | None
    where: Where = ()

    @classmethod
    def of(cls, measure: Groupable) -> "Occurrences":
        """Those that a measure counts."""
        event = None if isinstance(measure, ActiveUsers) else measure.event
        return cls(event, measure.where)


@dataclass(frozen=True, slots=True)
class KeptColumns:
    """Which properties are read, and of which events; None: of all events."""

    properties: frozenset[str]
    events: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Bucket:
    """All events of each user that is in it.

    Reading `events` may mean reading many files, so it is read once, into a table of its own:
    `occurred(event, "user", time, day)` with the properties of the events that need them. In it an event is
    its number.
    """

    connection: "DuckDBPyConnection"
    numbers: dict[str, int]  # of the events' names; those of one bucket do for the next
    folder: Path | None = None  # for what does not fit in memory; None: the system's own for temporary files

    def lay_out(self, kept: KeptColumns) -> None:
        """Makes the table; names that are new in it get numbers."""
        if not self.numbers:
            self._number_events()
        self._create_table(kept)
        if self._has_new_events():
            self._number_events()
            self._create_table(kept)

    def drop(self) -> None:
        self.connection.execute("DROP TABLE temp.occurred")

    def _create_table(self, kept: KeptColumns) -> None:
        """With no number for an event that has none yet."""
        columns = "".join(f", {self._kept(column(name), kept)}" for name in sorted(kept.properties))
        text = f"""
            CREATE OR REPLACE TEMP TABLE occurred AS
            SELECT number AS event, "user", time, day {columns} FROM events LEFT JOIN
                (SELECT unnest($1::VARCHAR[]) AS name, unnest($2::INTEGER[]) AS number) ON event = name
        """
        self.connection.execute(text, [[*self.numbers], [*self.numbers.values()]])

    def _kept(self, name: str, kept: KeptColumns) -> str:
        """A property's column, empty where no measure reads it: what is not there takes no time to copy."""
        if kept.events is None:
            return name
        numbers = ", ".join(str(self.number(event)) for event in sorted(kept.events))
        return f"CASE WHEN number IN ({numbers}) THEN {name} END AS {name}"

    def _has_new_events(self) -> bool:
        found = self.connection.execute("SELECT 1 FROM occurred WHERE event IS NULL LIMIT 1").fetchone()
        return found is not None

    def _number_events(self) -> None:
        names = self.rows("SELECT DISTINCT event FROM events ORDER BY event", Parameters(), tuple[str])
        for (name,) in names:
            self.numbers.setdefault(name, len(self.numbers))

    def rows(self, text: str, parameters: Parameters, shape: type[Row]) -> Iterator[Row]:
        """What a query finds, in rows of the shape that it says, without holding all of it."""
        result = self.connection.execute(text, parameters.values)
        while some := result.fetchmany(ROWS_AT_ONCE):
            yield from cast("list[Row]", some)

    def arrays(self, text: str, parameters: Parameters) -> "tuple[Floats, Integers]":
        """The columns `number` and `count` that a query finds."""
        found = cast("Columns", self.connection.execute(text, parameters.values)).fetchnumpy()
        return cast("Floats", found["number"]), cast("Integers", found["count"])

    def number(self, event: str) -> int:
        """The number that stands for the event in the table."""
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

    def filtered(self, occurrences: Occurrences, parameters: Parameters) -> str:
        """The condition that an event is one of these."""
        is_one = self.activity if occurrences.event is None else f"event = {self.number(occurrences.event)}"
        return " AND ".join((is_one, *holds(occurrences.where, parameters)))

    def named(self, property: str, condition: str) -> str:
        """The query of events by condition, once for each name of the property: a list has several."""
        value = column(property)
        name = f"unnest({names(value)})" if self._has_lists(value) else shown(value)
        return f"SELECT *, {name} AS name FROM occurred WHERE {condition}"

    def _has_lists(self, value: str) -> bool:
        """Whether a property is ever a list; where it never is, unpacking items would only cost time."""
        found = self.connection.execute(f"SELECT 1 FROM occurred WHERE {is_list(value)} LIMIT 1").fetchone()
        return found is not None
