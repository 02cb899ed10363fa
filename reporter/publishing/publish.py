"""The story: make the report, send it, remember."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from reporter import telemetry
from reporter.publishing.claims import NOT_THERE_YET, UNDER_WAY, ClaimLost, Claims
from reporter.publishing.make import DataIncomplete, make
from reporter.publishing.notices import Alarm, Ledger, Notifier, Subject, not_judged, recovered_quietly
from reporter.publishing.outcomes import AlreadyHandled, KeptQuiet, PublishOutcome, Sent, Waits, observed
from reporter.reports.deliveries import (
    DEADLINE_NEAR,
    ONCE,
    Attempt,
    Delivery,
    Destination,
    LedgerEntry,
    Payload,
    Receipt,
    State,
)
from reporter.reports.errors import DeliveryUncertain, ReporterError, Unavailable
from reporter.reports.figures import Source
from reporter.reports.findings import TooLittleToJudge
from reporter.reports.periods import Comparison, day_text
from reporter.reports.report import Report
from reporter.reports.subscriptions import Edition, Order, Subscription

LOG = logging.getLogger("reporter.publishing.publish")


@dataclass(frozen=True, slots=True)
class Publisher:
    """Delivers what is ordered to one destination, each edition at most once."""

    source: Source
    destination: Destination
    ledger: Ledger
    alarm: Alarm
    clock: Callable[[], datetime]
    due_of: Callable[[Delivery, ZoneInfo], datetime | None] = lambda _delivery, _zone: (
        None
    )  # by the schedules
    locale: str | None = None  # of the destination; None: that of the report

    def publish(self, order: Order, attempt: Attempt = ONCE, *, again: bool = False) -> "PublishOutcome":
        """Measure, judge, compose, send, remember; `again` sends what was or may have been sent before.

        Raises Unavailable (nothing was sent; try again later), Refused, or DeliveryUncertain. While another
        try will come, a figure that may be had later is waited for; on the last one the others go out without
        it. When nothing can be measured no report is posted, and people are told. What is due may wait for
        the data of its last day, with no claim on it; what is sent `again` does not.
        """
        return observed(
            lambda: self._publish(order, attempt, again=again),
            order.spec.name,
            self.destination.name,
            attempt,
        )

    def _publish(self, order: Order, attempt: Attempt, *, again: bool) -> PublishOutcome:
        unseen = Subject(order.spec, due=None if order.called else order.due)  # while its days are not known
        with self._notifier(unseen).notifying_failures(attempt):
            project = self.source.project()
        edition = order.edition(self.clock(), project.zone)
        telemetry.annotate(period=str(edition.period))
        delivery = edition.delivery(self.destination.name)
        due = None if edition.called else edition.due or self.due_of(delivery, project.zone)
        subject = Subject(edition.spec, delivery, due)
        claims = self._claims(subject, delivery)
        with claims.notifier.notifying_failures(attempt):
            known = claims.known()
        if again and known is not None and known.state is not State.CLAIMED:
            claims = self._claims(replace(subject, is_repetition=not known.is_open), delivery)
        elif known is not None:
            known = self._settled(known, claims, attempt)
            if not known.is_open:
                return AlreadyHandled(delivery, known)
        has_waited = known is not None and known.state is State.WAITING
        edition = replace(
            edition, has_waited=has_waited, data_deadline=None if again else edition.data_deadline
        )
        with claims.notifier.notifying_failures(attempt):
            try:
                return self._published(edition, known, claims, attempt)
            except DataIncomplete:
                return self._waits(edition, known, claims, attempt)

    def _published(
        self, edition: Edition, known: LedgerEntry | None, claims: Claims, attempt: Attempt
    ) -> Sent | KeptQuiet | AlreadyHandled:
        """The report, made and sent, unless somebody else is faster. Raises DataIncomplete while it waits."""
        report = self._made(edition, known, claims, attempt)
        is_quiet = edition.spec.only_when_unusual and not report.is_unusual
        payloads = (
            () if is_quiet else self.destination.draw(replace(report, locale=self.locale or report.locale))
        )
        claim = claims.take(known)
        if claim is None:
            return AlreadyHandled(claims.delivery, claims.standing(attempt))
        if is_quiet:
            return self._kept_quiet(report, claim, claims)
        try:
            receipt = self._send(payloads, report, claim, claims, attempt)
        except ClaimLost:
            return AlreadyHandled(claims.delivery, claims.standing(attempt))
        entry = LedgerEntry(State.DELIVERED, self.clock(), receipt, said=report.numbers, id=claim.id)
        try:
            claims.deliver(entry, claim)
        except Unavailable as error:  # it stays claimed, and the next try looks it up
            LOG.error("not-recorded: %s was posted: %s", claims.delivery.key, error)
            return Sent(report, receipt, error)
        return Sent(report, receipt)

    def _made(self, edition: Edition, known: LedgerEntry | None, claims: Claims, attempt: Attempt) -> Report:
        is_next = edition.spec.compare is Comparison.PREVIOUS  # to the report that readers remember
        before = edition.delivery_before(self.destination.name) if is_next else None
        entry = self.ledger.entry(before, self.clock()) if before else None
        reported = entry.said if entry else ()
        try:
            return make(
                edition,
                self.source,
                self.clock,
                waits=not attempt.is_last,
                reported=reported,
                needs_data_of=self._awaited_day(edition),
            )
        except ReporterError as error:
            if known is not None and not known.is_open:
                claims.fail_before(known, str(error))
            raise

    def _awaited_day(self, edition: Edition) -> date | None:
        """The day whose data the report waits for; None once its deadline has come."""
        deadline = edition.data_deadline
        is_time_left = deadline is not None and self.clock() + DEADLINE_NEAR < deadline
        return edition.period.last if is_time_left else None

    def _waits(
        self, edition: Edition, known: LedgerEntry | None, claims: Claims, attempt: Attempt
    ) -> Waits | AlreadyHandled:
        """Remember that it waits, unless somebody else is at it. Raises Unavailable."""
        deadline = edition.data_deadline or self.clock()
        reason = (
            f"The data of {day_text(edition.period.last)} are not complete; it comes by {deadline:%H:%M %Z}."
        )
        entry = claims.wait(known, reason) or claims.standing(attempt)
        if entry.state is State.WAITING:
            return Waits(claims.delivery, entry, deadline)
        return AlreadyHandled(claims.delivery, entry)

    def _kept_quiet(self, report: Report, claim: LedgerEntry, claims: Claims) -> KeptQuiet:
        """Remember that nothing was to be said; but what could not be looked at is told."""
        missing = tuple(metric.label for metric in report.metrics if not metric.is_measured)
        notice, now = None, self.clock()
        if missing:
            notice = not_judged(claims.notifier.subject, missing)
        elif claim.is_delay_told:
            notice = recovered_quietly(claims.notifier.subject)
        quiet = LedgerEntry(State.QUIET, now, reason=_why_nothing(report), notice=notice, id=claim.id)
        before = claim.failed(now, "")
        entry = replace(before, notice=notice or before.notice) if claim.is_delivered else quiet
        written = self.ledger.record(claims.delivery, entry, claim, quiet)
        if written is not None and notice is not None:
            claims.notifier.send_owed(claims.delivery, written, notice)
        return KeptQuiet(report, claims.delivery)

    def _send(
        self,
        payloads: Sequence[Payload],
        report: Report,
        claim: LedgerEntry,
        claims: Claims,
        attempt: Attempt,
    ) -> Receipt:
        try:
            with telemetry.span("send", destination=self.destination.name):
                return self.destination.send(payloads, claims.delivery, claim.id, lambda: claims.hold(claim))
        except DeliveryUncertain as error:
            told = claim if claim.earlier else replace(claim, said=report.numbers)
            found = self._found(claims.lose(told, str(error)), error, claims, attempt)
            if found.state is not State.DELIVERED or found.receipt is None or found.id != claim.id:
                raise
            return found.receipt
        except ReporterError as error:
            claims.fail(claim, str(error))
            raise

    @staticmethod
    def _found(lost: LedgerEntry, error: DeliveryUncertain, claims: Claims, attempt: Attempt) -> LedgerEntry:
        """What the destination knows of a message whose answer was just lost.

        Raises Unavailable where a later try will know. On the last one, where the ledger fails, the
        message may be there all the same.
        """
        try:
            return claims.look_up(lost, attempt)
        except Unavailable:
            if attempt.is_last:
                raise error from None
            raise

    def _settled(self, known: LedgerEntry, claims: Claims, attempt: Attempt) -> LedgerEntry:
        """What is known of a delivery once its destination was asked about an uncertain one.

        Raises Unavailable while somebody else is at it, or a later try will know.
        """
        if known.state is State.UNCERTAIN:
            with claims.notifier.notifying_failures(attempt):
                known = claims.look_up(known, attempt)
                if known.state is State.UNCERTAIN and not known.is_told:
                    lost = DeliveryUncertain(known.reason or NOT_THERE_YET)
                    claims.notifier.failed(lost, attempt)
                    known = claims.known() or known
        if known.state is State.CLAIMED and attempt.of > 1:
            raise Unavailable(UNDER_WAY)
        return known

    def _claims(self, subject: Subject, delivery: Delivery) -> Claims:
        return Claims(self.destination, self._notifier(subject), delivery)

    def _notifier(self, subject: Subject) -> Notifier:
        return Notifier(self.alarm, self.ledger, self.clock, self.destination.name, subject)


class Publishers(Protocol):
    """What delivers every report there is: the app, as it is seen from here."""

    @property
    def subscriptions(self) -> Mapping[str, Subscription]: ...

    @property
    def company(self) -> str: ...

    @property
    def destinations(self) -> Mapping[str, Destination]:
        """Those that can be sent to."""
        ...

    @property
    def ledger(self) -> Ledger: ...

    @property
    def alarm(self) -> Alarm: ...

    @property
    def clock(self) -> Callable[[], datetime]: ...

    def edition(self, order: Order) -> Edition: ...

    def preview(self, order: Order) -> Report: ...

    def publisher(self, report: str, destination: str) -> Publisher: ...

    def due_of(self, delivery: Delivery, zone: ZoneInfo) -> datetime | None: ...

    def ping_watcher(self) -> str | None: ...


def _why_nothing(report: Report) -> str | None:
    """What is remembered beside an alert that kept quiet because it could not know better."""
    young = next((note for note in report.notes if isinstance(note, TooLittleToJudge)), None)
    if young is None:
        return None
    return f"The history is too short to tell what is unusual; from {young.enough_on} on it will do."
