"""The store of one project's day files: raw days come in, several at a time, and are measured from there.

Raw lines become one Parquet file a day, `2026-10-31.parquet`: event, "user", time, and a column "p:…" for
each property that is kept, sorted by user. A day is a day as the export cuts it; `time_rule` knows which days
of the project that makes. What is kept of a person is a hash of the `distinct_id` (MD5, 128 bits) and the
properties that were asked for; `distinct_id` itself is not. Beside a day lies what its events say of who is
who, `2026-10-31.1f2e3d4c.identities`: pairs of hashes, which are applied when measuring.
"""

from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from reporter.folders import FileVersion, holding, make_private_file, make_private_folder
from reporter.reports.errors import FailureCause, Unavailable
from reporter.reports.periods import Period
from reporter.sources.events.columns import Names, PropertyNames, sample
from reporter.sources.events.day_file import (
    DayFacts,
    damaged_files,
    day_of,
    is_unlinked,
    name_of,
    read_facts,
)
from reporter.sources.events.engine import Sizing, machine_sizing, open_database, require_room
from reporter.sources.events.identities import link_day, link_files
from reporter.sources.events.ingest import Ingest
from reporter.sources.events.time_rule import TimeRule, detect_rule, service_days
from reporter.sources.events.view import Slice, create_events

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class RawDays(Protocol):
    """Whole days as they came, in plain JSON lines."""

    @property
    def period(self) -> Period: ...  # days as the export cuts them

    @property
    def path(self) -> Path: ...

    @property
    def size(self) -> int: ...  # bytes of the file

    @property
    def received(self) -> int: ...  # bytes that came over the network

    def done(self) -> None:
        """The file is not needed any more."""
        ...


@dataclass(slots=True)
class Pipeline:
    """Stores raw days, as many next to each other as there are threads.

    A query of one thread for each file: two threads in one cost up to 40 % more. What files together need
    beyond the memory is spilled, and that costs less than to have them one after the other.
    """

    connection: "DuckDBPyConnection"
    ingest: Ingest
    sizing: Sizing
    _running: set[Future[list[DayFacts]]] = field(default_factory=set[Future[list[DayFacts]]])

    def store(self, raws: Iterable[RawDays]) -> Iterator[DayFacts]:
        """The days as they are stored. Where fetching or storing one fails, the others are stored first."""
        self.connection.execute("SET threads = 1")
        with ThreadPoolExecutor(self.sizing.threads) as pool:
            try:
                for raw in raws:
                    self._running.add(pool.submit(self._store, raw))
                    yield from self._finished(at_most=self.sizing.threads - 1)
            finally:
                wait(self._running)
            yield from self._finished(at_most=0)

    def _finished(self, at_most: int) -> Iterator[DayFacts]:
        """Waits until no more than so many are running."""
        while len(self._running) > at_most:
            done, self._running = wait(self._running, return_when=FIRST_COMPLETED)
            for future in done:
                yield from future.result()

    def _store(self, raw: RawDays) -> list[DayFacts]:
        try:
            with self.connection.cursor() as cursor:
                return self.ingest.run(cursor, raw.path, raw.period)
        finally:
            raw.done()


ZONE_FILE = "zone"  # its name in the IANA database
_MOST_NAMED = 5  # days in a message


@dataclass(frozen=True, slots=True)
class Store:
    """One project's days. Processes may share the folder: a file is replaced as a whole."""

    folder: Path
    zone: ZoneInfo
    rule: TimeRule | None = None  # None: what the events tell
    sizing: Sizing = field(default_factory=machine_sizing)
    needs_links: bool = False  # then days of an earlier version, without identities, count as missing
    _seen: dict[Path, FileVersion] = field(default_factory=dict[Path, FileVersion], repr=False, compare=False)

    def days(self, properties: Collection[str] = ()) -> dict[date, DayFacts]:
        """The days that are there and hold these properties. Raises LaterVersion."""
        found = [read_facts(path) for path in self._files()]  # what is of a later version ends it here
        wanted, links = frozenset(properties), {"", None, *(path.name for path in link_files(self.folder))}
        return {
            facts.day: facts
            for facts in found
            if facts is not None and wanted.issubset(facts.properties) and facts.links in links
            if not (self.needs_links and is_unlinked(facts))
        }

    def remember_zone(self) -> None:
        """Beside the days, so that they can be read where Mixpanel cannot be asked."""
        file = self.folder / ZONE_FILE
        if self.folder.is_dir() and self.remembered_zone() != self.zone:
            make_private_file(file)
            file.write_text(self.zone.key, encoding="utf-8")

    def remembered_zone(self) -> ZoneInfo | None:
        try:
            return ZoneInfo((self.folder / ZONE_FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError, ZoneInfoNotFoundError):
            return None

    @property
    def size(self) -> int:
        """Bytes of all day files, and of what is known of their users."""
        return sum(path.stat().st_size for path in (*self._files(), *link_files(self.folder)))

    def time_rule(self, days: Mapping[date, DayFacts] | None = None) -> TimeRule:
        """What the events' time means."""
        if self.rule is not None:
            return self.rule
        known = replace(self, needs_links=False).days() if days is None else days
        return detect_rule({day: facts.delays for day, facts in known.items()}, self.zone)

    def add(
        self, raws: Iterable[RawDays], properties: Collection[str], fetched_at: datetime
    ) -> Iterator[DayFacts]:
        """Stores days as they come, each in place of what was there.

        Raises Refused for properties that cannot be kept, Unavailable when the disk is full.
        """
        ingest = Ingest.of(self.folder, properties, fetched_at)
        make_private_folder(self.folder)
        with holding(self.folder):
            names: Names = {}
            incoming = self._checked(raws, names)
            if (first := next(incoming, None)) is None:
                return
            with open_database(
                self.sizing
            ) as connection:  # DuckDB is loaded while other days are on their way
                yield from Pipeline(connection, ingest, self.sizing).store(chain([first], incoming))
            PropertyNames(self.folder).add(names)

    def names_of(self, event: str) -> tuple[str, ...]:
        """The properties that the event was seen with."""
        return PropertyNames(self.folder).of(event)

    def drop_damaged(self, days: Iterable[date] | None = None) -> list[Path]:
        """Deletes the files that are not what was written for these days, or for any, and says which."""
        paths = self._files() if days is None else [self.folder / name_of(day) for day in days]
        damaged = damaged_files(paths, self.sizing, self._seen)
        for path in damaged:
            path.unlink(missing_ok=True)
        return damaged

    def drop_before(self, day: date) -> list[str]:
        """Deletes the days before this one, and says which files those were."""
        there = (path.name for path in (*self._files(), *link_files(self.folder)))
        old = sorted(name for name in there if (found := day_of(name) or link_day(name)) and found < day)
        for name in old:
            (self.folder / name).unlink(missing_ok=True)
        return old

    def links_of(self, day: date) -> set[str]:
        """The files of what a day's events say of who is who: one, until an older one is removed."""
        return {path.name for path in link_files(self.folder) if link_day(path.name) == day}

    def lacking(self, days: Period, properties: Collection[str] = ()) -> list[date]:
        """Which of the export's days are missing to measure these days of the project."""
        there = self.days(properties)
        return [day for day in service_days(days, self.zone, self.time_rule(there)) if day not in there]

    def buckets(self, days: Period, properties: Collection[str] = ()) -> "Iterator[DuckDBPyConnection]":
        """The events of these days of the project, a part of the users at a time, in a table `events`.

        Its columns are event, "user" (a UUID; null is no user), time (milliseconds), day (in the project's
        zone), and a column "p:…" for each of the properties, with the value's JSON text. Events without a
        user are in the first part. Raises Unavailable where a day is missing.
        """
        there = self.days(properties)
        rule = self.time_rule(there)
        needed = service_days(days, self.zone, rule)
        self._require(needed, there)
        self._require_whole(needed)
        files = [self.folder / name_of(day) for day in needed]
        parts = self.sizing.buckets(sum(there[day].events for day in needed))
        with open_database(self.sizing) as connection:
            events = Slice(connection, files, properties, days, self.zone, rule)
            events = events.gather_moved(link_files(self.folder), parts)
            for number in range(parts):
                events.create(number, parts)
                yield connection

    @contextmanager
    def opened_for_sql(self, properties: Collection[str] = ()) -> "Generator[DuckDBPyConnection]":
        """All days that hold these properties in a view `events`, for an analyst's own queries."""
        self._require_whole(None)
        there = self.days(properties)
        with open_database(self.sizing) as connection:
            create_events(
                connection, self.folder, there, self.zone, self.time_rule(there), link_files(self.folder)
            )
            yield connection

    def _files(self) -> list[Path]:
        if not self.folder.is_dir():
            return []
        return sorted(path for path in self.folder.iterdir() if day_of(path.name))

    def _checked(self, raws: Iterable[RawDays], names: Names) -> Iterator[RawDays]:
        """Each one that there is room for; the properties that are seen in it go into the names."""
        for raw in raws:
            require_room(self.folder, raw.size // 4, f"the events of {raw.period}")
            for event, found in sample(raw.path).items():
                names.setdefault(event, set()).update(found)
            yield raw

    def _require_whole(self, days: Iterable[date] | None) -> None:
        if damaged := self.drop_damaged(days):
            names = ", ".join(path.name for path in damaged[:_MOST_NAMED])
            raise Unavailable(
                f"{self.folder} had damaged files, which were deleted: {names}. `reporter fetch --from "
                f"{damaged[0].stem}` gets these days again"
            )

    def _require(self, needed: Period, there: Mapping[date, DayFacts]) -> None:
        if missing := [day for day in needed if day not in there]:
            days = ", ".join(map(str, missing[:_MOST_NAMED])) + (" …" if len(missing) > _MOST_NAMED else "")
            problem = f"{self.folder} lacks the raw events of {days}. Fetch them first"
            raise Unavailable(problem, None, FailureCause("events_missing", days=tuple(missing)))
