"""What runs unattended: a timer fires, a delivery is tried, a delivery is given up."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

import httpx2

from reporter.dispatch import dispatch, read
from reporter.model.attempt import ONCE, Attempt
from reporter.model.delivery import Delivery, Entry, State
from reporter.model.errors import DeliveryUncertain, Refused, ReporterError, Unavailable
from reporter.model.notice import Notice
from reporter.model.subscription import ReportSpec
from reporter.publish import Quiet, Sent, Stands
from reporter.telling import Teller
from reporter.wiring import App

LOG = logging.getLogger("reporter.worker")


@dataclass(frozen=True, slots=True)
class Worker:
    """Does what is due. Its log lines are pairs of name and value, for searching."""

    app: App

    def due(self, report: str, moment: datetime, *, by_hand: bool = False) -> tuple[str, ...]:
        """The messages that a due moment of a report puts on the queue.

        Nothing comes for the time before a report was first seen, unless somebody runs its timer by hand.
        """
        subscription = self.app.settings.subscriptions.get(report)
        if subscription is None:
            LOG.warning("unknown report=%s: reports.toml does not have it any more", report)
            return ()
        first_seen = self._first_seen(report, moment)
        dues = dispatch(subscription, moment, moment if by_hand else first_seen)
        messages = tuple(due.message for due in dues)
        LOG.info("due report=%s moment=%s deliveries=%d", report, moment.isoformat(), len(messages))
        return messages

    def _first_seen(self, report: str, moment: datetime) -> datetime:
        """When the report was first seen; where nobody can say, it was in time for this moment.

        A timer fires once: what it does not put on the queue, nobody tries again.
        """
        try:
            return self.app.ledger.first_seen(report, self.app.clock())
        except Unavailable as error:
            LOG.warning("first-seen unknown report=%s: %s", report, error)
            return moment

    def deliver(self, message: str, attempt: Attempt) -> None:
        """Try one delivery. Raises Unavailable when it is to be tried again; all else is done or told."""
        try:
            due = read(message)
            order = due.order(self.app.settings.subscriptions)
            outcome = self.app.publisher(due.destination).publish(order, attempt)
        except (Refused, DeliveryUncertain) as error:
            LOG.error("ended message=%s attempt=%d: %s", message, attempt.number, error)
            return
        LOG.info(
            "%s report=%s moment=%s destination=%s attempt=%d",
            _what(outcome),
            due.report,
            due.moment.isoformat(),
            due.destination,
            attempt.number,
        )
        if not isinstance(outcome, Stands):
            self._beat()

    def give_up(self, message: str) -> None:
        """A delivery whose every try failed: recorded and told, unless it was."""
        title, destination = "A report", ""
        try:
            due = read(message)
            destination = due.destination
            order = due.order(self.app.settings.subscriptions)
            title = order.spec.title
            edition = order.edition(self.app.clock(), self.app.source.project().zone)
        except ReporterError as error:
            LOG.error("given-up message=%s: %s", message, error)
            self._tell_given_up(title, destination, str(error))
            return
        delivery, now = edition.delivery(destination), self.app.clock()
        entry = self.app.ledger.entry(delivery, now)
        LOG.error(
            "given-up report=%s moment=%s destination=%s", due.report, due.moment.isoformat(), destination
        )
        if entry is not None and (entry.is_told or entry.is_done):
            return
        if entry is not None and not entry.is_open:
            self._tell_uncertain(edition.spec, delivery, entry)
            return
        reason = entry.reason if entry and entry.reason else "Every try ended before it could say why."
        self._tell_given_up(title, destination, reason)
        self.app.ledger.record(delivery, Entry(State.FAILED, now, reason=reason, is_told=True))

    def _tell_uncertain(self, spec: ReportSpec, delivery: Delivery, entry: Entry) -> None:
        """The process that was sending it died, or nobody could look it up: it may have been posted."""
        error = DeliveryUncertain(entry.reason or "The process that was sending it died.")
        teller = Teller(self.app.alarm, self.app.ledger, self.app.clock, delivery.destination)
        self.app.ledger.record(delivery, replace(entry, state=State.UNCERTAIN, reason=str(error)))
        teller.failed(error, spec, delivery, ONCE)

    def _tell_given_up(self, report: str, destination: str, reason: str) -> None:
        problem = "The report was not posted: every try failed."
        step = "Look into the logs under the code given-up, mend the reason, then `reporter send` the report."
        company = self.app.settings.company
        self.app.alarm.tell(Notice("given-up", report, None, problem, (reason,), step, company), destination)

    def _beat(self) -> None:
        """Tell the watcher outside that a report was made. Its failure is no failure of ours."""
        address = self.app.settings.heartbeat
        if address is None:
            return
        try:
            httpx2.get(address, timeout=10.0)
        except httpx2.HTTPError as error:
            LOG.warning("heartbeat failed: %s", type(error).__name__)


def _what(outcome: Sent | Quiet | Stands) -> str:
    match outcome:
        case Sent():
            return "delivered"
        case Quiet():
            return "quiet"
        case Stands():
            return "stands"
        case _:
            assert_never(outcome)
