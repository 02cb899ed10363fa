"""A checksum within each day file: bytes that have changed since it was written are never measured.

It is a CRC-32 of the whole file, made as if zeros stood where it stands itself: as eight digits near the
beginning of the note in the footer. So it comes along wherever the file is copied to.
"""

import mmap
from enum import Enum, auto
from pathlib import Path
from zlib import crc32

from reporter.events.day_file import CHECKSUM_AT, MARK, UNSEALED, has_checksum, read_facts

_DIGITS = len(UNSEALED)


class Condition(Enum):
    WHOLE = auto()
    UNSEALED = auto()  # of an earlier version of this program, which wrote no checksum
    DAMAGED = auto()
    GONE = auto()


def seal(path: Path) -> None:
    """Writes the checksum into a file whose note has a place for it."""
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as content:
        place = _place(content)
        content[place : place + _DIGITS] = _checksum(content, place)


def condition_of(path: Path) -> Condition:
    """Whether a day's file is as it was written, under the name it was written for."""
    try:
        if read_facts(path) is None:
            return Condition.DAMAGED if path.exists() else Condition.GONE
        if not has_checksum(path):
            return Condition.UNSEALED
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            place = _place(content)
            is_whole = content[place : place + _DIGITS] == _checksum(content, place)
    except FileNotFoundError:
        return Condition.GONE
    return Condition.WHOLE if is_whole else Condition.DAMAGED


def _place(content: mmap.mmap) -> int:
    return content.rfind(MARK) + CHECKSUM_AT


def _checksum(content: mmap.mmap, place: int) -> bytes:
    with memoryview(content) as view, view[:place] as before, view[place + _DIGITS :] as after:
        return b"%08x" % crc32(after, crc32(UNSEALED, crc32(before)))
