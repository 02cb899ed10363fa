"""One fetch of several periods: some threads download and check, one taker takes what is whole."""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from queue import SimpleQueue

from reporter.reports.errors import ReporterError
from reporter.reports.periods import Period
from reporter.sources.mixpanel.errors import NoReply
from reporter.sources.mixpanel.export.download import Left, Wire
from reporter.sources.mixpanel.export.integrity import Broken, ExportedDays, room_for, unpack_whole
from reporter.sources.mixpanel.export.rate_limit import Pace
from reporter.sources.mixpanel.export.retry_policy import (
    NotWhole,
    NotYet,
    Unwritten,
    concerns_all,
    judge,
    the_worst,
)
from reporter.sources.mixpanel.export.temp_files import Workplace
from reporter.sources.mixpanel.limits import RetryBudget

UNPACKED = 2  # files at once: the one that was taken last, and one ahead
NAP = 0.5  # seconds of a wait, after which a thread looks whether the taker has gone
FAREWELL = 10.0  # seconds to wait in all for threads whose work nobody wants any more


@dataclass(frozen=True, slots=True)
class Means:
    """What a fetch works with."""

    wire: Wire
    pace: Pace
    place: Workplace
    sleep: Callable[[float], None]
    random: Callable[[], float]
    parameters: Callable[[Period], Mapping[str, str]]
    latest_day: Callable[[], date]  # on which it is today somewhere


class Fetching:
    """Gives each period's days once, in the order in which they come."""

    def __init__(self, means: Means, periods: Sequence[Period]) -> None:
        self._means = means
        self._waiting = deque(periods)
        self._lock = threading.Lock()
        self._done: SimpleQueue[ExportedDays | Exception | None] = SimpleQueue()  # None: a thread has ended
        self._failures: list[ReporterError] = []
        self._may_unpack = threading.Semaphore(UNPACKED)
        self._left = threading.Event()

    def results(self, at_once: int) -> Iterator[ExportedDays]:
        """Raises the worst that went wrong, when all that could be had is given."""
        threads = [
            threading.Thread(target=self._work, name="raw export", daemon=True)
            for _ in range(min(at_once, len(self._waiting)))
        ]
        try:
            for thread in threads:
                thread.start()
            yield from self._as_they_come(len(threads))
        finally:
            self._leave(threads)
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

    def _leave(self, threads: Sequence[threading.Thread]) -> None:
        """Ends what still runs, and deletes what nobody took."""
        self._left.set()
        self._means.wire.shut()
        for _ in threads:
            self._may_unpack.release()
        for thread in threads:
            thread.join(FAREWELL / len(threads))
        while not self._done.empty():
            if isinstance(days := self._done.get(), ExportedDays):
                days.path.unlink(missing_ok=True)
        self._means.place.delete_spares()

    def _work(self) -> None:
        try:
            while (period := self._next()) is not None:
                match self._outcome(period):
                    case ExportedDays() as days:
                        self._done.put(days)
                    case failure:
                        self._fail(failure)
        except Left:
            pass
        except Exception as mistake:  # of this program: whoever takes shall hear of it
            self._done.put(mistake)
        finally:
            self._done.put(None)

    def _next(self) -> Period | None:
        with self._lock:
            return self._waiting.popleft() if self._waiting and not self._left.is_set() else None

    def _fail(self, failure: ReporterError) -> None:
        with self._lock:
            self._failures.append(failure)
            if concerns_all(self._failures):
                self._waiting.clear()

    def _outcome(self, period: Period) -> ExportedDays | ReporterError:
        try:
            return self._fetch(period)
        except ReporterError as failure:
            return failure

    def _fetch(self, period: Period) -> ExportedDays:
        means = self._means
        if period.last > means.latest_day():
            raise NotYet(period)
        patience = RetryBudget(means.random)
        while True:
            self._pause(means.pace.take())
            answer = self._attempt(period)
            if isinstance(answer, ExportedDays):
                return answer
            if isinstance(answer, NoReply) and not answer.sent:
                means.pace.give_back()
            self._pause(judge(answer, period, patience, means.wire.secrets))

    def _attempt(self, period: Period) -> ExportedDays | NotWhole:
        place, needed = self._means.place, 0
        try:
            with place.half_made(period) as packed:
                received = self._means.wire.download(self._means.parameters(period), packed)
                if not isinstance(received, int):
                    return received
                needed = room_for(packed)
                return self._unpack_in_turn(period, packed, received)
        except OSError as error:
            return Unwritten(str(place.folder), error.strerror or "it can not be written", needed)

    def _unpack_in_turn(self, period: Period, packed: Path, received: int) -> ExportedDays | Broken:
        with ExitStack() as unless_whole:
            self._may_unpack.acquire()
            unless_whole.callback(self._may_unpack.release)
            self._stay()
            outcome = self._unpack(period, packed, received)
            if isinstance(outcome, ExportedDays):
                unless_whole.pop_all()  # the turn ends when the taker has done with the file
            return outcome

    def _unpack(self, period: Period, packed: Path, received: int) -> ExportedDays | Broken:
        place = self._means.place
        with place.half_made_over_a_spare(period) as plain:
            if broken := unpack_whole(packed, plain, self._means.wire.secrets):
                return broken
            size = plain.stat().st_size
            self._stay()
            return ExportedDays(period, place.declare_whole(plain), received, size, self._take_back)

    def _take_back(self, path: Path) -> None:
        if self._left.is_set():
            path.unlink(missing_ok=True)
        else:
            self._means.place.spare(path)

    def _pause(self, seconds: float) -> None:
        while seconds > 0 and not self._left.is_set():
            nap = min(seconds, NAP)
            self._means.sleep(nap)
            seconds -= nap
        self._stay()

    def _stay(self) -> None:
        if self._left.is_set():
            raise Left
