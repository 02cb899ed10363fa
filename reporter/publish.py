"""The story: measure, compose, send, remember."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from reporter.model.compose import compose
from reporter.model.delivery import Delivery, Entry, Payload, Receipt, State
from reporter.model.edition import Edition
from reporter.model.errors import DeliveryUncertain, Refused, ReporterError, Unavailable
from reporter.model.figures import Figures, Project, Question
from reporter.model.notice import Notice
from reporter.model.report import Report


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
    """Remembers deliveries, so that none is made twice."""

    def entry(self, delivery: Delivery, now: datetime) -> Entry | None:
        """What is known of a delivery; a claim that has grown old is UNCERTAIN."""
        ...

    def claim(self, delivery: Delivery, now: datetime) -> bool:
        """Take the delivery on, if nobody has it and it was not made: of two callers one gets it."""
        ...

    def record(self, delivery: Delivery, entry: Entry) -> None: ...


@dataclass(frozen=True, slots=True)
class Sent:
    """The report is delivered, now."""

    report: Report
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Stands:
    """Nothing was sent: the delivery was made before, is under way, or its fate is unknown."""

    entry: Entry


def publish(
    edition: Edition,
    *,
    source: Source,
    destination: Destination,
    ledger: Ledger,
    clock: Callable[[], datetime],
    last_try: bool = True,
) -> Sent | Stands:
    """Deliver an edition to a destination, at most once.

    Raises Unavailable (try again later; nothing was sent), Refused, or DeliveryUncertain. While another try
    will come (`last_try=False`), a figure that may be had later is waited for; on the last try the others go
    out without it. A report in which nothing could be measured is not posted: its readers get a notice.
    """
    delivery = Delivery(edition.spec.name, edition.period, destination.name)
    known = ledger.entry(delivery, clock())
    if known is not None and not known.is_open:
        return Stands(known)
    report = _measured(edition, source, destination, clock, last_try=last_try)
    payloads = destination.draw(report)
    if not ledger.claim(delivery, clock()):
        return Stands(ledger.entry(delivery, clock()) or Entry(State.CLAIMED, clock()))
    return Sent(report, _send(delivery, payloads, destination, ledger, clock))


def read(edition: Edition, source: Source, clock: Callable[[], datetime]) -> Report:
    """The report, without sending it anywhere."""
    return compose(edition, source.measure(edition.question), clock())


def _measured(
    edition: Edition,
    source: Source,
    destination: Destination,
    clock: Callable[[], datetime],
    *,
    last_try: bool,
) -> Report:
    figures = source.measure(edition.question)
    passing = next((failed for failed in figures.failures if failed.passing), None)
    if passing is not None and not last_try:
        raise Unavailable(passing.reason, passing.after)
    report = compose(edition, figures, clock())
    if not report.is_empty:
        return report
    notice = _nothing_measured(edition, figures)
    problem = " ".join((notice.problem, *notice.reasons))
    try:
        destination.send(destination.draw_notice(notice))
    except ReporterError as error:
        problem += f" The notice that says so could not be sent either: {error}"
    raise Unavailable(problem, passing.after) if passing is not None else Refused(problem)


def _nothing_measured(edition: Edition, figures: Figures) -> Notice:
    return Notice(
        report=edition.spec.title,
        period=edition.period,
        problem="Nothing could be measured, so no report was posted.",
        reasons=tuple(dict.fromkeys(failed.reason for failed in figures.failures)),
        next_step=f"Run `reporter check`, then `reporter send {edition.spec.name}`.",
        company=edition.spec.company,
        locale=edition.spec.locale,
    )


def _send(
    delivery: Delivery,
    payloads: Sequence[Payload],
    destination: Destination,
    ledger: Ledger,
    clock: Callable[[], datetime],
) -> Receipt:
    try:
        receipt = destination.send(payloads)
    except ReporterError as error:
        state = State.UNCERTAIN if isinstance(error, DeliveryUncertain) else State.FAILED
        ledger.record(delivery, Entry(state, clock(), reason=str(error)))
        raise
    ledger.record(delivery, Entry(State.DELIVERED, clock(), receipt))
    return receipt
