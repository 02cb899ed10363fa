"""The story: measure, compose, send, remember."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from reporter.model.compose import compose
from reporter.model.delivery import Delivery, Entry, Payload, Receipt, Record, State
from reporter.model.edition import Edition, Order
from reporter.model.errors import DeliveryUncertain, Refused, ReporterError, Unavailable
from reporter.model.figures import Figures, Project, Question
from reporter.model.notice import Notice
from reporter.model.period import Period
from reporter.model.report import Report
from reporter.model.subscription import ReportSpec


class Source(Protocol):
    """Answers questions about the project."""

    def project(self) -> Project:
        """The project and its zone. Raises Unavailable or Refused."""
        ...

    def measure(self, question: Question) -> Figures:
        """What was asked; a figure that could not be had is Failed. Raises only what concerns all of them."""
        ...


class Destination(Protocol):
    """A place a report goes to."""

    @property
    def name(self) -> str: ...

    def draw(self, report: Report) -> Sequence[Payload]:
        """The payloads that say the report, best first."""
        ...

    def draw_notice(self, notice: Notice) -> Sequence[Payload]: ...

    def send(self, payloads: Sequence[Payload]) -> Receipt:
        """Send the first payload that is accepted. Raises Unavailable, Refused or DeliveryUncertain."""
        ...


class Ledger(Protocol):
    """Remembers deliveries, so that none is made twice. Each method raises Unavailable."""

    def entry(self, delivery: Delivery, now: datetime) -> Entry | None:
        """What is known of a delivery; a claim that has grown old is UNCERTAIN."""
        ...

    def claim(self, delivery: Delivery, now: datetime) -> bool:
        """Take the delivery on, if nobody has it and it was not made: of two callers one gets it."""
        ...

    def record(self, delivery: Delivery, entry: Entry) -> None: ...

    def forget(self, delivery: Delivery) -> None: ...

    def history(self, most: int) -> Sequence[Record]:
        """The deliveries that changed last, newest first."""
        ...

    def first_seen(self, report: str, now: datetime) -> datetime:
        """When this report was first seen: `now`, if it never was. It stays for good."""
        ...


class Alarm(Protocol):
    """Tells people what went wrong."""

    def tell(self, notice: Notice, destination: str) -> None:
        """Tell it on the best way there is; `destination` is the one concerned. Never raises."""
        ...


@dataclass(frozen=True, slots=True)
class Sent:
    """The report is delivered, now."""

    report: Report
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Stands:
    """Nothing was sent: the delivery was made before, is under way, or its fate is unknown."""

    delivery: Delivery
    entry: Entry


@dataclass(frozen=True, slots=True)
class Attempt:
    """Which try this is, and how many there are. `pause` is what lies between two, in words."""

    number: int = 1
    of: int = 1
    pause: str = ""

    @property
    def is_last(self) -> bool:
        return self.number >= self.of


ONCE = Attempt()


@dataclass(frozen=True, slots=True)
class Publisher:
    """Delivers what is ordered to one destination, each edition at most once."""

    source: Source
    destination: Destination
    ledger: Ledger
    alarm: Alarm
    clock: Callable[[], datetime]

    def publish(self, order: Order, attempt: Attempt = ONCE, *, again: bool = False) -> Sent | Stands:
        """Measure, compose, send, remember; `again` forgets an earlier delivery.

        Raises Unavailable (nothing was sent; try again later), Refused, or DeliveryUncertain. While another
        try will come, a figure that may be had later is waited for; on the last one the others go out without
        it. When nothing can be measured no report is posted, and people are told.
        """
        with self._telling(order.spec, None, attempt):
            project = self.source.project()
        edition = order.edition(self.clock(), project.zone)
        delivery = edition.delivery(self.destination.name)
        if again:
            self.ledger.forget(delivery)
        known = self.ledger.entry(delivery, self.clock())
        if known is not None and not known.is_open:
            return Stands(delivery, known)
        with self._telling(edition.spec, delivery, attempt):
            report = measured(edition, self.source, self.clock, waits=not attempt.is_last)
            payloads = self.destination.draw(report)
            if not self.ledger.claim(delivery, self.clock()):
                return Stands(delivery, self._standing(delivery))
            receipt = self._send(delivery, payloads, is_told=known is not None and known.is_told)
        if known is not None and known.is_told:
            self._tell(
                "recovered", edition.spec, delivery.period, "It was delivered after all.", (), "Nothing."
            )
        return Sent(report, receipt)

    def _send(self, delivery: Delivery, payloads: Sequence[Payload], *, is_told: bool) -> Receipt:
        try:
            receipt = self.destination.send(payloads)
        except ReporterError as error:
            state = State.UNCERTAIN if isinstance(error, DeliveryUncertain) else State.FAILED
            self.ledger.record(delivery, Entry(state, self.clock(), None, str(error), is_told))
            raise
        self.ledger.record(delivery, Entry(State.DELIVERED, self.clock(), receipt))
        return receipt

    def _standing(self, delivery: Delivery) -> Entry:
        return self.ledger.entry(delivery, self.clock()) or Entry(State.CLAIMED, self.clock())

    @contextmanager
    def _telling(self, spec: ReportSpec, delivery: Delivery | None, attempt: Attempt) -> Generator[None]:
        """What goes wrong in here is told, once for each delivery, and then raised."""
        try:
            yield
        except ReporterError as error:
            self._tell_once(error, spec, delivery, attempt)
            raise

    def _tell_once(
        self, error: ReporterError, spec: ReportSpec, delivery: Delivery | None, attempt: Attempt
    ) -> None:
        """What may pass is told at its second try; what ends a delivery is told in any case."""
        entry = self.ledger.entry(delivery, self.clock()) if delivery else None
        if isinstance(error, Unavailable) and not attempt.is_last:
            is_told = entry.is_told if entry else attempt.number > 2
            if is_told or attempt.number == 1:
                return
        code, problem, step = _words(error, spec, attempt)
        self._tell(code, spec, delivery.period if delivery else None, problem, (str(error),), step)
        if delivery is not None:
            known = entry or Entry(State.FAILED, self.clock(), reason=str(error))
            self.ledger.record(delivery, replace(known, is_told=True))

    def _tell(
        self,
        code: str,
        spec: ReportSpec,
        period: Period | None,
        problem: str,
        reasons: tuple[str, ...],
        step: str,
    ) -> None:
        notice = Notice(code, spec.title, period, problem, reasons, step, spec.company, spec.locale)
        self.alarm.tell(notice, self.destination.name)


def _words(error: ReporterError, spec: ReportSpec, attempt: Attempt) -> tuple[str, str, str]:
    """The code, the problem, and the next step."""
    if isinstance(error, DeliveryUncertain):
        step = f"Look into the channel. If the report is not there: `reporter resend {spec.name}`."
        return "uncertain", "The report may or may not have been posted; it is not sent again.", step
    by_hand = f"Run `reporter check`, then `reporter send {spec.name}`."
    if isinstance(error, Unavailable) and not attempt.is_last:
        tried = f"It was tried {attempt.number} of {attempt.of} times."
        return "delayed", f"The report is delayed. {tried}", f"Nothing yet: the next try is {attempt.pause}."
    return "not-delivered", "The report was not posted.", by_hand


def read(order: Order, source: Source, clock: Callable[[], datetime]) -> Report:
    """The report that is ordered, without sending it anywhere. Raises Unavailable or Refused."""
    edition = order.edition(clock(), source.project().zone)
    return measured(edition, source, clock, waits=False)


def measured(edition: Edition, source: Source, clock: Callable[[], datetime], *, waits: bool) -> Report:
    """A report with something in it; `waits` for figures that may be had later.

    Raises Unavailable or Refused, with every reason there is.
    """
    figures = source.measure(edition.question)
    passing = next((failed for failed in figures.failures if failed.passing), None)
    if passing is not None and waits:
        raise Unavailable(passing.reason, passing.after)
    report = compose(edition, figures, clock())
    if not report.is_empty:
        return report
    reasons = "; ".join(dict.fromkeys(failed.reason for failed in figures.failures))
    if passing is not None:
        raise Unavailable(reasons, passing.after)  # nothing was measured, and may be later
    raise Refused(reasons or "The project has none of the events that this report is about")
