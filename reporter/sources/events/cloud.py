"""Day files in Azure Blob Storage: a folder of blobs, and a folder here that is kept the same.

Processes may share either. A file is moved whole, and may be killed at any point: what a note says of a file
counts only while it is the very file the note was written for. The SDK takes 570 ms to import, 700 with an
identity: so it is imported where a folder is used, not here.
"""

import os
import re
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from shutil import disk_usage
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol
from uuid import uuid4

from reporter.folders import PRIVATE_FILE, holding, make_private_folder
from reporter.network.storage_account import CHANGED, CONFLICT, MISSING, Missing, StorageResource, client_of
from reporter.reports.errors import Unavailable
from reporter.sources.events.day_file import clear_parts

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.storage.blob import BlobProperties, ContainerClient, StorageStreamDownloader

PART = ".part"  # ends the name of a file that is not whole yet
FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")  # a name that cannot lead out of a folder
READ_TRIES = 3  # of a file that is replaced while it is read
MIB = 2**20

# Of itself the SDK waits 60 s for each answer, pauses up to 40 s, and holds 32 MiB of a file in memory.
PATIENCE: Mapping[str, Any] = {
    "connection_timeout": 5,  # seconds
    "read_timeout": 15,
    "max_single_get_size": 4 * MIB,
    "max_chunk_get_size": 4 * MIB,
    "max_single_put_size": 8 * MIB,
    "max_block_size": 4 * MIB,
}


@dataclass(frozen=True, slots=True)
class Stored:
    """One version of a file, as it is stored."""

    size: int
    etag: str
    modified: datetime


class Blobs(Protocol):
    """Files by their plain names. Each method raises Unavailable; threads may share it."""

    def names(self) -> Mapping[str, Stored]: ...

    def read(self, name: str, into: Path) -> Stored | None:
        """What `into` now holds, whole; None, and nothing changed, where there is no such file."""
        ...

    def write(self, file: BinaryIO, name: str) -> Stored:
        """What is stored now, in place of an earlier version."""
        ...

    def delete(self, name: str) -> None: ...


@dataclass(frozen=True, slots=True)
class AzureBlobs:
    """A folder of a container, which is made when it is missing."""

    container: "ContainerClient" = field(repr=False)
    folder: str = ""

    def names(self) -> Mapping[str, Stored]:
        found = self._place.ask(
            lambda: list(self.container.list_blobs(name_starts_with=self._path(""))), MISSING
        )
        files = {blob.name.removeprefix(self._path("")): blob for blob in found or ()}
        return {name: _stored(blob) for name, blob in files.items() if FILE_NAME.fullmatch(name)}

    def read(self, name: str, into: Path) -> Stored | None:
        part = into.with_name(f".{into.name}.{uuid4().hex}{PART}")
        try:
            stored = self._download(name, part)
            if stored:
                part.replace(into)
        except OSError as error:
            raise Unavailable(f"{into.parent} cannot be written to: {error.strerror}.") from None
        finally:
            part.unlink(missing_ok=True)
        return stored

    def write(self, file: BinaryIO, name: str) -> Stored:
        def upload() -> Stored:
            size = file.seek(0, os.SEEK_END)
            file.seek(0)
            blob = self.container.get_blob_client(self._path(name))
            answer: Mapping[str, Any] = blob.upload_blob(file, length=size, overwrite=True)
            return _version(size, answer["etag"], answer["last_modified"])

        try:
            return self._place.ask(upload)
        except Missing:
            self._place.ask(self.container.create_container, CONFLICT)
            return self._place.ask(upload)

    def delete(self, name: str) -> None:
        self._place.ask(lambda: self.container.delete_blob(self._path(name)), MISSING)

    def close(self) -> None:
        self.container.close()

    def _download(self, name: str, part: Path) -> Stored | None:
        """One version of the file, checked to be whole."""
        for _ in range(READ_TRIES):
            answer = self._place.ask(lambda: self._opened(name), MISSING)
            if answer is None:
                return None
            with part.open("wb") as file:
                received = self._place.ask(lambda answer=answer, file=file: answer.readinto(file), CHANGED)
            if received is not None:
                stored = _stored(answer.properties)
                if part.stat().st_size != stored.size:
                    raise Unavailable(self._place.cannot(f"{name} arrived cut short; try again."))
                return stored
        raise Unavailable(self._place.cannot(f"{name} changes faster than it can be read; try again."))

    def _opened(self, name: str) -> "StorageStreamDownloader[bytes]":
        return self.container.download_blob(self._path(name))

    def _path(self, name: str) -> str:
        return f"{self.folder}/{name}" if self.folder else name

    @property
    def _place(self) -> StorageResource:
        name = (
            f"container {self.container.container_name} of the storage account {self.container.account_name}"
        )
        role = "Storage Blob Data Contributor or Storage Blob Data Owner"
        return StorageResource(name, role, self.container.url)


def _stored(blob: "BlobProperties") -> Stored:
    return _version(blob.size, blob.etag, blob.last_modified)


def _version(size: int, etag: str, modified: datetime) -> Stored:
    return Stored(size, etag.strip('"'), modified)  # only some answers have it in quotes


def blobs_of(environ: Mapping[str, str], container: str, folder: str = "") -> AzureBlobs | None:
    """A folder in the storage account of this Azure Functions app; None where it has none.

    Asks nothing of the network. Raises ConfigError.
    """

    def by_connection_string(text: str) -> "ContainerClient":
        from azure.storage.blob import ContainerClient

        return ContainerClient.from_connection_string(text, container, **_patience())

    def by_identity(address: str, credential: "TokenCredential") -> "ContainerClient":
        from azure.storage.blob import ContainerClient

        return ContainerClient(address, container, credential=credential, **_patience())

    client = client_of(environ, "blob", by_connection_string, by_identity)
    return AzureBlobs(client, folder) if client else None


def _patience() -> Mapping[str, Any]:
    from azure.storage.blob import LinearRetry

    tries = LinearRetry(
        backoff=1, random_jitter_range=1, retry_total=4, retry_connect=2, retry_read=2, retry_status=4
    )
    return {**PATIENCE, "retry_policy": tries}


NOTES = ".blobs"  # the folder of notes: for each file, which version of it was brought or put up
AT_ONCE = 4
ABANDONED_AFTER = 24 * 3600  # seconds since a file that is not whole was written to


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
        with holding(self.folder, clear_parts):
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
