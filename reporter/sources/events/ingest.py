"""Raw lines of one or several days become a Parquet file for each day, every event in it once.

Two events are the same when event, `distinct_id`, `time` and `$insert_id` are; the one that came in last
counts. Events without an `$insert_id` are never the same (Mixpanel, "Event deduplication" and
"Duplicate events"). A `distinct_id` counts as what the person has become since.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

from reporter.folders import PART
from reporter.reports.periods import Period
from reporter.sources.events.columns import check_properties, column, identifier, json_lines
from reporter.sources.events.day_file import DayFacts, name_of, note_of, write_day
from reporter.sources.events.identities import (
    HAS_LINK,
    LINK_COLUMNS,
    NO_LINKS,
    create_identity_map,
    field_columns,
    link_files,
    links_of,
    struct_of,
    with_links,
    write_links,
)
from reporter.sources.events.time_rule import SERVICE_DAY, day_in, day_number, day_of_number
from reporter.sources.raw_files import lines_of, repair

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def lost_days(path: Path, numbers: Iterable[int], days: Period) -> Counter[date]:
    """How many of these lines were of each of the days; lines that are not blank are numbered from 0 on.

    A line is of the day it tells itself, or else of the same one as the line before it, or behind it.
    """
    wanted, lost = set(numbers), Counter[date]()
    last = max(wanted, default=-1)
    before: date | None = None
    waiting = 0  # lines before which there is none
    for number, line in enumerate(line for line in lines_of(path) if line.strip()):
        if number > last and not waiting:
            break
        told = day_in(line)
        day = told if told is not None and days.covers(told) else before
        if number in wanted and day is None:
            waiting += 1
        elif number in wanted and day is not None:
            lost[day] += 1
        elif day is not None and waiting:
            lost[day] += waiting
            waiting = 0
        before = day
    lost[days.start] += waiting
    return +lost


_NO_LINKS_OF_DAYS = f"SELECT *, NULL::BIGINT AS day FROM ({NO_LINKS})"
_QUARTER_MS = 900_000
_LEAST_DELAY, _MOST_DELAY = -64, 192  # quarters of an hour; what is beyond counts as that


@dataclass(frozen=True, slots=True)
class Ingest:
    """What is kept of the events, and where."""

    folder: Path
    properties: tuple[str, ...]
    fetched_at: datetime

    @classmethod
    def of(cls, folder: Path, properties: Iterable[str], fetched_at: datetime) -> "Ingest":
        """Raises Refused for properties that cannot be kept."""
        return cls(folder, check_properties(properties), fetched_at.astimezone(UTC))

    def run(self, connection: "DuckDBPyConnection", path: Path, period: Period) -> list[DayFacts]:
        """Stores each day of the period; a day is replaced as a whole."""
        lost = Counter[date]()
        if not self._is_loaded_whole(connection, path):
            lost = self._load_mended(connection, path, period)
        links = links_of("lines", f"{SERVICE_DAY} AS day") if _has_links(connection) else _NO_LINKS_OF_DAYS
        return self._store_lines(connection, period, lost, links)

    def run_events(
        self, connection: "DuckDBPyConnection", events: str, period: Period, lost: Mapping[date, int]
    ) -> list[DayFacts]:
        """The same from a query of event, "user", time, insert_id, ingested and the properties' columns.

        Of each day so many lines were `lost` already, and the links are in files.
        """
        connection.execute(f"CREATE OR REPLACE TEMP TABLE lines AS {_with_key(events)}")
        return self._store_lines(connection, period, lost, _NO_LINKS_OF_DAYS)

    def _store_lines(
        self, connection: "DuckDBPyConnection", period: Period, lost: Mapping[date, int], links: str
    ) -> list[DayFacts]:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE links AS {links}")
        with_links = _days_with_links(connection)
        ambiguous = _count_ambiguous(connection) if self._mark_duplicates(connection) else {}
        days = [
            self._store(connection, self._linked(connection, facts) if facts.day in with_links else facts)
            for facts in self._facts(connection, period, lost, ambiguous)
        ]
        connection.execute("DROP TABLE lines; DROP TABLE links; DROP TABLE alike; DROP TABLE dropped")
        return days

    @property
    def _columns(self) -> list[str]:
        return [identifier(column(name)) for name in self.properties]

    def _load(self, connection: "DuckDBPyConnection", path: Path) -> None:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE lines AS {_lines(path, self.properties)}")

    def _is_loaded_whole(self, connection: "DuckDBPyConnection", path: Path) -> bool:
        import duckdb

        try:
            self._load(connection, path)
        except duckdb.InvalidInputException:
            return False  # a line is longer than DuckDB takes
        return connection.execute("SELECT 1 FROM lines WHERE time IS NULL LIMIT 1").fetchone() is None

    def _load_mended(self, connection: "DuckDBPyConnection", path: Path, period: Period) -> Counter[date]:
        """How many lines of each day are no event even so."""
        target = path.with_name(f"{path.name}.mended{PART}")
        try:
            is_changed = repair(path, target)
            if is_changed:
                self._load(connection, target)
            query = "SELECT rowid FROM lines WHERE time IS NULL ORDER BY rowid"
            unreadable = cast(list[tuple[int]], connection.execute(query).fetchall())
            return lost_days(target if is_changed else path, (number for (number,) in unreadable), period)
        finally:
            target.unlink(missing_ok=True)

    def _mark_duplicates(self, connection: "DuckDBPyConnection") -> bool:
        """Finds what is not kept, and says whether events are alike but for the user.

        Only events whose hashes meet are compared in full.
        """
        order = ", ".join(("ingested DESC NULLS LAST", *self._columns, '"user"'))
        alike = connection.execute(
            f"""CREATE OR REPLACE TEMP TABLE alike AS
            SELECT {", ".join(("rowid AS id, event", '"user"', "time, ingested, key", *self._columns))},
                "user" AS person FROM lines
            WHERE key IN (SELECT key FROM lines GROUP BY key HAVING count(key) > 1)"""
        ).fetchone()
        has_users = bool(alike and alike[0]) and _is_of_several_persons(connection)
        if has_users:
            self._find_persons(connection)
        connection.execute(
            f"""CREATE OR REPLACE TEMP TABLE dropped AS
            SELECT id FROM (
                SELECT id, row_number() OVER (PARTITION BY event, person, time, key ORDER BY {order}) AS place
                FROM alike)
            WHERE place > 1"""
        )
        return has_users

    def _find_persons(self, connection: "DuckDBPyConnection") -> None:
        """The same event has another user, where it was exported before and after somebody signed up."""
        create_identity_map(connection, link_files(self.folder), f"SELECT {LINK_COLUMNS} FROM links")
        connection.execute(
            """UPDATE alike SET person = canonical FROM identity WHERE "user" = identity.member;
            DROP TABLE identity"""
        )

    def _facts(
        self,
        connection: "DuckDBPyConnection",
        period: Period,
        lost: Mapping[date, int],
        ambiguous: Mapping[date, int],
    ) -> list[DayFacts]:
        counted = _count(connection)
        strays = sum(
            lines.total for day, lines in counted.items() if day is not None and not period.covers(day)
        )
        return [
            DayFacts(
                day=day,
                fetched_at=self.fetched_at,
                lines=lines.total,
                events=lines.total - lines.duplicates,
                duplicates=lines.duplicates,
                unreadable=lost.get(day, 0),
                # What belongs to none of the days is told of the first.
                foreign=strays if day == period.start else 0,
                delays=lines.delays,
                properties=self.properties,
                ambiguous=ambiguous.get(day, 0),
            )
            for day in period
            for lines in (counted.get(day, _Lines()),)
        ]

    def _linked(self, connection: "DuckDBPyConnection", facts: DayFacts) -> DayFacts:
        """Stores the day's links before the day, as they are true beside any version of it."""
        links = f"SELECT {LINK_COLUMNS} FROM links WHERE day = {day_number(facts.day)}"
        return replace(facts, links=write_links(connection, links, self.folder, str(facts.day)))

    def _store(self, connection: "DuckDBPyConnection", facts: DayFacts) -> DayFacts:
        columns = ", ".join(("event", '"user"', "time", *self._columns))
        events = (
            f"SELECT {columns} FROM lines WHERE {SERVICE_DAY} = {day_number(facts.day)} "
            'AND rowid NOT IN (SELECT id FROM dropped) ORDER BY "user" NULLS FIRST, time'
        )
        write_day(connection, events, note_of(facts), self.folder / name_of(facts.day))
        return facts


@dataclass(slots=True)
class _Lines:
    """What was counted of a day's lines."""

    total: int
    duplicates: int
    delays: Counter[int]

    def __init__(self) -> None:
        self.total, self.duplicates, self.delays = 0, 0, Counter()


def _lines(path: Path, properties: Iterable[str]) -> str:
    """The lines of a file as columns; `time` is null where a line is no event."""
    kept = "".join(
        f", properties.{identifier(name)}::VARCHAR AS {identifier(column(name))}" for name in properties
    )
    fields = "".join(f", {value} AS {name}" for name, value in field_columns(tuple(properties)).items())
    events = f"""
        SELECT event, properties.distinct_id AS distinct_id,
            md5_number(nullif(properties.distinct_id, ''))::UUID AS "user",
            CASE WHEN event IS NOT NULL THEN TRY_CAST(
                CASE WHEN properties.time >= 1e11 THEN properties.time ELSE properties.time * 1000 END
            AS BIGINT) END AS time,
            nullif(properties."$insert_id", '') AS insert_id,
            TRY_CAST(properties.mp_processing_time_ms AS BIGINT) AS ingested{kept}{fields}
        FROM {_read_json(path, properties)}"""
    return _with_key(f"SELECT * EXCLUDE (distinct_id) FROM ({with_links(events)})")


def _with_key(events: str) -> str:
    """The events with 64 bits in place of the `insert_id`: enough where the rest is the same."""
    return f"""
        SELECT * EXCLUDE (insert_id),
            CASE WHEN insert_id IS NOT NULL THEN hash(event, time, insert_id) END AS key
        FROM ({events})"""


def _read_json(path: Path, properties: Iterable[str]) -> str:
    """Only what is needed is taken out of a line; of a property its JSON text, as "12" is not 12."""
    inner = {
        "time": "DOUBLE",
        "distinct_id": "VARCHAR",
        "$insert_id": "VARCHAR",
        "mp_processing_time_ms": "DOUBLE",
    }
    types = struct_of(inner, tuple(properties))
    fields = ", ".join(f"{identifier(name)} {kind}" for name, kind in types.items())
    return json_lines(path, {"event": "VARCHAR", "properties": f"STRUCT({fields})"}, 65_536)


def _count(connection: "DuckDBPyConnection") -> dict[date | None, _Lines]:
    """What there is of each day, None being lines that are no event."""
    rows = connection.execute(
        f"""SELECT {SERVICE_DAY} AS day,
            CASE WHEN ingested IS NOT NULL THEN
                greatest({_LEAST_DELAY}, least({_MOST_DELAY}, (ingested - time) // {_QUARTER_MS}))
            END AS delay,
            count(*), count(dropped.id)
        FROM lines LEFT JOIN dropped ON lines.rowid = dropped.id GROUP BY ALL"""
    ).fetchall()
    counted: dict[date | None, _Lines] = {}
    for number, delay, total, duplicates in cast(list[tuple[int | None, int | None, int, int]], rows):
        lines = counted.setdefault(None if number is None else day_of_number(number), _Lines())
        lines.total += total
        lines.duplicates += duplicates
        if delay is not None and total > duplicates:
            lines.delays[delay] += total - duplicates
    return counted


def _has_links(connection: "DuckDBPyConnection") -> bool:
    return connection.execute(f"SELECT 1 FROM lines WHERE {HAS_LINK} LIMIT 1").fetchone() is not None


def _is_of_several_persons(connection: "DuckDBPyConnection") -> bool:
    """Whether events that are alike have different users, who may be one person."""
    query = """SELECT 1 FROM alike GROUP BY event, time, key HAVING min(person) <> max(person) LIMIT 1"""
    return connection.execute(query).fetchone() is not None


def _days_with_links(connection: "DuckDBPyConnection") -> set[date]:
    return {day_of_number(day) for (day,) in connection.execute("SELECT DISTINCT day FROM links").fetchall()}


def _count_ambiguous(connection: "DuckDBPyConnection") -> dict[date, int]:
    """How many events of each day are alike to another user's, even in when they came in.

    Events that come later may tell that they are one person's.
    """
    rows = connection.execute(
        f"""SELECT day, count(*) FROM (
            SELECT {SERVICE_DAY} AS day FROM alike
            GROUP BY event, time, key, ingested HAVING min(person) <> max(person))
        GROUP BY day"""
    ).fetchall()
    return {day_of_number(day): count for day, count in rows}
