"""What becomes of a delivery that was tried."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias, assert_never

from reporter.reports.deliveries import DATA_PAUSE, Delivery, LedgerEntry, Receipt
from reporter.reports.errors import Unavailable
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
