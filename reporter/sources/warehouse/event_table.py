"""The events of a warehouse as measures see them: each once, its person's, on a day of the project."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias
from zoneinfo import ZoneInfo

from reporter.reports.conditions import ALL_EVENTS, Where
from reporter.reports.definitions import BOOKKEEPING, NOT_IN_SESSIONS
from reporter.reports.periods import ONE_DAY, Period
from reporter.reports.references import Reference
from reporter.sources.events.measures.bucket import Occurrences
from reporter.sources.events.measures.sql import Parameters, holds, is_set
from reporter.sources.events.time_rule import DAY_MS, TimeRule, day_number, shift_in_sql, start_of
from reporter.sources.warehouse.dialect import (
    Dialect,
    is_json_list,
    json_number,
    json_string,
    literal,
    shown_name,
)

RECEIVED = "mp_processing_time_ms"  # the property that says when Mixpanel had the event

SqlRow: TypeAlias = Sequence[object]


class WarehouseConnection(Protocol):
    """Runs queries."""

    def rows(self, text: str, values: Mapping[str, str | float]) -> Iterator[SqlRow]:
        """What the query finds; `values` are bound as p1, p2 and so on. Raises Unavailable or Refused."""
        ...


@dataclass(frozen=True, slots=True)
class Partition:
    """The column by which a table's days lie apart; every query names it, so that no other day is read."""

    column: str
    kind: Literal["date", "timestamp", "text"] = "date"

    def holds(self, days: Period) -> str:
        """The condition that a row may be of these days, whichever zone the table's days are of."""
        prefix = "" if self.kind == "text" else f"{self.kind.upper()} "
        first, last = (f"{prefix}'{day}'" for day in (days.start - ONE_DAY, days.end))
        return f"events.{self.column} >= {first} AND events.{self.column} <= {last}"


@dataclass(frozen=True, slots=True)
class EventColumns:
    """Where a table keeps what an event is; the defaults are those of Mixpanel's Data Pipelines.

    https://docs.mixpanel.com/docs/data-pipelines/json-pipelines
    """

    event: str = "event_name"
    time: str = "time"
    distinct_id: str = "distinct_id"
    insert_id: str | None = "insert_id"
    properties: str | None = "properties"  # JSON; None where each property has a column of its own
    partition: Partition | None = None
    time_unit: Literal["timestamp", "milliseconds", "seconds"] = "timestamp"
    named: Callable[[str], Sequence[str]] | None = None  # what a property's own column may be called


@dataclass(frozen=True, slots=True)
class WarehouseEvents:
    """A table of raw events, the mapping of identities beside it, and how days are cut."""

    dialect: Dialect
    zone: ZoneInfo
    events: str  # the table's name, as SQL takes it
    identities: str | None = None
    columns: EventColumns = field(default_factory=EventColumns)
    rule: TimeRule = TimeRule.UTC
    present: frozenset[str] = frozenset()  # the columns that there are, where properties have their own

    @property
    def probe(self) -> str:
        """A query that finds nothing, and whose answer names the columns."""
        return f"SELECT * FROM {self.events} WHERE 1 = 0"

    def milliseconds(self) -> str:
        """When an event happened."""
        time, unit = f"events.{self.columns.time}", self.columns.time_unit
        if unit == "timestamp":
            return self.dialect.milliseconds(time)
        return time if unit == "milliseconds" else f"{time} * 1000"

    def moment(self, milliseconds: int) -> str:
        """That time, as the column of time is compared with it."""
        if self.columns.time_unit == "timestamp":
            return self.dialect.moment(milliseconds)
        return str(milliseconds if self.columns.time_unit == "milliseconds" else milliseconds // 1000)

    def within(self, days: Period) -> str:
        """The condition that an event happened on one of these days."""
        first, end = (self.moment(start_of(day, self.zone, self.rule)) for day in (days.start, days.end))
        time, partition = f"events.{self.columns.time}", self.columns.partition
        moments = f"{time} >= {first} AND {time} < {end}"
        return f"{partition.holds(days)} AND {moments}" if partition else moments

    def property_json(self, name: str, bound: str) -> str:
        """The JSON text of a property; `bound` is its name as the query has it."""
        columns, named = self.columns, self.columns.named
        own = [one for one in (named(name) if named else ()) if one in self.present]
        found = [self.dialect.column_json(f"events.{one}") for one in own]
        if columns.properties:
            found.append(self.dialect.property_json(f"events.{columns.properties}", bound))
        absent = f"CAST(NULL AS {self.dialect.text_type})"
        return f"coalesce({', '.join(found)}, {absent})" if len(found) > 1 else (*found, absent)[0]


class EventQuery(Parameters):
    """One query: its values, and the properties that it reads."""

    def __init__(self, table: WarehouseEvents, days: Period) -> None:
        super().__init__()
        self.table, self.dialect, self.days = table, table.dialect, days
        self._properties: dict[str, str] = {}  # the column by the property
        self._events: set[str | None] = set()  # that are read; None, or nothing: all of them

    def __call__(self, value: str | float) -> str:
        self.values.append(value)
        return self.dialect.placeholder(len(self.values), value)

    @property
    def bound(self) -> dict[str, str | float]:
        return {f"p{number}": value for number, value in enumerate(self.values, 1)}

    def column(self, name: str) -> str:
        """The column of a property, as its JSON text."""
        return self._properties.setdefault(name, f"property_{len(self._properties)}")

    def any_item(self, value: str, holds: Callable[[str], str]) -> str:
        in_list = self.dialect.any_of_list(value, holds)
        return f"(CASE WHEN {is_json_list(value)} THEN {in_list} ELSE {holds(value)} END)"

    def text(self, value: str) -> str:
        return json_string(value, self.dialect)

    def number(self, value: str) -> str:
        return json_number(value, self.dialect)

    def contains(self, text: str, part: str) -> str:
        return self.dialect.contains(text, part)

    def shown(self, value: str) -> str:
        return shown_name(value, self.dialect)

    def is_set(self, name: str) -> str:
        return is_set(self.column(name))

    def tests_of(self, reference: Reference) -> Iterator[str]:
        """Whether its property is set, a number, true or false; then whether each of its conditions holds."""
        value = self.column(reference.property)
        yield from (is_set(value), f"{self.number(value)} IS NOT NULL", f"{value} IN ('true', 'false')")
        yield from holds(reference.conditions, self, self)

    def is_of(self, reference: Reference) -> str:
        """The condition that an event is the one that is referred to."""
        return "1 = 1" if reference.event == ALL_EVENTS else f"event = {self(reference.event)}"

    def of_any_event(self, where: Where) -> Iterator[str]:
        """The conditions on an event of whatever name."""
        self._events.add(None)
        return holds(where, self, self)

    def filtered(self, occurrences: Occurrences) -> str:
        """The condition that an event is one of these."""
        self._events.add(occurrences.event)
        is_one = ACTIVITY if occurrences.event is None else f"event = {self(occurrences.event)}"
        return " AND ".join((is_one, *holds(occurrences.where, self, self)))

    def whole(self, text: str) -> str:
        """The query with `occurred` before it, which holds each event once; ask for it last."""
        return f"WITH {self._raw}, {self._occurred} {text}"

    @property
    def _raw(self) -> str:
        """Only the columns that are needed leave the table."""
        table, columns, dialect = self.table, self.table.columns, self.dialect
        insertion = f"CAST(NULL AS {dialect.text_type})"
        if columns.insert_id:
            insertion = f"nullif(events.{columns.insert_id}, '')"
        named = "".join(
            f", {table.property_json(name, self(name))} AS {alias}"
            for name, alias in self._properties.items()
        )
        received = json_number(table.property_json(RECEIVED, literal(RECEIVED)), dialect)
        person, join = f"nullif(events.{columns.distinct_id}, '')", ""
        if table.identities:
            person = f"coalesce(nullif(known.resolved, ''), {person})"
            join = (
                "LEFT JOIN (SELECT distinct_id AS alias, min(resolved_distinct_id) AS resolved "
                f"FROM {table.identities} GROUP BY distinct_id) AS known "
                f"ON events.{columns.distinct_id} = known.alias"
            )
        return f"""raw AS (
            SELECT events.{columns.event} AS event, {person} AS person,
                {table.milliseconds()} AS happened, {insertion} AS insertion, {received} AS received{named}
            FROM {table.events} AS events {join}
            WHERE {table.within(self.days)}{self._is_read}
        )"""

    @property
    def _is_read(self) -> str:
        """What else is left out as early as can be: copies of an event have its name."""
        names = [self(name) for name in self._events if name is not None]
        is_some = names and None not in self._events
        return f" AND events.{self.table.columns.event} IN ({', '.join(names)})" if is_some else ""

    @property
    def _occurred(self) -> str:
        """Of the same events the one that came in last; without an insert_id they are never the same."""
        columns, own = "event, person, happened, insertion", [*self._properties.values()]
        ordered = ", ".join(("coalesce(received, -1) DESC", *own))
        day = f"floor(CAST(happened + ({self._shift}) AS {self.dialect.double_type}) / {DAY_MS})"
        return f"""copies AS (
            SELECT {", ".join((columns, *own))},
                row_number() OVER (PARTITION BY {columns} ORDER BY {ordered}) AS copy FROM raw
        ), occurred AS (
            SELECT {", ".join(("event, person, happened", *own))},
                CAST({day} AS {self.dialect.integer_type}) AS day
            FROM copies WHERE copy = 1 OR insertion IS NULL
        )"""

    @property
    def _shift(self) -> str:
        return shift_in_sql(self.days, self.table.zone, self.table.rule, "happened")


def _none_of(names: frozenset[str]) -> str:
    return f"event NOT IN ({', '.join(map(literal, sorted(names)))})"


ACTIVITY = _none_of(BOOKKEEPING)
IN_SESSIONS = _none_of(BOOKKEEPING | NOT_IN_SESSIONS)


def within_days(period: Period, day: str = "day") -> str:
    """The condition that a day's number is in the period."""
    return f"({day} >= {day_number(period.start)} AND {day} < {day_number(period.end)})"


def tags(conditions: Sequence[str]) -> str:
    """Each event once for every condition that it fulfils, by its place: one scan for them all."""
    numbers = " UNION ALL ".join(f"SELECT {place} AS tag" for place in range(len(conditions)))
    cases = " ".join(f"WHEN {place} THEN {one}" for place, one in enumerate(conditions))
    return f"""SELECT occurred.*, tag FROM occurred CROSS JOIN ({numbers}) AS tags
        WHERE CASE tag {cases} END"""


def spans_of(periods: Sequence[Sequence[Period]]) -> str:
    """A table of the periods of each tag, by their places."""
    rows = (
        f"SELECT {tag} AS of_tag, {place} AS span, "
        f"{day_number(one.start)} AS first, {day_number(one.end)} AS upto"
        for tag, each in enumerate(periods)
        for place, one in enumerate(each)
    )
    return f"({' UNION ALL '.join(rows)}) AS spans"
