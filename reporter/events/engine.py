"""DuckDB, opened for the store: within a limit of memory, with a folder to spill into."""

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from shutil import disk_usage
from typing import TYPE_CHECKING

from reporter.events.sizing import Sizing

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SPILL_SHARE = 0.9  # of what is free when it is opened


@contextmanager
def opened(sizing: Sizing, spill: Path | None = None) -> "Generator[DuckDBPyConnection]":
    """A database in memory that spills into a folder of its own, which goes with it."""
    import duckdb  # 120 ms: only where events are measured

    with tempfile.TemporaryDirectory(prefix="reporter-spill-", dir=spill) as folder:
        connection = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": f"{sizing.memory}B",
                "threads": sizing.threads,
                "temp_directory": folder,
                "max_temp_directory_size": f"{int(disk_usage(folder).free * SPILL_SHARE)}B",
                "autoinstall_known_extensions": False,  # nothing is loaded from the network
                "TimeZone": "UTC",
            },
        )
        try:
            yield connection
        finally:
            connection.close()
