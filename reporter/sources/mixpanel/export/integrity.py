"""Whether a download is whole: the export has no count and no checksum, so its ends must tell."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from reporter.reports.periods import Period
from reporter.sources.mixpanel.errors import WEB_PAGE, is_error, read_reason
from reporter.sources.raw_files import Flaw, FlawKind, find_flaw, is_packed, unpack

SMALLEST_GZIP = 18  # bytes of its head and its end
_LOOKED_AT = 64 * 1024  # bytes of the beginning in which an error would stand


@dataclass(frozen=True, slots=True)
class ExportedDays:
    """Raw events of some days, checked to be whole."""

    period: Period  # the service's days, as the Export API cuts them
    path: Path  # JSON lines
    received: int  # bytes that came over the network
    size: int  # bytes of the file
    give_back: Callable[[Path], None] = field(repr=False, compare=False)

    def done(self) -> None:
        """The taker no longer needs the file. It may as well delete it."""
        self.give_back(self.path)


@dataclass(frozen=True, slots=True)
class Broken:
    """Something came, but not all of it."""

    reason: str


def room_for(path: Path) -> int:
    """The bytes on disk that it takes while it is unpacked. Gzip ends with how many went in, up to 4 GB."""
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
        case FlawKind.WEB_PAGE:
            return WEB_PAGE
        case FlawKind.ERROR:
            return f"Mixpanel sent an error instead ({read_reason(flaw.line, secrets) or 'without a reason'})"
        case _:
            return f"it {flaw}"
