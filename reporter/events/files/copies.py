"""Files as the database can read them: here, not packed, and whole."""

import gzip
import json
import os
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from shutil import copyfileobj, rmtree
from typing import TYPE_CHECKING, BinaryIO, cast

from reporter.events.files.finding import Found
from reporter.events.files.shapes import EventFile, shape_of
from reporter.events.files.trouble import place_trouble
from reporter.events.sizing import require_room
from reporter.model.errors import Refused, Unavailable

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

GZIP, PARQUET = b"\x1f\x8b", b"PAR1"
CHUNK = 2**20
AT_ONCE = 3  # files that are copied while one is read
INCOMING = "incoming-"  # begins the name of the folder they are copied to
LOOKED_AT = 100  # lines from the top among which there must be an event
SENTINEL = b"terminated early"  # the export API ends a body so that it had to cut (Mixpanel, bug threads)


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
    if not _start(path).startswith(GZIP):
        return path
    unpacked = folder / "unpacked"
    _unpack(file, path, unpacked)
    (folder / "fetched").unlink(missing_ok=True)
    return unpacked


def event_file(connection: "DuckDBPyConnection", name: str, path: Path) -> EventFile:
    """What this file is. Raises Refused for one that has no events, Unavailable for one that is cut."""
    if _start(path).startswith(PARQUET):
        types = _parquet_types(connection, name, path)
        columns = list(types)
    else:
        types, columns = None, _json_keys(name, path)
        _check_end(name, path)
    shape = shape_of(columns)
    if shape is None:
        told = ", ".join(columns[:8])
        raise Refused(
            f"{name} has no events in a shape that is known: its columns are {told}. Export all events into "
            "one table, and name the folder of the events only, such as …/mp_master_event/**"
        )
    return EventFile(path, shape, types)


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
    from isal import igzip, igzip_lib  # three times as fast as gzip

    damage = cast(type[Exception], igzip_lib.error)
    require_room(target.parent, 4 * file.size, f"{file.name}, unpacked")
    try:
        with igzip.IGzipFile(path) as packed, target.open("wb") as out:
            copyfileobj(cast(BinaryIO, packed), out, CHUNK)
    except EOFError:
        raise Unavailable(
            f"{file.name} is cut short: it ends within its gzip data. Put it there whole"
        ) from None
    except (gzip.BadGzipFile, damage):
        raise Refused(
            f"{file.name} is damaged: its gzip data cannot be unpacked. Put it there again"
        ) from None
    except OSError as error:
        raise Unavailable(f"{file.name} cannot be unpacked in {target.parent}: {error.strerror}") from None


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
    """The keys of the first line that has any."""
    with path.open("rb") as lines:
        for _, line in zip(range(LOOKED_AT), lines, strict=False):
            try:
                found: object = json.loads(line)
            except ValueError:
                continue
            if isinstance(found, dict):
                return list(cast("dict[str, object]", found))
    raise Refused(f"{name}, line 1 and after: no JSON object in a line. Files are JSON lines or Parquet")


def _check_end(name: str, path: Path) -> None:
    """Raises Unavailable where the last line is not whole, as while a file is still on its way."""
    last = _last_line(path)
    if SENTINEL in last[:100]:
        raise Refused(
            f"{name} is an export that Mixpanel cut: it ends in {SENTINEL.decode()!r}. Export it again"
        )
    try:
        json.loads(last or b"{}")
    except ValueError:
        raise Unavailable(f"{name} is cut short: its last line is not whole. Put it there whole") from None


def _last_line(path: Path) -> bytes:
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        tail, start = b"", end
        while start and b"\n" not in tail.rstrip():
            start = max(0, start - CHUNK)
            file.seek(start)
            tail = file.read(end - start)
        return tail.rstrip().rpartition(b"\n")[2]
