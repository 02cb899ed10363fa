"""Files of events as Mixpanel's export and pipelines write them, and a feed that takes them in."""

import gzip
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal, cast
from zoneinfo import ZoneInfo

import duckdb

from reporter.reports.periods import Period
from reporter.sources.events.day_file import day_of
from reporter.sources.events.feed import Fetched
from reporter.sources.events.feeds.files import FilesFeed
from reporter.sources.events.feeds.files.schematized import cleaned
from reporter.sources.events.store import Store
from reporter.sources.events.time_rule import TimeRule

from .raw_lines import DAY, FETCHED, SMALL, line

Line = dict[str, object]
Row = tuple[object, ...]
Kind = Literal["export", "pipeline", "schematized"]

WEEK = Period.of_days(DAY, date(2026, 10, 26))
PROPERTIES = ("$city", "Plan Name", "price")


def event(name: str, moment: datetime, **properties: object) -> Line:
    """As the export gives it."""
    made = line(name, time=int(moment.timestamp()), **properties)
    return cast(Line, json.loads(made))


def in_shape(kind: Kind, one: Line) -> Line:
    """The same event, as a pipeline writes it."""
    if kind == "export":
        return one
    properties = dict(cast(Line, one["properties"]))
    if kind == "pipeline":
        outer = {"time": properties.pop("time"), "distinct_id": properties.pop("distinct_id", None)}
        return {
            "event_name": one["event"],
            "insert_id": properties.get("$insert_id"),
            "device_id": None,
            **outer,
            "properties": properties,
        }
    flat = {cleaned(name): value for name, value in properties.items()}
    return {"mp_event_name": one["event"], **flat}


def write_lines(path: Path, lines: Iterable[Line], kind: Kind = "export") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = "".join(json.dumps(in_shape(kind, one)) + "\n" for one in lines).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def write_parquet(path: Path, lines: Sequence[Line], kind: Kind, replaced: str = "") -> Path:
    """With the types that come of themselves; `replaced` is SQL for other ones."""
    plain = write_lines(path.with_suffix(".json"), lines, kind)
    path.unlink(missing_ok=True)
    with duckdb.connect() as connection:
        columns = f"* REPLACE ({replaced})" if replaced else "*"
        source = f"read_json('{plain}', format = 'newline_delimited')"
        connection.execute(f"COPY (SELECT {columns} FROM {source}) TO '{path}' (FORMAT parquet)")  # noqa: S608
    plain.unlink()
    return path


@dataclass(frozen=True)
class Fed:
    """A store that is fed with files."""

    folder: Path
    patterns: tuple[str, ...]
    zone: str = "UTC"
    keeps: timedelta = timedelta(days=400)
    now: datetime = FETCHED
    rule: TimeRule | None = None
    quiet: timedelta = timedelta(days=7)

    @property
    def store(self) -> Store:
        return Store(self.folder / "store", ZoneInfo(self.zone), self.rule, SMALL)

    @property
    def feed(self) -> FilesFeed:
        return FilesFeed(self.patterns, self.keeps, lambda: self.now, quiet=self.quiet)

    def fetch(self, days: Period = WEEK, *properties: str) -> list[Fetched]:
        return list(self.feed.fetch(self.store, days, properties or PROPERTIES))

    def made(self, days: Period = WEEK) -> list[date]:
        """The days that were made, now that the files are as they are."""
        return sorted(fetched.facts.day for fetched in self.fetch(days))

    @property
    def rows(self) -> dict[date, list[Row]]:
        """All that is stored, by day."""
        return rows_of(self.store.folder)


def rows_of(folder: Path) -> dict[date, list[Row]]:
    days = {path: day_of(path.name) for path in sorted(folder.iterdir())}
    query = "SELECT * FROM read_parquet($1) ORDER BY ALL"
    with duckdb.connect() as connection:
        return {day: connection.execute(query, [str(path)]).fetchall() for path, day in days.items() if day}
