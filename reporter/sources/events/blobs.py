"""A folder in Azure Blob Storage: files that are there whole or not at all.

The SDK takes 570 ms to import, 700 with an identity: so it is imported where a folder is used, not here.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol
from uuid import uuid4

from reporter.network.storage_account import CHANGED, CONFLICT, MISSING, Missing, StorageErrors, client_of
from reporter.reports.errors import Unavailable

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
    def _place(self) -> StorageErrors:
        name = (
            f"container {self.container.container_name} of the storage account {self.container.account_name}"
        )
        role = "Storage Blob Data Contributor or Storage Blob Data Owner"
        return StorageErrors(name, role, self.container.url)


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
