"""Whatever byte the network loses or spoils, a day of the raw export is the same or it is not there."""

import gzip
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from reporter.reports.errors import Unavailable

from .exports import DAY, contents, exporter, take_all

LINES = b"".join(
    b'{"event":"Event %d","properties":{"time":%d,"distinct_id":"user-%d"}}\n' % (one, one, one % 7)
    for one in range(60)
)
PACKED = gzip.compress(LINES)


@dataclass
class Wire:
    """Sends these bytes to everybody who asks, and hangs up."""

    sent: bytes = b""
    reset: bool = False
    asked: int = 0

    def __post_init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._server.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:  # shut down
                return
            with client:
                self.asked += 1
                while b"\r\n\r\n" not in client.recv(65_536):
                    pass
                client.sendall(self.sent)
                if self.reset:
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def in_chunks(body: bytes, size: int = 300) -> bytes:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"


def with_its_length(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


ANSWERS = [in_chunks(PACKED), in_chunks(LINES), with_its_length(PACKED), with_its_length(LINES)]


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    with Wire() as wire:
        yield wire


def fetched(wire: Wire, folder: Path) -> bytes | None:
    """The day, or None where nothing was yielded; there is nothing between the two."""
    client = exporter(wire.url)
    taken: list[bytes] = []
    try:
        taken += [content for _, content in take_all(client.fetch([DAY], folder))]
    except Unavailable:
        assert taken == []
    finally:
        client.close()
    assert contents(folder) == []
    return taken[0] if taken else None


slowly = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@slowly
@given(st.sampled_from(ANSWERS), st.data(), st.booleans())
def test_cut_anywhere_it_is_whole_or_not_there(
    wire: Wire, tmp_path: Path, answer: bytes, data: st.DataObject, reset: bool
):
    at = data.draw(st.integers(0, len(answer) - 1))
    wire.sent, wire.reset = answer[:at], reset

    day = fetched(wire, tmp_path)

    # In chunks, nothing but line breaks comes after the 0 that ends them.
    says_all = answer[at:] in (b"\r\n\r\n", b"\n\r\n", b"\r\n", b"\n")
    assert day is None or (day == LINES and says_all)


@slowly
@given(st.integers(0, len(PACKED) - 1), st.integers(1, 255))
@example(3, 2)  # announces a checksum of the head that is not there
@example(3, 4)  # announces an extra field
def test_with_any_byte_changed_it_is_the_same_or_not_there(wire: Wire, tmp_path: Path, at: int, change: int):
    body = bytearray(PACKED)
    body[at] ^= change
    wire.sent, wire.reset = in_chunks(bytes(body)), False

    assert fetched(wire, tmp_path) in (None, LINES)


@slowly
@given(st.integers(0, len(PACKED) - 1), st.booleans())
def test_a_stream_cut_behind_a_proxy_that_ends_it_well_is_not_there(
    wire: Wire, tmp_path: Path, at: int, chunked: bool
):
    wire.sent, wire.reset = (in_chunks if chunked else with_its_length)(PACKED[:at]), False

    assert fetched(wire, tmp_path) == (b"" if at == 0 else None)


def test_the_head_may_break_at_any_byte(wire: Wire, tmp_path: Path):
    for answer in ANSWERS:
        head = answer.index(b"\r\n\r\n") + 4
        for at in range(head):
            wire.sent, wire.reset = answer[:at], False
            assert fetched(wire, tmp_path) is None, answer[:at]


def test_an_answer_that_came_to_its_end_is_whole(wire: Wire, tmp_path: Path):
    for answer in ANSWERS:
        wire.sent, wire.reset = answer, False
        assert fetched(wire, tmp_path) == LINES
