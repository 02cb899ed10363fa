"""What the command line says besides its results: exit codes, complaints, and that work goes on."""

import sys
from collections.abc import Callable
from typing import TypeVar

from reporter.model.errors import ConfigError, DeliveryUncertain, ReporterError, Unavailable

Result = TypeVar("Result")

# What a script can tell from the exit code (75 is EX_TEMPFAIL of sysexits.h).
DONE, FAILED, SETTINGS, INCOMPLETE, UNCERTAIN, LATER = 0, 1, 2, 3, 4, 75

EXIT_CODES = """\
exit codes:
  0   done
  1   refused or failed: nothing was sent
  2   the settings or the command are wrong
  3   done, but something in the report could not be measured
  4   uncertain: the message may have been posted; look into the channel
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
    print("\n".join((words, *getattr(error, "__notes__", ()))), file=sys.stderr)


def waiting(what: str, work: Callable[[], Result]) -> Result:
    """Do the work; on a terminal, show that it goes on."""
    if not sys.stderr.isatty():
        return work()
    from rich.console import Console

    with Console(stderr=True).status(f"{what} …"):
        return work()
