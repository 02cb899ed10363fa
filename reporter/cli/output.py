"""What the command line says besides its results: exit codes, complaints, and that work goes on."""

import codecs
import errno
import io
import os
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TextIO, TypeVar, cast

from reporter.reports.errors import ConfigError, DeliveryUncertain, ReporterError, Unavailable, free_again

if TYPE_CHECKING:
    from reporter.reports.report import Report

Result = TypeVar("Result")

# What a script can tell from the exit code (74 and 75 are EX_IOERR and EX_TEMPFAIL of sysexits.h).
# Loggers that every command lets be heard: of damaged days, which are repaired, and of telemetry.
OUTSPOKEN = ("reporter.sources.events", "reporter.telemetry")
DONE, FAILED, SETTINGS, INCOMPLETE, UNCERTAIN, UNRECORDED, LATER = 0, 1, 2, 3, 4, 5, 75

UNWRITTEN, STOPPED, GONE = 74, 130, 141  # the last two as a shell says SIGINT and SIGPIPE

EXIT_CODES = {
    DONE: "done",
    FAILED: "refused or failed: nothing was sent",
    SETTINGS: "the settings or the command are wrong",
    INCOMPLETE: "done, but something in the report could not be measured",
    UNCERTAIN: "uncertain: the message may have been posted; look in the channel",
    UNRECORDED: "sent, but the ledger could not be written: do not send it again",
    UNWRITTEN: "done, but the output could not be written",
    LATER: "nothing was sent, but it may work later",
}

_WORD = re.compile(
    r"(?<! ) *(?:`[^`]*`|[^ ])+"
)  # a command in backticks is one: pasted in two lines, it is another
_MARK = re.compile(r" *\S{1,5} {2,}")  # what a line begins with, such as `ok     `
MOST_MARK = 8


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
        print_text("\n".join((words, *getattr(error, "__notes__", ()))), sys.stderr)


def print_text(text: str, file: TextIO | None = None) -> None:
    """Print lines for people: none wider than the terminal, where there is one."""
    stream = file or sys.stdout
    print(folded(text, columns(stream)), file=stream)


def columns(stream: TextIO) -> int | None:
    """The width of the terminal; None for a pipe, whose reader takes lines whole. COLUMNS says it, too."""
    if (given := os.environ.get("COLUMNS", "")).isdecimal() and int(given):
        return int(given)
    with suppress(OSError, ValueError):  # no terminal, or one that does not tell its size
        return os.get_terminal_size(stream.fileno()).columns or None
    return None


def folded(text: str, width: int | None) -> str:
    """Lines that are too long, continued below at a blank; a word that is longer stays whole."""
    if width is None or 2 * len(text) <= width:  # a letter may take two columns
        return text
    return "\n".join(part for line in text.split("\n") for part in _parts(line, width))


def _parts(line: str, width: int) -> Iterator[str]:
    from rich.cells import cell_len

    mark, blanks = _MARK.match(line), len(line) - len(line.lstrip(" "))
    before = min(blanks, width // 4)
    indent = mark.end() if mark and mark.end() <= MOST_MARK else before + 2
    line, part = line[blanks - before :], ""
    for word in _WORD.findall(line):
        if part.strip() and cell_len(part + word) > width:
            yield part
            part = " " * indent + word.lstrip(" ")
        else:
            part += word
    yield part


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
    "\u00c6": "AE",
    "\u00e6": "ae",
    "\u0152": "OE",
    "\u0153": "oe",
    "\u00d8": "O",
    "\u00f8": "o",
    "\u0141": "L",
    "\u0142": "l",
    "\u0131": "i",
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
    """The exit code of a report that was shown or sent; where that is not DONE, the reason is told."""
    if report.is_complete:
        return DONE
    from reporter.render.page import missing_text

    print_error(f"{report.name}: not all of it was measured. {missing_text(replace(report, locale='en'))}")
    return INCOMPLETE
