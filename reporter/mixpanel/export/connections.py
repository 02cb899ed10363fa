"""Connections as the system asks for them: through its proxy, with the certificates all else here trusts."""

import socket
from collections.abc import Generator
from contextlib import contextmanager, suppress
from functools import cache
from http.client import HTTPConnection
from threading import Timer
from typing import TYPE_CHECKING, Any

from reporter.model.errors import Refused
from reporter.network.route import Route, trusted

if TYPE_CHECKING:
    from urllib3 import HTTPConnectionPool, PoolManager

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
