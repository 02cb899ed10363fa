"""A bound on an exchange as a whole: httpx2 bounds each step, so an answer that drips would never end."""

import ssl
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from math import inf
from threading import Lock
from typing import Any

import httpcore2
import httpx2

_END: ContextVar[float] = ContextVar("end", default=inf)  # of the exchange under way, by time.monotonic


@contextmanager
def within(seconds: float) -> Generator[None]:
    """Exchanges in here end by then, over a transport that `bounded` has made: by httpx2's own timeouts."""
    token = _END.set(min(_END.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _END.reset(token)


def bounded(transport: httpx2.HTTPTransport) -> httpx2.HTTPTransport:
    """The same, within the bound that `within` sets."""
    transport._pool._network_backend = _Backend()  # httpx2 has no argument for it
    return transport


def read_body(response: httpx2.Response, most: int) -> bytes:
    """The body, of at most so many bytes. Raises httpx2.ReadTimeout for more: it may never end."""
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > most:
            raise httpx2.ReadTimeout("the answer is too long", request=response.request)
    return bytes(body)


def _left(timeout: float | None, too_late: type[httpcore2.TimeoutException]) -> float | None:
    left = _END.get() - time.monotonic()
    if left <= 0:
        raise too_late
    return timeout if left == inf else min(left, timeout or left)


class _Stream(httpcore2.NetworkStream):
    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout, httpcore2.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        left = _left(timeout, httpcore2.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore2.SyncBackend):
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        left = _left(timeout, httpcore2.ConnectTimeout)
        return _Stream(super().connect_tcp(host, port, left, local_address, socket_options))


class ServerClock:
    """Set by the `Date` header of each answer (RFC 9110); it goes on by a clock that nobody sets."""

    def __init__(self, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._elapsed = elapsed
        self._lock = Lock()
        self._set: tuple[datetime, float] | None = None

    def read(self, headers: Mapping[str, str]) -> None:
        """Set it by the headers of an answer, where they tell."""
        if (date := _date(headers.get("date", ""))) is not None:
            with self._lock:
                self._set = date, self._elapsed()

    def now(self) -> datetime | None:
        """The time; None where no answer has told it. While the machine slept it stood still."""
        with self._lock:
            if self._set is None:
                return None
            date, then = self._set
            return date + timedelta(seconds=self._elapsed() - then)


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
