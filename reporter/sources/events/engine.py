"""DuckDB within the memory and the cores that there are."""

import os
import re
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from shutil import disk_usage, rmtree
from typing import TYPE_CHECKING, cast

from reporter.folders import machine_failure, make_held_folder, release
from reporter.reports.errors import Unavailable

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# memory.high slows a process down until it hardly moves, so it counts as a limit.
_LIMIT_FILES = {"cgroup2": ("memory.max", "memory.high"), "cgroup": ("memory.limit_in_bytes",)}
_ESCAPED = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class _Mount:
    """Where a tree of control groups can be seen, or the part of it from `root` on."""

    kind: str
    root: PurePosixPath
    point: Path


def memory_limit(process: Path = Path("/proc/self")) -> int | None:
    """In bytes; None where there is none."""
    mounts = list(_mounts(_lines(process / "mountinfo")))
    limits = [
        limit
        for kind, group in _groups(_lines(process / "cgroup"))
        for mount in mounts
        if mount.kind == kind
        for folder in _folders(mount, group)
        for name in _LIMIT_FILES[kind]
        if (limit := _limit(folder / name)) is not None
    ]
    return min(limits, default=None)


def _groups(lines: list[str]) -> Iterator[tuple[str, PurePosixPath]]:
    """Those of this process that limit memory: lines such as 0::/a/b, or 4:memory:/a/b before version 2."""
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            yield "cgroup2", PurePosixPath(path)
        elif "memory" in controllers.split(","):
            yield "cgroup", PurePosixPath(path)


def _mounts(lines: list[str]) -> Iterator[_Mount]:
    """Lines such as 30 23 0:26 ROOT POINT rw,nosuid shared:4 - cgroup2 cgroup2 rw,memory"""
    for line in lines:
        place, _, kind = line.partition(" - ")
        system, _, options = kind.split(" ", 2)
        if system == "cgroup2" or (system == "cgroup" and "memory" in options.split(",")):
            root, point = map(_unescaped, place.split(" ")[3:5])
            yield _Mount(system, PurePosixPath(root), Path(point))


def _folders(mount: _Mount, group: PurePosixPath) -> Iterator[Path]:
    """The group's folder and those above it, as far as they can be seen from here."""
    inside = group.relative_to(mount.root) if group.is_relative_to(mount.root) else PurePosixPath()
    folder = mount.point / inside
    yield folder
    yield from (above for above in folder.parents if above.is_relative_to(mount.point))


def _lines(path: Path) -> list[str]:
    with suppress(OSError):
        return path.read_text().splitlines()
    return []  # no Linux


def _limit(path: Path) -> int | None:
    with suppress(OSError):
        text = path.read_text().strip()
        return int(text) if text.isdecimal() else None  # "max": without a limit
    return None  # the topmost group has no such file


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 8)), text)


MIB = 2**20
_BESIDES_DUCKDB = 160 * MIB  # Python with the app, and what DuckDB takes beyond its limit
_LEAST, _MOST = 128 * MIB, 4096 * MIB
_FOR_TWO_THREADS = 900 * MIB
_BYTES_OF_AN_EVENT = 150  # that is measured: its share of the tables that are made of a bucket


@dataclass(frozen=True, slots=True)
class Sizing:
    """What DuckDB gets."""

    memory: int  # bytes
    threads: int
    events_at_once: int  # about as many are measured in one go

    def buckets(self, events: int) -> int:
        """In how many parts of the users so many events are measured."""
        return max(1, -(-events // self.events_at_once))


def sizing_for(memory: int, cores: int) -> Sizing:
    """What DuckDB gets on a machine, or in a container, of so many bytes."""
    given = min(max((memory - _BESIDES_DUCKDB) * 5 // 8, _LEAST), _MOST)
    threads = max(1, cores) if memory >= _FOR_TWO_THREADS else 1
    return Sizing(given, min(threads, given // (100 * MIB)), given // _BYTES_OF_AN_EVENT)


def machine_sizing() -> Sizing:
    return sizing_for(available_memory(), os.cpu_count() or 1)


def available_memory(limit: Callable[[], int | None] = memory_limit) -> int:
    """The bytes of memory that this process may use: its service's or container's, or else the machine's."""
    return min(_physical_memory(), limit() or sys.maxsize)


def require_room(folder: Path, needed: int, purpose: str) -> None:
    """Raises Unavailable where the disk has less than these bytes free."""
    free = disk_usage(folder).free
    if free < needed:
        raise Unavailable(
            f"{folder} has no room for {purpose}: {_mib(needed)} MiB are needed, {_mib(free)} MiB are free. "
            "Make room there, or name another folder"
        )


def _physical_memory() -> int:
    if not hasattr(os, "sysconf"):
        return 2048 * MIB  # Windows tells only by its own libraries
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _mib(size: int) -> int:
    return -(-size // MIB)


SPILL = "reporter-spill-"  # begins the name of the folder
SPILL_SHARE = 0.9  # of what is free when it is opened


@contextmanager
def open_database(sizing: Sizing, spill: Path | None = None) -> "Generator[DuckDBPyConnection]":
    """A database in memory that spills into a folder of its own, which goes with it."""
    import duckdb  # 120 ms: only where events are measured

    with _spill_folder(Path(spill or tempfile.gettempdir())) as folder:
        connection = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": f"{sizing.memory}B",
                "threads": sizing.threads,
                "temp_directory": str(folder),
                "max_temp_directory_size": f"{int(disk_usage(folder).free * SPILL_SHARE)}B",
                "autoinstall_known_extensions": False,  # nothing is loaded from the network
                "TimeZone": "UTC",
            },
        )
        try:
            yield connection
        finally:
            connection.close()


@contextmanager
def _spill_folder(place: Path) -> Generator[Path]:
    folder, handle = make_held_folder(SPILL, place)
    try:
        yield folder
    finally:
        rmtree(folder, ignore_errors=True)
        release(handle)


@contextmanager
def resource_errors() -> "Generator[None]":
    """Raises Unavailable or Refused where memory or disk run out, or a file or folder cannot be used."""
    import duckdb

    try:
        yield
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        reason = str(error).partition("\n")[0]
        raise Unavailable(
            f"The raw events could not be measured here: {reason}. Give the app more memory or disk"
        ) from None
    except OSError as error:
        raise machine_failure(error, "The folder of raw events") from None


def spill_folder(connection: "DuckDBPyConnection") -> Path:
    """The folder that goes with the database."""
    row = connection.execute("SELECT current_setting('temp_directory')").fetchone()
    return Path(cast("tuple[str]", row)[0])
