"""Which files there are, and the errors that name them."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, cast
from urllib.parse import urlsplit, urlunsplit

from reporter.reports.errors import Refused, ReporterError, Unavailable
from reporter.sources.events.feeds.files.schematized import Schema, read_schema

EXTRAS = {
    "s3": "s3fs",
    "s3a": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "abfs": "adlfs",
    "abfss": "adlfs",
    "az": "adlfs",
}
EXTRA_NAMES = {"s3fs": "s3", "gcsfs": "gcs", "adlfs": "abfs"}
CREDENTIALS = {
    "s3fs": "those of AWS: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or a role",
    "gcsfs": "Google's default ones: GOOGLE_APPLICATION_CREDENTIALS, or those of `gcloud auth`",
    "adlfs": "AZURE_STORAGE_CONNECTION_STRING, or AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
}


def shown(address: str) -> str:
    """An address without what may be secret in it: a user and password, a signature."""
    url = urlsplit(address)
    if not url.scheme:
        return address
    return urlunsplit((url.scheme, url.netloc.rpartition("@")[2], url.path, "", ""))


def not_openable(address: str, error: ImportError | ValueError) -> Refused:
    """Why there is no file system for an address: its library is missing, lacks settings, or is none."""
    library = _library(address)
    if library is None:
        return Refused(
            f"Files cannot be read from {shown(address)}: {_scheme(address)!r} is not known. "
            "Use a path, or an address that begins with s3://, gs:// or abfs://"
        )
    if isinstance(error, ValueError):
        return _denied(address)
    return Refused(
        f"{shown(address)} needs the library {library}, which is not installed. In the project's folder: "
        f"pip install '.[{EXTRA_NAMES[library]}]'. On Azure, add {library} to requirements.txt"
    )


def place_trouble(address: str, error: Exception) -> ReporterError:
    """Why files cannot be had, by the kind of the error alone: its words may repeat an address."""
    kind = type(error).__name__
    status: object = getattr(error, "status_code", None)  # Azure's errors have one, and no common type
    if isinstance(error, PermissionError) or "Credential" in kind or status in (401, 403):
        return _denied(address)
    if isinstance(error, FileNotFoundError):
        return Unavailable(f"{shown(address)} is not there, or not any more")
    return Unavailable(f"{shown(address)} could not be read ({kind}). Try again")


def nothing_matches(address: str) -> Refused:
    return Refused(
        f"No file matches {shown(address)}. Check the path; ** stands for folders at any depth. "
        "Names that begin with . or _ are left out, unless the path names them"
    )


def _denied(address: str) -> Refused:
    library = _library(address)
    hint = f"Credentials are looked for as {CREDENTIALS[library]}" if library else "Let this user read it"
    return Refused(f"{shown(address)} may not be read. {hint}")


def _library(address: str) -> str | None:
    return EXTRAS.get(_scheme(address))


def _scheme(address: str) -> str:
    return address.split("://", 1)[0].rsplit("::", 1)[-1]


Options = Mapping[str, object]  # of a file system: fsspec passes them to the library that knows it
Facts = Mapping[str, Any]  # of a file, as its file system tells them
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


SCHEMA = "schema/events.json"
NO_DATA = tuple(f"/schema/{name}.json" for name in ("events", "people", "identities"))


@dataclass(frozen=True, slots=True)
class Found:
    """A file with something in it."""

    name: str  # its address, without secrets
    size: int
    stamp: str  # another one, once it changed
    path: str = field(repr=False)  # within its file system
    system: FileSystem = field(repr=False, compare=False)


def find(patterns: Iterable[str], options: Options | None = None) -> dict[str, Found]:
    """The files that match, by their names. Empty files are left out: pipelines mark ends with them.

    Raises Refused where nothing matches, or where the place needs a library or credentials; Unavailable.
    """
    found: dict[str, Found] = {}
    for pattern in patterns:
        matching = _matching(pattern, options or {})
        if not matching:
            raise nothing_matches(pattern)
        found.update((file.name, file) for file in matching if file.size)
    return found


def _matching(pattern: str, options: Options) -> list[Found]:
    system, path = _system_of(pattern, options)
    try:
        system.invalidate_cache()
        is_folder = not _has_magic(path) and system.isdir(path)
        files = system.find(path, detail=True) if is_folder else system.glob(path, detail=True)
    except Exception as error:  # whatever the library of that place raises
        raise place_trouble(pattern, error) from None
    fixed = path if is_folder else _fixed(path)
    return [
        _found(system, each, facts)
        for each, facts in files.items()
        if facts["type"] == "file" and not _is_hidden(each, fixed, path) and not each.endswith(NO_DATA)
    ]


def find_schema(patterns: Iterable[str], options: Options | None = None) -> Schema:
    """What the files schema/events.json say of columns, in the patterns' folders or beside those."""
    found: dict[str, tuple[str, ...]] = {}
    for pattern in patterns:
        system, path = _system_of(pattern, options or {})
        folder = _fixed(path)
        for place in (f"{folder}/{SCHEMA}", f"{folder.rpartition('/')[0]}/{SCHEMA}"):
            try:
                found |= read_schema(system.cat_file(place))
            except (FileNotFoundError, NotADirectoryError):
                continue
            except ValueError:
                name = shown(system.unstrip_protocol(place))
                raise Refused(f"{name} is no JSON. Put it there again") from None
            except Exception as error:  # whatever the library of that place raises
                trouble = place_trouble(system.unstrip_protocol(place), error)
                if not isinstance(trouble, Refused):  # what may not be read is as good as not there
                    raise trouble from None
    return found


def _fixed(path: str) -> str:
    """The folder up to the first part that is a pattern."""
    parts = path.split("/")
    first = next((place for place, part in enumerate(parts) if _has_magic(part)), len(parts))
    return "/".join(parts[:first])


def _is_hidden(path: str, fixed: str, pattern: str) -> bool:
    """Whether it is no data, as Spark and Hadoop mean it, such as .part.crc or _SUCCESS; not if asked for."""
    below, asked = path.removeprefix(fixed).split("/"), pattern.removeprefix(fixed).split("/")
    signs = {part[0] for part in below if part.startswith((".", "_"))}
    return bool(signs - {part[0] for part in asked if part.startswith((".", "_"))})


def _system_of(pattern: str, options: Options) -> tuple[FileSystem, str]:
    from fsspec import core

    url_to_fs = cast(Callable[..., tuple[FileSystem, str]], core.url_to_fs)  # pyright: ignore[reportUnknownMemberType]
    try:
        return url_to_fs(pattern, **options)
    except (ImportError, ValueError) as error:
        raise not_openable(pattern, error) from None
    except Exception as error:
        raise place_trouble(pattern, error) from None


def _found(system: FileSystem, path: str, facts: Facts) -> Found:
    size = int(facts["size"] or 0)
    change = next((str(facts[name]) for name in CHANGES if facts.get(name)), "")
    name = shown(system.unstrip_protocol(path)).removeprefix("file://")
    return Found(name, size, f"{size} {change}", path, system)


def _has_magic(path: str) -> bool:
    return any(letter in path for letter in "*?[")
