"""What measures need of one file, as a Parquet file of its own beside the day files."""

import json
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast
from uuid import uuid4

from reporter.events.columns import column, identifier, literal
from reporter.events.files.catalog import Piece
from reporter.events.files.shapes import EventFile, day_of_time, events_of
from reporter.events.time_rule import EPOCH
from reporter.folders import make_private_file
from reporter.model.errors import Refused, Unavailable
from reporter.raw_files import mend

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PREFIX, SUFFIX = "piece-", ".parquet"
MENDED = "mended"
ROWS_IN_A_GROUP = 30_720  # so that a day reads few other days' rows


def make_piece(
    connection: "DuckDBPyConnection", name: str, file: EventFile, folder: Path, properties: Collection[str]
) -> Piece:
    """The piece of a file, in `folder`. Raises Refused for a file that is more broken lines than events."""
    target = folder / f"{PREFIX}{uuid4().hex}{SUFFIX}"
    piece = _written(connection, name, file, target, properties)
    if piece.unreadable and file.types is None:
        piece = _mended(connection, name, file, target, properties) or piece
    if piece.unreadable > sum(piece.days.values()):
        raise Refused(f"{name}{_first_unreadable(file)} is no event, and so are most of its {file.kind}")
    return piece


def _written(
    connection: "DuckDBPyConnection", name: str, file: EventFile, target: Path, properties: Collection[str]
) -> Piece:
    import duckdb

    try:
        _copy(connection, events_of(file, properties), target)
        if _has_events_without_id(connection, target):
            _copy(connection, _numbered(target, properties), target)
        return _counted(connection, file, target)
    except duckdb.OutOfMemoryException:
        raise Unavailable(f"{name} is too large for the memory or disk there is. Split it") from None
    except duckdb.Error:
        raise Refused(f"{name} is damaged: it cannot be read as {file.kind}. Put it there again") from None


def _mended(
    connection: "DuckDBPyConnection", name: str, file: EventFile, target: Path, properties: Collection[str]
) -> Piece | None:
    """The piece with broken letters mended; None where none was to mend."""
    better = target.with_name(f".{target.name}.{MENDED}")
    try:
        if not mend(file.path, better):
            return None
        return _written(connection, name, EventFile(better, file.shape, None), target, properties)
    finally:
        better.unlink(missing_ok=True)


def _copy(connection: "DuckDBPyConnection", query: str, target: Path) -> None:
    """Rows that are no event come along, to be counted; there are few."""
    part = target.with_name(f".{target.name}.part")
    try:
        make_private_file(part)
        connection.execute(
            f"COPY (SELECT * FROM ({query}) ORDER BY {day_of_time()}) TO {literal(str(part))} "
            "(FORMAT parquet, USE_TMP_FILE false, COMPRESSION zstd, COMPRESSION_LEVEL 1, "
            f"ROW_GROUP_SIZE {ROWS_IN_A_GROUP})"
        )
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _has_events_without_id(connection: "DuckDBPyConnection", target: Path) -> bool:
    query = f"SELECT 1 FROM {_rows(target)} WHERE insert_id IS NULL AND time IS NOT NULL LIMIT 1"
    return connection.execute(query).fetchone() is not None


def _numbered(target: Path, properties: Collection[str]) -> str:
    """The events, where those without an id get one: alike within a file they stay apart, across files not.

    So what two files overlap in counts once, and what happened twice counts twice.
    """
    alike = ["event", '"user"', "time", "ingested", *(identifier(column(name)) for name in properties)]
    texts = ", ".join(f"{name}::VARCHAR" for name in alike)
    number = f"row_number() OVER (PARTITION BY {', '.join(alike)})"
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
    days = {EPOCH.date() + timedelta(days=day): events for day, events, _ in counted if day is not None}
    unreadable = sum(events for day, events, _ in counted if day is None)
    return Piece(
        target.name,
        file.shape,
        days,
        max((newest for _, _, newest in counted if newest is not None), default=None),
        unreadable,
    )


def _rows(target: Path) -> str:
    return f"read_parquet({literal(str(target))})"


def _first_unreadable(file: EventFile) -> str:
    """Where the first line stands that is no event, for people who look for it."""
    if file.types is None:
        with file.path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip() and not _looks_like_an_event(line):
                    return f", line {number},"
    return ""


def _looks_like_an_event(line: bytes) -> bool:
    try:
        found: object = json.loads(line)
    except ValueError:
        return False
    return isinstance(found, dict) and b'"time"' in line
