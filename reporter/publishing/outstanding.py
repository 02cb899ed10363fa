"""What is due and not delivered, for whoever calls with a clock of their own: cron, an uptime monitor.

Azure's timers may stop for good after a deployment, while HTTP goes on (azure-functions-host, issues 11828
and 11812). Calls may come as often as they like, and beside timers: what is on the queue is left to it, and
the ledger's claims hold where both are at a delivery.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from reporter.publishing.queue import Due, dispatch
from reporter.publishing.worker import Worker
from reporter.reports.deliveries import RETRIES
from reporter.reports.errors import Refused, Unavailable
from reporter.reports.subscriptions import Order, Subscription

LOST_AFTER = 2 * RETRIES  # then what was queued is not under way any more


@dataclass(frozen=True, slots=True)
class OutstandingDelivery:
    """A delivery that is due and not made: queued now, or before."""

    report: str
    due: datetime
    destination: str
    state: Literal["queued", "waiting"]


def queue_outstanding(worker: Worker, later: Callable[[str], None]) -> tuple[OutstandingDelivery, ...]:
    """What is due and not delivered; `later` queues what is not on its way yet. Raises Unavailable.

    Of each report the last due moment is made up for; people are told of others that were missed.
    """
    return tuple(
        found for one in worker.app.subscriptions.values() for found in _outstanding(worker, one, later)
    )


def _outstanding(
    worker: Worker, one: Subscription, later: Callable[[str], None]
) -> Iterator[OutstandingDelivery]:
    report, now = one.spec.name, worker.app.clock()
    since, due = worker.settled_until(report), one.schedule.latest_due(now)
    if since is None:
        raise Unavailable("The ledger cannot be used, so nobody knows what was delivered.")
    if due is None or due <= since:
        return
    is_new = worker.take_on(report, due, LOST_AFTER)
    open_to = _open_destinations(worker, one, due)
    for message in dispatch(one, due, since) if is_new else ():
        if not isinstance(message, Due) or message.destination in open_to:
            later(message.message)
    for destination in open_to:
        yield OutstandingDelivery(report, due, destination, "queued" if is_new else "waiting")
    if not open_to:
        worker.settle(report, due)


def _open_destinations(worker: Worker, one: Subscription, due: datetime) -> tuple[str, ...]:
    """Those to which the report of a due moment is still to come; none in a pause."""
    app = worker.app
    if not one.is_sent(due):
        return ()
    try:
        edition = app.edition(Order.of(one, due))
    except (Unavailable, Refused):  # its days are not known now: the delivery says why, to people
        return one.destinations
    entries = {name: app.ledger.entry(edition.delivery(name), app.clock()) for name in one.destinations}
    return tuple(name for name, entry in entries.items() if entry is None or not entry.is_settled)
