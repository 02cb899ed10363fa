"""What the command line says besides its results: exit codes, complaints, and that work goes on."""

import codecs
import errno
import io
import os
import sys
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast

from reporter.reports.errors import ConfigError, DeliveryUncertain, ReporterError, Unavailable, free_again

if TYPE_CHECKING:
    from reporter.reports.report import Report

Result = TypeVar("Result")

# What a script can tell from the exit code (74 and 75 are EX_IOERR and EX_TEMPFAIL of sysexits.h).
DONE, FAILED, SETTINGS, INCOMPLETE, UNCERTAIN, UNRECORDED, LATER = 0, 1, 2, 3, 4, 5, 75

UNWRITTEN, STOPPED, GONE = 74, 130, 141  # the last two as a shell says SIGINT and SIGPIPE

EXIT_CODES = """\
exit codes:
  0   done
  1   refused or failed: nothing was sent
  2   the settings or the command are wrong
  3   done, but something in the report could not be measured
  4   uncertain: the message may have been posted; look in the channel
  5   sent, but the ledger could not be written: do not send it again
  74  done, but the output could not be written
  75  nothing was sent, but it may work later"""


def exit_code(error: ReporterError) -> int:
    match error:
        case ConfigError():
            return SETTINGS
        case DeliveryUncertain():
            return UNCERTAIN
        case Unavailable():
            return LATER
        case _:
            return FAILED


def print_error(words: str, error: ReporterError | None = None) -> None:
    if free := free_again(error, datetime.now(UTC)):
        words = f"{words.rstrip('.')}. {free}"
    with suppress(OSError):  # nobody can be told: the exit code has to do
        print("\n".join((words, *getattr(error, "__notes__", ()))), file=sys.stderr)


def with_spinner(what: str, work: Callable[[], Result]) -> Result:
    """Do the work; on a terminal, show that it goes on."""
    if not sys.stderr.isatty():
        return work()
    from rich.console import Console

    with Console(stderr=True).status(f"{what} …"):
        return work()


# What stands in for a character that an encoding lacks; a minus that is lost turns a fall into a rise.
STAND_INS = {
    **dict.fromkeys("\u2212\u2013\u2014\u2500\u2578", "-"),  # minus, dashes, and what bars are made of
    **dict.fromkeys("\u2501\u2550", "="),
    **dict.fromkeys("\u00a0\u202f\u2009", " "),
    **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'),
    **dict.fromkeys("\u2018\u2019", "'"),
    **dict.fromkeys("\u2022\u25b8", "*"),
    "\u00b7": "|",
    "\u2026": "...",
    "\u2591": ".",
    "\u20ac": "EUR ",
    "\u221e": "inf",
    "\u00d7": "x",
    "\u00df": "ss",
    "\u2264": "<=",
    "\u2265": ">=",
    "\u2588": "#",
    "\u2190": "<-",
}


def _stand_in(error: UnicodeError) -> tuple[str, int]:
    """For the characters that could not be encoded: the one that people write instead, or a question mark."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(STAND_INS.get(each) or _without_accents(each) for each in lacking), error.end


def _without_accents(letter: str) -> str:
    return unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode() or "?"


def prepare() -> None:
    """What the encoding lacks is written as people do, and nothing is written before there is some of it.

    So a disk that is full stops no work: where Python does not buffer, each line would.
    """
    codecs.register_error("reporter.stand_in", _stand_in)
    if stdout := _file(sys.stdout):
        stdout.reconfigure(errors="reporter.stand_in", write_through=False)
    if stderr := _file(sys.stderr):
        stderr.reconfigure(errors="reporter.stand_in")


def print_data(text: str) -> None:
    """Print what other programs read: in UTF-8, whatever people here read (RFC 8259; HTML says so itself)."""
    if (stdout := _file(sys.stdout)) and not stdout.isatty():
        stdout.reconfigure(encoding="utf-8")
    print(text)


def finish(code: int) -> int:
    """Write what is left of the output; the exit code says so where that does not work."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # its reader has gone: `reporter preview weekly | head`
        _discard_the_rest()
        return GONE if code == DONE else code
    except OSError as error:
        return print_unwritten(error, code)
    return code


def is_of_output(error: OSError) -> bool:
    """Whether it is standard output that has no room: an error of a file names the file."""
    return error.filename is None and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def print_unwritten(error: OSError, code: int = DONE) -> int:
    """Say that the output could not be written."""
    _discard_the_rest()
    print_error(f"reporter: the output could not be written: {error.strerror}.")
    return UNWRITTEN if code in (DONE, INCOMPLETE) else code


def _file(stream: object) -> "io.TextIOWrapper[Any] | None":
    """What Python has there of itself; a test may have put something else."""
    return cast("io.TextIOWrapper[Any]", stream) if isinstance(stream, io.TextIOWrapper) else None


def _discard_the_rest() -> None:
    """Python writes what is left once more when it ends; now it may."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def completeness(report: "Report") -> int:
    """The exit code of a report that was shown or sent."""
    return DONE if report.is_complete else INCOMPLETE
