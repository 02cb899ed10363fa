"""What people have not been told yet: the next command tells it, whatever it is for."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from reporter.publishing.claims import Claims
from reporter.publishing.notices import Notifier, Subject, late
from reporter.publishing.publish import Publishers
from reporter.reports.deliveries import ONCE, RETRIES, Delivery, DeliveryRecord, LedgerEntry, State
from reporter.reports.errors import DeliveryUncertain, Refused, ReporterError, Unavailable
from reporter.reports.periods import Cadence
from reporter.reports.subscriptions import ReportSpec

LATE = timedelta(minutes=2)  # a notice that goes out later than this says so

LOG = logging.getLogger("reporter.publishing.pending_notices")


def pending(app: Publishers) -> Sequence[DeliveryRecord]:
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
        happened = f"{entry.state.capitalize()} since {entry.at:%Y-%m-%d %H:%M} UTC{reason}"
    return (
        f"{what}: {happened} People could not be notified yet; "
        "the next `reporter send`, `serve` or `due` does it."
    )


def send_pending(app: Publishers) -> None:
    """Send the notices that a crash or a failure has held up."""
    for record in pending(app):
        try:
            _tell(app, record.delivery, record.entry)
        except ReporterError as error:
            LOG.error("untold: nobody can be notified of %s yet: %s", record.delivery.key, error)


def is_pending(entry: LedgerEntry, now: datetime) -> bool:
    """Whether people should have been notified. A failure may be retried for a while."""
    if entry.notice is not None:
        return True
    is_over = entry.state is State.UNCERTAIN or (entry.state is State.FAILED and now - entry.at > RETRIES)
    return is_over and not entry.is_told


def _tell(app: Publishers, delivery: Delivery, entry: LedgerEntry) -> None:
    notifier = Notifier(app.alarm, app.ledger, app.clock, delivery.destination)
    subject = _subject_of(delivery, app)
    if entry.notice is not None:
        notice = entry.notice
        notifier.send_owed(
            delivery, entry, late(notice, entry.at) if app.clock() - entry.at > LATE else notice, subject
        )
        return
    if entry.state is State.UNCERTAIN and delivery.destination in app.destinations:
        channel = app.destinations[delivery.destination]
        entry = Claims(app.ledger, channel, app.clock, notifier, subject, delivery).look_up(entry, ONCE)
    if entry.state is State.UNCERTAIN:
        notifier.failed(DeliveryUncertain(entry.reason or "The answer was lost."), subject, ONCE)
    elif is_pending(entry, app.clock()):
        notifier.failed(Refused(entry.reason or "It failed."), subject, ONCE)


def _subject_of(delivery: Delivery, app: Publishers) -> Subject:
    """What a delivery is about, by its name in the ledger."""
    name = next((one for one in app.subscriptions if f"{delivery.report} ".startswith(f"{one} ")), None)
    if name is None:
        return Subject(ReportSpec(delivery.report, delivery.report, Cadence.DAILY, ()), delivery)
    subscription = app.subscriptions[name]
    return Subject(subscription.spec, delivery, app.due_of(delivery, subscription.schedule.zone))
