"""What was read of which file: so that only changed files are read again, and no event outlives its file.

It is a SQLite file beside the day files. Whoever opens it has it alone until it is closed, and what was
written to it stays when a process is killed. In its tables an extract is called a piece.
"""

import sqlite3
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from reporter.folders import make_private_file, make_private_folder
from reporter.reports.errors import ReporterError, Unavailable
from reporter.reports.periods import Period
from reporter.sources.events.feeds.files.formats import FileShape
from reporter.sources.events.time_rule import day_number, day_of_number
from reporter.versions import later_version

FILE_NAME = "files.sqlite"
VERSION = 3  # an earlier one is made anew: the files are read again
FIX = "Install that version again; or remove the folder, and the files are read again."
WAITS = 60.0  # seconds for another process that reads the files

SCHEMA = """
CREATE TABLE file (
    name TEXT PRIMARY KEY, stamp TEXT NOT NULL, piece TEXT NOT NULL, links TEXT NOT NULL,
    shape TEXT NOT NULL, checksum INTEGER);
CREATE TABLE day (
    day INTEGER NOT NULL, name TEXT NOT NULL, events INTEGER NOT NULL, newest INTEGER NOT NULL,
    PRIMARY KEY (day, name)) WITHOUT ROWID;
CREATE TABLE lost (
    day INTEGER NOT NULL, name TEXT NOT NULL, lines INTEGER NOT NULL, PRIMARY KEY (day, name)) WITHOUT ROWID;
CREATE INDEX day_by_name ON day (name);
CREATE TABLE stale (day INTEGER PRIMARY KEY);
CREATE TABLE kept (property TEXT PRIMARY KEY);
CREATE TABLE dropped (before INTEGER NOT NULL);
INSERT INTO dropped VALUES (0);
"""
_DAYS_OF_A_FILE = "SELECT day FROM day WHERE name = ? UNION SELECT day FROM lost WHERE name = ?"


@dataclass(frozen=True, slots=True)
class DayEvents:
    """The events of a day."""

    count: int
    newest: int  # milliseconds


@dataclass(frozen=True, slots=True)
class Extract:
    """What is kept of one version of a file."""

    file_name: str  # beside the day files
    shape: FileShape | None  # None: it has no line
    days: Mapping[date, DayEvents]
    lost: Mapping[date, int]  # how many lines of each are no event
    checksum: int | None = None
    links: str = ""  # the file of what they say of who is who

    @property
    def events(self) -> int:
        return sum(events.count for events in self.days.values())

    @property
    def unreadable(self) -> int:
        return sum(self.lost.values())


BLANK = Extract("", None, {}, {})  # of a file of a day without events


class Catalog:
    """What changes is on the disk when a method returns.

    Raises Unavailable where it is in use or damaged, LaterVersion among it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        make_private_folder(folder)
        make_private_file(folder / FILE_NAME)
        self._database = sqlite3.connect(folder / FILE_NAME, timeout=WAITS, isolation_level="EXCLUSIVE")
        try:
            # A write that a power cut undoes is only work to do again, so nothing waits for the disk.
            for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = NORMAL"):
                self._database.execute(f"PRAGMA {pragma}")
            with self._database:
                self._database.execute("BEGIN EXCLUSIVE")
                self._create_tables()
        except sqlite3.OperationalError:
            self._database.close()
            raise Unavailable(
                f"{folder / FILE_NAME} cannot be used: it is in use by another process, or not writable"
            ) from None
        except sqlite3.DatabaseError as error:
            self._database.close()
            raise Unavailable(
                f"{folder / FILE_NAME} is damaged, or of another program ({error}). Remove it: it says which "
                "files were read, and they are read again"
            ) from None
        except ReporterError:
            self._database.close()
            raise

    def close(self) -> None:
        self._database.close()

    def extracts(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        """Of each file its stamp, and the names of what is kept of it."""
        rows = self._rows("SELECT name, stamp, piece, links FROM file")
        return {name: (stamp, tuple(filter(None, kept))) for name, stamp, *kept in rows}

    def put(self, name: str, stamp: str, extract: Extract) -> None:
        """In place of what was known of the file."""
        row = (name, stamp, extract.file_name, extract.links, extract.shape or "", extract.checksum)
        days = [(day_number(day), name, one.count, one.newest) for day, one in extract.days.items()]
        lost = [(day_number(day), name, lines) for day, lines in extract.lost.items()]
        with self._database:
            self._remove(name)
            self._database.execute("INSERT INTO file VALUES (?, ?, ?, ?, ?, ?)", row)
            self._database.executemany("INSERT INTO day VALUES (?, ?, ?, ?)", days)
            self._database.executemany("INSERT INTO lost VALUES (?, ?, ?)", lost)
            self._mark_stale(_DAYS_OF_A_FILE, name, name)

    def remove(self, names: Iterable[str]) -> None:
        with self._database:
            for name in names:
                self._remove(name)

    def kept(self) -> frozenset[str]:
        """The properties that extracts have."""
        return frozenset(name for (name,) in self._rows("SELECT property FROM kept"))

    def keep(self, properties: Collection[str]) -> None:
        """From now on extracts have these properties. If they are others, all files are to be read again."""
        if self.kept() != frozenset(properties):
            with self._database:
                self._forget_files()
                self._database.execute("DELETE FROM kept")
                self._database.executemany("INSERT INTO kept VALUES (?)", [(name,) for name in properties])

    def stale(self) -> dict[date, int]:
        """The days that are to be made again, in order, with how many events extracts have of them."""
        return self._by_day(
            "SELECT stale.day, coalesce(sum(events), 0) FROM stale LEFT JOIN day ON stale.day = day.day "
            "GROUP BY stale.day ORDER BY stale.day"
        )

    def mark_stale(self, days: Iterable[date]) -> None:
        with self._database:
            for day in days:
                self._mark_stale("SELECT ?", day_number(day))

    def mark_made(self, days: Iterable[date]) -> None:
        numbers = [(day_number(day),) for day in days]
        with self._database:
            self._database.executemany("DELETE FROM stale WHERE day = ?", numbers)

    def extracts_of(self, days: Period) -> list[str]:
        """The extracts that have events of these days."""
        query = (
            "SELECT DISTINCT piece FROM day JOIN file USING (name) WHERE day BETWEEN ? AND ? ORDER BY piece"
        )
        return [name for (name,) in self._rows(query, day_number(days.start), day_number(days.last))]

    def events(self) -> dict[date, int]:
        """How many events there are of each day that has any."""
        return self._by_day("SELECT day, sum(events) FROM day GROUP BY day")

    def newest_on(self, day: date) -> int:
        """The time of the last event of a day that has any, in milliseconds."""
        return self._rows("SELECT max(newest) FROM day WHERE day = ?", day_number(day))[0][0]

    def shapes(self) -> frozenset[FileShape]:
        """Those of the files that have events."""
        query = "SELECT DISTINCT shape FROM file WHERE shape NOT IN ('', ?)"
        return frozenset(FileShape(name) for (name,) in self._rows(query, FileShape.IDENTITIES))

    def lost(self, days: Period) -> dict[date, int]:
        """How many lines of each of these days are no event."""
        query = "SELECT day, sum(lines) FROM lost WHERE day BETWEEN ? AND ? GROUP BY day"
        return self._by_day(query, day_number(days.start), day_number(days.last))

    def checksums_of_stale(self) -> list[tuple[str, str, int | None]]:
        """The files with days that are to be made again, each with its extract's name and checksum."""
        return self._rows(
            "SELECT DISTINCT name, piece, checksum FROM file JOIN day USING (name) JOIN stale USING (day)"
        )

    @property
    def dropped_before(self) -> date:
        """The first day that is kept, however old files go."""
        return day_of_number(self._rows("SELECT before FROM dropped")[0][0])

    def drop_before(self, day: date) -> None:
        """From now on no day before this one is kept; a file that has none other keeps its place only."""
        number = (day_number(day),)
        with self._database:
            self._database.execute("UPDATE dropped SET before = max(before, ?)", number)
            for table in ("day", "lost", "stale"):
                self._database.execute(f"DELETE FROM {table} WHERE day < ?", number)
            self._database.execute(
                "UPDATE file SET piece = '', links = '' "
                "WHERE shape <> ? AND name NOT IN (SELECT name FROM day)",
                (FileShape.IDENTITIES,),
            )

    def forget(self) -> None:
        """As if no file had been read yet."""
        with self._database:
            self._forget_files()
            self._database.execute("UPDATE dropped SET before = 0")

    def _forget_files(self) -> None:
        self._mark_stale("SELECT day FROM day")
        for table in ("day", "lost", "file"):
            self._database.execute(f"DELETE FROM {table}")

    def _remove(self, name: str) -> None:
        self._mark_stale(_DAYS_OF_A_FILE, name, name)
        for table in ("day", "lost", "file"):
            self._database.execute(f"DELETE FROM {table} WHERE name = ?", (name,))

    def _mark_stale(self, days: str, *values: str | int) -> None:
        self._database.execute(f"INSERT OR IGNORE INTO stale {days}", values)
        self._database.execute("DELETE FROM stale WHERE day < (SELECT before FROM dropped)")

    def _rows(self, query: str, *values: str | int) -> list[Any]:
        return self._database.execute(query, values).fetchall()

    def _by_day(self, query: str, *values: int) -> dict[date, int]:
        return {day_of_number(number): count for number, count in self._rows(query, *values)}

    def _create_tables(self) -> None:
        [(version,)] = self._rows("PRAGMA user_version")
        if version == VERSION:
            return
        if not 0 <= version < VERSION:
            raise later_version(f"{self._folder / FILE_NAME}", version, VERSION, FIX)
        # The files are read again, and the days made again that they were in.
        known = "SELECT day FROM day UNION SELECT day FROM stale" if version else "SELECT 0 WHERE false"
        days = self._rows(known)
        for (table,) in self._rows("SELECT name FROM sqlite_schema WHERE type = 'table'"):
            self._database.execute(f'DROP TABLE "{table}"')
        for statement in SCHEMA.split(";"):
            self._database.execute(statement)
        self._database.executemany("INSERT INTO stale VALUES (?)", days)
        self._database.execute(f"PRAGMA user_version = {VERSION}")
