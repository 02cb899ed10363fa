"""What makes a raw file of events whole, and its lines readable: for the export and for files alike.

Such a file is JSON lines, and has neither a count nor a checksum of its own. Whoever brought it, or gzip,
tells whether its body came to an end; then its last line must be whole, with a newline after it or not, as
Mixpanel's own client notes that exports stopped ending with one. What else is odd costs at most its own line.
"""

import codecs
import json
import re
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from enum import Enum
from gzip import BadGzipFile
from io import BufferedIOBase
from pathlib import Path
from typing import cast

BLOCK = 1024 * 1024  # bytes that are unpacked at a time
LONGEST_LINE = 16 * 1024 * 1024  # bytes; Mixpanel takes events of up to 1 MB (Mixpanel, "Import Events")
MOST_TIMES, ALWAYS_FINE = 400, 1024**3  # what gzip may grow by, and bytes it may grow to in any case
LOST_LINE = b"\x000\n"  # stands for a line that nobody can read

_GZIP = b"\x1f\x8b"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"{\0", b"\0{")
_SENTINELS = (b"terminated early", b"export terminated early")  # last lines of Mixpanel's own
_WINDOW = 64 * 1024  # bytes in which ends are looked for
_SHOWN = 100  # bytes of a line
_MOST_JOINED, _LONGEST_JOINED = 20, 2 * 1024 * 1024  # lines and bytes of one that newlines broke
_EVENT_KEYS = frozenset({"event", "event_name", "mp_event_name"})

_SURROGATES = re.compile(
    rb"(?P<fine>\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)
_TEXT = rb'"(?:[^"\\]++|\\.)*+(?P<end>"?)'  # takes what it can and never goes back, so it is linear
_TEXTS_AND_BRACES = re.compile(_TEXT + rb"|[{}]", re.DOTALL)
_TEXTS_AND_CONTROLS = re.compile(rb"(?P<text>" + _TEXT + rb")|[\x00-\x1f]", re.DOTALL)
_CONTROLS = re.compile(rb"[\x00-\x1f]")


class FlawKind(Enum):
    """Why a file is not whole, or no events: what can be said of it."""

    NO_GZIP_END = "ends within its gzip data"
    BAD_GZIP = "has damaged gzip data"
    TOO_LARGE = f"unpacks to more than {MOST_TIMES} times its size, as no events do"
    UTF_16 = "is in UTF-16"
    WEB_PAGE = "is a web page"
    ERROR = "ends in an error of Mixpanel's"
    ENDED_EARLY = "was ended early by Mixpanel"
    WITHIN_A_LINE = "ends within a line"
    LONG_LINE = f"ends in a line of more than {LONGEST_LINE // 2**20} MiB"  # it has no beginning in sight


@dataclass(frozen=True, slots=True)
class Flaw:
    kind: FlawKind
    line: bytes = b""  # that shows it

    def __str__(self) -> str:
        line = self.line[:_SHOWN].decode(errors="replace")
        return f"{self.kind.value} ({line!r})" if line else self.kind.value


def is_packed(path: Path) -> bool:
    """JSON can not begin like gzip; what names and headers say does not matter."""
    with path.open("rb") as file:
        return file.read(len(_GZIP)) == _GZIP


def unpack(packed: Path, plain: Path) -> Flaw | None:
    """Unpacks gzip over a file that is there, with its checksums and lengths checked. Raises OSError."""
    from isal import igzip, isal_zlib  # three times as fast as gzip

    # Its stubs leave arguments open, and say that the error is an instance.
    opened = cast(Callable[[Path], BufferedIOBase], igzip.open)  # pyright: ignore[reportUnknownMemberType]
    damage = cast(type[Exception], isal_zlib.error)
    buffer = memoryview(bytearray(BLOCK))
    most = max(MOST_TIMES * packed.stat().st_size, ALWAYS_FINE)
    try:
        with opened(packed) as source, plain.open("r+b") as target:
            while count := source.readinto(buffer):
                if target.tell() > most:
                    return Flaw(FlawKind.TOO_LARGE)
                target.write(buffer[:count])
            target.truncate()
    except EOFError:
        return Flaw(FlawKind.NO_GZIP_END)
    except (BadGzipFile, damage):
        return Flaw(FlawKind.BAD_GZIP)
    return None


def find_flaw(plain: Path) -> Flaw | None:
    """What keeps JSON lines from being whole, as far as their two ends tell; None: they are whole."""
    start, end = _ends(plain)
    if start.startswith(_UTF_16):
        return Flaw(FlawKind.UTF_16)
    if start.lstrip().startswith(b"<"):
        return Flaw(FlawKind.WEB_PAGE)
    if end is None:
        return Flaw(FlawKind.LONG_LINE)
    last = end.rpartition(b"\n")[2].strip()
    if last in _SENTINELS:
        return Flaw(FlawKind.ENDED_EARLY, last)
    if _is_error(last):
        return Flaw(FlawKind.ERROR, last)
    return None if not last or _ends_whole(end) else Flaw(FlawKind.WITHIN_A_LINE)


def repair(path: Path, target: Path) -> bool:
    """Writes its lines as they can be read, and says whether any had to be changed for it.

    Half an emoji, as of an app that cuts a text, and bytes that are no UTF-8 become U+FFFD, as browsers show
    them; control characters are escaped; a line that raw newlines broke is one again.
    """
    is_changed = False
    with target.open("wb") as out:
        for record in _records(lines_of(path)):
            better = repaired(record)
            is_changed = is_changed or better != record
            out.write(better)
    return is_changed


def repaired(record: bytes) -> bytes:
    """A line as it can be read. The newline behind it stays; others within it are control characters."""
    line = record.removeprefix(codecs.BOM_UTF8)
    if b"\\u" in line:
        line = _SURROGATES.sub(lambda found: found["fine"] or rb"\ufffd", line)
    try:
        line.decode()
    except UnicodeDecodeError:
        line = line.decode(errors="replace").encode()
    body = line.rstrip(b"\r\n")
    if _CONTROLS.search(body):
        line = _TEXTS_AND_CONTROLS.sub(_without_controls, body) + line[len(body) :]
    return line


def _without_controls(found: re.Match[bytes]) -> bytes:
    return _CONTROLS.sub(lambda one: b"\\u%04x" % one[0][0], found["text"]) if found["text"] else b" "


def lines_of(path: Path) -> Iterator[bytes]:
    """Its lines, with LOST_LINE in place of those too long to be events."""
    with path.open("rb") as source:
        while line := source.readline(LONGEST_LINE):
            if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
                while (rest := source.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                    pass
                line = LOST_LINE
            yield line


def object_in(line: bytes) -> dict[str, object] | None:
    """The JSON object that a line is, if it is one."""
    try:
        value: object = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return cast(dict[str, object], value) if isinstance(value, dict) else None


def _records(lines: Iterator[bytes]) -> Generator[bytes]:
    """The lines, put together again where raw newlines broke one."""
    waiting: list[bytes] = []
    for line in lines:
        if waiting and _is_apart(waiting[-1], line):
            yield from waiting
            waiting = []
        waiting.append(line)
        if len(waiting) > 1:
            if _is_json(repaired(record := b"".join(waiting))):
                yield record
                waiting = []
            elif len(waiting) > _MOST_JOINED or len(record) > _LONGEST_JOINED:
                yield from waiting
                waiting = []
    yield from waiting


def _is_apart(line: bytes, following: bytes) -> bool:
    """Whether what follows surely is no part of the line."""
    following = following.strip()
    return line.rstrip().endswith(b"}") and (not following or following.startswith(b"{"))


def _ends(path: Path) -> tuple[bytes, bytes | None]:
    """The file's beginning, and its end with the last lines; None for a line without a beginning in sight."""
    window = _WINDOW
    with path.open("rb") as file:
        start = file.read(_WINDOW)
        size = file.seek(0, 2)
        while True:
            file.seek(max(size - window, 0))
            end = file.read().rstrip()
            if window >= size or (b"\n" in end and (window > _LONGEST_JOINED or _ends_whole(end))):
                return start, end
            if window >= LONGEST_LINE:
                return start, end if b"\n" in end else None
            window *= 2


def _ends_whole(end: bytes) -> bool:
    """Whether the last line is whole, or the last few together, where raw newlines broke one."""
    lines = end.split(b"\n")[-_MOST_JOINED:]
    return any(_is_whole(b"\n".join(lines[-count:])) for count in range(1, len(lines) + 1))


def _is_whole(record: bytes) -> bool:
    """Whether it is no beginning of a line: it can be read, or at least closes what it opens."""
    line = repaired(record).strip()
    return _is_json(line) or _is_closed(line)


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _is_closed(line: bytes) -> bool:
    """Whether an object that begins here ends here, too, whatever is odd about it."""
    depth, has_ended = 0, False
    for found in _TEXTS_AND_BRACES.finditer(line):
        match found[0]:
            case b"{":
                depth += 1
            case b"}":
                depth -= 1
                has_ended = has_ended or depth == 0
            case _ if not found["end"]:
                return False
            case _:
                pass
    return b'"' not in line.partition(b"{")[0] and has_ended and depth == 0


def _is_error(line: bytes) -> bool:
    keys = (object_in(line) or {}).keys()
    return "error" in keys and not keys & _EVENT_KEYS
