"""Whether a download is whole: the export has no count and no checksum, so its ends must tell."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import assert_never

from reporter.reports.periods import Period
from reporter.sources.mixpanel.errors import is_error, read_reason
from reporter.sources.raw_files import LONGEST_LINE, MOST_TIMES, Flaw, FlawKind, find_flaw, is_packed, unpack

SMALLEST_GZIP = 18  # bytes of its head and its end
_LOOKED_AT = 64 * 1024  # bytes of the beginning in which an error would stand
MIB = 2**20


@dataclass(frozen=True, slots=True)
class ExportedDays:
    """Raw events of some days, checked to be whole."""

    period: Period  # the service's days, as the Export API cuts them
    path: Path  # JSON lines
    received: int  # bytes that came over the network
    size: int  # bytes of the file
    give_back: Callable[[Path], None] = field(repr=False, compare=False)

    def done(self) -> None:
        """The taker needs the file no more. It may delete it just as well."""
        self.give_back(self.path)


@dataclass(frozen=True, slots=True)
class Broken:
    """Something came, and it is not all of it."""

    reason: str


def room_for(path: Path) -> int:
    """The bytes on disk that it takes while it is unpacked. Gzip ends with how many came in, up to 4 GB."""
    size = path.stat().st_size
    if size < SMALLEST_GZIP or not is_packed(path):
        return size
    with path.open("rb") as file:
        file.seek(-4, 2)
        return size + int.from_bytes(file.read(), "little")


def unpack_whole(received: Path, plain: Path, secrets: Iterable[str] = ()) -> Broken | None:
    """Puts what was received over a file that is there, not packed; and what is wrong with it."""
    flaw = None
    if is_packed(received):
        flaw = unpack(received, plain)
    else:
        received.replace(plain)
    with plain.open("rb") as file:
        start = file.read(_LOOKED_AT)
    if flaw is None and is_error(start):
        flaw = Flaw(FlawKind.ERROR, start)
    flaw = flaw or find_flaw(plain)
    return Broken(_reason(flaw, secrets)) if flaw else None


def _reason(flaw: Flaw, secrets: Iterable[str]) -> str:
    match flaw.kind:
        case FlawKind.NO_GZIP_END:
            return "the compressed stream has no end"
        case FlawKind.BAD_GZIP:
            return "the compressed stream is damaged"
        case FlawKind.TOO_LARGE:
            return f"the compressed stream grows to more than {MOST_TIMES} times its size, as no events do"
        case FlawKind.UTF_16:
            return "it is not in UTF-8"
        case FlawKind.WEB_PAGE:
            return "a web page came instead: Mixpanel may be down for maintenance, or a proxy answers for it"
        case FlawKind.ERROR:
            return f"Mixpanel sent an error instead ({read_reason(flaw.line, secrets) or 'without a reason'})"
        case FlawKind.ENDED_EARLY:
            return f'Mixpanel ended it early ("{flaw.line.decode()}")'
        case FlawKind.WITHIN_A_LINE:
            return "it ends within a line"
        case FlawKind.LONG_LINE:
            return f"its last line is longer than {LONGEST_LINE // MIB} MiB"
        case _:
            assert_never(flaw.kind)
