"""The file of one day's events: its name, what it says of itself, and whether it is as it was written.

A Parquet file ends in a footer of its columns and of free notes, its length and the letters PAR1, so a file
that was cut short is known by its end (Apache Parquet, file format).
"""

import json
import mmap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast
from zlib import crc32

from reporter.folders import FileVersion, holding, part_file, status_of, version_of
from reporter.sources.events.columns import literal, read_parquet
from reporter.sources.events.engine import Sizing, open_database
from reporter.sources.events.time_rule import SERVICE_DAY, day_number
from reporter.versions import is_later, later_version, program_version

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

VERSION = 2  # of what is in the files
WITHOUT_CHECKSUM = 1  # the version before, whose files get one when they are used
FIX = "Install that version again; or remove the folder of this project, and its days come again."
NOTE = "reporter_day"  # the footer's key for the facts of a day
SUFFIX = ".parquet"
MARK = b'{"reporter_day":'  # begins the note; within it, and within what others wrote, it would be escaped
UNSEALED = b"00000000"  # where the checksum comes to stand
CHECKSUM_AT = len('{"reporter_day":"2026-10-31","checksum":"')  # from the beginning of the note
_MAGIC = b"PAR1"
_DIGITS = len(UNSEALED)

DayFileNote: TypeAlias = Mapping[str, Any]  # as `note_of` writes it; earlier versions lack some of it


@dataclass(frozen=True, slots=True)
class DayFacts:
    """What is known of a stored day, a day as the export cuts it."""

    day: date
    fetched_at: datetime
    lines: int  # received
    events: int  # kept
    duplicates: int  # dropped: the same event, received more than once
    unreadable: int  # lines that are no event
    foreign: int  # events of other days, left out
    delays: Mapping[int, int] = field(default_factory=dict[int, int])  # see time_rule.Delays
    properties: tuple[str, ...] = ()  # kept
    links: str | None = ""  # the file of its identities, "" for none; None: an earlier version kept none
    ambiguous: int = 0  # events that are alike but for the user, of whom nothing says yet that they are one
    size: int = 0  # bytes of the file


def is_unlinked(facts: DayFacts) -> bool:
    """Whether an earlier version stored the day, which did not keep what its events say of who is who."""
    return facts.links is None and facts.events > 0


def name_of(day: date) -> str:
    return f"{day}{SUFFIX}"


def day_of(name: str) -> date | None:
    """The day that a file of this name is about, if it is the name of a day's file."""
    try:
        day = date.fromisoformat(name.removesuffix(SUFFIX))
    except ValueError:
        return None
    return day if name == name_of(day) else None


def note_of(facts: DayFacts) -> str:
    """The facts, as they are written into the file."""
    note = {
        "reporter_day": str(facts.day),
        "checksum": UNSEALED.decode(),
        "version": VERSION,
        "reporter": program_version(),
        "fetched_at": facts.fetched_at.isoformat(),
        "lines": facts.lines,
        "events": facts.events,
        "duplicates": facts.duplicates,
        "unreadable": facts.unreadable,
        "foreign": facts.foreign,
        "delays": {str(quarter): count for quarter, count in sorted(facts.delays.items())},
        "properties": list(facts.properties),
        "links": facts.links or "",
        "ambiguous": facts.ambiguous,
    }
    return json.dumps(note, separators=(",", ":"))


def read_facts(path: Path) -> DayFacts | None:
    """What a day's file says of itself; None if it is gone, cut short or of another day.

    Raises LaterVersion for a file of one, and for a whole file that says no version that is known.
    """
    try:
        note, size = _note(path)
        _require_known(note, path)
        facts = _facts(note, size)
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):  # ValueError: it is no JSON
        return None
    return facts if name_of(facts.day) == path.name else None


def _require_known(note: DayFileNote, path: Path) -> None:
    """Raises LaterVersion; ValueError where it is damage that it says another version."""
    version = note.get("version")
    if type(version) is int and version in (VERSION, WITHOUT_CHECKSUM):
        return
    if is_later(version, VERSION) or _is_as_written(path):
        raise later_version(f"The day file {path}", version, VERSION, FIX, note.get("reporter", ""))
    raise ValueError(version)


def _with_checksum(path: Path) -> str:
    """The note of a file of the version before, as it is in this one."""
    note, _ = _note(path)
    first = {"reporter_day": note["reporter_day"], "checksum": UNSEALED.decode()}
    return json.dumps({**first, **note, "version": VERSION}, separators=(",", ":"))


def _note(path: Path) -> tuple[DayFileNote, int]:
    """The note, as far as it is one, and the size of the file. Raises ValueError where there is none."""
    footer, size = _footer(path)
    # The last one: names of events and properties stand before it. It is ASCII, and other bytes follow.
    text = footer[footer.rindex(MARK) :].decode("ascii", "replace")
    return json.JSONDecoder().raw_decode(text)[0], size


def _footer(path: Path) -> tuple[bytes, int]:
    """The footer, empty in a file that is no whole Parquet file, and the file's size."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        if size < 12:
            return b"", size
        file.seek(-8, 2)
        tail = file.read(8)
        length = int.from_bytes(tail[:4], "little")
        if tail[4:] != _MAGIC or length > size - 12:
            return b"", size
        file.seek(-8 - length, 2)
        return file.read(length), size


def _facts(note: DayFileNote, size: int) -> DayFacts:
    return DayFacts(
        day=date.fromisoformat(note["reporter_day"]),
        fetched_at=datetime.fromisoformat(note["fetched_at"]),
        lines=note["lines"],
        events=note["events"],
        duplicates=note["duplicates"],
        unreadable=note["unreadable"],
        foreign=note["foreign"],
        delays={int(quarter): count for quarter, count in note["delays"].items()},
        properties=tuple(note["properties"]),
        links=note.get("links"),
        ambiguous=note.get("ambiguous", 0),
        size=size,
    )


class FileCondition(Enum):
    WHOLE = auto()
    UNSEALED = auto()  # of an earlier version of this program, which wrote no checksum
    DAMAGED = auto()
    GONE = auto()


def seal(path: Path) -> None:
    """Writes the checksum into a file whose note has a place for it."""
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as content:
        place = _place(content)
        content[place : place + _DIGITS] = _checksum(content, place)


def condition_of(path: Path) -> FileCondition:
    """Whether a day's file is as it was written, under the name it was written for. Raises LaterVersion."""
    try:
        if read_facts(path) is None:
            return FileCondition.DAMAGED if path.exists() else FileCondition.GONE
        if _note(path)[0]["version"] == WITHOUT_CHECKSUM:
            return FileCondition.UNSEALED
        is_whole = _is_as_written(path)
    except FileNotFoundError:
        return FileCondition.GONE
    return FileCondition.WHOLE if is_whole else FileCondition.DAMAGED


def _is_as_written(path: Path) -> bool:
    """Whether a file that has a checksum has the right one."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        place = _place(content)
        return content[place : place + _DIGITS] == _checksum(content, place)


def _place(content: mmap.mmap) -> int:
    return content.rfind(MARK) + CHECKSUM_AT


def _checksum(content: mmap.mmap, place: int) -> bytes:
    with memoryview(content) as view, view[:place] as before, view[place + _DIGITS :] as after:
        return b"%08x" % crc32(after, crc32(UNSEALED, crc32(before)))


ROWS_IN_A_GROUP = 30_720  # so that a bucket of users reads few others' rows


def write_day(connection: "DuckDBPyConnection", query: str, note: str, target: Path) -> None:
    """In place of what was there."""
    with part_file(target.parent, target.name) as part:
        write_parquet(connection, query, part, f"KV_METADATA {{{NOTE}: {literal(note)}}}")
        seal(part)
        part.replace(target)


def write_parquet(connection: "DuckDBPyConnection", query: str, target: Path, *options: str) -> int:
    """Writes the rows of a query over a file, and says how many there are."""
    settings = (
        "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, USE_TMP_FILE false, WRITE_BLOOM_FILTER false",
        f"ROW_GROUP_SIZE {ROWS_IN_A_GROUP}",
        *options,
    )
    copied = connection.execute(
        f"COPY ({query}) TO {literal(str(target))} ({', '.join(settings)})"
    ).fetchone()
    return cast("tuple[int]", copied)[0]


def damaged_files(paths: Iterable[Path], sizing: Sizing, seen: dict[Path, FileVersion]) -> list[Path]:
    """Those that are not what was written under their names. Older ones get their checksum now.

    Each file is looked through once, and again where it was replaced: `seen` holds those that were whole.
    """
    damaged: list[Path] = []
    unsealed: list[Path] = []
    for path in paths:
        status = status_of(path)
        if status is None or seen.get(path) == version_of(status):
            continue
        match condition_of(path):
            case FileCondition.WHOLE:
                seen[path] = version_of(status)
            case FileCondition.UNSEALED:
                unsealed.append(path)
            case FileCondition.DAMAGED:
                damaged.append(path)
            case FileCondition.GONE:
                pass
    return sorted([*damaged, *_add_checksums(unsealed, sizing)])


def _add_checksums(paths: list[Path], sizing: Sizing) -> Iterator[Path]:
    """Writes these files anew, with a checksum; gives those that cannot be read."""
    if not paths:
        return
    with holding(paths[0].parent), open_database(sizing) as connection:
        for path in paths:
            if _is_readable(connection, path):
                write_day(connection, f"SELECT * FROM {read_parquet([path])}", _with_checksum(path), path)
            else:
                yield path


def _is_readable(connection: "DuckDBPyConnection", path: Path) -> bool:
    """Whether every value can be decoded, and the events are as many as were stored and of that day."""
    import duckdb

    facts = read_facts(path)
    if facts is None:
        return False
    is_of_that_day = f"coalesce(bool_and({SERVICE_DAY} = {day_number(facts.day)}), true)"
    query = f"SELECT count(*), {is_of_that_day}, bit_xor(hash(day)) FROM {read_parquet([path])} AS day"
    try:
        row = connection.execute(query).fetchone()
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:
        return False
    return row is not None and row[:2] == (facts.events, True)
