"""Which failure people are told of, when, and in which words; and that they hear of it, if later."""

from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol
from uuid import uuid4

from reporter.reports.deliveries import DELAYED, Attempt, Delivery, DeliveryRecord, LedgerEntry, Notice, State
from reporter.reports.errors import DeliveryUncertain, ReporterError, Unavailable, causes_text
from reporter.reports.periods import ONE_DAY, Period, moment_text
from reporter.reports.subscriptions import ReportSpec

MOST_REASON = 1_000  # characters; an entry has to fit into a row
CHANGES = 3  # of an entry by other processes, while people are told


class Alarm(Protocol):
    """Tells people what went wrong."""

    def tell(self, notice: Notice, destination: str) -> bool:
        """Whether people were told, on the best way there is; `destination` is the one concerned."""
        ...


class Ledger(Protocol):
    """Remembers deliveries, so that none is made twice. Each method raises Unavailable."""

    def entry(self, delivery: Delivery, now: datetime) -> LedgerEntry | None:
        """What is known of a delivery; a claim that has grown old is UNCERTAIN."""
        ...

    def record(
        self,
        delivery: Delivery,
        entry: LedgerEntry,
        over: LedgerEntry | None = None,
        tried: LedgerEntry | None = None,
    ) -> LedgerEntry | None:
        """The entry as it is written; None where it is not, since the ledger has not what was read before.

        `over` is what was read: of two callers one gets it (see Entry.follows). `tried` is what the try came
        to, where the entry says what was before it.
        """
        ...

    def history(self, most: int) -> Sequence[DeliveryRecord]:
        """The tries that changed last, newest first."""
        ...

    def unsettled(self) -> Sequence[DeliveryRecord]:
        """The deliveries that are under way, or of which people are to be told (see Entry.is_settled)."""
        ...

    def first_seen(self, report: str, now: datetime) -> datetime:
        """When this report was first seen: `now`, if it never was. It stays for good.

        Unless it is yet to come: then the clock was wrong, and it is seen now.
        """
        ...

    def mark(self, report: str, moment: datetime) -> None:
        """Remember another moment in the place of the one that `first_seen` tells."""
        ...

    def forget(self, before: datetime, kept: Collection[str]) -> None:
        """Forget settled deliveries and tries that changed last before then, and moments before it.

        Not the moments of what is `kept`.
        """
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Subject:
    """What people are told about: a report, and its delivery where its days are known."""

    spec: ReportSpec
    delivery: Delivery | None = None
    due: datetime | None = None  # by its schedule, in its zone
    is_repetition: bool = False  # somebody asked for what was or may have been sent

    @property
    def command(self) -> str:
        """What sends the same days, on whatever day it is run."""
        name = self.spec.name
        if self.due is not None:
            return f"`reporter resend {name} --on {self.due.date()}`"
        if self.delivery is None:
            return f"`reporter send {name}`"
        period = self.delivery.period
        return f"`reporter send {name} --from {period.start} --to {period.last}`"


@dataclass(frozen=True, slots=True)
class Notifier:
    """Tells people what becomes of a report at one destination, each failure once.

    A notice is written down before it goes out, and taken away once it has: whoever comes next sends what a
    death or a failure has kept.
    """

    alarm: Alarm
    ledger: Ledger
    clock: Callable[[], datetime]
    destination: str
    subject: Subject

    @contextmanager
    def notifying_failures(self, attempt: Attempt) -> Generator[None]:
        """What goes wrong in here is told, once for each delivery, and then raised."""
        try:
            yield
        except ReporterError as error:
            self.failed(error, attempt)
            raise

    def failed(self, error: ReporterError, attempt: Attempt) -> None:
        """What may pass is told at its second try; what ends a delivery is told in any case."""
        known = self._known()
        if isinstance(error, Unavailable) and not attempt.is_last:
            is_told = (known.is_told or known.is_delay_told) if known else attempt.number > 2
            if is_told or attempt.number == 1:
                self._still_tried(known, str(error))
                return
        self.tell(failure_notice(error, self.subject, attempt), str(error))

    def _still_tried(self, known: LedgerEntry | None, reason: str) -> None:
        """Say in the ledger that somebody is at it, so that nobody takes it for given up."""
        if self.subject.delivery is not None and known is not None and known.is_open:
            with suppress(Unavailable):
                entry = replace(known, state=State.FAILED, at=self.clock(), reason=reason)
                self.ledger.record(self.subject.delivery, entry, over=known)

    def given_up(self, reason: str) -> None:
        """Every try failed."""
        step = f"Look into the logs under the code given-up, fix the reason, then run {self.subject.command}."
        problem = "The report was not posted: every try failed."
        self.tell(_notice("given-up", self.subject, problem, (reason,), step), reason)

    def tell(self, notice: Notice, reason: str) -> None:
        """Tell of a failure, unless another process is at the delivery, or made it meanwhile."""
        delivery = self.subject.delivery
        if delivery is None:
            self._tell_without_days(notice, reason)
            return
        for _ in range(CHANGES):
            try:
                known = self.ledger.entry(delivery, self.clock())
                if known is not None and _is_anothers(known, self.subject):
                    return
                owed = self.ledger.record(delivery, self._owed(known, notice, reason), over=known)
            except Unavailable:  # told twice is better than not told
                self.alarm.tell(notice, self.destination)
                return
            if owed is not None:
                self.send_owed(delivery, owed, notice)
                return

    def send_owed(self, delivery: Delivery, owed: LedgerEntry, notice: Notice) -> None:
        """Send the notice that is written down, and write down that it went out."""
        if not self.alarm.tell(notice, self.destination):
            return
        with suppress(Unavailable):  # told twice is better than not told
            if self.ledger.record(delivery, owed.told(), over=owed) is not None or owed.is_done:
                return
            now = self.ledger.entry(delivery, self.clock())
            if now is not None and now.is_done:
                self.alarm.tell(recovered(self.subject), self.destination)

    def _owed(self, known: LedgerEntry | None, notice: Notice, reason: str) -> LedgerEntry:
        """What is known of the delivery, with the notice that people are still to get."""
        now = self.clock()
        if known is None:
            return LedgerEntry(State.FAILED, now, reason=reason, notice=notice, id=uuid4().hex)
        if known.is_open and known.reason != reason:  # this try ended before its claim
            return replace(known, state=State.FAILED, at=now, reason=reason, notice=notice, id=uuid4().hex)
        return replace(known, state=State.FAILED if known.is_open else known.state, notice=notice)

    def _tell_without_days(self, notice: Notice, reason: str) -> None:
        """Where the project's zone cannot be had, the days of a report are not known."""
        if self.alarm.tell(notice, self.destination):
            return
        now = self.clock()
        period = Period(now.date(), now.date() + ONE_DAY)
        delivery = Delivery(f"{self.subject.spec.name} of unknown days", period, self.destination)
        with suppress(Unavailable):  # the log has it
            known = self.ledger.entry(delivery, now)
            entry = LedgerEntry(State.FAILED, now, reason=reason, notice=notice, id=uuid4().hex)
            self.ledger.record(delivery, entry, over=known)

    def _known(self) -> LedgerEntry | None:
        """What is remembered; nothing where the memory itself is what failed."""
        if self.subject.delivery is None:
            return None
        try:
            return self.ledger.entry(self.subject.delivery, self.clock())
        except Unavailable:
            return None


def _is_anothers(known: LedgerEntry, subject: Subject) -> bool:
    """Whether what failed here is in another's hands, or done."""
    return known.state is State.CLAIMED or (known.is_done and not subject.is_repetition)


def recovered(subject: Subject) -> Notice:
    """A failure that people have been told of is over."""
    return _notice("recovered", subject, "It was delivered after all.", (), "Nothing.")


def recovered_quietly(subject: Subject) -> Notice:
    """The same of an alert that had nothing to say."""
    problem = "It could be made after all: nothing was unusual."
    return _notice("recovered", subject, problem, (), "Nothing.", wording="recovered-quietly")


def not_judged(subject: Subject, labels: tuple[str, ...]) -> Notice:
    """An alert kept quiet, and could not look at these metrics."""
    problem = "Nothing else was unusual, but some metrics could not be measured."
    return _notice(
        "not-judged", subject, problem, labels, f"Run `reporter preview {subject.spec.name}`: it says why."
    )


def late(notice: Notice, at: datetime) -> Notice:
    """The same, told later than it should have been."""
    reason = f"This was on {moment_text(at.astimezone(UTC))}; the notice could not be sent before."
    return replace(
        notice, reasons=(*notice.reasons, reason), facts=(*notice.facts, ("since", at.isoformat()))
    )


def failure_notice(error: ReporterError, subject: Subject, attempt: Attempt) -> Notice:
    """The code, the problem, and the next step."""
    again, reasons = subject.command, (str(error)[:MOST_REASON],)
    facts = {"causes": causes_text(error.causes)} if error.causes else {}
    if isinstance(error, DeliveryUncertain):
        problem = "The report may or may not have been posted; it is not sent again."
        step = f"Look into the channel. If the report is not there, run {again}."
        return _notice("uncertain", subject, problem, reasons, step, **facts)
    if isinstance(error, Unavailable) and not attempt.is_last:
        problem = f"The report is delayed. It was tried {attempt.number} of {attempt.of} times."
        step = f"Nothing yet: the next try is in {attempt.pause} minutes."
        facts |= {"number": str(attempt.number), "of": str(attempt.of), "minutes": str(attempt.pause)}
        return _notice(DELAYED, subject, problem, reasons, step, **facts)
    step = f"Run `reporter check`, then {again}."
    if subject.is_repetition:
        return _notice("not-repeated", subject, "The repeated report was not posted.", reasons, step, **facts)
    return _notice("not-delivered", subject, "The report was not posted.", reasons, step, **facts)


def _notice(
    code: str, subject: Subject, problem: str, reasons: tuple[str, ...], step: str, **facts: str
) -> Notice:
    spec, period = subject.spec, subject.delivery.period if subject.delivery else None
    known = {"name": spec.name, "command": subject.command, **facts}
    return Notice(
        code, spec.heading, period, problem, reasons, step, spec.owner, spec.locale, tuple(known.items())
    )
