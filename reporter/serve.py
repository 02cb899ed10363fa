"""The same schedules on any machine, with no Azure: what its timers and its queue do, in one process."""

import heapq
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from traceback import format_tb

from reporter.model.attempt import Attempt
from reporter.model.errors import ReporterError, Unavailable
from reporter.model.subscription import Subscription
from reporter.worker import Worker

TRIES = 9
PAUSE = timedelta(minutes=10)  # between two tries; nine of them outlast Mixpanel's hourly quota
MAKES_UP = timedelta(days=1)  # what was missed longer ago than this is not sent late
LONGEST_NAP = timedelta(minutes=1)  # the machine's clock may be set, and a laptop may sleep

LOG = logging.getLogger("reporter.serve")


@dataclass(frozen=True, slots=True, order=True)
class Try:
    """A delivery that waits for its next try."""

    at: datetime
    message: str
    number: int = 1


@dataclass(slots=True)
class Server:
    """Runs until it is stopped. A delivery that is under way is finished first."""

    worker: Worker
    stopped: threading.Event = field(default_factory=threading.Event)
    waiting: list[Try] = field(default_factory=list[Try])
    checked: dict[str, datetime] = field(default_factory=dict[str, datetime])

    def run(self) -> None:
        """Serve until `stopped` is set."""
        LOG.info("serving reports=%s", ",".join(self._subscriptions))
        while not self.stopped.is_set():
            self.step()
            nap = min(self._next() - self.clock(), LONGEST_NAP)
            self.stopped.wait(max(nap.total_seconds(), 0.0))
        LOG.info("stopped waiting=%d", len(self.waiting))

    def step(self) -> None:
        """Do all that is due by now."""
        now = self.clock()
        for name, subscription in self._subscriptions.items():
            due, since = subscription.schedule.latest_due(now), self.checked.get(name, now - MAKES_UP)
            if due is not None and due > since:
                for message in self.worker.due(name, due):
                    heapq.heappush(self.waiting, Try(now, message))
            self.checked[name] = now
        while self.waiting and self.waiting[0].at <= now and not self.stopped.is_set():
            self._try(heapq.heappop(self.waiting))

    @property
    def clock(self) -> Callable[[], datetime]:
        return self.worker.app.clock

    @property
    def _subscriptions(self) -> Mapping[str, Subscription]:
        return self.worker.app.settings.subscriptions

    def _try(self, one: Try) -> None:
        """As Azure's queue does: whatever goes wrong with one delivery, it is tried again, then given up."""
        try:
            self.worker.deliver(one.message, Attempt(one.number, TRIES, "in 10 minutes"))
        except Exception as error:
            LOG.warning("failed message=%s attempt=%d: %s", one.message, one.number, _described(error))
            if one.number < TRIES:
                after = error.after if isinstance(error, Unavailable) else None
                pause = max(PAUSE, timedelta(seconds=after or 0))
                heapq.heappush(self.waiting, Try(self.clock() + pause, one.message, one.number + 1))
            else:
                self._give_up(one.message)

    def _give_up(self, message: str) -> None:
        try:
            self.worker.give_up(message)
        except ReporterError as error:
            LOG.error("given-up message=%s: %s", message, error)

    def _next(self) -> datetime:
        """The next moment at which something is to do."""
        now = self.clock()
        dues = [subscription.schedule.next_due(now) for subscription in self._subscriptions.values()]
        tries = [self.waiting[0].at] if self.waiting else []
        return min((*(due for due in dues if due is not None), *tries), default=now + LONGEST_NAP)


def _described(error: Exception) -> str:
    """What an error says, if it is one of ours. Another's words may hold an address: where it broke, then."""
    if isinstance(error, ReporterError):
        return str(error)
    return f"{type(error).__name__}\n{''.join(format_tb(error.__traceback__))}"
