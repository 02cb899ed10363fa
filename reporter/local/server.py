"""An HTTP server on 127.0.0.1 whose answers can be made to fail on demand."""

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class LoopbackRequest:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class LoopbackAnswer:
    status: int = 200
    body: bytes | Iterator[bytes] = b""  # an iterator is sent in chunks
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def json(
        cls, value: object, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> "LoopbackAnswer":
        return cls(status, json.dumps(value).encode(), headers=headers or {})


@dataclass(slots=True)
class Fault:
    """What goes wrong with the next `times` requests whose path starts with `path`.

    `delay` seconds pass first. With `status` the request never reaches the service; `after=True` lets the
    service do its work and then spoils the answer. `cut` sends only that many bytes of the body and then
    drops the connection (a negative number: all but so many), `cut_head` does so within the head; `drop`
    hangs up without a word: an answer that was lost on its way. With `reset` the connection is reset instead
    of closed, with `unframed` its end is the only end of the body. `spoil` makes another answer of the right
    one.
    """

    path: str = "/"
    status: int | None = None
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    delay: float = 0.0
    cut: int | None = None
    cut_head: int | None = None
    reset: bool = False
    unframed: bool = False
    spoil: Callable[[LoopbackAnswer], LoopbackAnswer] | None = None
    drop: bool = False
    after: bool = False
    times: int = 1

    @property
    def breaks_off(self) -> bool:
        return self.cut is not None or self.cut_head is not None

    def change(self, answer: LoopbackAnswer) -> LoopbackAnswer:
        """The answer that goes out, or begins to."""
        if self.status is not None:
            answer = LoopbackAnswer(self.status, self.body.encode(), headers=self.headers)
        return answer if self.spoil is None else self.spoil(answer)


_NO_FAULT = Fault()


def _cut(body: bytes | Iterator[bytes], at: int) -> bytes | Iterator[bytes]:
    if isinstance(body, bytes):
        return body[:at]
    return _first(body, at) if at >= 0 else iter([b"".join(body)[:at]])


def _first(chunks: Iterable[bytes], count: int) -> Iterator[bytes]:
    for chunk in chunks:
        if count <= 0:
            return
        yield chunk[:count]
        count -= len(chunk)


class LoopbackServer:
    """Runs `answer` in a thread of its own; keeps every request for tests to look into."""

    def __init__(
        self,
        answer: Callable[[LoopbackRequest], LoopbackAnswer],
        port: int = 0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.requests: list[LoopbackRequest] = []
        self.faults: list[Fault] = []
        self._answer = answer
        self._clock = clock
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _take_fault(self, path: str) -> Fault | None:
        with self._lock:
            fault = next((one for one in self.faults if path.startswith(one.path)), None)
            if fault is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self.faults.remove(fault)
            return fault

    def _respond(self, request: LoopbackRequest) -> tuple[LoopbackAnswer | None, Fault]:
        """The answer (None: hang up), and what befalls it on its way."""
        if request.path == "/_faults" and request.method == "POST":
            self.faults.append(Fault(**json.loads(request.body)))
            return LoopbackAnswer.json({"ok": True}), _NO_FAULT
        with self._lock:
            self.requests.append(request)
        fault = self._take_fault(request.path)
        if fault is None:
            return self._answer(request), _NO_FAULT
        time.sleep(fault.delay)
        spoiled = fault.drop or fault.status is not None
        worked = self._answer(request) if fault.after or not spoiled else LoopbackAnswer()
        return None if fault.drop else fault.change(worked), fault

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def handle(self) -> None:
                with suppress(ConnectionResetError):  # the client died while it was asking
                    super().handle()

            def _serve(self) -> None:
                parts = urlsplit(self.path)
                length = int(self.headers.get("content-length") or 0)
                request = LoopbackRequest(
                    method=self.command,
                    path=parts.path,
                    query=dict(parse_qsl(parts.query, keep_blank_values=True)),
                    headers={name.lower(): value for name, value in self.headers.items()},
                    body=self.rfile.read(length),
                )
                answer, fault = server._respond(request)
                try:
                    if answer is not None:
                        self._send(answer, fault)
                    if answer is None or fault.breaks_off or fault.unframed:
                        self._hang_up(fault)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True  # the client has hung up: nobody is left to tell

            def _send(self, answer: LoopbackAnswer, fault: Fault) -> None:
                self.wfile.write(self._head(answer, fault)[: fault.cut_head])
                if fault.cut_head is not None:
                    return
                body = answer.body if fault.cut is None else _cut(answer.body, fault.cut)
                if isinstance(body, bytes):
                    self.wfile.write(body)
                    return
                for chunk in filter(None, body):
                    self.wfile.write(chunk if fault.unframed else b"%x\r\n%b\r\n" % (len(chunk), chunk))
                if fault.cut is None and not fault.unframed:
                    self.wfile.write(b"0\r\n\r\n")

            def _head(self, answer: LoopbackAnswer, fault: Fault) -> bytes:
                framing = ("Connection", "close")
                if isinstance(answer.body, bytes) and not fault.unframed:
                    framing = ("Content-Length", str(len(answer.body)))
                elif not fault.unframed:
                    framing = ("Transfer-Encoding", "chunked")
                network, self.wfile = self.wfile, BytesIO()
                self.send_response(answer.status)
                for name, value in (("Content-Type", answer.content_type), *answer.headers.items(), framing):
                    self.send_header(name, value)
                self.end_headers()
                head, self.wfile = self.wfile.getvalue(), network
                return head

            def _hang_up(self, fault: Fault) -> None:
                self.close_connection = True
                if fault.reset:
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    socket.close(self.connection.detach())

            do_GET = do_POST = do_HEAD = do_PUT = do_DELETE = _serve

            def date_time_string(self, timestamp: float | None = None) -> str:
                return formatdate(
                    server._clock().timestamp() if timestamp is None else timestamp, usegmt=True
                )

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing: a demo and a test have their own words."""

        return Handler
