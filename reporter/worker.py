"""What runs unattended: a timer fires, a delivery is tried, a delivery is given up."""

import logging
from dataclasses import dataclass
from datetime import datetime

import httpx2

from reporter.dispatch import dispatch, read
from reporter.model.delivery import Entry, State
from reporter.model.errors import DeliveryUncertain, Refused, ReporterError
from reporter.model.notice import Notice
from reporter.publish import Attempt, Sent
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
        first_seen = self.app.ledger.first_seen(report, self.app.clock())
        dues = dispatch(subscription, moment, moment if by_hand else first_seen)
        messages = tuple(due.message for due in dues)
        LOG.info("due report=%s moment=%s deliveries=%d", report, moment.isoformat(), len(messages))
        return messages

    def deliver(self, message: str, attempt: Attempt) -> None:
        """Try one delivery. Raises Unavailable when it is to be tried again; all else is done or told."""
        try:
            due = read(message)
            order = due.order(self.app.settings.subscriptions)
            outcome = self.app.publisher(due.destination).publish(order, attempt)
        except (Refused, DeliveryUncertain) as error:
            LOG.error("ended message=%s attempt=%d: %s", message, attempt.number, error)
            return
        what = "delivered" if isinstance(outcome, Sent) else "stands"
        LOG.info(
            "%s report=%s moment=%s destination=%s attempt=%d",
            what,
            due.report,
            due.moment.isoformat(),
            due.destination,
            attempt.number,
        )
        if isinstance(outcome, Sent):
            self._beat()

    def give_up(self, message: str) -> None:
        """A delivery whose every try failed: recorded and told, unless it was."""
        try:
            due = read(message)
            order = due.order(self.app.settings.subscriptions)
            edition = order.edition(self.app.clock(), self.app.source.project().zone)
        except ReporterError as error:
            LOG.error("given-up message=%s: %s", message, error)
            self._tell_given_up("A report", "", str(error))
            return
        delivery, now = edition.delivery(due.destination), self.app.clock()
        entry = self.app.ledger.entry(delivery, now)
        LOG.error(
            "given-up report=%s moment=%s destination=%s", due.report, due.moment.isoformat(), due.destination
        )
        if entry is not None and (entry.is_told or entry.state is State.DELIVERED):
            return
        reason = entry.reason if entry and entry.reason else "Every try ended before it could say why."
        self.app.ledger.record(delivery, entry or Entry(State.FAILED, now, reason=reason, is_told=True))
        self._tell_given_up(edition.spec.title, due.destination, reason)

    def _tell_given_up(self, report: str, destination: str, reason: str) -> None:
        problem = "The report was not posted: every try failed."
        step = "Look into the logs under the code given-up, mend the reason, then `reporter send` the report."
        company = self.app.settings.company
        self.app.alarm.tell(Notice("given-up", report, None, problem, (reason,), step, company), destination)

    def _beat(self) -> None:
        """Tell the watcher outside that a report was delivered. Its failure is no failure of ours."""
        address = self.app.settings.heartbeat
        if address is None:
            return
        try:
            httpx2.get(address, timeout=10.0)
        except httpx2.HTTPError as error:
            LOG.warning("heartbeat failed: %s", type(error).__name__)
