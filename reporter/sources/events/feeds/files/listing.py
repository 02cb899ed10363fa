"""The files that there are: listed by their patterns, and brought here for the database to read."""

import logging
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from glob import has_magic
from itertools import islice
from pathlib import Path
from shutil import rmtree
from typing import Any, Literal, Protocol, TypeAlias, cast
from urllib.parse import urlsplit, urlunsplit

from reporter.reports.errors import Refused, ReporterError, Unavailable
from reporter.sources.events.engine import require_room
from reporter.sources.events.feeds.files.formats import flaw_error
from reporter.sources.events.feeds.files.schematized import Schema, read_schema
from reporter.sources.raw_files import is_packed, unpack

LIBRARIES = {
    **dict.fromkeys(("s3", "s3a"), "s3fs"),
    **dict.fromkeys(("gs", "gcs"), "gcsfs"),
    **dict.fromkeys(("abfs", "abfss", "az"), "adlfs"),
}
EXTRAS = {"s3fs": "s3", "gcsfs": "gcs", "adlfs": "abfs"}  # of this project, which install them
CREDENTIALS = {
    "s3fs": "those of AWS: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or a role",
    "gcsfs": "Google's default ones: GOOGLE_APPLICATION_CREDENTIALS, or those of `gcloud auth`",
    "adlfs": "AZURE_STORAGE_CONNECTION_STRING, or AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
}
# What the libraries call it, best first: an ETag is of the content, a time may be too coarse.
CHANGES = (
    "ETag",
    "etag",
    "md5Hash",
    "generation",
    "mtime",
    "LastModified",
    "last_modified",
    "updated",
    "created",
)
SCHEMA = "schema/events.json"
NO_DATA = tuple(f"/schema/{name}.json" for name in ("events", "people", "identities"))
AT_ONCE = 3  # files that are on their way while one is read
INCOMING = "incoming-"  # begins the name of the folder they come to

Options: TypeAlias = Mapping[str, object]  # of a file system: fsspec passes them to the library that knows it
Facts: TypeAlias = Mapping[str, Any]  # of a file, as its file system tells them

# At DEBUG these log addresses and headers, which may carry a signature.
for _name in ("fsspec", "s3fs", "gcsfs", "adlfs", "botocore", "aiobotocore", "urllib3", "azure"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class FileSystem(Protocol):
    """What is used of fsspec's file systems, which have no types."""

    def invalidate_cache(self) -> None: ...
    def isdir(self, path: str) -> bool: ...
    def find(self, path: str, *, detail: Literal[True]) -> Mapping[str, Facts]: ...
    def glob(self, path: str, *, detail: Literal[True]) -> Mapping[str, Facts]: ...
    def unstrip_protocol(self, name: str) -> str: ...
    def cat_file(self, path: str) -> bytes: ...
    def get_file(self, rpath: str, lpath: str) -> None: ...


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file with something in it."""

    name: str  # its address, without secrets
    size: int
    stamp: str  # another one, once it changed
    path: str = field(repr=False)  # within its file system
    system: FileSystem = field(repr=False, compare=False)


def list_files(patterns: Iterable[str], options: Options) -> dict[str, ListedFile]:
    """The files that match, by their names. Empty files are left out: pipelines mark ends with them.

    Raises Refused where nothing matches, or where the place needs a library or credentials; Unavailable.
    """
    listed: dict[str, ListedFile] = {}
    for pattern in patterns:
        matching = _matching(pattern, options)
        if not matching:
            raise Refused(
                f"No file matches {without_secrets(pattern)}. Check the path; ** stands for folders at any "
                "depth. Names that begin with . or _ are left out, unless the path names them"
            )
        listed.update((file.name, file) for file in matching if file.size)
    return listed


def find_schema(patterns: Iterable[str], options: Options) -> Schema:
    """What the files schema/events.json say of columns, in the patterns' folders or beside those."""
    found: dict[str, tuple[str, ...]] = {}
    for pattern in patterns:
        system, path = _open_system(pattern, options)
        folder = _fixed(path)
        for place in (f"{folder}/{SCHEMA}", f"{folder.rpartition('/')[0]}/{SCHEMA}"):
            address = system.unstrip_protocol(place)
            try:
                found |= read_schema(system.cat_file(place))
            except (FileNotFoundError, NotADirectoryError):
                continue
            except ValueError:
                raise Refused(f"{without_secrets(address)} is no JSON. Put it there again") from None
            except Exception as error:  # whatever the library of that place raises
                failure = access_error(address, error)
                if not isinstance(failure, Refused):  # what may not be read is as good as not there
                    raise failure from None
    return found


def local_files(files: Iterable[ListedFile], folder: Path) -> Iterator[tuple[ListedFile, Path]]:
    """Each file's content, not packed, in a file here, while the next ones are on their way.

    A copy in `folder` goes when the next is taken. Raises Unavailable, Refused, after the files before.
    """
    rest = iter(files)
    with (
        tempfile.TemporaryDirectory(prefix=INCOMING, dir=folder) as place,
        ThreadPoolExecutor(AT_ONCE) as threads,
    ):

        def start(file: ListedFile) -> tuple[ListedFile, Path, Future[Path]]:
            target = Path(tempfile.mkdtemp(dir=place))
            return file, target, threads.submit(local_copy, file, target)

        coming = deque(map(start, islice(rest, AT_ONCE)))
        while coming:
            file, target, copy = coming.popleft()
            yield file, copy.result()
            rmtree(target)
            coming.extend(map(start, islice(rest, 1)))


def local_copy(file: ListedFile, folder: Path) -> Path:
    """The file itself, or what there is of it in `folder` now: its content, not packed."""
    path = _downloaded(file, folder / "downloaded")
    try:
        if not is_packed(path):
            return path
    except OSError as error:
        raise access_error(file.name, error) from None
    unpacked = folder / "unpacked"
    _unpack(file, path, unpacked)
    (folder / "downloaded").unlink(missing_ok=True)
    return unpacked


def without_secrets(address: str) -> str:
    """An address as it may be shown: without a user and password, or a signature."""
    url = urlsplit(address)
    if not url.scheme:
        return address
    return urlunsplit((url.scheme, url.netloc.rpartition("@")[2], url.path, "", ""))


def access_error(address: str, error: Exception) -> ReporterError:
    """Why a place cannot be read, by the kind of the error alone: its words may repeat an address."""
    kind = type(error).__name__
    status: object = getattr(error, "status_code", None)  # Azure's errors have one, and no common type
    if isinstance(error, PermissionError) or "Credential" in kind or status in (401, 403):
        return _denied(address)
    if isinstance(error, FileNotFoundError):
        return Unavailable(f"{without_secrets(address)} is not there, or not any more")
    return Unavailable(f"{without_secrets(address)} could not be read ({kind}). Try again")


def library_error(address: str, error: ImportError | ValueError) -> Refused:
    """Why there is no file system for an address: its library is missing, lacks settings, or is none."""
    library = LIBRARIES.get(_scheme(address))
    if library is None:
        return Refused(
            f"Files cannot be read from {without_secrets(address)}: {_scheme(address)!r} is not known. "
            "Use a path, or an address that begins with s3://, gs:// or abfs://"
        )
    if isinstance(error, ValueError):
        return _denied(address)
    return Refused(
        f"{without_secrets(address)} needs the library {library}, which is not installed. In the project's "
        f"folder: pip install '.[{EXTRAS[library]}]'. On Azure, add {library} to requirements.txt"
    )


def _denied(address: str) -> Refused:
    library = LIBRARIES.get(_scheme(address))
    fix = f"Credentials are looked for as {CREDENTIALS[library]}" if library else "Let this user read it"
    return Refused(f"{without_secrets(address)} may not be read. {fix}")


def _scheme(address: str) -> str:
    return address.split("://", 1)[0].rsplit("::", 1)[-1]


def _matching(pattern: str, options: Options) -> list[ListedFile]:
    system, path = _open_system(pattern, options)
    try:
        system.invalidate_cache()
        is_folder = not has_magic(path) and system.isdir(path)
        files = system.find(path, detail=True) if is_folder else system.glob(path, detail=True)
    except Exception as error:  # whatever the library of that place raises
        raise access_error(pattern, error) from None
    fixed = path if is_folder else _fixed(path)
    return [
        _listed(system, each, facts)
        for each, facts in files.items()
        if facts["type"] == "file" and not _is_hidden(each, fixed, path) and not each.endswith(NO_DATA)
    ]


def _open_system(pattern: str, options: Options) -> tuple[FileSystem, str]:
    from fsspec import core

    url_to_fs = cast(Callable[..., tuple[FileSystem, str]], core.url_to_fs)  # pyright: ignore[reportUnknownMemberType]
    try:
        return url_to_fs(pattern, **options)
    except (ImportError, ValueError) as error:
        raise library_error(pattern, error) from None
    except Exception as error:
        raise access_error(pattern, error) from None


def _fixed(path: str) -> str:
    """The folder up to the first part that is a pattern."""
    parts = path.split("/")
    first = next((place for place, part in enumerate(parts) if has_magic(part)), len(parts))
    return "/".join(parts[:first])


def _is_hidden(path: str, fixed: str, pattern: str) -> bool:
    """Whether it is no data, as Spark and Hadoop mean it, such as .part.crc or _SUCCESS; not if asked for."""
    below, asked = path.removeprefix(fixed).split("/"), pattern.removeprefix(fixed).split("/")
    signs = {part[0] for part in below if part.startswith((".", "_"))}
    return bool(signs - {part[0] for part in asked if part.startswith((".", "_"))})


def _listed(system: FileSystem, path: str, facts: Facts) -> ListedFile:
    size = int(facts["size"] or 0)
    change = next((str(facts[name]) for name in CHANGES if facts.get(name)), "")
    name = without_secrets(system.unstrip_protocol(path)).removeprefix("file://")
    return ListedFile(name, size, f"{size} {change}", path, system)


def _downloaded(file: ListedFile, target: Path) -> Path:
    from fsspec.implementations.local import LocalFileSystem

    if isinstance(file.system, LocalFileSystem):
        return Path(file.path)
    require_room(target.parent, file.size, file.name)
    try:
        file.system.get_file(file.path, str(target))
    except Exception as error:  # whatever the library of that place raises
        raise access_error(file.name, error) from None
    if target.stat().st_size != file.size:
        raise Unavailable(f"{file.name} changed while it was fetched. Try again")
    return target


def _unpack(file: ListedFile, path: Path, target: Path) -> None:
    require_room(target.parent, 4 * file.size, f"{file.name}, unpacked")
    target.touch()
    try:
        flaw = unpack(path, target)
    except OSError as error:
        raise Unavailable(f"{file.name} cannot be unpacked in {target.parent}: {error.strerror}") from None
    if flaw:
        raise flaw_error(file.name, flaw)
