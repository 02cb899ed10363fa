"""The same schedules on any machine, with no Azure: what its timers and its queue do, in one process."""

import heapq
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread

from reporter.publishing.kept_orders import KeptOrders
from reporter.publishing.queue import OnDemand, parse_message
from reporter.publishing.worker import Worker
from reporter.reports.deliveries import Attempt
from reporter.reports.errors import Unavailable, describe_failure
from reporter.reports.periods import moment_text
from reporter.reports.subscriptions import Subscription

TRIES = 9
MOST_TRIES = 2 * TRIES  # with those of giving it up
PAUSE = timedelta(minutes=10)  # between two tries; nine of them outlast Mixpanel's hourly quota
LONGEST_TRY = timedelta(minutes=30)  # then it hangs, and its delivery is tried again beside it
LONGEST_STOP = timedelta(minutes=1)  # that a stop waits for what is under way; systemd kills after 90 s
LONGEST_NAP = timedelta(minutes=1)  # the machine's clock may be set, and a laptop may sleep
AT_ONCE = 8  # tries; those that hang do not count

LOG = logging.getLogger("reporter.publishing.scheduler")


@dataclass(frozen=True, slots=True, order=True)
class Try:
    """A message that waits for its next try; `at` is by a clock that nobody sets."""

    at: float
    report: str
    message: str
    number: int = 1


@dataclass(frozen=True, slots=True)
class Ended:
    """How a try ended."""

    one: Try
    error: Exception | None = None
    anew_in: timedelta | None = None  # where it waits for its data


def in_a_thread(work: Callable[[], None]) -> None:
    """Begin the work beside everything else; it ends with the process at the latest."""
    Thread(target=work, daemon=True).start()


def at_once(work: Callable[[], None]) -> None:
    """Do the work before anything else."""
    work()


@dataclass(slots=True)
class Server:
    """Runs until it is stopped. Each try of a delivery is begun by `begin`, so that none holds up another.

    All but the tries themselves happens in the thread that calls `run`; they report to the mailbox, and so
    does a signal: putting into a SimpleQueue is safe in its handler, whatever that interrupts.
    """

    worker: Worker
    begin: Callable[[Callable[[], None]], None] = at_once
    elapsed: Callable[[], float] = time.monotonic
    is_stopping: bool = False
    waiting: list[Try] = field(default_factory=list[Try])
    under_way: dict[Try, float] = field(default_factory=dict[Try, float])  # since when
    handled: dict[str, datetime] = field(
        default_factory=dict[str, datetime]
    )  # up to which moment, of each report
    mailbox: SimpleQueue[Ended | Try | None] = field(default_factory=SimpleQueue[Ended | Try | None])
    told: float | None = None  # when people were last told what they had not been
    blind: float | None = None  # since when the ledger has not said what was handled
    is_blind_told: bool = False
    announced: str = ""  # what comes next, as the log has it
    orders: KeptOrders | None = None  # that somebody was told are accepted

    def run(self) -> bool:
        """Serve until stopped, and finish what is under way; False where that could not be waited for."""
        LOG.info("serving reports=%s (Ctrl-C stops)", ",".join(self._subscriptions))
        self.take_up()
        while not self.is_stopping:
            self.step()
            self._say_what_comes_next()
            if not self.is_stopping:  # the mail that a signal left may have been read by the step
                self._nap(self._until_next())
        return self._finish()

    def take_up(self) -> None:
        """Queue the orders that an earlier process has left."""
        for message in self.orders.messages() if self.orders is not None else ():
            self._put(message)

    def stop(self) -> None:
        """Begin nothing new. May be called by the handler of a signal."""
        self.is_stopping = True
        self.mailbox.put(None)

    def accept(self, message: str) -> None:
        """Queue a message. May be called by any thread. Raises Refused for one that is none of ours.

        Once it returns, an order is not lost by a stop: what is due is found again without being kept. Raises
        Unavailable where it cannot be kept.
        """
        if isinstance(parse_message(message), OnDemand) and self.orders is not None:
            self.orders.keep(message)
        self._put(message)

    def _put(self, message: str) -> None:
        self.mailbox.put(Try(self.elapsed(), parse_message(message).report, message))

    def step(self) -> None:
        """Begin all that is due by now."""
        self._read_mail()
        now = self.clock()
        for name, subscription in self._subscriptions.items():
            if not self._is_known(name):
                break  # the ledger is that of the others, too
            self._dispatch(name, subscription, now)
        self._leave_behind_what_hangs()
        while self._may_begin():
            one = heapq.heappop(self.waiting)
            self.under_way[one] = self.elapsed()
            self.begin(partial(self._try, one))
        self._read_mail()
        self._tell()

    @property
    def clock(self) -> Callable[[], datetime]:
        return self.worker.app.clock

    @property
    def _subscriptions(self) -> Mapping[str, Subscription]:
        return self.worker.app.subscriptions

    def _is_known(self, name: str) -> bool:
        """Whether it is known what was handled; people hear of a ledger that cannot say so for a while."""
        if name in self.handled:
            return True
        known = self.worker.settled_until(name)
        if known is not None:
            self.handled[name], self.blind = known, None
            return True
        self.blind = self.elapsed() if self.blind is None else self.blind
        if not self.is_blind_told and self.elapsed() - self.blind >= PAUSE.total_seconds():
            self.is_blind_told = True
            self.begin(self.worker.tell_unusable)
        return False

    def _dispatch(self, name: str, subscription: Subscription, now: datetime) -> None:
        """Queue the deliveries of the last due moment, if it has come since the last one that was handled."""
        since = self.handled[name] = min(self.handled[name], now)  # a clock that was ahead is right again
        due = subscription.schedule.latest_due(now)
        if due is None or due <= since:
            return
        for message in self.worker.due(name, due, since):
            heapq.heappush(self.waiting, Try(self.elapsed(), name, message))
        self.handled[name] = due
        self._settle(name)

    def _settle(self, name: str) -> None:
        """Remember, once nothing of a report waits any more, that all its due moments are done with."""
        waits = any(one.report == name for one in (*self.waiting, *self.under_way))
        if not waits and name in self.handled:
            self.worker.settle(name, self.handled[name])

    def _may_begin(self) -> bool:
        is_due = bool(self.waiting) and self.waiting[0].at <= self.elapsed()
        return is_due and len(self.under_way) < AT_ONCE and not self.is_stopping

    def _try(self, one: Try) -> None:
        """As Azure's queue does; whatever goes wrong with one delivery is reported, and harms no other."""
        try:
            if one.number > TRIES:
                self.worker.give_up(one.message)
                anew_in = None
            else:
                anew_in = self.worker.deliver(one.message, Attempt(one.number, TRIES, 10))
        except Exception as error:
            self.mailbox.put(Ended(one, error))
        else:
            self.mailbox.put(Ended(one, None, anew_in))

    def _tell(self) -> None:
        """Tell what people were not told, every ten minutes; but what waits for a try is left to that."""
        now = self.elapsed()
        is_time = self.told is None or now - self.told >= PAUSE.total_seconds()
        if is_time and not self.waiting and not self.under_way and not self.is_stopping:
            self.told = now
            self.begin(self._send_pending)

    def _send_pending(self) -> None:
        try:
            self.worker.tell()
        except Exception as error:  # of one round; the next one tries again
            LOG.error("untold: %s", describe_failure(error))

    def _read_mail(self) -> None:
        while not self.mailbox.empty():
            self._nap(0.0)

    def _nap(self, seconds: float) -> None:
        """Wait for a try to end, for a message, or for a signal, so long."""
        try:
            ended = self.mailbox.get(timeout=seconds)
        except Empty:
            return
        if isinstance(ended, Try):
            heapq.heappush(self.waiting, ended)
        elif ended is not None and self.under_way.pop(ended.one, None) is not None:
            if ended.error is not None:
                self._failed(ended.one, ended.error)
            elif ended.anew_in is not None:
                self._wait_for_data(ended.one, ended.anew_in)
            else:
                self._forget(ended.one.message)
            self._settle(ended.one.report)

    def _wait_for_data(self, one: Try, pause: timedelta) -> None:
        """Try it anew then, unless it is queued besides: whoever asked for what is due may have done that."""
        if all(parse_message(other.message) != parse_message(one.message) for other in self.waiting):
            anew = Try(self.elapsed() + pause.total_seconds(), one.report, one.message)
            heapq.heappush(self.waiting, anew)

    def _forget(self, message: str) -> None:
        """An order has ended, whatever became of it."""
        if self.orders is not None:
            self.orders.drop(message)

    def _failed(self, one: Try, error: Exception) -> None:
        """Try it again, then give it up, which is tried again, too: people are told in it."""
        if one.number >= MOST_TRIES:
            LOG.error("not-told message=%s: %s", one.message, describe_failure(error))
            self._forget(one.message)
            return
        LOG.warning("failed message=%s attempt=%d: %s", one.message, one.number, describe_failure(error))
        after = error.after if isinstance(error, Unavailable) else None
        pause = 0.0 if one.number == TRIES else max(PAUSE.total_seconds(), after or 0.0)
        again = Try(self.elapsed() + pause, one.report, one.message, one.number + 1)
        heapq.heappush(self.waiting, again)

    def _leave_behind_what_hangs(self) -> None:
        now = self.elapsed()
        hanging = [one for one, since in self.under_way.items() if now - since > LONGEST_TRY.total_seconds()]
        for one in hanging:
            del self.under_way[one]
            self._failed(one, Unavailable(f"it has not ended after {LONGEST_TRY}"))

    def _until_next(self) -> float:
        """Seconds until something is to do, as far as that is known."""
        now = self.clock()
        dues = [subscription.schedule.next_due(now) for subscription in self._subscriptions.values()]
        naps = [
            LONGEST_NAP.total_seconds(),
            *((due - now).total_seconds() for due in dues if due is not None),
        ]
        if self.waiting and len(self.under_way) < AT_ONCE:
            naps.append(self.waiting[0].at - self.elapsed())
        return max(min(naps), 0.0)

    def _say_what_comes_next(self) -> None:
        """A line of the log when that is another report, or another moment, than it was."""
        now = self.clock()
        coming = [
            (due, one.spec.heading)
            for one in self._subscriptions.values()
            if (due := one.schedule.next_due(now)) is not None and one.is_sent(due)
        ]
        due, title = min(coming, default=(None, ""))
        said = f"{title} {moment_text(due)}" if due else "nothing: no report is due"
        if said != self.announced:
            self.announced = said
            LOG.info("next: %s", said)

    def _finish(self) -> bool:
        end = self.elapsed() + LONGEST_STOP.total_seconds()
        while self.under_way and self.elapsed() < end:
            self._nap(end - self.elapsed())
        for one in self.under_way:
            LOG.error("left-behind message=%s attempt=%d: it did not end in time", one.message, one.number)
        self._read_mail()
        for one in self.waiting:
            LOG.warning(
                "not-begun message=%s attempt=%d: the next start makes up for it", one.message, one.number
            )
        LOG.info("stopped waiting=%d", len(self.waiting))
        return not self.under_way
