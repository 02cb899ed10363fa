"""Raw events from Mixpanel's Export API, handed on as files, each of whole, checked days.

Some threads download and check, several requests at once; one taker takes what is whole.
"""

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from random import SystemRandom

from reporter import telemetry
from reporter.reports.errors import ReporterError, Unavailable
from reporter.reports.periods import Period
from reporter.sources.mixpanel.access import MixpanelAccess
from reporter.sources.mixpanel.errors import NoReply, check_project_id
from reporter.sources.mixpanel.export.download import (
    Broken,
    Cancelled,
    Downloader,
    ExportedDays,
    TempFiles,
    room_for,
    unpack_whole,
)
from reporter.sources.mixpanel.export.retry_policy import (
    NotWhole,
    NotYet,
    Pace,
    concerns_all,
    judge,
    the_worst,
    unwritten,
)
from reporter.sources.mixpanel.limits import RetryBudget

MOST_AT_ONCE = 100  # exports of one project (Mixpanel, "Raw Event Export")
FIRST_ZONE = timedelta(hours=14)  # ahead of UTC: where a day begins first
UNPACKED = 2  # files at once: the one that was taken last, and one ahead
NAP = 0.5  # seconds of a wait, after which a thread checks whether the taker has gone
FAREWELL = 10.0  # seconds to wait in all for threads whose work nobody wants any more
_DICE = SystemRandom()


class Exporter:
    """One service account that reads one project's raw events."""

    def __init__(
        self,
        access: MixpanelAccess,
        *,
        at_once: int = 6,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        random: Callable[[], float] = _DICE.random,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        if not 1 <= at_once <= MOST_AT_ONCE:
            raise ValueError(f"at_once must be 1 to {MOST_AT_ONCE}, not {at_once}")
        self.access = access
        self.sleep, self.random, self.pace = sleep, random, Pace(clock)
        self._at_once, self._clock, self._now = at_once, clock, now
        self._folders: dict[Path, TempFiles] = {}

    def fetch(
        self, periods: Sequence[Period], folder: Path, events: Sequence[str] | None = None
    ) -> Generator[ExportedDays]:
        """Each period's raw days, as they come, several downloads at once; no events named means all of them.

        A file is yours until you say that you are done with it, or delete it; when you ask for the next, one
        more is unpacked. What is left in the folder by a dead process goes when the folder is first used.
        Raises Unavailable (TooLong, where fewer days at once may help) or Refused, when all that could be had
        is given.
        """
        check_project_id(self.access)
        if events is not None and not events:
            raise ValueError("name at least one event, or none at all to have all")
        downloader = Downloader(self.access, self._clock)
        try:
            fetch = _Fetch(self, downloader, self._temp_files(folder), periods, events)
            yield from fetch.results(self._at_once)
        finally:
            downloader.close()

    def latest_day(self) -> date:
        """On which it is today somewhere."""
        return (self._now().astimezone(UTC) + FIRST_ZONE).date()

    def close(self) -> None:
        """Lets go of the folders that were used; files that nobody has taken are then no longer safe."""
        for files in self._folders.values():
            files.close()
        self._folders.clear()

    def _temp_files(self, folder: Path) -> TempFiles:
        if folder not in self._folders:
            try:
                self._folders[folder] = TempFiles(folder)
            except OSError as error:
                reason = error.strerror or "it cannot be used"
                raise Unavailable(
                    f"The raw export has no place to work: {folder}: {reason}. Name another folder"
                ) from None
        return self._folders[folder]


class _Fetch:
    """Gives each period's days once, in the order in which they come."""

    def __init__(
        self,
        exporter: Exporter,
        downloader: Downloader,
        files: TempFiles,
        periods: Sequence[Period],
        events: Sequence[str] | None,
    ) -> None:
        self._exporter, self._downloader, self._files = exporter, downloader, files
        self._chosen = {} if events is None else {"event": json.dumps([*events], ensure_ascii=False)}
        self._waiting = deque(periods)
        self._lock = threading.Lock()
        self._done: SimpleQueue[ExportedDays | Exception | None] = SimpleQueue()  # None: a thread has ended
        self._failures: list[ReporterError] = []
        self._may_unpack = threading.Semaphore(UNPACKED)
        self._cancelled = threading.Event()

    def results(self, at_once: int) -> Iterator[ExportedDays]:
        """Raises the worst that went wrong, when all that could be had is given."""
        threads = [
            threading.Thread(target=telemetry.carried(self._work), name="raw export", daemon=True)
            for _ in range(min(at_once, len(self._waiting)))
        ]
        try:
            for thread in threads:
                thread.start()
            yield from self._as_they_come(len(threads))
        finally:
            self._cancel(threads)
        if self._failures:
            raise the_worst(self._failures)

    def _as_they_come(self, running: int) -> Iterator[ExportedDays]:
        while running:
            match self._done.get():
                case None:
                    running -= 1
                case ExportedDays() as days:
                    yield days
                    self._may_unpack.release()
                case error:
                    raise error

    def _cancel(self, threads: Sequence[threading.Thread]) -> None:
        """Ends what still runs, and deletes what nobody took."""
        self._cancelled.set()
        self._downloader.cancel()
        for _ in threads:
            self._may_unpack.release()
        for thread in threads:
            thread.join(FAREWELL / len(threads))
        while not self._done.empty():
            if isinstance(days := self._done.get(), ExportedDays):
                days.path.unlink(missing_ok=True)
        self._files.delete_spares()

    def _work(self) -> None:
        try:
            while (period := self._next()) is not None:
                try:
                    with telemetry.span("export days", days=str(period)):
                        self._done.put(self._whole_days(period))
                except ReporterError as failure:
                    self._fail(failure)
        except Cancelled:
            pass
        except Exception as mistake:  # of this program: the taker must learn of it
            self._done.put(mistake)
        finally:
            self._done.put(None)

    def _next(self) -> Period | None:
        with self._lock:
            return self._waiting.popleft() if self._waiting and not self._cancelled.is_set() else None

    def _fail(self, failure: ReporterError) -> None:
        with self._lock:
            self._failures.append(failure)
            if concerns_all(self._failures):
                self._waiting.clear()

    def _whole_days(self, period: Period) -> ExportedDays:
        """Asks until they are whole. Raises Unavailable or Refused when asking again is no use."""
        exporter = self._exporter
        if period.last > exporter.latest_day():
            raise NotYet(period)
        budget = RetryBudget(exporter.random)
        while True:
            self._pause(exporter.pace.take())
            answer = self._attempt(period)
            if isinstance(answer, ExportedDays):
                return answer
            if isinstance(answer, NoReply) and not answer.sent:
                exporter.pace.give_back()
            self._pause(judge(answer, period, budget, exporter.access))
            telemetry.add("reporter.http.retries", of="export")

    def _attempt(self, period: Period) -> ExportedDays | NotWhole:
        needed = 0
        try:
            with self._files.half_made(period) as packed:
                received = self._downloader.download(self._parameters(period), packed)
                if not isinstance(received, int):
                    return received
                needed = room_for(packed)
                return self._unpack_in_turn(period, packed, received)
        except OSError as error:
            raise unwritten(period, self._files.folder, error, needed) from None

    def _parameters(self, period: Period) -> Mapping[str, str]:
        return {
            "project_id": self._exporter.access.project_id,
            "from_date": period.start.isoformat(),
            "to_date": period.last.isoformat(),
            "time_in_ms": "true",
            **self._chosen,
        }

    def _unpack_in_turn(self, period: Period, packed: Path, received: int) -> ExportedDays | Broken:
        with ExitStack() as unless_whole:
            self._may_unpack.acquire()
            unless_whole.callback(self._may_unpack.release)
            self._check_cancelled()
            outcome = self._unpack(period, packed, received)
            if isinstance(outcome, ExportedDays):
                unless_whole.pop_all()  # the turn ends when the taker is done with the file
            return outcome

    def _unpack(self, period: Period, packed: Path, received: int) -> ExportedDays | Broken:
        files = self._files
        with files.half_made_over_a_spare(period) as plain:
            if broken := unpack_whole(packed, plain, self._exporter.access.secrets):
                return broken
            size = plain.stat().st_size
            self._check_cancelled()
            return ExportedDays(period, files.declare_whole(plain), received, size, self._take_back)

    def _take_back(self, path: Path) -> None:
        if self._cancelled.is_set():
            path.unlink(missing_ok=True)
        else:
            self._files.spare(path)

    def _pause(self, seconds: float) -> None:
        while seconds > 0 and not self._cancelled.is_set():
            nap = min(seconds, NAP)
            self._exporter.sleep(nap)
            seconds -= nap
        self._check_cancelled()

    def _check_cancelled(self) -> None:
        if self._cancelled.is_set():
            raise Cancelled
