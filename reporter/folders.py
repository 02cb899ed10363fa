"""Folders and files of this program's own, and what the machine refuses as one of its errors.

Nobody else may read them, and what killed processes left in them goes.
"""

import errno
import os
import sys
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from typing import TypeAlias
from uuid import uuid4

from reporter.reports.errors import Refused, ReporterError, Unavailable

PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600


def make_private_folder(folder: Path) -> None:
    """Makes it, and those above it that are missing, whatever the umask; one that is there stays as it is."""
    for missing in reversed([each for each in (folder, *folder.parents) if not each.exists()]):
        with suppress(FileExistsError):  # another process made it meanwhile
            missing.mkdir(PRIVATE_FOLDER)
            missing.chmod(PRIVATE_FOLDER)


def make_private_file(path: Path) -> None:
    """An empty one, if there is none, before anybody writes into it."""
    path.touch(PRIVATE_FILE)
    path.chmod(PRIVATE_FILE)


PART = ".part"  # ends the name of a file that is not whole yet


@contextmanager
def part_file(folder: Path, name: str) -> Generator[Path]:
    """A new file to be written, and then moved in place; what was not moved goes."""
    part = folder / f".{name}.{uuid4().hex}{PART}"
    try:
        make_private_file(part)
        yield part
    finally:
        part.unlink(missing_ok=True)


def clear_parts(folder: Path) -> None:
    """Removes what killed processes left half written."""
    for part in folder.glob(f".*{PART}"):
        part.unlink(missing_ok=True)


FileVersion: TypeAlias = tuple[int, int, int]


def status_of(path: Path) -> os.stat_result | None:
    """None where somebody removed it."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def version_of(status: os.stat_result) -> FileVersion:
    """Tells a file from another that took its place, and from what it was before it was written to."""
    return status.st_ino, status.st_size, status.st_mtime_ns


@contextmanager
def holding(folder: Path, clear: Callable[[Path], None] = clear_parts) -> Generator[None]:
    """Holds the folder together with others; see `hold`."""
    handle = hold(folder, clear)
    try:
        yield
    finally:
        release(handle)


def hold(folder: Path, clear: Callable[[Path], None]) -> int | None:
    """Locks the folder itself, together with others; who is alone in it first clears what others left.

    A lock ends with its process, however that dies, while process numbers come again in every container.
    """
    if sys.platform == "win32":
        return None  # it has no such locks, so nothing tells whose a file is: nothing is cleared
    import fcntl

    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    with suppress(OSError):  # others are at work, or the file system knows no locks
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        clear(folder)
    with suppress(OSError):
        fcntl.flock(handle, fcntl.LOCK_SH)
    return handle


def release(handle: int | None) -> None:
    if handle is not None:
        os.close(handle)


def make_held_folder(prefix: str, place: Path) -> tuple[Path, int | None]:
    """A new private folder with the handle that holds it; those that killed processes left there go first."""
    for left in place.glob(f"{prefix}*"):
        _remove_abandoned(left)
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=place))
        with suppress(FileNotFoundError):  # another process took it for abandoned just now
            handle = hold(folder, lambda _: None)
            if folder.exists():
                return folder, handle
            release(handle)


def _remove_abandoned(folder: Path) -> None:
    """Removes it where no process holds it any more, as far as the system can tell."""
    if sys.platform == "win32":
        return
    import fcntl

    with suppress(OSError):  # it is held, or gone, or somebody else's
        handle = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            rmtree(folder, ignore_errors=True)
        finally:
            os.close(handle)


# These stay as they are until a person changes something; all others may pass.
LASTING = frozenset(
    {
        errno.EACCES,
        errno.EPERM,
        errno.EROFS,
        errno.ENOTDIR,
        errno.EISDIR,
        errno.EEXIST,
        errno.ENAMETOOLONG,
        errno.ELOOP,
    }
)


def machine_failure(error: OSError, place: object) -> ReporterError:
    """The error to raise instead: Refused where only a person can help, else Unavailable."""
    reason = os.strerror(error.errno) if error.errno else "it does not answer as it should"
    text = f"{error.filename or place} cannot be used: {reason[:1].lower()}{reason[1:]}."
    if error.errno not in LASTING:
        return Unavailable(text)
    return Refused(f"{text} Let the user who runs the reporter own it, or name another folder.")


def check_writable(folder: Path) -> None:
    """Nothing where files may be written there, or the folder be made. Raises Refused or Unavailable."""
    try:
        there = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())
        with tempfile.TemporaryFile(dir=there) as file:
            file.write(b"\0")
            file.flush()
    except OSError as error:
        raise machine_failure(OSError(error.errno, error.strerror), folder) from None  # not of the file tried
