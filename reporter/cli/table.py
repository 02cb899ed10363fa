"""Standard output as the machine has it: an encoding that lacks letters, a full disk, a reader who left."""

import errno
import io
import os
import sys
from typing import Any, cast

from reporter.cli.output import DONE, GONE, INCOMPLETE, UNWRITTEN, complain


def prepare() -> None:
    """What the encoding lacks becomes a question mark, and nothing is written before there is some of it.

    So a disk that is full stops no work: where Python does not buffer, each line would.
    """
    if stdout := _file():
        stdout.reconfigure(errors="replace", write_through=False)


def print_data(text: str) -> None:
    """Print what other programs read: in UTF-8, whatever people here read (RFC 8259; HTML says so itself)."""
    if (stdout := _file()) and not stdout.isatty():
        stdout.reconfigure(encoding="utf-8")
    print(text)


def finish(code: int) -> int:
    """Write what is left of the output; the exit code says so where that does not work."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # its reader has gone: `reporter preview weekly | head`
        _let_go()
        return GONE if code == DONE else code
    except OSError as error:
        return unwritten(error, code)
    return code


def is_of_output(error: OSError) -> bool:
    """Whether it is standard output that has no room: an error of a file names the file."""
    return error.filename is None and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def unwritten(error: OSError, code: int = DONE) -> int:
    """Say that the output could not be written."""
    _let_go()
    complain(f"reporter: the output could not be written: {error.strerror}.")
    return UNWRITTEN if code in (DONE, INCOMPLETE) else code


def _file() -> "io.TextIOWrapper[Any] | None":
    """What Python has there of itself; a test may have put something else."""
    return cast("io.TextIOWrapper[Any]", sys.stdout) if isinstance(sys.stdout, io.TextIOWrapper) else None


def _let_go() -> None:
    """Python writes what is left once more when it ends; now it may."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
