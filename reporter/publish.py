"""The story: make the report, send it, remember."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from reporter.making import Source, make
from reporter.model.attempt import ONCE, Attempt
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
from reporter.model.edition import Order
from reporter.model.errors import DeliveryUncertain, Refused, ReporterError, Unavailable
from reporter.model.notice import Notice
from reporter.model.report import Report, TooLittleToJudge
from reporter.model.said import said
from reporter.model.subscription import ReportSpec
from reporter.telling import Alarm, Teller

NOT_THERE_YET = "The answer was lost, and the message is not in the channel yet; it is looked up once more."
UNDER_WAY = "Another process is sending it: whether it did is seen at the next try."

LOG = logging.getLogger("reporter.publish")


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
        """When this report was first seen: `now`, if it never was. It stays for good.

        Unless it is yet to come: then the clock was wrong, and it is seen now.
        """
        ...

    def mark(self, report: str, moment: datetime) -> None:
        """Remember another moment in the place of the one that `first_seen` tells."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Sent:
    """The report is delivered, now."""

    report: Report
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Quiet:
    """Nothing was sent: the report comes only when something is unusual, and nothing is."""

    report: Report
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class Stands:
    """Nothing was sent: all was done before, is under way, or its fate is unknown."""

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

    def publish(self, order: Order, attempt: Attempt = ONCE, *, again: bool = False) -> Sent | Quiet | Stands:
        """Measure, judge, compose, send, remember; `again` forgets an earlier delivery.

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
            before = self.ledger.entry(edition.delivery_before(self.destination.name), self.clock())
            told = before.said if before else ()
            report = make(edition, self.source, self.clock, waits=not attempt.is_last, told=told)
            is_quiet = edition.spec.only_when_unusual and not report.is_unusual
            payloads = () if is_quiet else self.destination.draw(report)
            uncertain = known if known and known.state is State.UNCERTAIN else None
            is_told = known is not None and known.is_told
            if not self.ledger.claim(delivery, self.clock(), over=uncertain):
                return Stands(delivery, self._standing(delivery, attempt))
            receipt = None if is_quiet else self._send(delivery, payloads, report, attempt, is_told=is_told)
        if receipt is None:
            return self._kept_quiet(report, edition.spec, delivery, is_told=is_told)
        # When this fails, "not posted" would be false: it stays claimed, and the next try looks it up.
        self.ledger.record(delivery, Entry(State.DELIVERED, self.clock(), receipt, said=said(report)))
        if is_told:
            self._teller.recovered(edition.spec, delivery)
        return Sent(report, receipt)

    def _kept_quiet(self, report: Report, spec: ReportSpec, delivery: Delivery, *, is_told: bool) -> Quiet:
        """Remember that nothing was to be said; but what could not be looked at is told."""
        self.ledger.record(delivery, Entry(State.QUIET, self.clock(), reason=_why_nothing(report)))
        missing = tuple(metric.label for metric in report.metrics if not metric.is_measured)
        if missing:
            self._teller.not_judged(spec, delivery, missing)
        elif is_told:
            self._teller.recovered(spec, delivery, "It could be made after all: nothing was unusual.")
        return Quiet(report, delivery)

    def _send(
        self,
        delivery: Delivery,
        payloads: Sequence[Payload],
        report: Report,
        attempt: Attempt,
        *,
        is_told: bool,
    ) -> Receipt:
        try:
            return self.destination.send(payloads, delivery)
        except DeliveryUncertain as error:
            uncertain = Entry(State.UNCERTAIN, self.clock(), None, str(error), is_told, said(report))
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
            found = Entry(State.DELIVERED, self.clock(), receipt, said=uncertain.said)
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
        if not entry.is_done and attempt.of > 1:
            raise Unavailable(UNDER_WAY)
        return entry


def _why_nothing(report: Report) -> str | None:
    """What is remembered beside an alert that kept quiet because it could not know better."""
    young = next((note for note in report.notes if isinstance(note, TooLittleToJudge)), None)
    if young is None:
        return None
    return f"The history is too short to tell what is unusual; from {young.enough_on} on it will do."
