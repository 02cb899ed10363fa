"""The events of a warehouse as measures see them: each once, its person's, on a day of the project."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias
from zoneinfo import ZoneInfo

from reporter.reports.conditions import ALL_EVENTS, Where
from reporter.reports.definitions import BOOKKEEPING, NOT_IN_SESSIONS
from reporter.reports.periods import Period
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

SqlRow: TypeAlias = Sequence[object]


class WarehouseConnection(Protocol):
    """Runs queries."""

    def rows(self, text: str, values: Mapping[str, str | float]) -> Iterator[SqlRow]:
        """What the query finds; `values` are bound as p1, p2 and so on. Raises Unavailable or Refused."""
        ...


@dataclass(frozen=True, slots=True)
class EventColumns:
    """Where a table keeps what an event is; the defaults are those of Mixpanel's Data Pipelines.

    https://docs.mixpanel.com/docs/data-pipelines/json-pipelines
    """

    event: str = "event_name"
    time: str = "time"
    distinct_id: str = "distinct_id"
    insert_id: str = "insert_id"
    properties: str = "properties"


@dataclass(frozen=True, slots=True)
class WarehouseEvents:
    """A table of raw events, the mapping of identities beside it, and how days are cut."""

    dialect: Dialect
    zone: ZoneInfo
    events: str  # the table's name, as SQL takes it
    identities: str | None = None
    columns: EventColumns = field(default_factory=EventColumns)
    rule: TimeRule = TimeRule.UTC


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
        first, end = (start_of(day, table.zone, table.rule) for day in (self.days.start, self.days.end))
        properties, time = f"events.{columns.properties}", f"events.{columns.time}"
        moments = f"{time} >= {dialect.moment(first)} AND {time} < {dialect.moment(end)}"
        named = "".join(
            f", {dialect.property_json(properties, self(name))} AS {alias}"
            for name, alias in self._properties.items()
        )
        received = json_number(dialect.property_json(properties, literal("mp_processing_time_ms")), dialect)
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
                {dialect.milliseconds(time)} AS happened,
                nullif(events.{columns.insert_id}, '') AS insertion, {received} AS received{named}
            FROM {table.events} AS events {join}
            WHERE {moments}{self._is_read}
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
