"""A report on request: ordered once, delivered while somebody waits, and by the queue where that takes long.

Whatever takes requests calls this: `place_order`, then `check_days` and `addressed`, then `deliver`; or
`order_status` with the ticket of an order. It knows no HTTP.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from hashlib import sha256
from threading import Event, Thread
from typing import TypeAlias, TypeVar
from uuid import uuid4

from reporter import telemetry
from reporter.publishing.outcomes import AlreadyHandled, KeptQuiet, PublishOutcome, Sent, Waits
from reporter.publishing.publish import Publishers
from reporter.publishing.queue import OnDemand, ledger_name
from reporter.reports.deliveries import Delivery, LedgerEntry, Notice, State
from reporter.reports.errors import (
    ConfigError,
    DaysRefused,
    DeliveryUncertain,
    ReporterError,
    SettingsProblem,
)
from reporter.reports.figures import Figures, Project, Question, SegmentAnswer, Segmentation, Source
from reporter.reports.periods import Cadence, Period
from reporter.reports.report import Report
from reporter.reports.subscriptions import Edition, Subscription

MOST_DAYS = 5 * 366  # the days before, which are compared with, must be dates that Mixpanel takes
QUIET = "Nothing is unusual, and the report comes only when something is."

LOG = logging.getLogger("reporter.publishing.on_demand")

Outcome: TypeAlias = PublishOutcome | ReporterError
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Ticket:
    """Names an order, so that what became of it can be looked up."""

    report: str
    period: Period
    id: str

    def __str__(self) -> str:
        return f"{self.report}.{self.period.start}.{self.period.last}.{self.id}"


def random_id() -> str:
    return uuid4().hex[:16]


def place_order(
    app: Publishers,
    *,
    report: str | None = None,
    cadence: Cadence | None = None,
    first: date | None = None,
    last: date | None = None,
    events: tuple[str, ...] = (),
    key: str | None = None,
    new_id: Callable[[], str] = random_id,
) -> OnDemand:
    """An order, to no destination yet. Raises Unavailable.

    A repeated key with the same parameters is the same order, at the moment of the first call.
    """
    report, cadence = _chosen(report, cadence, app.subscriptions)
    now = app.clock()
    order = OnDemand(new_id(), report, cadence, now, "", first, last, events)
    if key is None:
        return order
    order = replace(order, id=_digest(key, order))
    return replace(order, moment=app.ledger.first_seen(order.called, now))


def _chosen(
    report: str | None, cadence: Cadence | None, subscriptions: Mapping[str, Subscription]
) -> tuple[str, Cadence]:
    """The report that is named, else the first of the cadence, else the first one at that cadence."""
    if report is not None:
        return report, cadence or subscriptions[report].spec.cadence
    cadence = cadence or Cadence.DAILY
    fitting = (name for name, one in subscriptions.items() if one.spec.cadence is cadence)
    return next(fitting, next(iter(subscriptions))), cadence


def _digest(key: str, order: OnDemand) -> str:
    named = (key, order.report, order.cadence.value, order.first, order.last, order.events)
    return sha256(repr(tuple(map(str, named))).encode()).hexdigest()[:16]


def check_days(order: OnDemand, app: Publishers) -> Edition:
    """The edition that is ordered. Raises Unavailable, Refused or DaysRefused."""
    edition = app.edition(order.order(app.subscriptions))
    if edition.period.length > MOST_DAYS:
        raise DaysRefused(f"makes it {edition.period.length} days", f"Choose at most {MOST_DAYS}.")
    return edition


def addressed(order: OnDemand, app: Publishers, unready: Mapping[str, SettingsProblem]) -> Sequence[OnDemand]:
    """The order, to each destination of its report. Raises ConfigError where one cannot be sent to."""
    destinations = app.subscriptions[order.report].destinations
    missing = [name for name in destinations if name not in app.destinations]
    if missing:
        unknown = "is not set up", "Look at reports.toml and its settings."
        raise ConfigError(tuple(unready.get(name, SettingsProblem(name, *unknown)) for name in missing))
    return [replace(order, destination=name) for name in destinations]


class DeadlinePassed(Exception):
    """The work is not done yet."""


class Deadline:
    """So many seconds from now on, for all that is waited for together."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until = clock() + seconds

    def wait(self, work: Callable[[], Result]) -> Result:
        """What the work results in, begun in a thread. Raises what it raises, or DeadlinePassed."""
        future = _begin(work)
        wait((future,), max(0.0, self._until - self._clock()))
        if not future.done():
            raise DeadlinePassed
        return future.result()


def _begin(work: Callable[[], Result]) -> "Future[Result]":
    """Begin work in a thread that holds up nobody: not the caller, and not the end of the process."""
    future = Future[Result]()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # whoever waits must hear of it, whatever it is
            future.set_exception(error)

    Thread(target=telemetry.carried(run), name="report", daemon=True).start()
    return future


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """What is known of one delivery, for whoever asked for it."""

    destination: str
    state: str  # of the ledger, or "waiting": nothing is known yet
    at: datetime | None = None
    reason: str | None = None
    left_out: tuple[str, ...] = ()
    error: ReporterError | None = None

    @classmethod
    def of(cls, destination: str, outcome: Outcome | LedgerEntry | None, now: datetime) -> "DeliveryStatus":
        match outcome:
            case Sent(_, receipt, unrecorded):
                reason = f"It was posted, but not written down. {unrecorded}" if unrecorded else None
                return cls(destination, State.DELIVERED.value, now, reason, receipt.left_out)
            case KeptQuiet():
                return cls(destination, State.QUIET.value, now, QUIET)
            case AlreadyHandled(_, entry) | Waits(_, entry) | (LedgerEntry() as entry):
                left_out = entry.receipt.left_out if entry.receipt else ()
                return cls(destination, entry.state.value, entry.at, entry.reason, left_out)
            case None:
                return cls(destination, "waiting")
            case error:
                state = "uncertain" if isinstance(error, DeliveryUncertain) else "failed"
                return cls(destination, state, now, str(error), error=error)


def order_status(ticket: Ticket, app: Publishers) -> Sequence[DeliveryStatus]:
    """What the ledger knows of an order. Raises Unavailable."""
    name, now = ledger_name(ticket.report, ticket.id), app.clock()
    return [
        DeliveryStatus.of(one, app.ledger.entry(Delivery(name, ticket.period, one), now), now)
        for one in app.subscriptions[ticket.report].destinations
    ]


def deliver(
    orders: Sequence[OnDemand], app: Publishers, later: Callable[[str], None], deadline: Deadline
) -> tuple[Report | None, Sequence[DeliveryStatus]]:
    """Deliver, one order after the other; `later` gets the messages of those that the deadline cuts off.

    The report is None where the queue goes on, or where it cannot be made any more.
    """
    deliveries, report = _Deliveries(orders, app), None
    try:
        report = deadline.wait(deliveries.make)
    except DeadlinePassed:
        for order in deliveries.hand_over():
            later(order.message)
    known = deliveries.outcomes
    now = app.clock()
    return report, [DeliveryStatus.of(one.destination, known.get(one.destination), now) for one in orders]


@dataclass(slots=True)
class _Deliveries:
    """Deliveries of one order, one after the other. `outcomes` are there as soon as each is known."""

    orders: Sequence[OnDemand]
    app: Publishers
    outcomes: dict[str, Outcome] = field(default_factory=dict[str, Outcome])
    _handed_over: Event = field(default_factory=Event)

    def make(self) -> Report | None:
        """Deliver, and the report that was; None where it cannot be had any more."""
        for order in self.orders:
            if not self._handed_over.is_set():
                self.outcomes[order.destination] = self._deliver(order)
        return self._report()

    def hand_over(self) -> Sequence[OnDemand]:
        """Stop, and the deliveries that are not made. One that is being sent goes on: the ledger has it."""
        self._handed_over.set()
        return [order for order in self.orders if order.destination not in self.outcomes]

    def _deliver(self, order: OnDemand) -> Outcome:
        publisher = self.app.publisher(order.report, order.destination)
        source = _SourceInTime(publisher.source, self._handed_over)
        publisher = replace(publisher, source=source, alarm=_AnsweredCaller())
        try:
            outcome = publisher.publish(order.order(self.app.subscriptions))
        except ReporterError as error:
            return error
        if not isinstance(outcome, AlreadyHandled):
            self.app.ping_watcher()
        return outcome

    def _report(self) -> Report | None:
        """What was sent now, or before: then it is made once more, for a caller who lost the answer."""
        made = next((one.report for one in self.outcomes.values() if isinstance(one, Sent | KeptQuiet)), None)
        if made is not None or not any(map(_was_done, self.outcomes.values())):
            return made
        try:
            return self.app.preview(self.orders[0].order(self.app.subscriptions))
        except ReporterError:
            return None


def _was_done(outcome: Outcome) -> bool:
    return isinstance(outcome, AlreadyHandled) and outcome.entry.is_done


class _HandedOver(Exception):
    """The queue has the delivery now."""


@dataclass(frozen=True, slots=True)
class _SourceInTime:
    """A source that ends a delivery which the queue has, before it is claimed; nobody is notified of it."""

    source: Source
    handed_over: Event

    def project(self) -> Project:
        return self.source.project()

    def measure(self, question: Question) -> Figures:
        try:
            return self.source.measure(question)
        finally:
            self._end_what_was_handed_over()

    def segments(self, segmentation: Segmentation) -> SegmentAnswer:
        try:
            return self.source.segments(segmentation)
        finally:
            self._end_what_was_handed_over()

    def _end_what_was_handed_over(self) -> None:
        if self.handed_over.is_set():
            raise _HandedOver


class _AnsweredCaller:
    """An alarm that needs nobody else: who called hears of the failure in the answer."""

    def tell(self, notice: Notice, destination: str) -> bool:
        LOG.warning("%s: %s %s: told to the caller", notice.code, destination, notice.problem)
        return True
