"""How much of a machine measuring may take: memory, threads, buckets of users, and room on the disk."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from shutil import disk_usage

from reporter.events.control_group import memory_limit
from reporter.model.errors import Unavailable

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


def this_machine() -> Sizing:
    return sizing_for(memory_there_is(), os.cpu_count() or 1)


def memory_there_is(limit: Callable[[], int | None] = memory_limit) -> int:
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
