"""The story: measure, compose, send, remember."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from reporter.model.attempt import ONCE, Attempt
from reporter.model.compose import compose
from reporter.model.delivery import (
    CLAIM_LIVES,
    SETTLES,
    Delivery,
    Entry,
    Payload,
    Receipt,
    Record,
    State,
)
from reporter.model.edition import Edition, Order
from reporter.model.errors import DeliveryUncertain, Refused, ReporterError, Unavailable
from reporter.model.figures import Figures, Project, Question
from reporter.model.notice import Notice
from reporter.model.report import Report
from reporter.model.subscription import ReportSpec
from reporter.telling import Alarm, Teller

NOT_THERE_YET = "The answer was lost, and the message is not in the channel yet; it is looked up once more."
UNDER_WAY = "Another process is sending it: whether it did is seen at the next try."

LOG = logging.getLogger("reporter.publish")


class Source(Protocol):
    """Answers questions about the project."""

    def project(self) -> Project:
        """The project and its zone. Raises Unavailable or Refused."""
        ...

    def measure(self, question: Question) -> Figures:
        """What was asked; a figure that could not be had is Failed. Raises only what concerns all of them."""
        ...


class Destination(Protocol):
    """A place a report goes to."""

    @property
    def name(self) -> str: ...

    def draw(self, report: Report) -> Sequence[Payload]:
        """The payloads that say the report, best first."""
        ...

    def draw_notice(self, notice: Notice) -> Sequence[Payload]: ...

    def send(self, payloads: Sequence[Payload], delivery: Delivery) -> Receipt:
        """Send the first payload that is accepted. Raises Unavailable, Refused or DeliveryUncertain."""
        ...

    def find(self, delivery: Delivery, since: datetime) -> Receipt | None:
        """Look up what was sent at or after `since`; None when it surely is not there.

        Raises Unavailable when it cannot be looked up now, Refused when it never can.
        """
        ...


class Ledger(Protocol):
    """Remembers deliveries, so that none is made twice. Each method raises Unavailable."""

    def entry(self, delivery: Delivery, now: datetime) -> Entry | None:
        """What is known of a delivery; a claim that has grown old is UNCERTAIN."""
        ...

    def claim(self, delivery: Delivery, now: datetime, over: Entry | None = None) -> bool:
        """Take the delivery on, if nobody has it and it was not made: of two callers one gets it.

        `over` is an uncertain entry of which it is known by now that it was not made: it may be taken on,
        too, while it is what the ledger has (see Entry.may_be_claimed).
        """
        ...

    def record(self, delivery: Delivery, entry: Entry) -> None: ...

    def forget(self, delivery: Delivery) -> None: ...

    def history(self, most: int) -> Sequence[Record]:
        """The deliveries that changed last, newest first."""
        ...

    def first_seen(self, report: str, now: datetime) -> datetime:
        """When this report was first seen: `now`, if it never was. It stays for good."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Sent:
    """The report is delivered, now."""

    report: Report
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Stands:
    """Nothing was sent: the delivery was made before, is under way, or its fate is unknown."""

    delivery: Delivery
    entry: Entry


@dataclass(frozen=True, slots=True)
class Publisher:
    """Delivers what is ordered to one destination, each edition at most once."""

    source: Source
    destination: Destination
    ledger: Ledger
    alarm: Alarm
    clock: Callable[[], datetime]

    def publish(self, order: Order, attempt: Attempt = ONCE, *, again: bool = False) -> Sent | Stands:
        """Measure, compose, send, remember; `again` forgets an earlier delivery.

        Raises Unavailable (nothing was sent; try again later), Refused, or DeliveryUncertain. While another
        try will come, a figure that may be had later is waited for; on the last one the others go out without
        it. When nothing can be measured no report is posted, and people are told.
        """
        with self._teller.telling(order.spec, None, attempt):
            project = self.source.project()
        edition = order.edition(self.clock(), project.zone)
        delivery = edition.delivery(self.destination.name)
        if again:
            self.ledger.forget(delivery)
        with self._teller.telling(edition.spec, delivery, attempt):
            known = self.ledger.entry(delivery, self.clock())
        settled = self._settled(known, edition.spec, delivery, attempt) if known else None
        if settled is not None and not settled.is_open:
            return Stands(delivery, settled)
        with self._teller.telling(edition.spec, delivery, attempt):
            report = measured(edition, self.source, self.clock, waits=not attempt.is_last)
            payloads = self.destination.draw(report)
            uncertain = known if known and known.state is State.UNCERTAIN else None
            is_told = known is not None and known.is_told
            claimed = self.ledger.claim(delivery, self.clock(), over=uncertain)
            receipt = self._send(delivery, payloads, attempt, is_told=is_told) if claimed else None
        if receipt is None:
            return Stands(delivery, self._standing(delivery, attempt))
        # When this fails, "not posted" would be false: it stays claimed, and the next try looks it up.
        self.ledger.record(delivery, Entry(State.DELIVERED, self.clock(), receipt))
        if is_told:
            self._teller.recovered(edition.spec, delivery)
        return Sent(report, receipt)

    def _send(
        self, delivery: Delivery, payloads: Sequence[Payload], attempt: Attempt, *, is_told: bool
    ) -> Receipt:
        try:
            return self.destination.send(payloads, delivery)
        except DeliveryUncertain as error:
            uncertain = Entry(State.UNCERTAIN, self.clock(), None, str(error), is_told)
            self.ledger.record(delivery, uncertain)
            found = self._looked_up(delivery, uncertain, attempt)
            if found.receipt is None:
                raise
            return found.receipt
        except ReporterError as error:
            self.ledger.record(delivery, Entry(State.FAILED, self.clock(), None, str(error), is_told))
            raise

    def _settled(self, known: Entry, spec: ReportSpec, delivery: Delivery, attempt: Attempt) -> Entry:
        """What is known of a delivery once its destination was asked about an uncertain one.

        Raises Unavailable while somebody else is at it, or a later try will know.
        """
        if known.state is State.CLAIMED and attempt.of > 1:
            raise Unavailable(UNDER_WAY)
        if known.state is not State.UNCERTAIN:
            return known
        with self._teller.telling(spec, delivery, attempt):
            settled = self._looked_up(delivery, known, attempt)
            if settled is known and not known.is_told:
                self._teller.failed(DeliveryUncertain(known.reason or NOT_THERE_YET), spec, delivery, attempt)
        if settled.state is State.DELIVERED and known.is_told:
            self._teller.recovered(spec, delivery)
        return settled

    def _looked_up(self, delivery: Delivery, uncertain: Entry, attempt: Attempt) -> Entry:
        """The same entry where nobody can know; else DELIVERED, or FAILED when it surely is not there."""
        try:
            receipt = self.destination.find(delivery, uncertain.at - CLAIM_LIVES)
        except Unavailable as error:
            return self._unknown_yet(uncertain, attempt, error)
        except Refused as error:
            LOG.warning("not-looked-up: %s: %s", delivery.key, error)
            return uncertain
        if receipt is not None:
            found = Entry(State.DELIVERED, self.clock(), receipt)
            self.ledger.record(delivery, found)
            return found
        if self.clock() - uncertain.at >= SETTLES:
            return replace(uncertain, state=State.FAILED)
        return self._unknown_yet(uncertain, attempt, Unavailable(NOT_THERE_YET, SETTLES.total_seconds()))

    def _unknown_yet(self, uncertain: Entry, attempt: Attempt, error: Unavailable) -> Entry:
        """A later try will know; where none comes, it stays uncertain."""
        if not attempt.is_last:
            raise error
        if attempt.number > 1:
            raise DeliveryUncertain(uncertain.reason or NOT_THERE_YET)
        return uncertain

    @property
    def _teller(self) -> Teller:
        return Teller(self.alarm, self.ledger, self.clock, self.destination.name)

    def _standing(self, delivery: Delivery, attempt: Attempt) -> Entry:
        """What became of a delivery that somebody else was faster to claim.

        Raises Unavailable while that is open: who takes the other's success for granted drops its retry.
        """
        entry = self.ledger.entry(delivery, self.clock()) or Entry(State.CLAIMED, self.clock())
        if entry.state is not State.DELIVERED and attempt.of > 1:
            raise Unavailable(UNDER_WAY)
        return entry


def read(order: Order, source: Source, clock: Callable[[], datetime]) -> Report:
    """The report that is ordered, without sending it anywhere. Raises Unavailable or Refused."""
    edition = order.edition(clock(), source.project().zone)
    return measured(edition, source, clock, waits=False)


def measured(edition: Edition, source: Source, clock: Callable[[], datetime], *, waits: bool) -> Report:
    """A report with something in it; `waits` for figures that may be had later.

    Raises Unavailable or Refused, with every reason there is.
    """
    figures = source.measure(edition.question)
    passing = next((failed for failed in figures.failures if failed.passing), None)
    if passing is not None and waits:
        raise Unavailable(passing.reason, passing.after)
    report = compose(edition, figures, clock())
    if not report.is_empty:
        return report
    reasons = "; ".join(dict.fromkeys(failed.reason for failed in figures.failures))
    if passing is not None:
        raise Unavailable(reasons, passing.after)  # nothing was measured, and may be later
    raise Refused(reasons or "The project has none of the events that this report is about")
