"""What can go wrong on the way to Azure Storage: a relay that loses or cuts answers, or is busy."""

import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Literal
from urllib.parse import urlsplit

from tests.azurite import Azurite

Fault = Literal["lose", "busy", "cut"]
OF_ITS_OWN = {"connection", "keep-alive", "transfer-encoding", "content-length", "date"}


@dataclass
class Relay:
    """Keeps what was asked, as `METHOD path`."""

    azurite: Azurite
    asked: list[str] = field(default_factory=list[str])
    faults: list[tuple[str, Fault]] = field(default_factory=list[tuple[str, Fault]])

    def fail(self, pattern: str, fault: Fault) -> None:
        """Let this happen once, to the next that is asked so."""
        self.faults.append((pattern, fault))

    def fault_of(self, asked: str) -> Fault | None:
        self.asked.append(asked)
        for pattern, fault in self.faults:
            if re.search(pattern, asked):
                self.faults.remove((pattern, fault))
                return fault
        return None


@contextmanager
def relayed(azurite: Azurite) -> Generator[Relay]:
    """A relay to Azurite's tables; its `azurite` is the one to ask."""
    target = urlsplit(azurite.table)
    relay = Relay(azurite)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline()
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            fault = relay.fault_of(f"{self.command} {self.path}")
            if fault == "busy":
                self.answer(503, {}, b"")
                return
            answer = self.forwarded(body)
            if fault == "lose":
                self.close_connection = True
                return
            self.answer(*answer, is_cut=fault == "cut")

        def forwarded(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
            onward = HTTPConnection(str(target.hostname), target.port, timeout=10)
            try:
                onward.request(self.command, self.path, body, dict(self.headers))
                answer = onward.getresponse()
                return answer.status, dict(answer.getheaders()), answer.read()
            finally:
                onward.close()

        def answer(self, status: int, headers: dict[str, str], body: bytes, is_cut: bool = False) -> None:
            self.send_response_only(status)
            for name, value in headers.items():
                if name.lower() not in OF_ITS_OWN:
                    self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if is_cut else body)
            self.close_connection = self.close_connection or is_cut

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    relay.azurite = replace(azurite, table=f"http://127.0.0.1:{server.server_port}{target.path}")
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield relay
    finally:
        server.shutdown()
        server.server_close()
