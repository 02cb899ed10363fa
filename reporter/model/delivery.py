"""One report to one destination, once."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reporter.model.period import Period


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is delivered at most once: a report, of a period, to a destination."""

    report: str
    period: Period
    destination: str

    @property
    def key(self) -> str:
        """The idempotency key.

        >>> from datetime import date
        >>> Delivery("weekly", Period(date(2026, 11, 16), date(2026, 11, 23)), "slack").key
        'weekly/2026-11-16/2026-11-23/slack'
        """
        return f"{self.report}/{self.period.start}/{self.period.end}/{self.destination}"


@dataclass(frozen=True, slots=True)
class Payload:
    """What one destination takes. `left_out` names what a plainer payload had to drop."""

    body: bytes
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the destination said. A webhook names no channel and no message."""

    channel: str | None = None
    ts: str | None = None
    left_out: tuple[str, ...] = ()


class State(StrEnum):
    """What is known of a delivery."""

    CLAIMED = "claimed"  # somebody is at it
    DELIVERED = "delivered"
    UNCERTAIN = "uncertain"  # it went out and the answer was lost
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Entry:
    """What the ledger remembers of a delivery."""

    state: State
    at: datetime
    receipt: Receipt | None = None
    reason: str | None = None
