"""The story: measure, compose, send, remember."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from reporter.model.compose import compose
from reporter.model.delivery import Delivery, Entry, Payload, Receipt, State
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
    """Remembers deliveries, so that none is made twice."""

    def entry(self, delivery: Delivery, now: datetime) -> Entry | None:
        """What is known of a delivery; a claim that has grown old is UNCERTAIN."""
        ...

    def claim(self, delivery: Delivery, now: datetime) -> bool:
        """Take the delivery on, if nobody has it and it was not made: of two callers one gets it."""
        ...

    def record(self, delivery: Delivery, entry: Entry) -> None: ...

    def forget(self, delivery: Delivery) -> None: ...


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


def publish(
    order: Order,
    *,
    source: Source,
    destination: Destination,
    ledger: Ledger,
    clock: Callable[[], datetime],
    again: bool = False,
    last_try: bool = True,
) -> Sent | Stands:
    """Deliver what is ordered to a destination, at most once; `again` forgets an earlier delivery.

    Raises Unavailable (nothing was sent; try again later), Refused, or DeliveryUncertain. While another try
    will come (`last_try=False`), a figure that may be had later is waited for; on the last try the others go
    out without it. When nothing can be measured no report is posted: its readers get a notice.
    """
    with _telling(destination, order.spec, None, last_try=last_try):
        project = source.project()
    edition = order.edition(clock(), project.zone)
    delivery = edition.delivery(destination.name)
    if again:
        ledger.forget(delivery)
    known = ledger.entry(delivery, clock())
    if known is not None and not known.is_open:
        return Stands(delivery, known)
    with _telling(destination, edition.spec, edition.period, last_try=last_try):
        report = _measured(edition, source, clock, last_try=last_try)
    payloads = destination.draw(report)
    if not ledger.claim(delivery, clock()):
        return Stands(delivery, ledger.entry(delivery, clock()) or Entry(State.CLAIMED, clock()))
    return Sent(report, _send(delivery, payloads, destination, ledger, clock))


def read(order: Order, source: Source, clock: Callable[[], datetime]) -> Report:
    """The report that is ordered, without sending it anywhere. Raises Unavailable or Refused."""
    edition = order.edition(clock(), source.project().zone)
    return _measured(edition, source, clock, last_try=True)


def _measured(edition: Edition, source: Source, clock: Callable[[], datetime], *, last_try: bool) -> Report:
    """A report with something in it. Raises Unavailable or Refused with every reason there is."""
    figures = source.measure(edition.question)
    passing = next((failed for failed in figures.failures if failed.passing), None)
    if passing is not None and not last_try:
        raise Unavailable(passing.reason, passing.after)
    report = compose(edition, figures, clock())
    if not report.is_empty:
        return report
    reasons = " ".join(dict.fromkeys(failed.reason for failed in figures.failures))
    if passing is not None:
        raise Unavailable(reasons, passing.after)  # nothing was measured, and may be later
    raise Refused(reasons or "The project has none of the events that this report is about.")


@contextmanager
def _telling(
    destination: Destination, spec: ReportSpec, period: Period | None, *, last_try: bool
) -> Generator[None]:
    """What goes wrong in here is told to the readers, unless another try comes; then it is raised."""
    try:
        yield
    except ReporterError as error:
        if last_try or not isinstance(error, Unavailable):
            _tell(error, destination, spec, period)
        raise


def _tell(error: ReporterError, destination: Destination, spec: ReportSpec, period: Period | None) -> None:
    notice = Notice(
        report=spec.title,
        period=period,
        problem="Nothing could be measured, so no report was posted.",
        reasons=(str(error),),
        next_step=f"Run `reporter check`, then `reporter send {spec.name}`.",
        company=spec.company,
        locale=spec.locale,
    )
    try:
        destination.send(destination.draw_notice(notice))
    except ReporterError as second:
        error.add_note(f"The notice that says so could not be sent either: {second}")


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
