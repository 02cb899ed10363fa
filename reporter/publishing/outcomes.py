"""What becomes of a delivery that was tried."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias, assert_never

from reporter import telemetry
from reporter.reports.deliveries import DATA_PAUSE, Attempt, Delivery, LedgerEntry, Receipt
from reporter.reports.errors import DeliveryUncertain, ReporterError, Unavailable
from reporter.reports.report import Report


@dataclass(frozen=True, slots=True)
class Sent:
    """The report is delivered, now."""

    report: Report
    receipt: Receipt
    unrecorded: Unavailable | None = None  # why the ledger could not be told


@dataclass(frozen=True, slots=True)
class KeptQuiet:
    """Nothing was sent: the report comes only when something is unusual, and nothing is."""

    report: Report
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class Waits:
    """Nothing was sent yet: the data of its last day are not complete, and are waited for until then."""

    delivery: Delivery
    entry: LedgerEntry
    deadline: datetime

    def next_try_in(self, now: datetime) -> timedelta:
        """The last one is at the deadline."""
        return max(min(DATA_PAUSE, self.deadline - now), timedelta(0))


@dataclass(frozen=True, slots=True)
class AlreadyHandled:
    """Nothing was sent: all was done before, is under way, or its fate is unknown."""

    delivery: Delivery
    entry: LedgerEntry


PublishOutcome: TypeAlias = Sent | KeptQuiet | Waits | AlreadyHandled


def word_of(outcome: PublishOutcome) -> str:
    """As logs have it."""
    match outcome:
        case Sent():
            return "delivered"
        case KeptQuiet():
            return "quiet"
        case Waits():
            return "waiting"
        case AlreadyHandled():
            return "stands"
        case _:
            assert_never(outcome)


def observed(
    publish: Callable[[], PublishOutcome], report: str, destination: str, attempt: Attempt
) -> PublishOutcome:
    """What becomes of a try, for telemetry, too. Raises what `publish` raises."""
    began = time.monotonic()

    def end(outcome: str, **error: str) -> None:
        telemetry.annotate(outcome=outcome)
        about = {"report": report, "destination": destination, "outcome": outcome, **error}
        telemetry.add("reporter.deliveries", 1, **about)
        telemetry.add("reporter.publish.duration", time.monotonic() - began, **about)

    with telemetry.span("publish report", report=report, destination=destination, attempt=attempt.number):
        try:
            outcome = publish()
        except ReporterError as error:
            fate = "uncertain" if isinstance(error, DeliveryUncertain) else "failed"
            end(fate, error_type=type(error).__name__)
            raise
        end(word_of(outcome))
        return outcome
