"""The claim on a delivery, taken right before it is sent; what becomes of it, and who must hear of it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol
from uuid import uuid4

from reporter.publishing.notices import CHANGES, Notifier, Subject, late, recovered
from reporter.reports.deliveries import (
    CLAIM_LIVES,
    ONCE,
    RETRIES,
    SENDS_WITHIN,
    SETTLES,
    Attempt,
    Delivery,
    DeliveryRecord,
    LedgerEntry,
    Receipt,
    State,
)
from reporter.reports.errors import DeliveryUncertain, Refused, ReporterError, Unavailable
from reporter.reports.periods import Cadence, moment_text
from reporter.reports.subscriptions import ReportSpec

if TYPE_CHECKING:
    from reporter.publishing.publish import Publishers

NOT_THERE_YET = "The answer was lost, and the message is not in the channel yet; it is looked up once more."
NEVER_CAME = "The answer was lost, and the message never came."
PAUSED = "This process was paused right before it sent. Nothing was sent."
UNDER_WAY = "Another process is sending it: whether it did is seen at the next try."

LATE = timedelta(minutes=2)  # a notice that goes out later than this says so

LOG = logging.getLogger("reporter.publishing.publish")


class ClaimLost(Exception):
    """Another process is at the delivery."""


class MessageLookup(Protocol):
    """Where a lost message may be looked up."""

    def find(self, delivery: Delivery, id: str, since: datetime, now: datetime) -> Receipt | None: ...


@dataclass(frozen=True, slots=True)
class Claims:
    """The tries of one delivery. Each method raises Unavailable where the ledger cannot be used."""

    channel: MessageLookup
    notifier: Notifier
    delivery: Delivery

    def known(self) -> LedgerEntry | None:
        return self.notifier.ledger.entry(self.delivery, self.notifier.clock())

    def take(self, known: LedgerEntry | None) -> LedgerEntry | None:
        """A claim over what is known; None where somebody else was faster."""
        id = uuid4().hex
        if known is not None and known.state is State.UNCERTAIN:  # a dead process had left it as claimed
            known = self.notifier.ledger.record(self.delivery, known, over=known)
            if known is None:
                return None
        for _ in range(CHANGES):
            now = self.notifier.clock()
            claim = known.claimed(now, id) if known else LedgerEntry(State.CLAIMED, now, id=id)
            written = self.notifier.ledger.record(self.delivery, claim, over=known)
            if written is not None:
                return written
            known = self.known()
            if known is None or not known.is_open:
                return None
        return None

    def wait(self, known: LedgerEntry | None, reason: str) -> LedgerEntry | None:
        """What is known, waiting for its data, with no claim on it; None where somebody else was faster."""
        now = self.notifier.clock()
        waiting = (known or LedgerEntry(State.FAILED, now)).waiting(now, reason)
        return self.notifier.ledger.record(
            self.delivery, replace(waiting, id=waiting.id or uuid4().hex), over=known
        )

    def hold(self, claim: LedgerEntry) -> None:
        """Nothing while it is still this process's.

        Raises ClaimLost where another took it over while this one was paused, Unavailable where it was paused
        for so long that another may at any moment.
        """
        standing = self.known()
        if standing is None or standing.revision != claim.revision:
            raise ClaimLost
        if abs(self.notifier.clock() - claim.at) <= SENDS_WITHIN:
            return
        if self.fail(claim, PAUSED) is None:
            raise ClaimLost
        raise Unavailable(PAUSED)

    def fail(self, claim: LedgerEntry, reason: str) -> LedgerEntry | None:
        """Nothing of this try is in the channel."""
        now = self.notifier.clock()
        tried = LedgerEntry(State.FAILED, now, reason=reason, id=claim.id)
        return self._remember(claim.failed(now, reason), claim, tried)

    def fail_before(self, known: LedgerEntry, reason: str) -> None:
        """A repetition ended before its claim: that is a try, too."""
        self._remember(
            known, known, LedgerEntry(State.FAILED, self.notifier.clock(), reason=reason, id=uuid4().hex)
        )

    def lose(self, claim: LedgerEntry, reason: str) -> LedgerEntry:
        """The message may be in the channel."""
        uncertain = replace(claim, state=State.UNCERTAIN, at=self.notifier.clock(), reason=reason)
        return self._remember(uncertain, claim, uncertain) or uncertain

    def deliver(self, entry: LedgerEntry, claim: LedgerEntry) -> LedgerEntry:
        """Remember that the message is there, whatever others have written meanwhile."""
        notice = recovered(self.notifier.subject) if claim.is_told or claim.is_delay_told else None
        entry = replace(entry, notice=notice)
        standing: LedgerEntry | None = claim
        while (written := self.notifier.ledger.record(self.delivery, entry, standing)) is None:
            standing = self.known()
        if notice is not None:
            self.notifier.send_owed(self.delivery, written, notice)
        return written

    def look_up(self, uncertain: LedgerEntry, attempt: Attempt) -> LedgerEntry:
        """The same entry where nobody can know; else DELIVERED, or what was before a try that failed.

        Raises Unavailable where a later try will know, DeliveryUncertain where none will.
        """
        now = self.notifier.clock()
        try:
            receipt = self.channel.find(self.delivery, uncertain.id, uncertain.at - CLAIM_LIVES, now)
        except Unavailable as error:
            return _unknown_yet(uncertain, attempt, error)
        except Refused as error:
            LOG.warning("not-looked-up: %s: %s", self.delivery.key, error)
            return uncertain
        if receipt is not None:
            found = LedgerEntry(State.DELIVERED, now, receipt, said=uncertain.said, id=uncertain.id)
            return self.deliver(found, uncertain)
        if abs(now - uncertain.at) < SETTLES:
            return _unknown_yet(uncertain, attempt, Unavailable(NOT_THERE_YET, SETTLES.total_seconds()))
        return self.fail(uncertain, NEVER_CAME) or self.known() or uncertain

    def standing(self, attempt: Attempt) -> LedgerEntry:
        """What became of a delivery that somebody else was faster to claim.

        Raises Unavailable while that is open: who takes the other's success for granted drops its retry.
        """
        entry = self.known() or LedgerEntry(State.CLAIMED, self.notifier.clock())
        if not entry.is_done and entry.state is not State.WAITING and attempt.of > 1:
            raise Unavailable(UNDER_WAY)
        return entry

    def _remember(self, entry: LedgerEntry, over: LedgerEntry, tried: LedgerEntry) -> LedgerEntry | None:
        """Write down what a failure leaves; the failure itself says more than that this failed, too."""
        try:
            return self.notifier.ledger.record(self.delivery, entry, over, tried)
        except Unavailable as error:
            LOG.error("not-recorded: %s is %s: %s", self.delivery.key, tried.state, error)
            return None


def _unknown_yet(uncertain: LedgerEntry, attempt: Attempt, error: Unavailable) -> LedgerEntry:
    """A later try will know; where none comes, it stays uncertain."""
    if not attempt.is_last:
        raise error
    if attempt.number > 1:
        raise DeliveryUncertain(uncertain.reason or NOT_THERE_YET)
    return uncertain


def pending(app: "Publishers") -> Sequence[DeliveryRecord]:
    """The deliveries that people should have been notified of; none where the ledger cannot be read."""
    now = app.clock()
    try:
        seen = [DeliveryRecord(one.delivery, one.entry.seen_at(now)) for one in app.ledger.unsettled()]
    except Unavailable as error:
        LOG.error("untold: the pending notices cannot be read: %s", error)
        return ()
    return [one for one in seen if is_pending(one.entry, now)]


def describe(record: DeliveryRecord) -> str:
    """What people should have been notified of, in a line."""
    entry, one = record.entry, record.delivery
    what = f"{one.report}, {one.period} to {one.destination}"
    if entry.notice is not None:
        reasons = " ".join(entry.notice.reasons)
        happened = f"{entry.notice.problem} {reasons}".strip()
    else:
        reason = f": {entry.reason}" if entry.reason else "."
        happened = f"{entry.state.capitalize()} since {moment_text(entry.at.astimezone(UTC))}{reason}"
    return (
        f"{what}: {happened} People could not be notified yet; "
        "the next `reporter send`, `serve` or `due` does it."
    )


def send_pending(app: "Publishers") -> None:
    """Send the notices that a crash or a failure has held up."""
    for record in pending(app):
        try:
            _tell(app, record.delivery, record.entry)
        except ReporterError as error:
            LOG.error("untold: nobody can be notified of %s yet: %s", record.delivery.key, error)


def is_pending(entry: LedgerEntry, now: datetime) -> bool:
    """Whether people should have been notified. A failure may be retried for a while, as what waits is."""
    if entry.notice is not None:
        return True
    is_over = entry.state is State.UNCERTAIN or (entry.is_open and now - entry.at > RETRIES)
    return is_over and not entry.is_told


def _tell(app: "Publishers", delivery: Delivery, entry: LedgerEntry) -> None:
    subject = _subject_of(delivery, app)
    notifier = Notifier(app.alarm, app.ledger, app.clock, delivery.destination, subject)
    if entry.notice is not None:
        is_late = app.clock() - entry.at > LATE
        notifier.send_owed(delivery, entry, late(entry.notice, entry.at) if is_late else entry.notice)
        return
    if entry.state is State.UNCERTAIN and delivery.destination in app.destinations:
        channel = app.destinations[delivery.destination]
        entry = Claims(channel, notifier, delivery).look_up(entry, ONCE)
    if entry.state is State.UNCERTAIN:
        notifier.failed(DeliveryUncertain(entry.reason or "The answer was lost."), ONCE)
    elif is_pending(entry, app.clock()):
        notifier.failed(Refused(entry.reason or "It failed."), ONCE)


def _subject_of(delivery: Delivery, app: "Publishers") -> Subject:
    """What a delivery is about, by its name in the ledger."""
    name = next((one for one in app.subscriptions if f"{delivery.report} ".startswith(f"{one} ")), None)
    if name is None:
        return Subject(ReportSpec(delivery.report, delivery.report, Cadence.DAILY, ()), delivery)
    subscription = app.subscriptions[name]
    return Subject(subscription.spec, delivery, app.due_of(delivery, subscription.schedule.zone))
