"""Raw lines of one or several days become a Parquet file for each day, every event in it once.

Two events are the same when event, `distinct_id`, `time` and `$insert_id` are; the one that came in last
counts. Events without an `$insert_id` are never the same (Mixpanel, "Event deduplication" and
"Duplicate events"). A `distinct_id` counts as what the person has become since.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

from reporter.folders import PART
from reporter.reports.periods import Period
from reporter.sources.events.columns import check_properties, identifier, json_lines, quoted_column
from reporter.sources.events.day_file import DayFacts, name_of, note_of, write_day
from reporter.sources.events.identities import (
    FIELDS,
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
from reporter.sources.events.time_rule import SERVICE_DAY, day_number, day_of_number, lost_days
from reporter.sources.raw_files import repair

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

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
        lines = _Lines(connection, self, period)
        lost = Counter[date]() if lines.is_loaded_whole(path) else lines.load_repaired(path)
        return lines.store(lost, lines.links)

    def run_events(
        self, connection: "DuckDBPyConnection", events: str, period: Period, lost: Mapping[date, int]
    ) -> list[DayFacts]:
        """The same from a query of event, "user", time, insert_id, ingested and the properties' columns.

        Of each day so many lines were `lost` already, and the links are in files.
        """
        lines = _Lines(connection, self, period)
        lines.load(events)
        return lines.store(lost, _NO_LINKS_OF_DAYS)


@dataclass(slots=True)
class _DayCount:
    """What was counted of a day's lines."""

    total: int = 0
    duplicates: int = 0
    delays: Counter[int] = field(default_factory=Counter[int])


@dataclass(frozen=True, slots=True)
class _Lines:
    """The table `lines` of some days, on its way into their files."""

    connection: "DuckDBPyConnection"
    ingest: Ingest
    period: Period

    def load(self, events: str) -> None:
        """With 64 bits in place of the `insert_id`: enough where the rest is the same."""
        self.connection.execute(
            f"""CREATE OR REPLACE TEMP TABLE lines AS
            SELECT * EXCLUDE (insert_id),
                CASE WHEN insert_id IS NOT NULL THEN hash(event, time, insert_id) END AS key
            FROM ({events})"""
        )

    def is_loaded_whole(self, path: Path) -> bool:
        import duckdb

        try:
            self.load(_events_of(path, self.ingest.properties))
        except duckdb.InvalidInputException:
            return False  # a line is longer than DuckDB takes
        return not self._has("lines WHERE time IS NULL")

    def load_repaired(self, path: Path) -> Counter[date]:
        """How many lines of each day are no event even so."""
        target = path.with_name(f"{path.name}.repaired{PART}")
        try:
            is_changed = repair(path, target)
            if is_changed:
                self.load(_events_of(target, self.ingest.properties))
            query = "SELECT rowid FROM lines WHERE time IS NULL ORDER BY rowid"
            unreadable = cast(list[tuple[int]], self.connection.execute(query).fetchall())
            numbers = (number for (number,) in unreadable)
            return lost_days(target if is_changed else path, numbers, self.period)
        finally:
            target.unlink(missing_ok=True)

    @property
    def links(self) -> str:
        """The query of what the lines say of who is who, by day."""
        has_links = self._has(f"lines WHERE {HAS_LINK}")
        return links_of("lines", f"{SERVICE_DAY} AS day") if has_links else _NO_LINKS_OF_DAYS

    def store(self, lost: Mapping[date, int], links: str) -> list[DayFacts]:
        """Each day of the period, of which so many lines were lost."""
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE links AS {links}")
        ambiguous = self._count_ambiguous() if self._mark_duplicates() else {}
        rows = self.connection.execute("SELECT DISTINCT day FROM links").fetchall()
        linked = {day_of_number(day) for (day,) in rows}
        days = [
            self._store_day(self._store_links(facts) if facts.day in linked else facts)
            for facts in self._facts(lost, ambiguous)
        ]
        self.connection.execute("DROP TABLE lines; DROP TABLE links; DROP TABLE alike; DROP TABLE dropped")
        return days

    def _mark_duplicates(self) -> bool:
        """Finds what is not kept, and says whether events are alike but for the user.

        Only events whose hashes meet are compared in full.
        """
        order = ", ".join(("ingested DESC NULLS LAST", *self._columns, '"user"'))
        alike = self.connection.execute(
            f"""CREATE OR REPLACE TEMP TABLE alike AS
            SELECT {", ".join(("rowid AS id, event", '"user"', "time, ingested, key", *self._columns))},
                "user" AS person FROM lines
            WHERE key IN (SELECT key FROM lines GROUP BY key HAVING count(key) > 1)"""
        ).fetchone()
        is_of_several = "alike GROUP BY event, time, key HAVING min(person) <> max(person)"
        has_users = bool(alike and alike[0]) and self._has(is_of_several)
        if has_users:
            self._find_persons()
        self.connection.execute(
            f"""CREATE OR REPLACE TEMP TABLE dropped AS
            SELECT id FROM (
                SELECT id, row_number() OVER (PARTITION BY event, person, time, key ORDER BY {order}) AS place
                FROM alike)
            WHERE place > 1"""
        )
        return has_users

    def _find_persons(self) -> None:
        """The same event has another user, where it was exported before and after somebody signed up."""
        links = f"SELECT {LINK_COLUMNS} FROM links"
        create_identity_map(self.connection, link_files(self.ingest.folder), links)
        self.connection.execute(
            """UPDATE alike SET person = canonical FROM identity WHERE "user" = identity.member;
            DROP TABLE identity"""
        )

    def _count_ambiguous(self) -> dict[date, int]:
        """How many events of each day are alike to another user's, even in when they came in.

        Events that come later may tell that they are one person's.
        """
        rows = self.connection.execute(
            f"""SELECT day, count(*) FROM (
                SELECT {SERVICE_DAY} AS day FROM alike
                GROUP BY event, time, key, ingested HAVING min(person) <> max(person))
            GROUP BY day"""
        ).fetchall()
        return {day_of_number(day): count for day, count in rows}

    def _facts(self, lost: Mapping[date, int], ambiguous: Mapping[date, int]) -> list[DayFacts]:
        counted = self._count()
        strays = sum(
            lines.total for day, lines in counted.items() if day is not None and not self.period.covers(day)
        )
        return [
            DayFacts(
                day=day,
                fetched_at=self.ingest.fetched_at,
                lines=lines.total,
                events=lines.total - lines.duplicates,
                duplicates=lines.duplicates,
                unreadable=lost.get(day, 0),
                # What belongs to none of the days counts for the first.
                foreign=strays if day == self.period.start else 0,
                delays=lines.delays,
                properties=self.ingest.properties,
                ambiguous=ambiguous.get(day, 0),
            )
            for day in self.period
            for lines in (counted.get(day, _DayCount()),)
        ]

    def _count(self) -> dict[date | None, _DayCount]:
        """What there is of each day, None being lines that are no event."""
        rows = self.connection.execute(
            f"""SELECT {SERVICE_DAY} AS day,
                CASE WHEN ingested IS NOT NULL THEN
                    greatest({_LEAST_DELAY}, least({_MOST_DELAY}, (ingested - time) // {_QUARTER_MS}))
                END AS delay,
                count(*), count(dropped.id)
            FROM lines LEFT JOIN dropped ON lines.rowid = dropped.id GROUP BY ALL"""
        ).fetchall()
        counted: dict[date | None, _DayCount] = {}
        for number, delay, total, duplicates in cast(list[tuple[int | None, int | None, int, int]], rows):
            lines = counted.setdefault(None if number is None else day_of_number(number), _DayCount())
            lines.total += total
            lines.duplicates += duplicates
            if delay is not None and total > duplicates:
                lines.delays[delay] += total - duplicates
        return counted

    def _store_links(self, facts: DayFacts) -> DayFacts:
        """Before the day, as they are true beside any version of it."""
        links = f"SELECT {LINK_COLUMNS} FROM links WHERE day = {day_number(facts.day)}"
        name = write_links(self.connection, links, self.ingest.folder, str(facts.day))
        return replace(facts, links=name)

    def _store_day(self, facts: DayFacts) -> DayFacts:
        columns = ", ".join(("event", '"user"', "time", *self._columns))
        events = (
            f"SELECT {columns} FROM lines WHERE {SERVICE_DAY} = {day_number(facts.day)} "
            'AND rowid NOT IN (SELECT id FROM dropped) ORDER BY "user" NULLS FIRST, time'
        )
        write_day(self.connection, events, note_of(facts), self.ingest.folder / name_of(facts.day))
        return facts

    def _has(self, rows: str) -> bool:
        return self.connection.execute(f"SELECT 1 FROM {rows} LIMIT 1").fetchone() is not None

    @property
    def _columns(self) -> list[str]:
        return [quoted_column(name) for name in self.ingest.properties]


def _events_of(path: Path, properties: tuple[str, ...]) -> str:
    """The lines of a file as columns; of a property its JSON text, as "12" is not 12."""
    texts, numbers = ("distinct_id", "$insert_id"), ("time", "mp_processing_time_ms")
    inner = {**dict.fromkeys(texts, "VARCHAR"), **dict.fromkeys(numbers, "DOUBLE")}
    fields = ", ".join(f"{identifier(name)} {kind}" for name, kind in struct_of(inner, properties).items())
    lines = json_lines(path, {"event": "VARCHAR", "properties": f"STRUCT({fields})"}, 65_536)
    kept = {quoted_column(name): f"properties.{identifier(name)}::VARCHAR" for name in properties}
    named = "".join(f", {value} AS {name}" for name, value in {**kept, **field_columns(properties)}.items())
    rows = f"""
        SELECT event, properties.time AS moment, properties.distinct_id AS distinct_id,
            properties."$insert_id" AS insert_id, properties.mp_processing_time_ms AS processed{named}
        FROM {lines}"""
    milliseconds = "TRY_CAST(CASE WHEN moment >= 1e11 THEN moment ELSE moment * 1000 END AS BIGINT)"
    return events_in_sql(rows, milliseconds, properties)


def events_in_sql(rows: str, milliseconds: str, properties: Iterable[str]) -> str:
    """The query of event, "user", time, insert_id, ingested, the properties' columns, `member` and `former`.

    The rows have event, moment, distinct_id, insert_id, processed, the properties' columns and the FIELDS of
    identities. `milliseconds` is the time in terms of `moment`; it is null where a row is no event.
    """
    kept = "".join(f", {name}" for name in (*map(quoted_column, properties), *FIELDS))
    events = f"""
        SELECT event, distinct_id, md5_number(nullif(distinct_id, ''))::UUID AS "user",
            CASE WHEN event IS NOT NULL THEN {milliseconds} END AS time,
            nullif(insert_id, '') AS insert_id,
            TRY_CAST(TRY_CAST(processed AS DOUBLE) AS BIGINT) AS ingested{kept}
        FROM ({rows})"""
    return f"SELECT * EXCLUDE (distinct_id) FROM ({with_links(events)})"
