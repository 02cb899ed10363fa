"""A server whose answers never end: each byte comes in time, and the last one never does."""

import socket
import threading
from contextlib import suppress
from types import TracebackType

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
PAUSE = 0.02  # seconds


class Dripping:
    """Says `start`, then `drop` over and over, until the caller leaves."""

    def __init__(self, start: bytes, drop: bytes) -> None:
        self._start, self._drop = start, drop
        self._over = threading.Event()

    def __enter__(self) -> "Dripping":
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            connection.recv(65536)
            connection.sendall(self._start)
            while not self._over.wait(PAUSE):
                connection.sendall(self._drop)


def drip_body() -> Dripping:
    return Dripping(HEAD + b"Content-Length: 1000000\r\n\r\n", b"x")


def drip_head() -> Dripping:
    return Dripping(HEAD, b"X: y\r\n")


def flood() -> Dripping:
    return Dripping(HEAD + b"\r\n", b"x" * 1_000_000)
