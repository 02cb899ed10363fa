"""What runs unattended: a timer fires, a delivery is tried, a delivery is given up."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from reporter import telemetry
from reporter.publishing.claims import pending, send_pending
from reporter.publishing.ledger_upkeep import forget_old, tell_unusable
from reporter.publishing.notices import Notifier, Subject
from reporter.publishing.outcomes import KeptQuiet, PublishOutcome, Sent, Waits, word_of
from reporter.publishing.publish import Publishers
from reporter.publishing.queue import Due, Missed, OnDemand, dispatch, parse_message, subscribed
from reporter.reports.azure_timers import TIMER_LATE_BY
from reporter.reports.deliveries import (
    DELAYED,
    DIED,
    Attempt,
    Delivery,
    DeliveryRecord,
    LedgerEntry,
    Notice,
    State,
)
from reporter.reports.errors import ConfigError, DeliveryUncertain, Refused, ReporterError, Unavailable
from reporter.reports.periods import Cadence, moment_text
from reporter.reports.subscriptions import Order, ReportSpec, Subscription

NOT_TOLD = "People could not be notified of the outcome; this will be retried."
NOTHING_RAN = "Nothing was running when it was due."
A_MOMENT = timedelta(seconds=1)

LOG = logging.getLogger("reporter.publishing.worker")


@dataclass(frozen=True, slots=True)
class Worker:
    """Does what is due. Its log lines are pairs of name and value, for searching."""

    app: Publishers

    def due(self, report: str, moment: datetime, since: datetime | None = None) -> tuple[str, ...]:
        """The messages that a due moment of a report puts on the queue.

        With `since`, the moment handled before it, people are told of what was due in between, too.
        """
        subscription = self.app.subscriptions.get(report)
        if subscription is None:
            LOG.warning("unknown report=%s: reports.toml does not have it any more", report)
            return ()
        self._see(report, moment)
        with telemetry.span("order report", report=report, due=moment.isoformat()):
            messages = tuple(due.message for due in dispatch(subscription, moment, self.app.clock(), since))
        LOG.info("due report=%s moment=%s messages=%d", report, moment.isoformat(), len(messages))
        self.forget_old()
        return messages

    def forget_old(self) -> None:
        """Let the ledger forget what is old."""
        forget_old(self.app, (*self.app.subscriptions, *map(self._schedule, self.app.subscriptions)))

    def tell_unusable(self) -> None:
        """Tell people that nothing is sent while the ledger cannot be used."""
        tell_unusable(self.app)

    def _see(self, report: str, moment: datetime) -> None:
        """Remember since when there is this report, and what is queued; a timer fires once: go on without."""
        ledger = self.app.ledger
        try:
            ledger.first_seen(report, moment)
            ledger.first_seen(self._schedule(report), moment - A_MOMENT)
            ledger.mark(_queued(report, moment), self.app.clock())
        except Unavailable as error:
            LOG.warning("first-seen unknown report=%s: %s", report, error)

    def take_on(self, report: str, moment: datetime, lost_after: timedelta) -> bool:
        """Whether the deliveries of a due moment are the caller's to queue: nobody has, for so long.

        Of two callers one gets them. Raises Unavailable.
        """
        now, name = self.app.clock(), _queued(report, moment)
        queued = self.app.ledger.first_seen(name, now)
        if queued != now and now - queued < lost_after:
            return False
        self.app.ledger.mark(name, now)
        return True

    def settled_until(self, report: str) -> datetime | None:
        """Up to when the due moments of this schedule are done with; None where that is not known now."""
        try:
            return self.known_until(report)
        except Unavailable as error:
            LOG.warning("settled-until unknown report=%s: %s", report, error)
            return None

    def known_until(self, report: str) -> datetime:
        """The same. Raises Unavailable where it is not known now."""
        now = self.app.clock()
        self.app.ledger.first_seen(report, now)
        return self.app.ledger.first_seen(self._schedule(report), now - TIMER_LATE_BY)

    def settle(self, report: str, until: datetime) -> None:
        """Remember that the due moments up to this one are done with; else they are looked at again."""
        try:
            self.app.ledger.mark(self._schedule(report), until)
        except Unavailable as error:
            LOG.warning("not-settled report=%s: %s", report, error)

    def _schedule(self, report: str) -> str:
        """What the ledger calls a report's schedule: another one has no past to make up for."""
        schedule = self.app.subscriptions[report].schedule
        return f"{report}: {schedule.minutes} {schedule.zone.key} {schedule.anchor or ''}".strip()

    def deliver(self, message: str, attempt: Attempt) -> timedelta | None:
        """Try one delivery; after how long anew, where it waits for its data.

        Raises Unavailable when it is to be tried again as it failed; all else is done or told.
        """
        try:
            due = parse_message(message)
            if isinstance(due, Missed):
                self._tell_missed(due)
                return None
        except Refused as error:
            LOG.error("ended message=%s attempt=%d: %s", message, attempt.number, error)
            return None
        if attempt.number > 1 and self._has_ended(due):
            return None
        outcome = self._publish(due, message, attempt)
        if isinstance(outcome, Sent) and outcome.unrecorded is not None:
            raise outcome.unrecorded
        self.tell()
        if isinstance(outcome, Waits):
            return outcome.next_try_in(self.app.clock())
        is_done = isinstance(outcome, Sent | KeptQuiet) or (outcome is not None and outcome.entry.is_done)
        if not is_done and not attempt.is_last and self._is_pending(due):
            raise Unavailable(NOT_TOLD)
        return None

    def tell(self) -> None:
        """Tell what people were not told."""
        send_pending(self.app)

    def _publish(self, due: Due | OnDemand, message: str, attempt: Attempt) -> PublishOutcome | None:
        """What became of it; None where it ended, and people were told or are to be. Raises Unavailable."""
        try:
            order = due.order(self.app.subscriptions)
            with telemetry.below(due.traceparent):
                outcome = self.app.publisher(due.report, due.destination).publish(order, attempt)
        except (ConfigError, Refused, DeliveryUncertain) as error:
            LOG.error("ended message=%s attempt=%d: %s", message, attempt.number, error)
            return None
        self._log(outcome, due, attempt)
        return outcome

    def _log(self, outcome: PublishOutcome, due: Due | OnDemand, attempt: Attempt) -> None:
        LOG.info(
            "%s report=%s moment=%s destination=%s attempt=%d",
            word_of(outcome),
            due.report,
            due.moment.isoformat(),
            due.destination,
            attempt.number,
        )
        if isinstance(outcome, Sent | KeptQuiet):
            self.app.ping_watcher()

    def _tell_missed(self, missed: Missed) -> None:
        """Tell people what was due while nothing ran, unless it was sent by other means."""
        subscription = subscribed(missed.report, self.app.subscriptions)

        def delivery(due: datetime) -> Delivery:
            return self.app.edition(Order.of(subscription, due)).delivery(missed.destination)

        try:
            lost = {delivery(due): due for due in missed.moments}
            lost.pop(delivery(missed.until), None)
        except Refused:
            self._tell_missed_unseen(missed)
            return
        now = self.app.clock()
        known = {one: self.app.ledger.entry(one, now) for one in lost}
        lost = {one: due for one, due in lost.items() if _is_left(known[one])}
        if not lost:
            return
        self._tell_or_raise(_missed_notice(subscription, tuple(lost.values())), missed.destination)
        for one in lost:
            failed = LedgerEntry(State.FAILED, now, reason=NOTHING_RAN, is_told=True)
            self.app.ledger.record(one, failed, over=known[one])

    def _tell_or_raise(self, notice: Notice, destination: str) -> None:
        """Raises Unavailable where people could not be told: a notice is tried again, as a report is."""
        if not self.app.alarm.tell(notice, destination):
            raise Unavailable(NOT_TOLD)

    def _has_ended(self, due: Due | OnDemand) -> bool:
        """Whether an earlier try ended it, and people have heard of that only now.

        Raises Unavailable while they cannot be told: a notice is tried again, as a report is.
        """
        if not self._is_pending(due):
            return False
        self.tell()
        if self._is_pending(due):
            raise Unavailable(NOT_TOLD)
        return True

    def _is_pending(self, due: Due | OnDemand) -> bool:
        return any(_is_end_of(due, one) for one in pending(self.app))

    def give_up(self, message: str) -> None:
        """A delivery whose every try failed: recorded and told, unless it was."""
        due, spec = None, None
        try:
            due = parse_message(message)
            if isinstance(due, Missed):
                self._tell_missed_unseen(due)
                return
            order = due.order(self.app.subscriptions)
            spec = order.spec
            edition = self.app.edition(order)
        except ReporterError as error:
            LOG.error("given-up message=%s: %s", message, error)
            moment = due.moment if spec and isinstance(due, Due) else None
            where = due.destination if due else next(iter(self.app.destinations), "")
            self._given_up(Subject(spec or self._unnamed(), due=moment), where, str(error))
            return
        delivery = edition.delivery(due.destination)
        LOG.error(
            "given-up report=%s moment=%s destination=%s",
            due.report,
            due.moment.isoformat(),
            due.destination,
        )
        self._lose_claim(delivery)
        self.tell()
        entry = self.app.ledger.entry(delivery, self.app.clock())
        if entry is not None and (entry.is_told or entry.notice is not None or not entry.is_open):
            return
        reason = entry.reason if entry and entry.reason else "Every try ended before it could say why."
        subject = Subject(edition.spec, delivery, None if edition.called else edition.due)
        self._given_up(subject, due.destination, reason)

    def _tell_missed_unseen(self, missed: Missed) -> None:
        """Tell it though nobody could look whether it was sent by other means."""
        subscription = subscribed(missed.report, self.app.subscriptions)
        self._tell_or_raise(_missed_notice(subscription, missed.moments), missed.destination)

    def _lose_claim(self, delivery: Delivery) -> None:
        """A claim that is left after the last try has no process any more: it may have sent."""
        ledger = self.app.ledger
        entry = ledger.entry(delivery, self.app.clock())
        if entry is not None and entry.state is State.CLAIMED:
            ledger.record(delivery, replace(entry, state=State.UNCERTAIN, reason=DIED), over=entry)

    def _given_up(self, subject: Subject, destination: str, reason: str) -> None:
        app = self.app
        Notifier(app.alarm, app.ledger, app.clock, destination, subject).given_up(reason)

    def _unnamed(self) -> ReportSpec:
        """What a message was about that nobody can read."""
        return ReportSpec("report", "A report", Cadence.DAILY, (), company=self.app.company)


def _queued(report: str, moment: datetime) -> str:
    """What the ledger calls that the deliveries of a due moment are on the queue."""
    return f"{report}: queued {moment.astimezone(UTC):%Y-%m-%d %H:%M}"


def _missed_notice(subscription: Subscription, dues: Sequence[datetime]) -> Notice:
    spec, zone = subscription.spec, subscription.schedule.zone
    last = dues[0].astimezone(zone).date()
    dues = [due.astimezone(zone) for due in dues]
    command = f"`reporter resend {spec.name} --on {last}`"
    many = f"{len(dues)} reports were not sent: nothing was running when they were due."
    return Notice(
        code="missed",
        report=spec.heading,
        period=None,
        problem=many if len(dues) > 1 else f"A report was not sent. {NOTHING_RAN}",
        reasons=tuple(f"Due on {moment_text(due)}" for due in dues),
        next_step=f"For each that is wanted: {command}.",
        company=spec.owner,
        locale=spec.locale,
        facts=(("command", command), ("dues", ",".join(due.isoformat() for due in dues))),
    )


def _is_left(known: LedgerEntry | None) -> bool:
    """Whether nothing was ever sent, or said: it waited for its data when all stopped, at most."""
    return known is None or known.state is State.WAITING


def _is_end_of(due: Due | OnDemand, record: DeliveryRecord) -> bool:
    """Whether this is what people are still to be told of the message's delivery."""
    delivery, entry = record.delivery, record.entry
    is_its = delivery.destination == due.destination and f"{delivery.report} ".startswith(f"{due.report} ")
    return is_its and entry.notice is not None and entry.notice.code != DELAYED and entry.at >= due.moment
