"""A storage account that can be cut off and come back: a door before Azurite's tables."""

import socket
from contextlib import suppress
from dataclasses import replace
from threading import Thread
from urllib.parse import urlsplit

from tests.azurite import Azurite, free_ports


class Door:
    """Passes bytes on, both ways, while it is open; its `azurite` is the one to ask."""

    def __init__(self, azurite: Azurite) -> None:
        target = urlsplit(azurite.table)
        self._target = (str(target.hostname), int(target.port or 0))
        (self._port,) = free_ports(1)
        self._listener: socket.socket | None = None
        self._ends: list[socket.socket] = []
        self._threads: list[Thread] = []
        self.azurite = replace(azurite, table=f"http://127.0.0.1:{self._port}{target.path}")

    def open(self) -> None:
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self._port))
            self._start(self._accept, self._listener)

    def shut(self) -> None:
        """Nobody gets in, and who is in is thrown out."""
        listener, self._listener = self._listener, None
        for end in (*([listener] if listener else []), *self._ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for end in (*([listener] if listener else []), *self._ends):
            end.close()
        self._threads.clear()
        self._ends.clear()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):  # shut
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(self._target)
                self._ends += (near, far)
                self._start(self._pass_on, near, far)
                self._start(self._pass_on, far, near)

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):  # shut
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def _start(self, work: object, *ends: socket.socket) -> None:
        assert callable(work)
        thread = Thread(target=work, args=ends, daemon=True)
        self._threads.append(thread)
        thread.start()
