"""An HTTP server on 127.0.0.1 whose answers can be made to fail on demand."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int = 200
    body: bytes | Iterator[bytes] = b""  # an iterator is sent in chunks
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def json(cls, value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> "Answer":
        return cls(status, json.dumps(value).encode(), headers=headers or {})


@dataclass(slots=True)
class Fault:
    """What goes wrong with the next `times` requests whose path starts with `path`.

    `delay` seconds pass first. With `status` the request never reaches the service; `after=True` lets the
    service do its work and then spoils the answer. `cut` sends only that many bytes of the body and then
    drops the connection; `drop` hangs up without a word: an answer that was lost on its way.
    """

    path: str = "/"
    status: int | None = None
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    delay: float = 0.0
    cut: int | None = None
    drop: bool = False
    after: bool = False
    times: int = 1


class LoopbackServer:
    """Runs `answer` in a thread of its own; keeps every request for tests to look into."""

    def __init__(self, answer: Callable[[Request], Answer], port: int = 0) -> None:
        self.requests: list[Request] = []
        self.faults: list[Fault] = []
        self._answer = answer
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

    def _respond(self, request: Request) -> tuple[Answer | None, int | None]:
        """The answer (None: hang up), and how many bytes of its body go out before hanging up (None: all)."""
        if request.path == "/_faults" and request.method == "POST":
            self.faults.append(Fault(**json.loads(request.body)))
            return Answer.json({"ok": True}), None
        with self._lock:
            self.requests.append(request)
        fault = self._take_fault(request.path)
        if fault is None:
            return self._answer(request), None
        time.sleep(fault.delay)
        spoiled = fault.drop or fault.status is not None
        worked = self._answer(request) if fault.after or not spoiled else None
        if fault.drop:
            return None, None
        if fault.status is not None:
            return Answer(fault.status, fault.body.encode(), headers=fault.headers), fault.cut
        return worked, fault.cut

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
                request = Request(
                    method=self.command,
                    path=parts.path,
                    query=dict(parse_qsl(parts.query, keep_blank_values=True)),
                    headers={name.lower(): value for name, value in self.headers.items()},
                    body=self.rfile.read(length),
                )
                answer, cut = server._respond(request)
                if answer is None:
                    self.close_connection = True
                    return
                try:
                    self._send(answer, cut)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True  # the client has hung up: nobody is left to tell

            def _send(self, answer: Answer, cut: int | None) -> None:
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.content_type)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if isinstance(answer.body, bytes):
                    self.send_header("Content-Length", str(len(answer.body)))
                    self.end_headers()
                    self.wfile.write(answer.body if cut is None else answer.body[:cut])
                else:
                    self.send_header("Transfer-Encoding", "chunked")
                    self.end_headers()
                    left = cut
                    for chunk in answer.body:
                        part = chunk if left is None else chunk[:left]
                        if part:
                            self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
                        if left is not None:
                            left -= len(part)
                            if left <= 0:
                                break
                    if cut is None:
                        self.wfile.write(b"0\r\n\r\n")
                if cut is not None:
                    self.close_connection = True

            do_GET = do_POST = do_HEAD = do_PUT = do_DELETE = _serve

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing: a demo and a test have their own words."""

        return Handler
