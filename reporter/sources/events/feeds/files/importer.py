"""Files made into day files: the extract of each file, and the days out of all extracts."""

from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, cast

from reporter.folders import holding
from reporter.reports.periods import ONE_DAY, Period
from reporter.sources.events.columns import (
    Names,
    PropertyNames,
    quoted_column,
    read_parquet,
    sample,
    sample_rows,
)
from reporter.sources.events.day_file import DayFacts, name_of
from reporter.sources.events.engine import open_database
from reporter.sources.events.feeds.files.catalog import BLANK, Catalog, Extract
from reporter.sources.events.feeds.files.extracts import PREFIX, SUFFIX, checksum_of, make_extract
from reporter.sources.events.feeds.files.formats import EventFile, FileShape, recognize
from reporter.sources.events.feeds.files.listing import INCOMING, ListedFile, local_files
from reporter.sources.events.feeds.files.schematized import Schema
from reporter.sources.events.identities import link_files
from reporter.sources.events.ingest import Ingest
from reporter.sources.events.store import Store
from reporter.sources.events.time_rule import DAY_MS, day_number

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SAMPLED_ROWS = 500
EVENTS_AT_ONCE = 1_000_000  # of the days that are made in one go
NO_EVENT = """NULL::VARCHAR AS event, NULL::UUID AS "user", NULL::BIGINT AS time,
    NULL::VARCHAR AS insert_id, NULL::BIGINT AS ingested"""


@dataclass(frozen=True, slots=True)
class FileImport:
    """The import into one store, for one process at a time."""

    folder: Path
    catalog: Catalog
    connection: "DuckDBPyConnection"

    def read(self, listed: Mapping[str, ListedFile], properties: tuple[str, ...], schema: Schema) -> int:
        """Makes the extract of each file that is new or changed, and says how many bytes those have.

        Forgets files that are gone.
        """
        known = self.catalog.extracts()
        self.catalog.remove(known.keys() - listed.keys())
        whole = {path.name for path in (*self.folder.glob(f"{PREFIX}*{SUFFIX}"), *link_files(self.folder))}
        changed = [file for file in listed.values() if not _is_known(file, known, whole)]
        for file, path in local_files(changed, self.folder):
            self.catalog.put(file.name, file.stamp, self._extract(file.name, path, properties, schema))
        return sum(file.size for file in changed)

    def forget_damaged(self) -> list[str]:
        """Forgets the files whose extracts are needed now and are damaged, and says which."""
        damaged = [
            name
            for name, extract, checksum in self.catalog.checksums_of_stale()
            if checksum_of(self.folder / extract) != checksum
        ]
        self.catalog.remove(damaged)
        return damaged

    def make(self, ingest: Ingest) -> Iterator[DayFacts]:
        """Each day that the files changed, as it is stored; one that has no events any more goes."""
        for days in _portions(self.catalog.stale()):
            if extracts := self.catalog.extracts_of(days):
                events = self._events(extracts, days, ingest)
                yield from ingest.run_events(self.connection, events, days, self.catalog.lost(days))
            else:
                for day in days:
                    (self.folder / name_of(day)).unlink(missing_ok=True)
            self.catalog.mark_made(days)

    def make_empty(self, days: Iterable[date], ingest: Ingest) -> Iterator[DayFacts]:
        """Each of these days, without an event that could be read."""
        nothing = f"SELECT {NO_EVENT}{_columns(ingest, 'NULL::VARCHAR AS ')} WHERE false"
        for day in days:
            one = Period(day, day + ONE_DAY)
            yield from ingest.run_events(self.connection, nothing, one, self.catalog.lost(one))

    def tidy(self) -> None:
        """Removes the extracts that no file has any more, and what killed processes left."""
        used = {name for _, kept in self.catalog.extracts().values() for name in kept}
        for path in self.folder.glob(f"{PREFIX}*"):
            if path.name not in used:
                path.unlink(missing_ok=True)
        for path in self.folder.glob(f"{INCOMING}*"):
            rmtree(path, ignore_errors=True)

    def _extract(self, name: str, path: Path, properties: tuple[str, ...], schema: Schema) -> Extract:
        file = recognize(self.connection, name, path)
        if file is None:
            return BLANK
        if file.shape is not FileShape.IDENTITIES:
            PropertyNames(self.folder).add(_sample_names(self.connection, file))
        return make_extract(self.connection, name, file, self.folder, properties, schema)

    def _events(self, extracts: Iterable[str], days: Period, ingest: Ingest) -> str:
        """The events of these days."""
        rows = read_parquet(self.folder / name for name in extracts)
        return f"""
            SELECT event, "user", time, insert_id, ingested{_columns(ingest)} FROM {rows}
            WHERE time >= {day_number(days.start) * DAY_MS} AND time < {day_number(days.end) * DAY_MS}"""


@contextmanager
def open_import(store: Store) -> Generator[FileImport]:
    """Raises Unavailable where another process has it for long."""
    with (
        closing(Catalog(store.folder)) as catalog,
        holding(store.folder),
        open_database(store.sizing) as connection,
    ):
        file_import = FileImport(store.folder, catalog, connection)
        try:
            yield file_import
        finally:
            file_import.tidy()


def _sample_names(connection: "DuckDBPyConnection", file: EventFile) -> Names:
    """The properties' names as the file has them: a schematized export has its own for each."""
    if file.types is None:
        return sample(file.path)
    import duckdb

    rows = f"(SELECT * FROM {read_parquet([file.path])} LIMIT {SAMPLED_ROWS})"
    try:
        found = connection.execute(f"SELECT to_json(row)::VARCHAR FROM {rows} AS row").fetchall()
    except duckdb.Error:  # a column that no JSON can hold: the events are read all the same
        return {}
    return sample_rows(text.encode() for (text,) in cast("list[tuple[str]]", found))


def _is_known(
    file: ListedFile, known: Mapping[str, tuple[str, tuple[str, ...]]], whole: Collection[str]
) -> bool:
    stamp, kept = known.get(file.name, ("", ()))
    return stamp == file.stamp and all(name in whole for name in kept)


def _columns(ingest: Ingest, each: str = "") -> str:
    return "".join(f", {each}{quoted_column(name)}" for name in ingest.properties)


def _portions(stale: Mapping[date, int]) -> Iterator[Period]:
    """Neighbouring days, either all with events or all without, and not too many events at once."""
    run: Period | None = None
    events = 0
    for day, count in stale.items():
        if run and run.end == day and bool(count) == bool(events) and events + count <= EVENTS_AT_ONCE:
            run, events = Period(run.start, day + ONE_DAY), events + count
            continue
        if run:
            yield run
        run, events = Period(day, day + ONE_DAY), count
    if run:
        yield run
