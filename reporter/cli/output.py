"""What the command line says besides its results: exit codes, complaints, and that work goes on."""

import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from reporter.reports.errors import ConfigError, DeliveryUncertain, ReporterError, Unavailable

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
  4   uncertain: the message may have been posted; look into the channel
  5   sent, but the ledger could not be written: do not send it again
  74  done as it says, but the output could not be written
  75  may work later: nothing was sent"""


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


def complain(words: str, error: ReporterError | None = None) -> None:
    with suppress(OSError):  # nobody can be told: the exit code has to do
        print("\n".join((words, *getattr(error, "__notes__", ()))), file=sys.stderr)


def waiting(what: str, work: Callable[[], Result]) -> Result:
    """Do the work; on a terminal, show that it goes on."""
    if not sys.stderr.isatty():
        return work()
    from rich.console import Console

    with Console(stderr=True).status(f"{what} …"):
        return work()
