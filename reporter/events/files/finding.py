"""Which files there are, on this machine or in object storage, and what tells that one changed."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, cast

from reporter.events.files.schematized import Schema, read_schema
from reporter.events.files.trouble import not_openable, nothing_matches, place_trouble, shown
from reporter.model.errors import Refused

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
