"""A delivery of a report to a destination, its tries, and the notices of what failed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeAlias

from reporter.reports.periods import Period

if TYPE_CHECKING:
    from reporter.reports.report import Report


@dataclass(frozen=True, slots=True)
class Attempt:
    """Which try this is, and how many there are, with so many minutes between two."""

    number: int = 1
    of: int = 1
    pause: int = 0

    @property
    def is_last(self) -> bool:
        return self.number >= self.of


ONCE = Attempt()


@dataclass(frozen=True, slots=True)
class Notice:
    """What failed, for which report and period, why, and what to do, in English. Holds no secret.

    By its code and its facts a renderer says the same in another language.
    """

    code: str  # stable, for logs and searches: "not-measured"
    report: str  # its title
    period: Period | None
    problem: str
    reasons: tuple[str, ...]
    next_step: str
    company: str = ""
    locale: str = "en"
    facts: tuple[tuple[str, str], ...] = ()


CLAIM_LIVES = timedelta(minutes=15)  # longer than any send takes; an older claim belongs to a dead process
DELAYED = "delayed"  # the code of a notice that says nothing of the end
DIED = "The process that was sending it died."
SENDS_WITHIN = timedelta(minutes=5)  # of its claim; a process that was paused for longer looks again
RETRIES = timedelta(minutes=90)  # the queue's nine tries, ten minutes apart, and what each takes
DATA_PAUSE = timedelta(minutes=15)  # between two tries of a report that waits for its data
DEADLINE_NEAR = timedelta(minutes=1)  # a timer may fire so early: then it is not waited for the next one
REMEMBERED = timedelta(days=400)  # a delivery, its tries, an order's key
SETTLES = timedelta(minutes=2)  # after that, a message that is not there will not come any more

CLOCKS_DIFFER = timedelta(minutes=15)  # by no more than that, where all is well

ReportedNumbers: TypeAlias = tuple[
    tuple[str, float], ...
]  # the label and the number of each metric that was told


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
    """What the destination said: which message it is, and in which channel. A webhook names neither."""

    channel: str | None = None
    message: str | None = None
    left_out: tuple[str, ...] = ()


def always() -> None:
    """Nothing has to be looked at before a request."""


class Destination(Protocol):
    """A place that messages go to."""

    @property
    def name(self) -> str: ...

    def draw(self, report: "Report") -> Sequence[Payload]:
        """The payloads that say the report, best first."""
        ...

    def draw_notice(self, notice: Notice) -> Sequence[Payload]: ...

    def send(
        self,
        payloads: Sequence[Payload],
        delivery: Delivery | None = None,
        id: str = "",
        ready: Callable[[], None] = always,
    ) -> Receipt:
        """Send the first payload that is accepted; `id` names the try.

        `ready` is called right before each request: what it raises ends the try. Raises Unavailable (it
        surely did not arrive), Refused or DeliveryUncertain.
        """
        ...

    def find(self, delivery: Delivery, id: str, since: datetime, now: datetime) -> Receipt | None:
        """Look up what this try sent at or after `since`, by the clock that says `now`.

        None when it surely is not there.

        Raises Unavailable when it cannot be looked up now, Refused when it never can.
        """
        ...


class State(StrEnum):
    """What is known of a delivery."""

    CLAIMED = "claimed"  # somebody is at it
    DELIVERED = "delivered"
    UNCERTAIN = "uncertain"  # it went out and the answer was lost
    FAILED = "failed"
    WAITING = "waiting"  # the data of its last day are not complete; it is tried again until its deadline
    QUIET = "quiet"  # looked at: nothing was unusual, so nothing was to be sent


DONE = frozenset({State.DELIVERED, State.QUIET})


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was known of a delivery before somebody sent it again."""

    state: State
    at: datetime
    id: str = ""
    is_told: bool = False
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What the ledger remembers of a delivery: its last try, and what is still to be done about it."""

    state: State
    at: datetime
    receipt: Receipt | None = None
    reason: str | None = None
    is_told: bool = False  # people have been told how it ended
    said: ReportedNumbers = ()  # what the message told, where it was sent
    is_delay_told: bool = False  # people have been told that it is delayed, or failed before this try
    notice: Notice | None = None  # what people are still to be told
    earlier: Earlier | None = None  # where this try repeats what was or may have been delivered
    id: str = field(default="", compare=False)  # of the try; its message carries it
    revision: str = field(default="", compare=False)  # what the ledger had when this was read

    @property
    def is_done(self) -> bool:
        """Whether all is done that was to be done."""
        return self.state in DONE

    @property
    def is_delivered(self) -> bool:
        """Whether the message is in the channel, whatever becomes of a repetition."""
        return self.state is State.DELIVERED or (
            self.earlier is not None and self.earlier.state is State.DELIVERED
        )

    @property
    def is_open(self) -> bool:
        """Whether the delivery may be tried: it surely did not happen."""
        return self.state in (State.FAILED, State.WAITING)

    @property
    def is_settled(self) -> bool:
        """Whether nobody is at it, and nobody is to be told of it."""
        is_at_work = self.state in (State.CLAIMED, State.WAITING)
        return self.notice is None and (self.is_done or (self.is_told and not is_at_work))

    def waiting(self, now: datetime, reason: str) -> "LedgerEntry":
        """The same, open, while its data are waited for: one line of history, however often it is tried."""
        told, waits = self.is_told or self.is_delay_told, self.state is State.WAITING
        entry = LedgerEntry(State.WAITING, now, reason=reason, is_delay_told=told, notice=self.notice)
        return replace(entry, id=self.id if waits else "")

    def is_turn(self, now: datetime, deadline: datetime, pause: timedelta) -> bool:
        """Whether it waits, and is to be tried: so long after the last try, or as its deadline has come."""
        is_over = self.at + DEADLINE_NEAR < deadline <= now + DEADLINE_NEAR
        return self.state is State.WAITING and (is_over or now - self.at >= pause)

    def claimed(self, now: datetime, id: str) -> "LedgerEntry":
        """The claim of the next try; one that repeats what may be there keeps what is known of that."""
        is_known = self.is_told or self.is_delay_told
        if self.is_open:
            return LedgerEntry(State.CLAIMED, now, is_delay_told=is_known, id=id)
        earlier = self.earlier or Earlier(self.state, self.at, self.id, self.is_told, self.notice)
        claim = replace(self, state=State.CLAIMED, at=now, is_told=False, notice=None, earlier=earlier, id=id)
        return replace(claim, is_delay_told=is_known)

    def failed(self, now: datetime, reason: str) -> "LedgerEntry":
        """The same after a try of which nothing is in the channel: a repetition leaves what was before it."""
        if self.earlier is None:
            return LedgerEntry(
                State.FAILED,
                now,
                reason=reason,
                is_told=self.is_told,
                is_delay_told=self.is_delay_told,
                id=self.id,
            )
        before = self.earlier
        told = replace(self, is_told=before.is_told, is_delay_told=False, notice=before.notice)
        return replace(told, state=before.state, at=before.at, earlier=None, id=before.id)

    def told(self) -> "LedgerEntry":
        """The same once people were told; what was delivered stays so where its repetition is uncertain."""
        if self.notice is not None and self.notice.code == DELAYED:
            return replace(self, notice=None, is_delay_told=True)
        told = replace(self, notice=None, is_told=not self.is_done)
        return told.failed(self.at, "") if self.earlier is not None and self.is_delivered else told

    def seen_at(self, now: datetime) -> "LedgerEntry":
        """The same, but a claim whose process must have died is uncertain: it may have sent.

        One from the future, too: the clock that it was written by was wrong.
        """
        if self.state is State.CLAIMED and abs(now - self.at) > CLAIM_LIVES:
            return replace(self, state=State.UNCERTAIN, reason=DIED)
        return self

    def follows(self, standing: "LedgerEntry | None", over: "LedgerEntry | None") -> bool:
        """Whether it may be written: the ledger has what was read, and no delivery is forgotten."""
        if standing is None or over is None:
            return standing is over
        return standing.revision == over.revision and (self.is_delivered or not standing.is_delivered)


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """A line of the ledger."""

    delivery: Delivery
    entry: LedgerEntry
