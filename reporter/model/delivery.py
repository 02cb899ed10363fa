"""One report to one destination, once."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from reporter.model.period import Period

CLAIM_LIVES = timedelta(minutes=15)  # longer than any send takes; an older claim belongs to a dead process
SETTLES = timedelta(minutes=2)  # after that, a message that is not there will not come any more

CLOCKS_DIFFER = timedelta(minutes=15)  # by no more than that, where all is well

Said: TypeAlias = tuple[tuple[str, float], ...]  # the label and the number of each metric that was told


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
    details: tuple["Payload", ...] = ()  # what may follow it in a thread, best first


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
    QUIET = "quiet"  # looked at: nothing was unusual, so nothing was to be sent


@dataclass(frozen=True, slots=True)
class Entry:
    """What the ledger remembers of a delivery."""

    state: State
    at: datetime
    receipt: Receipt | None = None
    reason: str | None = None
    is_told: bool = False  # people have been told that it fails
    said: Said = ()  # what the message told, where it was sent

    @property
    def is_done(self) -> bool:
        """Whether all is done that was to be done."""
        return self.state in (State.DELIVERED, State.QUIET)

    @property
    def is_open(self) -> bool:
        """Whether the delivery may be tried: it surely did not happen."""
        return self.state is State.FAILED

    def may_be_claimed(self, over: "Entry | None") -> bool:
        """Whether the delivery may be taken on: it failed, or still is the `over` that was looked up."""
        unchanged = over is not None and over.at == self.at and not self.is_done
        return self.is_open or unchanged

    def seen_at(self, now: datetime) -> "Entry":
        """The same, but a claim whose process must have died is uncertain: it may have sent."""
        if self.state is State.CLAIMED and now - self.at > CLAIM_LIVES:
            return replace(self, state=State.UNCERTAIN, reason="the process that was sending it died")
        return self


@dataclass(frozen=True, slots=True)
class Record:
    """A line of the ledger."""

    delivery: Delivery
    entry: Entry
