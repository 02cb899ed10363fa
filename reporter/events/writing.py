"""A day's file is written beside its place, sealed, and then put there as a whole."""

from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from reporter.events.checksum import seal
from reporter.events.columns import literal
from reporter.events.day_file import NOTE
from reporter.folders import make_private_file

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PART = ".part"  # ends the name of a file that is not whole yet
ROWS_IN_A_GROUP = 30_720  # so that a bucket of users reads few others' rows


def write_day(connection: "DuckDBPyConnection", query: str, note: str, target: Path) -> None:
    """In place of what was there."""
    part = target.with_name(f".{target.name}.{uuid4().hex}{PART}")
    try:
        make_private_file(part)
        connection.execute(
            f"COPY ({query}) TO {literal(str(part))} (FORMAT parquet, "
            f"COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE {ROWS_IN_A_GROUP}, "
            f"USE_TMP_FILE false, WRITE_BLOOM_FILTER false, KV_METADATA {{{NOTE}: {literal(note)}}})"
        )
        seal(part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def clear_parts(folder: Path) -> None:
    """Removes what killed processes left half written."""
    for part in folder.glob(f".*{PART}"):
        part.unlink(missing_ok=True)
