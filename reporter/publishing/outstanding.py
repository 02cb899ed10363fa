"""What is due and not delivered, for whoever calls with a clock of their own: cron, an uptime monitor.

Azure's timers may stop for good after a deployment, while HTTP goes on (azure-functions-host, issues 11828
and 11812). Calls may come as often as they like, and beside timers: what is on the queue is left to it, and
the ledger's claims hold where both are at a delivery.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from reporter.publishing.queue import Due, dispatch
from reporter.publishing.worker import Worker
from reporter.reports.deliveries import DATA_PAUSE, RETRIES, Delivery, LedgerEntry, State
from reporter.reports.errors import Refused, Unavailable
from reporter.reports.subscriptions import Order, Subscription

LOST_AFTER = 2 * RETRIES  # then what was queued is not under way any more
DATA_TIMER = timedelta(minutes=10)  # after the last try, what waits for its data is the timer's to queue
DATA_LEFT = DATA_PAUSE + timedelta(minutes=5)  # and anybody's: the timer, or `serve`, must have stopped


@dataclass(frozen=True, slots=True)
class OutstandingDelivery:
    """A delivery that is due and not made: queued now, or before."""

    report: str
    due: datetime
    destination: str
    state: Literal["queued", "waiting"]


def queue_outstanding(
    worker: Worker, later: Callable[[str], None], *, alone: bool = False
) -> tuple[OutstandingDelivery, ...]:
    """What is due and not delivered; `later` queues what is not on its way yet. Raises Unavailable.

    Of each report the last due moment is made up for; people are told of others that were missed. A
    caller who is `alone` has no queue or timer beside it: what was not delivered by now is on nobody's way.
    """
    worker.forget_old()
    subscriptions = worker.app.subscriptions.values()
    return tuple(found for one in subscriptions for found in _outstanding(worker, one, later, alone=alone))


def queue_waiting(worker: Worker, later: Callable[[str], None]) -> None:
    """Queue, with `later`, what waits for its data and has its turn. Raises Unavailable."""
    for one in worker.app.subscriptions.values():
        due = one.schedule.latest_due(worker.app.clock())
        if one.waits_until is None or due is None:
            continue
        for known in _open_deliveries(worker, one, due):
            if _takes_turn(worker, one, due, known, DATA_TIMER):
                later(Due(one.spec.name, due, known.destination).message)


def _outstanding(
    worker: Worker, one: Subscription, later: Callable[[str], None], *, alone: bool
) -> Iterator[OutstandingDelivery]:
    report, now = one.spec.name, worker.app.clock()
    since, due = worker.known_until(report), one.schedule.latest_due(now)
    if due is None or due <= since:
        return
    is_new = worker.take_on(report, due, timedelta(0) if alone else LOST_AFTER)
    pause = DATA_TIMER if alone else DATA_LEFT
    open_to = _open_deliveries(worker, one, due)
    queued = {
        known.destination
        for known in open_to
        if (_takes_turn(worker, one, due, known, pause) if known.waits else is_new)
    }
    for message in dispatch(one, due, now, since):
        if message.destination in queued if isinstance(message, Due) else is_new:
            later(message.message)
    for known in open_to:
        state = "queued" if known.destination in queued else "waiting"
        yield OutstandingDelivery(report, due, known.destination, state)
    if not open_to:
        worker.settle(report, due)


@dataclass(frozen=True, slots=True)
class _OpenDelivery:
    """A delivery that is still to come; None where its days, or anything of it, are not known."""

    destination: str
    delivery: Delivery | None = None
    entry: LedgerEntry | None = None

    @property
    def waits(self) -> bool:
        return self.entry is not None and self.entry.state is State.WAITING


def _open_deliveries(worker: Worker, one: Subscription, due: datetime) -> tuple[_OpenDelivery, ...]:
    """The deliveries of a due moment that are still to come; none in a pause, or too late."""
    app = worker.app
    if not one.is_sent(due) or one.is_too_late(due, app.clock()):
        return ()
    try:
        edition = app.edition(Order.of(one, due))
    except (Unavailable, Refused):  # its days are not known now: the delivery says why, to people
        return tuple(map(_OpenDelivery, one.destinations))
    deliveries = {name: edition.delivery(name) for name in one.destinations}
    known = [
        _OpenDelivery(name, delivery, app.ledger.entry(delivery, app.clock()))
        for name, delivery in deliveries.items()
    ]
    return tuple(each for each in known if each.entry is None or not each.entry.is_settled)


def _takes_turn(
    worker: Worker, one: Subscription, due: datetime, known: _OpenDelivery, pause: timedelta
) -> bool:
    """Whether a delivery that waits for its data is the caller's to queue: of two callers one gets it."""
    now, deadline = worker.app.clock(), one.data_deadline(due) or due
    if known.delivery is None or known.entry is None or not known.entry.is_turn(now, deadline, pause):
        return False
    return (
        worker.app.ledger.record(known.delivery, replace(known.entry, at=now), over=known.entry) is not None
    )
