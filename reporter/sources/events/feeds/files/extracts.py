"""What measures need of one file, as a Parquet file of its own beside the day files."""

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, timedelta
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import TYPE_CHECKING, cast
from uuid import uuid4
from zlib import crc32

from reporter.folders import make_private_file
from reporter.reports.errors import Refused, Unavailable
from reporter.reports.periods import Period
from reporter.sources.events.columns import column, identifier, literal
from reporter.sources.events.feeds.files.catalog import NONE_LOST, Counted, Piece
from reporter.sources.events.feeds.files.formats import (
    EventFile,
    Shape,
    day_of_time,
    events_of,
    mappings_of,
    odd_times_of,
)
from reporter.sources.events.feeds.files.schematized import Schema, located
from reporter.sources.events.identities import links_of, write_links
from reporter.sources.events.ingest import lost_days
from reporter.sources.events.time_rule import EPOCH
from reporter.sources.raw_files import lines_of, repair

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PREFIX, SUFFIX = "piece-", ".parquet"
REPAIRED = "mended"
ROWS_IN_A_GROUP = 30_720  # so that a day reads few other days' rows


def make_piece(
    connection: "DuckDBPyConnection",
    name: str,
    file: EventFile,
    folder: Path,
    properties: Collection[str],
    schema: Schema,
) -> Piece:
    """The piece of a file, in `folder`. Raises Refused for a file that is more broken lines than events."""
    file = located(connection, name, file, properties, schema)
    target = folder / f"{PREFIX}{uuid4().hex}{SUFFIX}"
    piece = _written(connection, name, file, target, properties)
    if file.types is None and (piece is None or piece.unreadable):
        piece = _repaired(connection, name, file, target, properties) or piece
    if piece is None:
        raise Refused(f"{name} is damaged: it cannot be read as {file.kind}. Put it there again")
    if piece.unreadable > piece.events:
        raise _refusal(connection, name, file)
    return piece


def _written(
    connection: "DuckDBPyConnection", name: str, file: EventFile, target: Path, properties: Collection[str]
) -> Piece | None:
    """None where there is a line, or a table, that DuckDB does not take."""
    import duckdb

    try:
        if file.shape is Shape.IDENTITIES:
            links = write_links(connection, mappings_of(file), target.parent, target.stem)
            return Piece("", file.shape, {}, links=links)
        _copy(connection, events_of(file, properties), target)
        links = write_links(connection, links_of(_rows(target)), target.parent, target.stem)
        _copy(connection, _with_ids(connection, target, properties), target)
        return replace(_counted(connection, file, target), links=links)
    except duckdb.OutOfMemoryException:
        raise Unavailable(f"{name} is too large for the memory or disk there is. Split it") from None
    except duckdb.Error:
        return None


def _repaired(
    connection: "DuckDBPyConnection", name: str, file: EventFile, target: Path, properties: Collection[str]
) -> Piece | None:
    """The piece with broken letters mended; None where none was to fix."""
    better = target.with_name(f".{target.name}.{REPAIRED}")
    try:
        if not repair(file.path, better):
            return None
        return _written(connection, name, replace(file, path=better), target, properties)
    finally:
        better.unlink(missing_ok=True)


def _copy(connection: "DuckDBPyConnection", query: str, target: Path) -> None:
    """Rows that are no event come along, to be counted; there are few."""
    part = target.with_name(f".{target.name}.part")
    try:
        make_private_file(part)
        connection.execute(
            f"COPY ({query}) TO {literal(str(part))} "
            "(FORMAT parquet, USE_TMP_FILE false, COMPRESSION zstd, COMPRESSION_LEVEL 1, "
            f"ROW_GROUP_SIZE {ROWS_IN_A_GROUP})"
        )
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _with_ids(connection: "DuckDBPyConnection", target: Path, properties: Collection[str]) -> str:
    """The events as they are kept, by day, without their links."""
    query = f"SELECT 1 FROM {_rows(target)} WHERE insert_id IS NULL AND time IS NOT NULL LIMIT 1"
    is_without = connection.execute(query).fetchone() is not None
    events = _numbered(target, properties) if is_without else f"SELECT * FROM {_rows(target)}"
    return f"SELECT * EXCLUDE (member, former) FROM ({events}) ORDER BY {day_of_time()}"


def _numbered(target: Path, properties: Collection[str]) -> str:
    """The events, where those without an id get one: alike within a file they stay apart, across files not.

    So what two files overlap in counts once, and what happened twice counts twice. The user may be another in
    the other file, if somebody signed up in between, so it is no part of the id.
    """
    alike = ["event", "time", "ingested", *(identifier(column(name)) for name in properties)]
    texts = ", ".join(f"{name}::VARCHAR" for name in alike)
    number = f"""row_number() OVER (PARTITION BY "user", {", ".join(alike)})"""
    return f"""
        SELECT * FROM {_rows(target)} WHERE insert_id IS NOT NULL OR time IS NULL
        UNION ALL BY NAME
        SELECT * REPLACE ('#' || md5(to_json([{texts}])::VARCHAR) || '-' || {number} AS insert_id)
        FROM {_rows(target)} WHERE insert_id IS NULL AND time IS NOT NULL"""


def _counted(connection: "DuckDBPyConnection", file: EventFile, target: Path) -> Piece:
    rows = connection.execute(
        f"SELECT {day_of_time()} AS day, count(*), max(time) FROM {_rows(target)} GROUP BY day ORDER BY day"
    ).fetchall()
    counted = cast(list[tuple[int | None, int, int | None]], rows)
    days = {
        EPOCH.date() + timedelta(days=day): Counted(events, newest)
        for day, events, newest in counted
        if day is not None and newest is not None
    }
    is_whole = all(day is not None for day, _, _ in counted)
    lost = NONE_LOST if is_whole else _lost(connection, file, days)
    return Piece(target.name, file.shape, days, lost, checksum_of(target))


def checksum_of(piece: Path) -> int | None:
    """Of the whole file; None where it is gone."""
    try:
        with piece.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
            return crc32(content)
    except (FileNotFoundError, ValueError):  # ValueError: it is empty
        return None


def _lost(connection: "DuckDBPyConnection", file: EventFile, days: Collection[date]) -> Mapping[date, int]:
    """How many rows of each day are no event."""
    first = EPOCH.date()  # where there is no event at all
    rows = f"SELECT row_number() OVER () - 1 AS number, {day_of_time()} AS day FROM ({events_of(file, ())})"
    if file.types is None:
        query = f"SELECT number FROM ({rows}) WHERE day IS NULL"
        numbers = cast(list[tuple[int]], connection.execute(query).fetchall())
        span = Period.of_days(min(days, default=first), max(days, default=first))
        return lost_days(file.path, (number for (number,) in numbers), span)
    query = f"""
        SELECT coalesce(before, behind) AS near, count(*) FROM (
            SELECT day, last_value(day IGNORE NULLS) OVER (ORDER BY number) AS before,
                first_value(day IGNORE NULLS) OVER (
                    ORDER BY number ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS behind
            FROM ({rows}))
        WHERE day IS NULL GROUP BY near"""
    found = cast(list[tuple[int | None, int]], connection.execute(query).fetchall())
    return {first + timedelta(days=day or 0): count for day, count in found}


def _refusal(connection: "DuckDBPyConnection", name: str, file: EventFile) -> Refused:
    """Why most of a file is no event."""
    if (odd := connection.execute(f"{odd_times_of(file)} LIMIT 1").fetchone()) is not None:
        return Refused(
            f"The times of {name} are not understood, such as {odd[0]!r}. Write them as "
            "2026-11-01T23:00:00Z, or as seconds or milliseconds since 1970"
        )
    return Refused(f"{name}{_first_unreadable(file)} is no event, and so are most of its {file.kind}")


def _rows(target: Path) -> str:
    return f"read_parquet({literal(str(target))})"


def _first_unreadable(file: EventFile) -> str:
    """Where the first line stands that is no event, for people who look for it."""
    if file.types is None:
        for number, line in enumerate(lines_of(file.path), 1):
            if line.strip() and not _looks_like_an_event(line):
                return f", line {number},"
    return ""


def _looks_like_an_event(line: bytes) -> bool:
    try:
        found: object = json.loads(line)
    except ValueError:
        return False
    return isinstance(found, dict) and b'"time"' in line
