"""Copies the answers of the Export API to files, and tells an answer that came to its end from all others."""

import base64
import socket
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import httpcore2
import httpx2

from reporter.network.bounds import within
from reporter.network.route import Route
from reporter.reports.errors import Refused
from reporter.sources.mixpanel.errors import USER_AGENT, NoReply, Reply
from reporter.sources.mixpanel.http import no_reply

BLOCK = 256 * 1024  # bytes that are written at a time
LONGEST_START = 150.0  # seconds until an answer's head is whole
LONGEST_DOWNLOAD = 3600.0  # seconds from the first byte of the body to the last
LARGEST_REFUSAL = 64 * 1024  # bytes that are read of an answer that is no export
CONNECT, READ = 10.0, 120.0  # seconds


class Cancelled(Exception):
    """Nobody waits for the answer any more."""


class Downloader:
    """Connections to one address, shared by several threads. Raises Refused for what is no address."""

    def __init__(self, username: str, secret: str, url: str, clock: Callable[[], float]) -> None:
        self.secrets = (secret, base64.b64encode(f"{username}:{secret}".encode()).decode())
        self._url, self._clock = url, clock
        self._route = Route.to(url)
        if not self._route.host:
            raise Refused("MIXPANEL_BASE_URL is no web address")
        self._http = httpx2.Client(
            auth=(username, secret),
            headers={"Accept-Encoding": "gzip", "User-Agent": USER_AGENT},
            transport=self._route.transport(),
            trust_env=False,
        )
        self._lock = threading.Lock()
        self._running: set[httpx2.Response] = set()
        self._is_cancelled = False

    def download(self, parameters: Mapping[str, str], target: Path) -> int | Reply | NoReply:
        """How many bytes came, of a body that came to its end; it may be half of an export all the same.

        Raises Cancelled when that happens meanwhile, and OSError for the disk.
        """
        timeout = httpx2.Timeout(READ, connect=CONNECT)
        request = self._http.build_request("GET", self._url, params=parameters, timeout=timeout)
        try:
            with within(LONGEST_START):
                response = self._http.send(request, stream=True)
        except httpx2.RequestError as error:
            return self._unless_cancelled(no_reply(error, self._route))
        until = self._clock() + LONGEST_DOWNLOAD
        with self._cancellable(response), within(LONGEST_DOWNLOAD):
            try:
                return self._take(response, target, until)
            except httpx2.RequestError as error:
                return self._unless_cancelled(self._cut_off(error, until))

    def cancel(self) -> None:
        """Ends what is running, from another thread, for good."""
        with self._lock:
            self._is_cancelled = True
            for response in self._running:
                _end(response)

    def close(self) -> None:
        self._http.close()

    @contextmanager
    def _cancellable(self, response: httpx2.Response) -> Generator[None]:
        try:
            with self._lock:
                self._running.add(response)
            if self._is_cancelled:
                raise Cancelled
            yield
        finally:
            with self._lock:
                self._running.discard(response)
            response.close()

    def _unless_cancelled(self, answer: NoReply) -> NoReply:
        if self._is_cancelled:
            raise Cancelled
        return answer

    def _take(self, response: httpx2.Response, target: Path, until: float) -> int | Reply | NoReply:
        if response.status_code != 200:
            start = next(response.iter_bytes(LARGEST_REFUSAL), b"")
            return Reply(response.status_code, response.headers, start)
        if "Content-Length" not in response.headers and "Transfer-Encoding" not in response.headers:
            # Where the end of the connection is the end of the answer, a lost connection looks just like it.
            return NoReply(
                "the answer has neither a length nor an end, so nobody can tell whether it is whole"
            )
        return self._copy(response, target, until)

    def _copy(self, response: httpx2.Response, target: Path, until: float) -> int | NoReply:
        received = 0
        with target.open("wb", buffering=BLOCK) as file:
            for part in response.iter_raw():
                received += file.write(part)
                if self._is_cancelled:
                    raise Cancelled
                if self._clock() > until:
                    return _too_slow()
        return received

    def _cut_off(self, error: httpx2.RequestError, until: float) -> NoReply:
        if self._clock() > until:
            return _too_slow()
        if isinstance(error, httpx2.ReadTimeout):
            return NoReply(f"the answer stopped for {READ:.0f} seconds")
        return NoReply("the answer was cut off")


def _too_slow() -> NoReply:
    return NoReply(f"it was not through after {LONGEST_DOWNLOAD:.0f} seconds", again=False)


def _end(response: httpx2.Response) -> None:
    """For whoever reads it in another thread, the answer is cut off here."""
    stream: httpcore2.NetworkStream = response.extensions["network_stream"]
    with suppress(OSError):  # it is just through
        socket.socket.shutdown(stream.get_extra_info("socket"), socket.SHUT_RDWR)
