"""Day files in Azure Blob Storage: a folder of blobs, and a folder here that is kept in step with it.

Processes may share either. A file is moved whole, and may be killed at any point: what a note says of a file
counts only while it is the very file the note was written for. The SDK is imported where it is used.
"""

import logging
import os
import re
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from reporter.folders import PART, holding, make_private_folder, part_file, status_of, version_of
from reporter.network.storage_account import CHANGED, MISSING, Loaded, StorageResource, client_of
from reporter.reports.errors import Unavailable
from reporter.sources.events.engine import MIB, require_room

if TYPE_CHECKING:
    from azure.storage.blob import BlobProperties, ContainerClient, StorageStreamDownloader

FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")  # a name that cannot lead out of a folder
READ_TRIES = 3  # of a file that is replaced while it is read

# Of itself the SDK waits 60 s for each answer, pauses up to 40 s, and holds 32 MiB of a file in memory.
OPTIONS: Mapping[str, Any] = {
    "connection_timeout": 5,  # seconds
    "read_timeout": 15,
    "max_single_get_size": 4 * MIB,
    "max_chunk_get_size": 4 * MIB,
    "max_single_put_size": 8 * MIB,
    "max_block_size": 4 * MIB,
}

LOG = logging.getLogger("reporter.sources.events")


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """One version of a file, as it is stored."""

    size: int
    etag: str
    modified: datetime


class Blobs(Protocol):
    """Files by their plain names. Each method raises Unavailable; threads may share it."""

    def names(self) -> Mapping[str, StoredBlob]: ...

    def read(self, name: str, into: Path) -> StoredBlob | None:
        """What `into` now holds, whole; None, and nothing changed, where there is no such file."""
        ...

    def write(self, file: BinaryIO, name: str) -> StoredBlob:
        """What is stored now, in place of an earlier version."""
        ...

    def delete(self, name: str) -> None: ...


@dataclass(frozen=True, slots=True)
class AzureBlobs:
    """A folder of a container, which is made when it is missing."""

    container: "ContainerClient" = field(repr=False)
    folder: str = ""

    @classmethod
    def of(cls, environ: Mapping[str, str], container: str, folder: str = "") -> "AzureBlobs | None":
        """A folder in the storage account of this Azure Functions app; None where it has none.

        Asks nothing of the network. Raises ConfigError.
        """
        client = client_of(environ, "blob", container, _load)
        return cls(client, folder) if client else None

    def names(self) -> Mapping[str, StoredBlob]:
        prefix = self._path("")
        found = self._resource.ask(lambda: list(self.container.list_blobs(name_starts_with=prefix)), MISSING)
        files = {blob.name.removeprefix(prefix): blob for blob in found or ()}
        return {name: _stored(blob) for name, blob in files.items() if FILE_NAME.fullmatch(name)}

    def read(self, name: str, into: Path) -> StoredBlob | None:
        try:
            with part_file(into.parent, into.name) as part:
                stored = self._download(name, part)
                if stored:
                    part.replace(into)
        except OSError as error:
            raise Unavailable(f"{into.parent} cannot be written to: {error.strerror}.") from None
        return stored

    def write(self, file: BinaryIO, name: str) -> StoredBlob:
        def upload() -> StoredBlob:
            size = file.seek(0, os.SEEK_END)
            file.seek(0)
            blob = self.container.get_blob_client(self._path(name))
            answer: Mapping[str, Any] = blob.upload_blob(file, length=size, overwrite=True)
            return _version(size, answer["etag"], answer["last_modified"])

        resource = self._resource
        return resource.write(lambda: resource.ask(upload), self.container.create_container)

    def delete(self, name: str) -> None:
        self._resource.ask(lambda: self.container.delete_blob(self._path(name)), MISSING)

    def close(self) -> None:
        self.container.close()

    def _download(self, name: str, part: Path) -> StoredBlob | None:
        """One version of the file, checked to be whole."""
        ask, cannot = self._resource.ask, self._resource.cannot
        for _ in range(READ_TRIES):
            answer = ask(lambda: self._open(name), MISSING)
            if answer is None:
                return None
            with part.open("wb") as file:
                received = ask(lambda answer=answer, file=file: answer.readinto(file), CHANGED)
            if received is not None:
                stored = _stored(answer.properties)
                if part.stat().st_size != stored.size:
                    raise Unavailable(cannot(f"{name} arrived cut short; try again."))
                return stored
        raise Unavailable(cannot(f"{name} changes faster than it can be read; try again."))

    def _open(self, name: str) -> "StorageStreamDownloader[bytes]":
        return self.container.download_blob(self._path(name))

    def _path(self, name: str) -> str:
        return f"{self.folder}/{name}" if self.folder else name

    @property
    def _resource(self) -> StorageResource:
        name = (
            f"container {self.container.container_name} of the storage account {self.container.account_name}"
        )
        role = "Storage Blob Data Contributor or Storage Blob Data Owner"
        return StorageResource(name, role, self.container.url)


def _stored(blob: "BlobProperties") -> StoredBlob:
    return _version(blob.size, blob.etag, blob.last_modified)


def _version(size: int, etag: str, modified: datetime) -> StoredBlob:
    return StoredBlob(size, etag.strip('"'), modified)  # only some answers have it in quotes


def _load() -> "Loaded[ContainerClient]":
    from azure.storage.blob import ContainerClient, LinearRetry

    tries = LinearRetry(
        backoff=1, random_jitter_range=1, retry_total=4, retry_connect=2, retry_read=2, retry_status=4
    )
    return ContainerClient, {**OPTIONS, "retry_policy": tries}


NOTES = ".blobs"  # the folder of notes: for each file, which version of it was downloaded or uploaded
AT_ONCE = 4
ABANDONED_AFTER = 24 * 3600  # seconds since a file that is not whole was written to


@dataclass(frozen=True, slots=True)
class SyncResult:
    """The files that were moved."""

    downloaded: tuple[str, ...] = ()
    uploaded: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mirror:
    """A folder here that is kept in step with one in the cloud.

    Each method raises Unavailable; what it did until then stays done, and is not done again.
    """

    blobs: Blobs
    folder: Path
    clock: Callable[[], float] = time.time

    def sync(self, wanted: Callable[[str], bool] = lambda _: True) -> SyncResult:
        """Downloads the wanted files that are missing or older here, uploads those that nobody uploaded yet.

        What was removed there is removed here.
        """
        make_private_folder(self._notes)
        with holding(self.folder):
            return self._sync(wanted)

    def _sync(self, wanted: Callable[[str], bool]) -> SyncResult:
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
        require_room(self.folder, sum(there[name].size for name in older), "the stored raw events")
        result = SyncResult(self._all(self._download, older), self.upload(unsent), gone)
        counts = len(result.downloaded), len(result.uploaded), len(result.removed)
        LOG.info("events-synced: %d downloaded, %d uploaded, %d removed", *counts)
        return result

    def upload(self, names: Iterable[str]) -> tuple[str, ...]:
        """Uploads these files, in place of earlier versions; those of them that are still here."""
        make_private_folder(self._notes)
        return self._all(self._upload, names)

    def delete(self, names: Collection[str]) -> None:
        """Removes these files, there and then here."""
        self._all(self._delete, names)

    def _all(self, act: Callable[[str], bool], names: Iterable[str]) -> tuple[str, ...]:
        """The names with which it could be done."""
        given = tuple(names)
        with ThreadPoolExecutor(AT_ONCE) as threads:
            done = threads.map(act, given)
            return tuple(name for name, is_done in zip(given, done, strict=True) if is_done)

    def _download(self, name: str) -> bool:
        with part_file(self.folder, name) as part:
            stored = self.blobs.read(name, part)
            if stored is None:
                return False  # removed there since it was listed
            # What is downloaded and then killed before it is noted is no newer than what is there.
            modified = stored.modified.timestamp()
            os.utime(part, (modified, modified))
            status = part.stat()
            part.replace(self.folder / name)
        self._note(name, stored.etag, status)
        return True

    def _upload(self, name: str) -> bool:
        try:
            with (self.folder / name).open("rb") as file:
                status = os.fstat(file.fileno())
                stored = self.blobs.write(file, name)
        except FileNotFoundError:
            return False  # removed since, by somebody who shares the folder
        self._note(name, stored.etag, status)
        return True

    def _delete(self, name: str) -> bool:
        self.blobs.delete(name)
        self._forget(name)
        return True

    def _is_newer(self, name: str, stored: StoredBlob | None) -> bool:
        """Whether a file of which nothing is known came here after that version."""
        status = status_of(self.folder / name)
        return status is not None and (stored is None or status.st_mtime > stored.modified.timestamp())

    def _etag(self, name: str) -> str | None:
        """Which version a file is; None where it is none that was downloaded or uploaded."""
        status = status_of(self.folder / name)
        try:
            etag, version = (self._notes / name).read_text().split("\n")
        except (FileNotFoundError, ValueError):
            return None
        return etag if status and version == _version_text(status) else None

    def _note(self, name: str, etag: str, status: os.stat_result) -> None:
        with part_file(self._notes, name) as part:
            part.write_text(f"{etag}\n{_version_text(status)}")
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
            status = status_of(part)
            if status and self.clock() - status.st_mtime > ABANDONED_AFTER:
                part.unlink(missing_ok=True)

    @property
    def _notes(self) -> Path:
        return self.folder / NOTES


def _version_text(status: os.stat_result) -> str:
    return " ".join(map(str, version_of(status)))
