"""A folder here that agrees with one in Blob Storage: what is missing is brought, what is new is put up.

Processes may share either. A file is moved whole, and may be killed at any point: what a note says of a file
counts only while it is the very file the note was written for.
"""

import os
import time
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from shutil import disk_usage
from uuid import uuid4

from reporter.reports.errors import Unavailable
from reporter.sources.events.blobs import FILE_NAME, PART, Blobs, Stored
from reporter.sources.events.day_file import clear_parts
from reporter.sources.folders import PRIVATE_FILE, held, make_private_folder

NOTES = ".blobs"  # the folder of notes: for each file, which version of it was brought or put up
AT_ONCE = 4
ABANDONED_AFTER = 24 * 3600  # seconds since a file that is not whole was written to
MIB = 2**20


@dataclass(frozen=True, slots=True)
class Agreed:
    """What it took to agree."""

    brought: tuple[str, ...] = ()
    put: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mirror:
    """Each method raises Unavailable; what it did until then stays done, and is not done again."""

    blobs: Blobs
    folder: Path
    clock: Callable[[], float] = time.time

    def agree(self, wanted: Callable[[str], bool] = lambda _: True) -> Agreed:
        """Brings the wanted files that are missing or older here, puts up those that nobody put up yet.

        What was removed there is removed here.
        """
        make_private_folder(self._notes)
        with held(self.folder, clear_parts):
            return self._agree(wanted)

    def _agree(self, wanted: Callable[[str], bool]) -> Agreed:
        self._tidy()
        there = {name: stored for name, stored in self.blobs.names().items() if wanted(name)}
        here = {name: self._etag(name) for name in self._here() if wanted(name)}
        gone = tuple(name for name, etag in here.items() if etag is not None and name not in there)
        unsent = [
            name for name, etag in here.items() if etag is None and self._is_newer(name, there.get(name))
        ]
        older = [name for name in there if here.get(name) != there[name].etag and name not in unsent]
        for name in gone:
            self._forget(name)
        self._check_disk(sum(there[name].size for name in older))
        return Agreed(self._all(self._bring, older), self.put(unsent), gone)

    def put(self, names: Iterable[str]) -> tuple[str, ...]:
        """Puts up these files, in place of earlier versions; those of them that are still here."""
        make_private_folder(self._notes)
        return self._all(self._put, names)

    def drop(self, names: Collection[str]) -> None:
        """Removes these files, there and then here."""
        self._all(self._drop, names)

    def _all(self, act: Callable[[str], bool], names: Iterable[str]) -> tuple[str, ...]:
        """The names with which it could be done."""
        asked = tuple(names)
        with ThreadPoolExecutor(AT_ONCE) as threads:
            done = threads.map(act, asked)
            return tuple(name for name, is_done in zip(asked, done, strict=True) if is_done)

    def _bring(self, name: str) -> bool:
        part = self.folder / f".{name}.{uuid4().hex}{PART}"
        stored = self.blobs.read(name, part)
        if stored is None:
            return False  # removed there since it was listed
        # What is brought and then killed before it is noted is no newer than what is there.
        modified = stored.modified.timestamp()
        os.utime(part, (modified, modified))
        part.chmod(PRIVATE_FILE)
        seen = part.stat()
        part.replace(self.folder / name)
        self._note(name, stored.etag, seen)
        return True

    def _put(self, name: str) -> bool:
        try:
            with (self.folder / name).open("rb") as file:
                seen = os.fstat(file.fileno())
                stored = self.blobs.write(file, name)
        except FileNotFoundError:
            return False  # removed since, by somebody who shares the folder
        self._note(name, stored.etag, seen)
        return True

    def _drop(self, name: str) -> bool:
        self.blobs.delete(name)
        self._forget(name)
        return True

    def _is_newer(self, name: str, stored: Stored | None) -> bool:
        """Whether a file of which nothing is known came here after that version."""
        seen = _seen(self.folder / name)
        return seen is not None and (stored is None or seen.st_mtime > stored.modified.timestamp())

    def _etag(self, name: str) -> str | None:
        """Which version a file is; None where it is none that was brought or put up."""
        seen = _seen(self.folder / name)
        try:
            etag, identity = (self._notes / name).read_text().split("\n")
        except (FileNotFoundError, ValueError):
            return None
        return etag if seen and identity == _identity(seen) else None

    def _note(self, name: str, etag: str, seen: os.stat_result) -> None:
        part = self._notes / f".{name}.{uuid4().hex}{PART}"
        part.write_text(f"{etag}\n{_identity(seen)}")
        part.replace(self._notes / name)

    def _forget(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)
        (self._notes / name).unlink(missing_ok=True)

    def _here(self) -> list[str]:
        return [
            file.name for file in self.folder.iterdir() if FILE_NAME.fullmatch(file.name) and file.is_file()
        ]

    def _tidy(self) -> None:
        """Removes what killed processes left half done."""
        for part in (*self.folder.glob(f".*{PART}"), *self._notes.glob(f".*{PART}")):
            seen = _seen(part)
            if seen and self.clock() - seen.st_mtime > ABANDONED_AFTER:
                part.unlink(missing_ok=True)

    def _check_disk(self, needed: int) -> None:
        free = disk_usage(self.folder).free
        if needed > free:
            sizes = f"{needed / MIB:,.0f} MiB are needed, {free / MIB:,.0f} MiB are free"
            raise Unavailable(f"The day files do not fit into {self.folder}: {sizes}. Give it more room.")

    @property
    def _notes(self) -> Path:
        return self.folder / NOTES


def _seen(file: Path) -> os.stat_result | None:
    """What a file is like; None where somebody removed it."""
    try:
        return file.stat()
    except FileNotFoundError:
        return None


def _identity(seen: os.stat_result) -> str:
    return f"{seen.st_ino} {seen.st_size} {seen.st_mtime_ns}"
