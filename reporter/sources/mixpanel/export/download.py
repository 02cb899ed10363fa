"""Connections as the system asks for them: through its proxy, with the certificates all else here trusts."""

import base64
import socket
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from http.client import HTTPConnection
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Any

from reporter.network.route import Route, trusted
from reporter.reports.errors import Refused
from reporter.sources.mixpanel.errors import USER_AGENT, NoReply, Reply

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, HTTPConnectionPool, PoolManager

LONGEST_START = 150.0  # seconds for a connection, and again until an answer's head is whole


def connections_to(url: str, route: Route, at_once: int) -> "PoolManager":
    """Raises Refused where the address is none, ConfigError where the system's certificates are."""
    from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, ProxyManager, make_headers
    from urllib3.exceptions import LocationValueError
    from urllib3.util import parse_url

    scheme = host = None
    with suppress(LocationValueError):
        scheme, host = parse_url(url).scheme, parse_url(url).host
    if scheme not in {"http", "https"} or not host:
        raise Refused("MIXPANEL_BASE_URL is no web address")
    context = trusted() if scheme == "https" else None
    if route.proxy is None:
        pools = PoolManager(maxsize=at_once, ssl_context=context)
    else:
        login = make_headers(proxy_basic_auth=":".join(route.proxy.auth)) if route.proxy.auth else None
        address = str(route.proxy.url)
        pools = ProxyManager(
            address,
            proxy_headers=login,
            maxsize=at_once,
            ssl_context=context,
            proxy_ssl_context=route.proxy.ssl_context,
        )
    pools.pool_classes_by_scheme = {
        "http": _bounded(HTTPConnectionPool),
        "https": _bounded(HTTPSConnectionPool),
    }
    return pools


@cache
def _bounded(pool: type["HTTPConnectionPool"]) -> type["HTTPConnectionPool"]:
    """Of connections that do not wait for ever: urllib3 bounds each read, so an answer's head may drip."""
    connection: Any = pool.ConnectionCls

    class Bounded(connection):
        def connect(self) -> None:
            with _shut_after(LONGEST_START, self):
                connection.connect(self)

        def getresponse(self) -> Any:
            with _shut_after(LONGEST_START, self):
                return connection.getresponse(self)

    return type(pool.__name__, (pool,), {"ConnectionCls": Bounded})


@contextmanager
def _shut_after(seconds: float, connection: HTTPConnection) -> Generator[None]:
    """Ends what another thread waits for on this connection: it reads that the answer broke off."""

    def shut() -> None:
        with suppress(OSError, AttributeError):  # it is through, or not connected yet
            connection.sock.shutdown(socket.SHUT_RDWR)

    timer = Timer(seconds, shut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


BLOCK = 256 * 1024  # bytes that are copied at a time
LONGEST_DOWNLOAD = 3600.0  # seconds from the first byte of the body to the last
LARGEST_REFUSAL = 64 * 1024  # bytes that are read of an answer that is no export
CONNECT, READ = 10.0, 120.0  # seconds

NOT_THROUGH = NoReply(f"it was not through after {LONGEST_DOWNLOAD:.0f} seconds", again=False)


class Left(Exception):
    """Nobody waits for the answer any more."""


class Wire:
    """Connections to one address, shared by several threads."""

    def __init__(
        self, username: str, secret: str, url: str, *, at_once: int, clock: Callable[[], float]
    ) -> None:
        basic = base64.b64encode(f"{username}:{secret}".encode()).decode()
        self.secrets = (secret, basic)
        self._headers = {
            "Authorization": f"Basic {basic}",
            "Accept-Encoding": "gzip",
            "User-Agent": USER_AGENT,
        }
        self._url, self._clock = url, clock
        self._route = Route.to(url)
        self._pool = connections_to(url, self._route, at_once)
        self._lock = threading.Lock()
        self._running: set[BaseHTTPResponse] = set()
        self._shut = False

    def download(self, parameters: Mapping[str, str], target: Path) -> int | Reply | NoReply:
        """How many bytes came, of a body that came to its end; it may be half of an export all the same.

        Raises Left when the wire is shut meanwhile, and OSError for the disk.
        """
        from urllib3.exceptions import HTTPError

        try:
            response = self._request(parameters)
        except HTTPError as error:
            return self._left_or(self._not_answered(error))
        with self._watched(response) as too_late:
            try:
                return self._take(response, target)
            except HTTPError as error:
                return self._left_or(NOT_THROUGH if too_late.is_set() else _cut_off(error))

    def shut(self) -> None:
        """Ends what is running, from another thread, for good."""
        with self._lock:
            self._shut = True
            for response in self._running:
                _end(response)

    def close(self) -> None:
        self._pool.clear()

    def _request(self, parameters: Mapping[str, str]) -> "BaseHTTPResponse":
        from urllib3 import Timeout

        return self._pool.request(
            "GET",
            self._url,
            fields=parameters,
            headers=self._headers,
            timeout=Timeout(connect=CONNECT, read=READ),
            retries=False,
            redirect=False,
            preload_content=False,
        )

    @contextmanager
    def _watched(self, response: "BaseHTTPResponse") -> Generator[threading.Event]:
        """The event says that it took too long, and was ended."""
        too_late = threading.Event()

        def end() -> None:
            too_late.set()
            _end(response)

        timer = threading.Timer(LONGEST_DOWNLOAD, end)
        timer.daemon = True
        timer.start()
        try:
            with self._lock:
                self._running.add(response)
            if self._shut:
                raise Left
            yield too_late
        finally:
            timer.cancel()
            with self._lock:
                self._running.discard(response)
            response.close()

    def _take(self, response: "BaseHTTPResponse", target: Path) -> int | Reply | NoReply:
        if response.status != 200:
            return Reply(response.status, response.headers, response.read(LARGEST_REFUSAL))
        if not response.chunked and response.length_remaining is None:
            # Where the end of the connection is the end of the answer, a lost connection looks just like it.
            return NoReply(
                "the answer has neither a length nor an end, so nobody can tell whether it is whole"
            )
        return self._copy(response, target)

    def _copy(self, response: "BaseHTTPResponse", target: Path) -> int | NoReply:
        received = 0
        until = self._clock() + LONGEST_DOWNLOAD
        with target.open("wb", buffering=BLOCK) as file:
            for part in response.stream(BLOCK, decode_content=False):
                received += file.write(part)
                if self._shut:
                    raise Left
                if self._clock() > until:
                    return NOT_THROUGH
        return received

    def _left_or(self, lost: NoReply) -> NoReply:
        if self._shut:
            raise Left
        return lost

    def _not_answered(self, error: Exception) -> NoReply:
        from urllib3 import exceptions

        match error:
            case (
                exceptions.NewConnectionError()
                | exceptions.SSLError()
                | exceptions.ConnectTimeoutError()
                | exceptions.ProxyError()
            ):
                return NoReply(self._route.reason(error), sent=False)
            case exceptions.ReadTimeoutError():
                return NoReply("it did not answer in time", again=False)
            case _:
                return NoReply("the connection broke before the answer")


def _end(response: "BaseHTTPResponse") -> None:
    """For whoever reads it in another thread, the answer is cut off here."""
    with suppress(RuntimeError, ValueError, OSError):  # it is just through
        response.shutdown()


def _cut_off(error: Exception) -> NoReply:
    from urllib3.exceptions import ReadTimeoutError

    if isinstance(error, ReadTimeoutError):
        return NoReply(f"the answer stopped for {READ:.0f} seconds")
    return NoReply("the answer was cut off")
