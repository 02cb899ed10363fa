"""A file made into day files: which properties its events carry, and the events themselves."""

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
    column,
    identifier,
    literal,
    sample,
    sample_rows,
)
from reporter.sources.events.day_file import DayFacts, name_of
from reporter.sources.events.engine import open_database
from reporter.sources.events.feeds.files.catalog import BLANK, Catalog
from reporter.sources.events.feeds.files.downloads import INCOMING, copied, event_file
from reporter.sources.events.feeds.files.extracts import PREFIX, SUFFIX, checksum_of, make_piece
from reporter.sources.events.feeds.files.formats import EventFile, Shape
from reporter.sources.events.feeds.files.listing import Found
from reporter.sources.events.feeds.files.schematized import Schema
from reporter.sources.events.identities import link_files
from reporter.sources.events.ingest import Ingest
from reporter.sources.events.store import Store
from reporter.sources.events.time_rule import DAY_MS, EPOCH

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_ROWS = 500


def sampled(connection: "DuckDBPyConnection", file: EventFile) -> Names:
    """The names as the file has them: a schematized export has its own for each property."""
    if file.types is None:
        return sample(file.path)
    import duckdb

    rows = f"(SELECT * FROM read_parquet({literal(str(file.path))}) LIMIT {MOST_ROWS})"
    try:
        found = connection.execute(f"SELECT to_json(row)::VARCHAR FROM {rows} AS row").fetchall()
    except duckdb.Error:  # a column that no JSON can hold: the events are read all the same
        return {}
    return sample_rows(written.encode() for (written,) in cast("list[tuple[str]]", found))


EVENTS_AT_ONCE = 1_000_000  # of the days that are made in one go
NO_EVENT = """NULL::VARCHAR AS event, NULL::UUID AS "user", NULL::BIGINT AS time,
    NULL::VARCHAR AS insert_id, NULL::BIGINT AS ingested"""


@dataclass(frozen=True, slots=True)
class FileImport:
    """One store's, for one process at a time."""

    folder: Path
    catalog: Catalog
    connection: "DuckDBPyConnection"

    def read(
        self, found: Mapping[str, Found], properties: tuple[str, ...], schema: Schema
    ) -> Iterator[Found]:
        """Each file that is new or changed, once its piece is there. Forgets files that are gone."""
        known = self.catalog.pieces()
        self.catalog.remove(known.keys() - found.keys())
        whole = {path.name for path in (*self.folder.glob(f"{PREFIX}*{SUFFIX}"), *link_files(self.folder))}
        changed = [file for file in found.values() if not _is_known(file, known, whole)]
        for file, path in copied(changed, self.folder):
            source = event_file(self.connection, file.name, path)
            if source and source.shape is not Shape.IDENTITIES:
                PropertyNames(self.folder).add(sampled(self.connection, source))
            piece = (
                make_piece(self.connection, file.name, source, self.folder, properties, schema)
                if source
                else BLANK
            )
            self.catalog.put(file.name, file.stamp, piece)
            yield file

    def forget_damaged(self) -> list[str]:
        """Forgets the files whose pieces are needed now and are not as they were written, and says which."""
        damaged = [
            name
            for name, piece, checksum in self.catalog.checksums_of_stale()
            if checksum_of(self.folder / piece) != checksum
        ]
        self.catalog.remove(damaged)
        return damaged

    def make(self, ingest: Ingest) -> Iterator[DayFacts]:
        """Each day that the files changed, as it is stored; one that has no events any more goes."""
        for days in _portions(self.catalog.stale()):
            if pieces := self.catalog.pieces_of(days):
                events = self._events(pieces, days, ingest)
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
        """Removes the pieces that no file has any more, and what killed processes left."""
        used = {name for _, kept in self.catalog.pieces().values() for name in kept}
        for path in self.folder.glob(f"{PREFIX}*"):
            if path.name not in used:
                path.unlink(missing_ok=True)
        for path in self.folder.glob(f"{INCOMING}*"):
            rmtree(path, ignore_errors=True)

    def _events(self, pieces: Iterable[str], days: Period, ingest: Ingest) -> str:
        """The events of these days."""
        files = ", ".join(literal(str(self.folder / piece)) for piece in pieces)
        kept = _columns(ingest)
        return f"""
            SELECT event, "user", time, insert_id, ingested{kept} FROM read_parquet([{files}])
            WHERE time >= {_milliseconds(days.start)} AND time < {_milliseconds(days.end)}"""


@contextmanager
def opened_workshop(store: Store) -> Generator[FileImport]:
    """Raises Unavailable where another process has it for long."""
    with (
        closing(Catalog(store.folder)) as catalog,
        holding(store.folder),
        open_database(store.sizing) as connection,
    ):
        workshop = FileImport(store.folder, catalog, connection)
        try:
            yield workshop
        finally:
            workshop.tidy()


def _is_known(file: Found, known: Mapping[str, tuple[str, tuple[str, ...]]], whole: Collection[str]) -> bool:
    stamp, kept = known.get(file.name, ("", ()))
    return stamp == file.stamp and all(name in whole for name in kept)


def _columns(ingest: Ingest, each: str = "") -> str:
    return "".join(f", {each}{identifier(column(name))}" for name in ingest.properties)


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


def _milliseconds(day: date) -> int:
    return (day - EPOCH.date()).days * DAY_MS
