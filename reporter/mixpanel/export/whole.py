"""Whether a download is whole: the export has no count and no checksum, so its ends must tell."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from gzip import BadGzipFile
from io import BufferedIOBase
from pathlib import Path
from typing import cast

from reporter.mixpanel.refusals import is_error, read_reason
from reporter.model.period import Period

BLOCK = 1024 * 1024  # bytes that are unpacked at a time
LONGEST_LINE = 64 * 1024 * 1024  # bytes
SMALLEST_GZIP = 18  # bytes of its head and its end
_GZIP = b"\x1f\x8b"
_SENTINELS = (b"terminated early", b"export terminated early")  # last lines of Mixpanel's own


@dataclass(frozen=True, slots=True)
class RawDays:
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


def is_packed(path: Path) -> bool:
    """JSON can not begin like gzip; what the headers say does not matter, as a proxy may have unpacked it."""
    with path.open("rb") as file:
        return file.read(len(_GZIP)) == _GZIP


def room_for(path: Path) -> int:
    """The bytes on disk that it takes while it is unpacked. Gzip ends with how many came in, up to 4 GB."""
    size = path.stat().st_size
    if size < SMALLEST_GZIP or not is_packed(path):
        return size
    with path.open("rb") as file:
        file.seek(-4, 2)
        return size + int.from_bytes(file.read(), "little")


def move(plain: Path, target: Path) -> None:
    plain.replace(target)


def unpack(packed: Path, plain: Path) -> Broken | None:
    """Unpacks gzip, with its checksums and lengths checked."""
    from isal import igzip, isal_zlib

    # Its stubs leave arguments open, and say that the error is an instance.
    opened = cast(Callable[[Path], BufferedIOBase], igzip.open)  # pyright: ignore[reportUnknownMemberType]
    damage = cast(type[Exception], isal_zlib.error)
    buffer = memoryview(bytearray(BLOCK))
    try:
        with opened(packed) as source, plain.open("r+b") as target:
            while count := source.readinto(buffer):
                target.write(buffer[:count])
            target.truncate()
    except EOFError:
        return Broken("the compressed stream has no end")
    except (BadGzipFile, damage):
        return Broken("the compressed stream is damaged")
    return None


def find_fault(plain: Path, secrets: Iterable[str] = ()) -> Broken | None:
    """What is wrong with JSON lines, as far as the first and the last of them tell; None: they are whole."""
    first, last = _ends(plain)
    if is_error(first):
        return Broken(f"Mixpanel sent an error instead ({read_reason(first, secrets) or 'without a reason'})")
    if last is None:
        return Broken(f"its last line is longer than {LONGEST_LINE} bytes")
    if last.strip() in _SENTINELS:
        return Broken(f'Mixpanel ended it early ("{last.strip().decode()}")')
    if last and not last.endswith(b"\n"):
        return Broken("it ends within a line")
    return None if _is_event(last) or not last.strip() else Broken("its last line is no event")


def _ends(path: Path) -> tuple[bytes, bytes | None]:
    """The file's beginning and its last line that says something; None for a line without an end in sight."""
    window = 64 * 1024
    with path.open("rb") as file:
        first = file.read(window)
        size = file.seek(0, 2)
        while True:
            file.seek(max(size - window, 0))
            tail = file.read()
            newline = tail.rstrip().rfind(b"\n")
            if newline >= 0 or window >= size:
                return first, tail[newline + 1 :]
            if window >= LONGEST_LINE:
                return first, None
            window *= 2


def _is_event(line: bytes) -> bool:
    try:
        value = cast(object, json.loads(line))
    except (ValueError, RecursionError):
        return False
    if not isinstance(value, dict):
        return False
    event = cast(dict[str, object], value)
    return isinstance(event.get("event"), str) and isinstance(event.get("properties"), dict)
