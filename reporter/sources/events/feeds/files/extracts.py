"""The extract of a file: what measures need of it, as a Parquet file of its own beside the day files."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import TYPE_CHECKING, cast
from uuid import uuid4
from zlib import crc32

from reporter.folders import part_file
from reporter.reports.errors import Refused, Unavailable
from reporter.reports.periods import Period
from reporter.sources.events.columns import quoted_column, read_parquet
from reporter.sources.events.day_file import write_parquet
from reporter.sources.events.feeds.files.catalog import DayEvents, Extract
from reporter.sources.events.feeds.files.formats import (
    EventFile,
    FileShape,
    events_of,
    mappings_of,
    odd_times_of,
)
from reporter.sources.events.feeds.files.schematized import Schema, places_of
from reporter.sources.events.identities import links_of, write_links
from reporter.sources.events.time_rule import EPOCH, SERVICE_DAY, day_of_number, lost_days
from reporter.sources.raw_files import lines_of, object_in, repair

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PREFIX, SUFFIX = "piece-", ".parquet"


def make_extract(
    connection: "DuckDBPyConnection",
    name: str,
    file: EventFile,
    folder: Path,
    properties: Collection[str],
    schema: Schema,
) -> Extract:
    """The extract of a file, in `folder`. Raises Refused for a file with more broken lines than events."""
    if file.shape is FileShape.SCHEMATIZED:
        places = places_of(connection, name, file.path, file.types, properties, schema)
        file = replace(file, places=places)
    target = folder / f"{PREFIX}{uuid4().hex}{SUFFIX}"
    return _Extraction(connection, name, file, target, properties).run()


def checksum_of(extract: Path) -> int | None:
    """Of the whole file; None where it is gone."""
    try:
        with extract.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
            return crc32(content)
    except (FileNotFoundError, ValueError):  # ValueError: it is empty
        return None


@dataclass(frozen=True, slots=True)
class _Extraction:
    """Makes the extract of one file."""

    connection: "DuckDBPyConnection"
    name: str
    file: EventFile
    target: Path
    properties: Collection[str]

    def run(self) -> Extract:
        extract = self._write()
        if self.file.types is None and (extract is None or extract.unreadable):
            extract = self._write_repaired() or extract
        if extract is None:
            raise Refused(
                f"{self.name} is damaged: it cannot be read as {self.file.kind}. Put it there again"
            )
        if extract.unreadable > extract.events:
            raise self._refusal()
        return extract

    def _write(self) -> Extract | None:
        """None where there is a line, or a table, that DuckDB does not take."""
        import duckdb

        try:
            if self.file.shape is FileShape.IDENTITIES:
                return Extract("", self.file.shape, {}, {}, links=self._write_links(mappings_of(self.file)))
            self._copy(events_of(self.file, self.properties))
            links = self._write_links(links_of(self._rows))
            self._copy(self._events_with_ids())
            return replace(self._counted(), links=links)
        except duckdb.OutOfMemoryException:
            raise Unavailable(f"{self.name} is too large for the memory or disk there is. Split it") from None
        except duckdb.Error:
            return None

    def _write_repaired(self) -> Extract | None:
        """The extract with broken letters repaired; None where there was nothing to repair."""
        with part_file(self.target.parent, self.target.name) as better:
            if not repair(self.file.path, better):
                return None
            return replace(self, file=replace(self.file, path=better))._write()

    def _copy(self, query: str) -> None:
        """Rows that are no event come along, to be counted; there are few."""
        with part_file(self.target.parent, self.target.name) as part:
            write_parquet(self.connection, query, part)
            part.replace(self.target)

    def _write_links(self, links: str) -> str:
        return write_links(self.connection, links, self.target.parent, self.target.stem)

    def _events_with_ids(self) -> str:
        """The events as they are kept, by day, without their links."""
        query = f"SELECT 1 FROM {self._rows} WHERE insert_id IS NULL AND time IS NOT NULL LIMIT 1"
        is_without = self.connection.execute(query).fetchone() is not None
        events = self._numbered() if is_without else f"SELECT * FROM {self._rows}"
        return f"SELECT * EXCLUDE (member, former) FROM ({events}) ORDER BY {SERVICE_DAY}"

    def _numbered(self) -> str:
        """The events, where those without an id get one: alike within a file they stay apart, across not.

        So what two files overlap in counts once, and what happened twice counts twice. The user may be
        another in the other file, if somebody signed up in between, so it is no part of the id.
        """
        alike = ["event", "time", "ingested", *(quoted_column(name) for name in self.properties)]
        texts = ", ".join(f"{name}::VARCHAR" for name in alike)
        number = f"""row_number() OVER (PARTITION BY "user", {", ".join(alike)})"""
        return f"""
            SELECT * FROM {self._rows} WHERE insert_id IS NOT NULL OR time IS NULL
            UNION ALL BY NAME
            SELECT * REPLACE ('#' || md5(to_json([{texts}])::VARCHAR) || '-' || {number} AS insert_id)
            FROM {self._rows} WHERE insert_id IS NULL AND time IS NOT NULL"""

    def _counted(self) -> Extract:
        query = (
            f"SELECT {SERVICE_DAY} AS day, count(*), max(time) FROM {self._rows} GROUP BY day ORDER BY day"
        )
        counted = cast(list[tuple[int | None, int, int | None]], self.connection.execute(query).fetchall())
        days = {
            day_of_number(day): DayEvents(count, newest)
            for day, count, newest in counted
            if day is not None and newest is not None
        }
        lost = self._lost(days) if any(day is None for day, _, _ in counted) else dict[date, int]()
        return Extract(self.target.name, self.file.shape, days, lost, checksum_of(self.target))

    def _lost(self, days: Collection[date]) -> Mapping[date, int]:
        """How many rows of each day are no event."""
        first = EPOCH.date()  # where there is no event at all
        events = events_of(self.file, ())
        rows = f"SELECT row_number() OVER () - 1 AS number, {SERVICE_DAY} AS day FROM ({events})"
        if self.file.types is None:
            query = f"SELECT number FROM ({rows}) WHERE day IS NULL"
            numbers = cast(list[tuple[int]], self.connection.execute(query).fetchall())
            span = Period.of_days(min(days, default=first), max(days, default=first))
            return lost_days(self.file.path, (number for (number,) in numbers), span)
        query = f"""
            SELECT coalesce(before, behind) AS near, count(*) FROM (
                SELECT day, last_value(day IGNORE NULLS) OVER (ORDER BY number) AS before,
                    first_value(day IGNORE NULLS) OVER (
                        ORDER BY number ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS behind
                FROM ({rows}))
            WHERE day IS NULL GROUP BY near"""
        found = cast(list[tuple[int | None, int]], self.connection.execute(query).fetchall())
        return {day_of_number(day or 0): count for day, count in found}

    def _refusal(self) -> Refused:
        """Why most of a file is no event."""
        if (odd := self.connection.execute(f"{odd_times_of(self.file)} LIMIT 1").fetchone()) is not None:
            return Refused(
                f"The times of {self.name} cannot be read, such as {odd[0]!r}. Write them as "
                "2026-11-01T23:00:00Z, or as seconds or milliseconds since 1970"
            )
        place = _first_unreadable(self.file)
        return Refused(f"{self.name}{place} is no event, and so are most of its {self.file.kind}")

    @property
    def _rows(self) -> str:
        return read_parquet([self.target])


def _first_unreadable(file: EventFile) -> str:
    """Which line is the first that is no event, for people who look for it."""
    if file.types is None:
        for number, line in enumerate(lines_of(file.path), 1):
            if line.strip() and (object_in(line) is None or b'"time"' not in line):
                return f", line {number},"
    return ""
