"""DuckDB, opened for the store: within a limit of memory, with a folder to spill into."""

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from shutil import disk_usage, rmtree
from typing import TYPE_CHECKING, cast

from reporter.events.sizing import Sizing
from reporter.folders import make_held_folder, release
from reporter.machine import failure
from reporter.model.errors import Unavailable

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SPILL = "reporter-spill-"  # begins the name of the folder
SPILL_SHARE = 0.9  # of what is free when it is opened


@contextmanager
def opened(sizing: Sizing, spill: Path | None = None) -> "Generator[DuckDBPyConnection]":
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
def told_when_full() -> "Generator[None]":
    """Raises Unavailable or Refused where memory or disk run out, or a file or folder cannot be used."""
    import duckdb

    try:
        yield
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        said = str(error).partition("\n")[0]
        raise Unavailable(
            f"The raw events could not be measured here: {said}. Give the app more memory or disk"
        ) from None
    except OSError as error:
        raise failure(error, "The folder of raw events") from None


def spill_folder(connection: "DuckDBPyConnection") -> Path:
    """The folder that goes with the database."""
    row = connection.execute("SELECT current_setting('temp_directory')").fetchone()
    return Path(cast("tuple[str]", row)[0])
