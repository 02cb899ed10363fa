"""Delivering by hand while somebody waits, and handing over to the queue what takes longer than that."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Event
from typing import TypeAlias

from reporter.app import App
from reporter.publishing.publish import AlreadyHandled, KeptQuiet, Sent
from reporter.publishing.queue import OnDemand
from reporter.reports.deliveries import LedgerEntry, Notice, State
from reporter.reports.errors import DeliveryUncertain, ReporterError, Unavailable
from reporter.reports.figures import Figures, Project, Question, SegmentAnswer, Segmentation
from reporter.reports.report import Report
from reporter.reports.source import Source

Outcome: TypeAlias = Sent | KeptQuiet | AlreadyHandled | ReporterError


LOG = logging.getLogger("reporter.http")

QUIET = "Nothing is unusual, and the report comes only when something is."


class HandedOver(Exception):
    """The queue has the delivery now."""


@dataclass(frozen=True, slots=True)
class _SourceInTime:
    """A source that ends a delivery which the queue has, before it is claimed: nothing is told of it."""

    source: Source
    handed_over: Event

    def project(self) -> Project:
        return self.source.project()

    def measure(self, question: Question) -> Figures:
        try:
            return self.source.measure(question)
        finally:
            if self.handed_over.is_set():
                raise HandedOver

    def segments(self, segmentation: Segmentation) -> SegmentAnswer:
        try:
            return self.source.segments(segmentation)
        finally:
            if self.handed_over.is_set():
                raise HandedOver


class _AnsweredCaller:
    """An alarm that needs nobody else: who called hears of the failure in the answer."""

    def tell(self, notice: Notice, destination: str) -> bool:
        LOG.warning("%s: %s %s: told to the caller", notice.code, destination, notice.problem)
        return True


@dataclass(slots=True)
class Deliveries:
    """Deliveries of one order, one after the other. `outcomes` are there as soon as each is known."""

    orders: Sequence[OnDemand]
    app: App
    outcomes: dict[str, Outcome] = field(default_factory=dict[str, Outcome])
    _handed_over: Event = field(default_factory=Event)

    def make(self) -> Report | None:
        """Deliver, and the report that was; None where it cannot be had any more."""
        for order in self.orders:
            if not self._handed_over.is_set():
                self.outcomes[order.destination] = self._deliver(order)
        return self._report()

    def hand_over(self) -> Sequence[OnDemand]:
        """Stop, and the deliveries that are not made. One that is being sent goes on: the ledger has it."""
        self._handed_over.set()
        return [order for order in self.orders if order.destination not in self.outcomes]

    def _deliver(self, order: OnDemand) -> Outcome:
        publisher = self.app.publisher(order.report, order.destination)
        source = _SourceInTime(publisher.source, self._handed_over)
        publisher = replace(publisher, source=source, alarm=_AnsweredCaller())
        try:
            outcome = publisher.publish(order.order(self.app.settings.subscriptions))
        except ReporterError as error:
            return error
        if not isinstance(outcome, AlreadyHandled):
            self.app.beat()
        return outcome

    def _report(self) -> Report | None:
        """What was sent now, or before: then it is made once more, for a caller who lost the answer."""
        made = next((one.report for one in self.outcomes.values() if isinstance(one, Sent | KeptQuiet)), None)
        if made is not None or not any(map(_was_done, self.outcomes.values())):
            return made
        try:
            return self.app.preview(self.orders[0].order(self.app.subscriptions))
        except ReporterError:
            return None


def _was_done(outcome: Outcome) -> bool:
    return isinstance(outcome, AlreadyHandled) and outcome.entry.is_done


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """What a caller is told of one delivery."""

    destination: str
    state: str  # of the ledger, or "waiting": nothing is known yet
    at: datetime | None = None
    reason: str | None = None
    left_out: tuple[str, ...] = ()
    error: ReporterError | None = None

    @classmethod
    def of(cls, destination: str, outcome: Outcome | LedgerEntry | None, now: datetime) -> "DeliveryStatus":
        match outcome:
            case Sent(_, receipt, unrecorded):
                reason = f"It was posted, but not written down. {unrecorded}" if unrecorded else None
                return cls(destination, State.DELIVERED.value, now, reason, receipt.left_out)
            case KeptQuiet():
                return cls(destination, State.QUIET.value, now, QUIET)
            case AlreadyHandled(_, entry) | (LedgerEntry() as entry):
                left_out = entry.receipt.left_out if entry.receipt else ()
                return cls(destination, entry.state.value, entry.at, entry.reason, left_out)
            case None:
                return cls(destination, "waiting")
            case error:
                state = "uncertain" if isinstance(error, DeliveryUncertain) else "failed"
                return cls(destination, state, now, str(error), error=error)


def status_of(deliveries: Sequence[DeliveryStatus]) -> int:
    """The answer's status: under way, done at least once, uncertain, later, or refused."""
    states = {one.state for one in deliveries}
    if states & {"waiting", "claimed"}:
        return 202
    if states & {"delivered", "quiet"}:
        return 200
    passing = any(isinstance(one.error, Unavailable) for one in deliveries)
    return 503 if passing and "uncertain" not in states else 502
