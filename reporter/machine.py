"""What this machine does to us, as errors of ours: no room, no right, a folder that is none."""

import errno
import os
import tempfile
from pathlib import Path

from reporter.reports.errors import Refused, ReporterError, Unavailable

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


def failure(error: OSError, place: object) -> ReporterError:
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
        raise failure(error, folder) from None
