"""Downloads of raw days into files of a folder, and whether what came is whole.

The export has no count and no checksum, so the end of an answer and both ends of the file must tell.
"""

import os
import socket
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpcore2
import httpx2

from reporter import telemetry
from reporter.folders import PRIVATE_FILE, hold, make_private_folder, release
from reporter.network.bounds import within
from reporter.network.route import Route
from reporter.reports.errors import Refused
from reporter.reports.periods import Period
from reporter.sources.mixpanel.access import MixpanelAccess
from reporter.sources.mixpanel.errors import USER_AGENT, WEB_PAGE, NoReply, Reply, is_error, read_reason
from reporter.sources.mixpanel.http import Hosts, no_reply
from reporter.sources.raw_files import Flaw, FlawKind, find_flaw, is_packed, unpack

BLOCK = 256 * 1024  # bytes that are written at a time
LONGEST_START = 150.0  # seconds until an answer's head is whole
LONGEST_DOWNLOAD = 3600.0  # seconds from the first byte of the body to the last
LARGEST_REFUSAL = 64 * 1024  # bytes that are read of an answer that is no export
CONNECT, READ = 10.0, 120.0  # seconds


class Cancelled(Exception):
    """Nobody waits for the answer any more."""


class Downloader:
    """Connections to one address, shared by several threads. Raises Refused for what is no address."""

    def __init__(self, access: MixpanelAccess, clock: Callable[[], float]) -> None:
        self._url, self._clock = Hosts.for_access(access).export, clock
        self._route = Route.to(self._url)
        if not self._route.host:
            raise Refused("MIXPANEL_BASE_URL is no web address")
        self._http = httpx2.Client(
            auth=access.login,
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
        with telemetry.request("GET", self._url, "/export") as exchange:
            answer = self._download(parameters, target)
            if not isinstance(answer, NoReply):
                exchange.answered(answer.status if isinstance(answer, Reply) else httpx2.codes.OK)
            return answer

    def _download(self, parameters: Mapping[str, str], target: Path) -> int | Reply | NoReply:
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


_PREFIX = "raw-"
_HALF, _WHOLE = ".part", ".jsonl"


class TempFiles:
    """Held from the first use of a folder until it is closed; several processes may hold one together."""

    def __init__(self, folder: Path) -> None:
        make_private_folder(folder)
        self.folder = folder
        self._handle = hold(folder, _clear)
        self._spare: deque[Path] = deque()

    @contextmanager
    def half_made(self, period: Period) -> Generator[Path]:
        """A new file, gone afterwards unless it was declared whole."""
        path = self._new(period)
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    @contextmanager
    def half_made_over_a_spare(self, period: Period) -> Generator[Path]:
        """The same, and it may hold something old: to write over that costs a third of writing it anew."""
        with self.half_made(period) as path:
            with suppress(IndexError):
                self._spare.pop().replace(path)
            yield path

    def spare(self, whole: Path) -> None:
        """Takes back a file that nobody needs any more."""
        self._spare.append(whole.rename(whole.with_suffix(_HALF)))

    def delete_spares(self) -> None:
        while self._spare:
            self._spare.pop().unlink(missing_ok=True)

    @staticmethod
    def declare_whole(half_made: Path) -> Path:
        return half_made.rename(half_made.with_suffix(_WHOLE))

    def close(self) -> None:
        self.delete_spares()
        release(self._handle)
        self._handle = None

    def _new(self, period: Period) -> Path:
        handle, path = tempfile.mkstemp(_HALF, f"{_PREFIX}{period.start}-{period.last}-", self.folder)
        os.close(handle)
        Path(path).chmod(PRIVATE_FILE)  # where the umask took even more
        return Path(path)


def _clear(folder: Path) -> None:
    for path in folder.glob(f"{_PREFIX}*"):
        if path.suffix in {_HALF, _WHOLE}:
            path.unlink(missing_ok=True)


SMALLEST_GZIP = 18  # bytes of its head and its end
_LOOKED_AT = 64 * 1024  # bytes of the beginning in which an error would stand


@dataclass(frozen=True, slots=True)
class ExportedDays:
    """Raw events of some days, checked to be whole."""

    period: Period  # the service's days, as the Export API cuts them
    path: Path  # JSON lines
    received: int  # bytes that came over the network
    size: int  # bytes of the file
    give_back: Callable[[Path], None] = field(repr=False, compare=False)

    def done(self) -> None:
        """The taker no longer needs the file. It may as well delete it."""
        self.give_back(self.path)


@dataclass(frozen=True, slots=True)
class Broken:
    """Something came, but not all of it."""

    reason: str


def room_for(path: Path) -> int:
    """The bytes on disk that it takes while it is unpacked. Gzip ends with how many went in, up to 4 GB."""
    size = path.stat().st_size
    if size < SMALLEST_GZIP or not is_packed(path):
        return size
    with path.open("rb") as file:
        file.seek(-4, 2)
        return size + int.from_bytes(file.read(), "little")


def unpack_whole(received: Path, plain: Path, secrets: Iterable[str] = ()) -> Broken | None:
    """Puts what was received over a file that is there, not packed; and what is wrong with it."""
    flaw = None
    if is_packed(received):
        flaw = unpack(received, plain)
    else:
        received.replace(plain)
    with plain.open("rb") as file:
        start = file.read(_LOOKED_AT)
    if flaw is None and is_error(start):
        flaw = Flaw(FlawKind.ERROR, start)
    flaw = flaw or find_flaw(plain)
    return Broken(_reason(flaw, secrets)) if flaw else None


def _reason(flaw: Flaw, secrets: Iterable[str]) -> str:
    match flaw.kind:
        case FlawKind.WEB_PAGE:
            return WEB_PAGE
        case FlawKind.ERROR:
            return f"Mixpanel sent an error instead ({read_reason(flaw.line, secrets) or 'without a reason'})"
        case _:
            return f"it {flaw}"
