"""The endpoints on an address of any machine, for `reporter serve`: with the answers and keys of Azure."""

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hmac import compare_digest
from ipaddress import ip_address
from threading import Thread
from typing import Any, TypeAlias, cast
from urllib.parse import parse_qsl, quote, urlsplit

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from reporter.app import App
from reporter.http.call import FUNCTION_KEY, LARGEST_BODY
from reporter.http.endpoints import custom_report, due, health
from reporter.http.request import HttpRequest, HttpResponse
from reporter.publishing.scheduler import LONGEST_STOP
from reporter.reports.errors import ConfigError, describe_failure

KEY_HEADER = "x-functions-key"  # as on Azure
ARRIVES_WITHIN = 10.0  # seconds, of the head of a request, and of its body
TAKEN_WITHIN = 30.0  # seconds, of an answer
AT_ONCE = 32  # requests; more are told to come back
LARGEST_HEAD = 32 * 1024  # bytes

LOG = logging.getLogger("reporter.http.listener")

_Message: TypeAlias = MutableMapping[str, Any]
_Receive: TypeAlias = Callable[[], Awaitable[_Message]]
_Send: TypeAlias = Callable[[_Message], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The endpoints of an app, behind its key; `later` queues what takes too long, or is due."""

    app: App
    later: Callable[[str], None]
    key: str | None = field(repr=False)

    def answer(self, path: str, request: HttpRequest) -> HttpResponse:
        """Paths are read as Azure's host reads them: in any case of letters."""
        match path.lower().rstrip("/"):
            case "/api/customreport":
                return custom_report(request, lambda: self.app, self.later)
            case "/api/due":
                return due(request, lambda: self.app, self.later)
            case "/api/health":
                return health(request, lambda: self.app)
            case _:
                return HttpResponse(404)

    def may_call(self, request: HttpRequest) -> bool:
        """Whether it has the key; without one, whether it was written for this machine.

        A web page can have a browser call 127.0.0.1, but neither hide its origin nor choose the host's name.
        """
        if self.key is None:
            host, origin = request.headers.get("host", ""), request.headers.get("origin")
            return is_loopback(urlsplit(f"//{host}").hostname or "") and origin in (None, f"http://{host}")
        given = request.headers.get(KEY_HEADER) or request.query.get(FUNCTION_KEY, "")
        return compare_digest(given.encode(), self.key.encode())


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the host."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:  # a name
        return False


def bind(address: str, key: str | None) -> socket.socket:
    """A socket at that address. Raises ConfigError, also where others can reach it and no key is set."""
    try:
        parts = urlsplit(f"//{address}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if host is None or port is None or _has_more(address):
        raise ConfigError.at("--http", "it is no address and port", "Write it as 127.0.0.1:8080.")
    if key is None and not is_loopback(host):
        fix = "Set REPORTER_API_KEY, or listen on 127.0.0.1."
        raise ConfigError.at("--http", f"others can reach {host}, and no key is set", fix)
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return _bound(socket.socket(family, kind, protocol), place)
    except OSError as error:
        fix = "Choose another port, or end what listens there."
        raise ConfigError.at("--http", f"{address} cannot be used: {error.strerror}", fix) from None


def _bound(listening: socket.socket, place: object) -> socket.socket:
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(cast("tuple[str, int]", place))
        listening.listen()
    except OSError:
        listening.close()
        raise
    return listening


def _has_more(address: str) -> bool:
    """Whether there is more than a host and a port."""
    return any(mark in address for mark in "/?#@ ")


class _Prompt(H11Protocol):
    """A connection that ends where no request has begun in time; each has one request."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        super().connection_made(transport)
        self.loop.call_later(ARRIVES_WITHIN, self._hang_up)

    def _hang_up(self) -> None:
        if cast("object", self.cycle) is None:  # of the request, once its head is there
            self.transport.close()


class Listener:
    """Serves the endpoints in a thread of its own, until it is stopped."""

    def __init__(self, listening: socket.socket, endpoints: Endpoints) -> None:
        self._endpoints = endpoints
        self._socket = listening
        self._workers = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="http")
        config = uvicorn.Config(
            self._serve,
            interface="asgi3",
            lifespan="off",
            ws="none",
            loop="asyncio",
            http=_Prompt,
            log_config=None,
            log_level=logging.WARNING,
            access_log=False,  # addresses may hold the key
            proxy_headers=False,
            server_header=False,
            limit_concurrency=AT_ONCE,
            h11_max_incomplete_event_size=LARGEST_HEAD,
            timeout_graceful_shutdown=int(LONGEST_STOP.total_seconds()),
        )
        self._server = uvicorn.Server(config)
        self._thread = Thread(target=self._server.run, args=([listening],), name="listener", daemon=True)

    @property
    def address(self) -> str:
        host, port, *_ = cast("tuple[str, int]", self._socket.getsockname())
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def start(self) -> None:
        LOG.info("listening address=%s key=%s", self.address, "needed" if self._endpoints.key else "none")
        self._thread.start()

    def stop(self) -> None:
        """Take no more requests. May be called by the handler of a signal."""
        self._server.should_exit = True

    def join(self) -> bool:
        """Wait for the requests under way; False where that could not be waited for."""
        self._thread.join(LONGEST_STOP.total_seconds() + TAKEN_WITHIN)
        self._workers.shutdown(wait=False, cancel_futures=True)
        return not self._thread.is_alive()

    async def _serve(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        """One request, as ASGI has it."""
        response = await self._response(scope, receive)
        headers = {**response.headers, "Content-Type": response.content_type, "Connection": "close"}
        if scope["method"] != "HEAD":
            headers["Content-Length"] = str(len(response.body))
        named = [(name.lower().encode("latin-1"), one.encode("latin-1")) for name, one in headers.items()]
        async with asyncio.timeout(TAKEN_WITHIN):
            await send({"type": "http.response.start", "status": response.status, "headers": named})
            await send({"type": "http.response.body", "body": response.body})

    async def _response(self, scope: _Message, receive: _Receive) -> HttpResponse:
        path, request = _head(scope)
        if not self._endpoints.may_call(request):
            return HttpResponse(401)
        try:
            async with asyncio.timeout(ARRIVES_WITHIN):
                body = await _body(receive)
        except TimeoutError:
            return HttpResponse(408)
        whole = HttpRequest(request.method, request.query, request.headers, body, request.url)
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._workers, self._endpoints.answer, path, whole)
        except Exception as error:  # of one request; its words may hold an address
            LOG.error("broken path=%s: %s", path, describe_failure(error))
            return HttpResponse(500)


def _head(scope: _Message) -> tuple[str, HttpRequest]:
    """The path, and the request without its body; its address is relative, whatever proxy is before it."""
    path = cast("str", scope["path"])
    given = cast("Sequence[tuple[bytes, bytes]]", scope["headers"])
    headers = {name.decode("latin-1").lower(): one.decode("latin-1") for name, one in given}
    query = dict(parse_qsl(cast("bytes", scope["query_string"]).decode("latin-1"), keep_blank_values=True))
    return path, HttpRequest(cast("str", scope["method"]), query, headers, url=quote(path))


async def _body(receive: _Receive) -> bytes:
    """The body; of one that is too large, as much as it takes to say so."""
    body = b""
    while len(body) <= LARGEST_BODY:
        message = await receive()
        body += cast("bytes", message.get("body", b""))
        if not message.get("more_body", False):
            break
    return body
