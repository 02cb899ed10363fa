"""Files as the database can read them: here, not packed, and whole."""

import json
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from mmap import ACCESS_READ, mmap
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, assert_never, cast

from reporter.reports.errors import Refused, ReporterError, Unavailable
from reporter.sources.events.engine import require_room
from reporter.sources.events.feeds.files.formats import EventFile, shape_of
from reporter.sources.events.feeds.files.listing import Found, place_trouble
from reporter.sources.raw_files import (
    LONGEST_LINE,
    MOST_TIMES,
    Flaw,
    FlawKind,
    find_flaw,
    is_packed,
    repaired,
    unpack,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PARQUET = b"PAR1"
MIB = 2**20
AT_ONCE = 3  # files that are copied while one is read
INCOMING = "incoming-"  # begins the name of the folder they are copied to
LOOKED_AT = 100  # lines from the top among which there must be an event
NO_JSON = (FlawKind.UTF_16, FlawKind.WEB_PAGE)
SHOWN = 100  # bytes of a line


def copied(files: Iterable[Found], folder: Path) -> Iterator[tuple[Found, Path]]:
    """Each file's content, not packed, in a file here, while the next ones are on their way.

    A copy in `folder` goes when the next is taken. Raises Unavailable, Refused, after the files before.
    """
    rest = iter(files)
    with (
        tempfile.TemporaryDirectory(prefix=INCOMING, dir=folder) as place,
        ThreadPoolExecutor(AT_ONCE) as threads,
    ):
        coming = deque(_sent(threads, file, Path(place)) for file in islice(rest, AT_ONCE))
        while coming:
            file, target, copy = coming.popleft()
            yield file, copy.result()
            rmtree(target)
            coming.extend(_sent(threads, file, Path(place)) for file in islice(rest, 1))


def _sent(threads: ThreadPoolExecutor, file: Found, place: Path) -> "tuple[Found, Path, Future[Path]]":
    target = Path(tempfile.mkdtemp(dir=place))
    return file, target, threads.submit(local_copy, file, target)


def local_copy(file: Found, folder: Path) -> Path:
    """The file itself, or what there is of it in `folder` now: its content, not packed."""
    path = _fetched(file, folder / "fetched")
    if not is_packed(path):
        return path
    unpacked = folder / "unpacked"
    _unpack(file, path, unpacked)
    (folder / "fetched").unlink(missing_ok=True)
    return unpacked


def event_file(connection: "DuckDBPyConnection", name: str, path: Path) -> EventFile | None:
    """What this file is; None for blank lines, as of a day without events.

    Raises Refused for one of something else, Unavailable for one that is cut.
    """
    if _start(path).startswith(PARQUET):
        types = _parquet_types(connection, name, path)
        columns = list(types)
    else:
        flaw = find_flaw(path)
        if flaw and flaw.kind in NO_JSON:
            raise _trouble(name, flaw)
        types, columns = None, _json_keys(name, path)
        if flaw:
            raise _trouble(name, flaw)
        if not columns:
            return None
    shape = shape_of(columns)
    if shape is None:
        told = ", ".join(columns[:8])
        raise Refused(
            f"{name} has no events in a shape that is known: its columns are {told}. Export all events into "
            "one table, and name the folder of the events only, such as …/mp_master_event/**"
        )
    return EventFile(path, shape, types, has_text=types is None and _has_text(path))


def _fetched(file: Found, target: Path) -> Path:
    from fsspec.implementations.local import LocalFileSystem

    if isinstance(file.system, LocalFileSystem):
        return Path(file.path)
    require_room(target.parent, file.size, file.name)
    try:
        file.system.get_file(file.path, str(target))
    except Exception as error:  # whatever the library of that place raises
        raise place_trouble(file.name, error) from None
    if target.stat().st_size != file.size:
        raise Unavailable(f"{file.name} changed while it was fetched. Try again")
    return target


def _unpack(file: Found, path: Path, target: Path) -> None:
    require_room(target.parent, 4 * file.size, f"{file.name}, unpacked")
    target.touch()
    try:
        flaw = unpack(path, target)
    except OSError as error:
        raise Unavailable(f"{file.name} cannot be unpacked in {target.parent}: {error.strerror}") from None
    if flaw:
        raise _trouble(file.name, flaw)


def _start(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(4)
    except OSError as error:
        raise place_trouble(str(path), error) from None


def _parquet_types(connection: "DuckDBPyConnection", name: str, path: Path) -> dict[str, str]:
    import duckdb

    try:
        rows = connection.execute("DESCRIBE SELECT * FROM read_parquet($1)", [str(path)]).fetchall()
    except duckdb.Error:
        raise Refused(f"{name} is damaged: it cannot be read as Parquet. Put it there again") from None
    return {str(row[0]): str(row[1]) for row in rows}


def _json_keys(name: str, path: Path) -> list[str]:
    """The keys of the first line that has any; none where all lines are blank."""
    is_blank, line = True, b""
    with path.open("rb") as lines:
        for _ in range(LOOKED_AT):
            line = lines.readline(LONGEST_LINE)
            is_blank = is_blank and not line.strip()
            with suppress(ValueError, RecursionError):
                found: object = json.loads(repaired(line))
                if isinstance(found, dict):
                    return list(cast("dict[str, object]", found))
    if is_blank and not line:
        return []
    raise Refused(f"{name}, line 1 and after: no JSON object in a line. Files are JSON lines or Parquet")


def _has_text(path: Path) -> bool:
    """Whether the properties of some events may be a text, as where JSON passed through a warehouse."""
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        return any(content.find(b'"properties":' + blank + b'"') >= 0 for blank in (b"", b" "))


def _trouble(name: str, flaw: Flaw) -> ReporterError:
    """What there is to say of a flaw: Unavailable where the file may still be on its way."""
    match flaw.kind:
        case FlawKind.NO_GZIP_END:
            return Unavailable(f"{name} is cut short: it ends within its gzip data. Put it there whole")
        case FlawKind.WITHIN_A_LINE:
            return Unavailable(f"{name} is cut short: its last line is not whole. Put it there whole")
        case FlawKind.BAD_GZIP:
            return Refused(f"{name} is damaged: its gzip data cannot be unpacked. Put it there again")
        case FlawKind.TOO_LARGE:
            return Refused(f"{name} unpacks to more than {MOST_TIMES} times its size, as no events do")
        case FlawKind.UTF_16:
            return Refused(
                f"{name} is in UTF-16. Write it as UTF-8, such as by `iconv -f UTF-16 -t UTF-8`; "
                "in PowerShell, Out-File has -Encoding utf8"
            )
        case FlawKind.WEB_PAGE:
            return Refused(f"{name} is a web page. Put the events there instead")
        case FlawKind.ERROR | FlawKind.ENDED_EARLY:
            said = flaw.line[:SHOWN].decode(errors="replace")
            return Refused(f"{name} is an export that Mixpanel cut: it ends in {said!r}. Export it again")
        case FlawKind.LONG_LINE:
            return Refused(
                f"{name} ends in a line of more than {LONGEST_LINE // MIB} MiB. Write one event in each line"
            )
        case _:
            assert_never(flaw.kind)
