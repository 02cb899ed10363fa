"""Ways in which a raw export arrives other than usual: for a `Fault`'s `spoil`.

Mixpanel sends 200 first and the events later, so whatever happens then looks like an answer.
"""

import gzip
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from reporter.local.server import LoopbackAnswer

Spoil = Callable[[LoopbackAnswer], LoopbackAnswer]


def packed_body(answer: LoopbackAnswer) -> bytes:
    return answer.body if isinstance(answer.body, bytes) else b"".join(answer.body)


def with_length(answer: LoopbackAnswer) -> LoopbackAnswer:
    """With its length said ahead, as a proxy does that has all of it."""
    return replace(answer, body=packed_body(answer))


def uncompressed(answer: LoopbackAnswer) -> LoopbackAnswer:
    """As a proxy sends it that unpacks on its way; the header is gone or, below, is not."""
    return replace(uncompressed_in_disguise(answer), headers=_without_encoding(answer.headers))


def uncompressed_in_disguise(answer: LoopbackAnswer) -> LoopbackAnswer:
    return replace(answer, body=iter([gzip.decompress(packed_body(answer))]))


def in_two_members(answer: LoopbackAnswer) -> LoopbackAnswer:
    """As a server sends it that packs each piece of its work for itself."""
    lines = gzip.decompress(packed_body(answer)).splitlines(keepends=True)
    middle = len(lines) // 2
    pieces = (lines[:middle], lines[middle:])
    return replace(answer, body=iter([gzip.compress(b"".join(piece), 1) for piece in pieces]))


def packed(change: Callable[[bytes], bytes]) -> Spoil:
    """Changes the bytes that go over the network; their number, as far as HTTP tells it, stays right."""
    return lambda answer: replace(answer, body=iter([change(packed_body(answer))]))


def told(change: Callable[[bytes], bytes]) -> Spoil:
    """Changes what the lines say, before they are packed."""
    return packed(lambda body: gzip.compress(change(gzip.decompress(body)), 1))


def told_without_end(change: Callable[[bytes], bytes]) -> Spoil:
    """Like `told`, but the compressed stream just stops, with all there is to say delivered."""
    return packed(lambda body: _unfinished(change(gzip.decompress(body))))


def ended_early(sentinel: bytes) -> Callable[[bytes], bytes]:
    """Some lines, and then Mixpanel's word that there will be no more."""
    return lambda text: some_lines(text) + sentinel


def some_lines(text: bytes) -> bytes:
    """The first half of the lines."""
    lines = text.splitlines(keepends=True)
    return b"".join(lines[: len(lines) // 2])


def half_a_line(text: bytes) -> bytes:
    return text[: len(some_lines(text)) - 40]


def each_line_twice(text: bytes) -> bytes:
    return b"".join(_twice(text.splitlines(keepends=True)))


def _twice(lines: Iterable[bytes]) -> Iterable[bytes]:
    return (line for line in lines for _ in range(2))


def _unfinished(text: bytes) -> bytes:
    stream = zlib.compressobj(level=1, wbits=31)
    return stream.compress(text) + stream.flush(zlib.Z_SYNC_FLUSH)


def _without_encoding(headers: Mapping[str, str]) -> Mapping[str, str]:
    return {name: value for name, value in headers.items() if name != "Content-Encoding"}
