"""Day files are looked through before they are measured: what is not as it was written is not used."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from reporter.events.checksum import Condition, condition_of
from reporter.events.columns import literal
from reporter.events.day_file import read_facts, with_checksum
from reporter.events.engine import opened
from reporter.events.sizing import Sizing
from reporter.events.time_rule import DAY_MS, EPOCH
from reporter.events.writing import clear_parts, write_day
from reporter.folders import held

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Identity = tuple[int, int, int]  # of a version of a file: a day that is replaced is another file


@dataclass(slots=True)
class Inspection:
    """Looks each file through once, and again where it was replaced."""

    sizing: Sizing
    _seen: dict[Path, Identity] = field(default_factory=dict[Path, Identity])

    def damaged(self, paths: Iterable[Path]) -> list[Path]:
        """Those that are not what was written under their names. Older ones get their checksum now."""
        damaged: list[Path] = []
        unsealed: list[Path] = []
        for path in paths:
            identity = _identity(path)
            if identity is None or self._seen.get(path) == identity:
                continue
            match condition_of(path):
                case Condition.WHOLE:
                    self._seen[path] = identity
                case Condition.UNSEALED:
                    unsealed.append(path)
                case Condition.DAMAGED:
                    damaged.append(path)
                case Condition.GONE:
                    pass
        return sorted([*damaged, *_sealed_or_not(unsealed, self.sizing)])


def _identity(path: Path) -> Identity | None:
    try:
        seen = path.stat()
    except FileNotFoundError:
        return None
    return seen.st_ino, seen.st_size, seen.st_mtime_ns


def _sealed_or_not(paths: list[Path], sizing: Sizing) -> Iterator[Path]:
    """Writes these files anew, with a checksum; gives those that cannot be read."""
    if not paths:
        return
    with held(paths[0].parent, clear_parts), opened(sizing) as connection:
        for path in paths:
            if _is_readable(connection, path):
                query = f"SELECT * FROM read_parquet({literal(str(path))})"
                write_day(connection, query, with_checksum(path), path)
            else:
                yield path


def _is_readable(connection: "DuckDBPyConnection", path: Path) -> bool:
    """Whether every value can be decoded, and the events are as many as were stored and of that day."""
    import duckdb

    facts = read_facts(path)
    if facts is None:
        return False
    number = (facts.day - EPOCH.date()).days
    try:
        row = connection.execute(
            f"SELECT count(*), coalesce(bool_and(time // {DAY_MS} = {number}), true), bit_xor(hash(day)) "
            f"FROM read_parquet({literal(str(path))}) AS day"
        ).fetchone()
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:
        return False
    return row is not None and row[:2] == (facts.events, True)
