"""Raw lines as Mixpanel's export writes them, and what is stored of them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import duckdb

from reporter.reports.periods import Period
from reporter.sources.events.columns import column
from reporter.sources.events.day_file import DayFacts, name_of
from reporter.sources.events.engine import MIB, Sizing
from reporter.sources.events.ingest import Ingest

DAY = date(2026, 10, 20)
NOON = datetime(2026, 10, 20, 12, tzinfo=UTC)
SMALL = Sizing(memory=200 * MIB, threads=1, events_at_once=1_000_000)
FETCHED = datetime(2026, 10, 23, 7, 30, tzinfo=UTC)


def at(moment: datetime) -> int:
    """A moment in milliseconds, as `time_in_ms` gives it."""
    return int(moment.timestamp() * 1_000)


def line(event: object = "Open", **properties: object) -> str:
    """One line; `distinct_id`, `insert_id` and `ingested` stand for what Mixpanel calls them."""
    renamed = {"insert_id": "$insert_id", "ingested": "mp_processing_time_ms"}
    named = {renamed.get(name, name): value for name, value in ({"time": at(NOON)} | properties).items()}
    return json.dumps({"event": event, "properties": named})


@dataclass(frozen=True, slots=True)
class Raw:
    """Whole days as they came."""

    period: Period
    path: Path
    received: int = 0

    @property
    def size(self) -> int:
        return self.path.stat().st_size

    def done(self) -> None:
        self.path.unlink()


def raw(folder: Path, lines: Iterable[str | bytes], period: Period | None = None) -> Raw:
    period = period or Period.of_days(DAY, DAY)
    path = folder / f"raw-{period.start}.jsonl"
    encoded = (one if isinstance(one, bytes) else one.encode() for one in lines)
    path.write_bytes(b"".join(one + b"\n" for one in encoded))
    return Raw(period, path)


def stored(
    folder: Path, lines: Iterable[str | bytes], *properties: str, period: Period | None = None
) -> list[DayFacts]:
    """The facts of each day, once it was stored."""
    days = raw(folder, lines, period)
    with database().cursor() as connection:
        return Ingest.of(folder, properties, FETCHED).run(connection, days.path, days.period)


@cache
def database() -> duckdb.DuckDBPyConnection:
    """One for all tests: opening it costs more than most of them do."""
    return duckdb.connect(
        config={"threads": 1, "memory_limit": "200MB", "autoinstall_known_extensions": False}
    )


def rows(folder: Path, *properties: str, day: date = DAY) -> list[tuple[object, ...]]:
    """event, user, time and these properties of a stored day, in the order they are stored in."""
    columns = ", ".join(("event", '"user"', "time", *(f'"{column(name)}"' for name in properties)))
    with database().cursor() as connection:
        return connection.read_parquet(str(folder / name_of(day))).project(columns).fetchall()
