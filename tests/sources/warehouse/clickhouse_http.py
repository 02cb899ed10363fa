"""ClickHouse's HTTP protocol on 127.0.0.1, which passes each query to the engine in this process.

https://clickhouse.com/docs/interfaces/http: the query is the body, settings and `param_NAME` are in the
address, the code of an error is in a header.
"""

import re
import socket
import threading
import time
from base64 import b64decode
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol, cast
from urllib.parse import parse_qsl, urlsplit

PASSWORD = "swordfish"
CODE = re.compile(r"Code: (\d+)")
OF_THE_QUERY = ("max_execution_time", "max_bytes_to_read", "readonly")


class Answer(Protocol):
    def bytes(self) -> bytes: ...


class Session(Protocol):
    def query(self, text: str, format: str, *, params: dict[str, str]) -> Answer: ...


@dataclass(slots=True)
class ClickHouseServer:
    """What it was asked, and how it behaves."""

    session: Session
    port: int = 0
    is_read_only: bool = False  # the user's profile has readonly = 1: no setting may come with a query
    asked: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    killed: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    breaks: str = ""  # "headers", "body": where the line is cut

    @property
    def address(self) -> str:
        return f"http://reader:{PASSWORD}@127.0.0.1:{self.port}/default"

    def answer(self, text: str, options: dict[str, str]) -> bytes:
        """Raises RuntimeError, as the engine says it."""
        self.asked.append({**options, "query": text})
        if text.startswith("KILL QUERY"):
            self.killed.set()
            return b""
        if "sleeps_for_long" in text:
            self.killed.wait(10)
            raise RuntimeError("Code: 394. DB::Exception: Query was cancelled. (QUERY_WAS_CANCELLED)")
        names = [name for name in options if name in (*OF_THE_QUERY, "log_comment")]
        if self.is_read_only and names:
            problem = (
                f"Code: 164. DB::Exception: Cannot modify '{names[0]}' setting in readonly mode. (READONLY)"
            )
            raise RuntimeError(problem)
        settings = ", ".join(f"{name} = {options[name]}" for name in names if name in OF_THE_QUERY)
        if self.is_read_only:
            text = text.replace("SELECT name, value, readonly", "SELECT name, value, toUInt8(1) AS readonly")
        form, text = self._form(text)
        given = {name.removeprefix("param_"): value for name, value in options.items() if "param_" in name}
        with self.lock:
            suffix = f"\n SETTINGS {settings}" if settings else ""
            return self.session.query(f"{text}{suffix}", form, params=given).bytes()

    def _form(self, text: str) -> tuple[str, str]:
        found = re.search(r"\s+FORMAT (\w+)\s*$", text)
        return (found[1], text[: found.start()]) if found else ("TabSeparated", text)


@contextmanager
def clickhouse_server(session: object) -> Generator[ClickHouseServer]:
    state = ClickHouseServer(cast("Session", session))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            options = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
            text = "\n".join(filter(None, (options.pop("query", ""), body)))
            options["user_agent"] = self.headers.get("User-Agent", "")
            login = b64decode(self.headers.get("Authorization", "Basic Og==").partition(" ")[2]).decode()
            if login != f"reader:{PASSWORD}":
                return self._refuse(
                    "Code: 516. DB::Exception: reader: Authentication failed: (AUTHENTICATION_FAILED)"
                )
            if state.breaks and "breaks" in text:
                time.sleep(0.1)
                if state.breaks == "body":
                    self.send_response(200)
                    self.send_header("Content-Length", "1000")
                    self.end_headers()
                    self.wfile.write(b"\x01\x01")
                    self.wfile.flush()
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return None
            try:
                found = state.answer(text, options)
            except RuntimeError as error:
                return self._refuse(str(error))
            return self._reply(200, found)

        do_GET = do_POST

        def _refuse(self, problem: str) -> None:
            code = CODE.search(problem)
            self._reply(403 if "516" in problem else 500, problem.encode(), code[1] if code else "1")

        def _reply(self, status: int, body: bytes, code: str = "") -> None:
            with suppress(BrokenPipeError, ConnectionResetError):
                self.send_response(status)
                if code:
                    self.send_header("X-ClickHouse-Exception-Code", code)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.killed.set()
        server.shutdown()
        server.server_close()
