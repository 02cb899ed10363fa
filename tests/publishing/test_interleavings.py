"""Any history of sends, repetitions, notices, pauses and deaths of two processes, in any interleaving.

Each process runs the real publisher in a thread of its own, which stops before each step that others can see:
a read or a write of the ledger, the answer to a message, a look-up, a notice. A step that is never taken is a
death; time that passes before it is taken is a pause. Hypothesis chooses who takes the next step, and what
befalls it.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Semaphore, Thread
from types import SimpleNamespace
from typing import Any, cast

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from reporter.health import due_of
from reporter.ledger.sqlite import SQLiteLedger
from reporter.publishing.claims import pending, send_pending
from reporter.publishing.notices import Ledger
from reporter.publishing.outcomes import AlreadyHandled, KeptQuiet, Sent
from reporter.publishing.publish import Publisher
from reporter.reports.deliveries import (
    ONCE,
    Attempt,
    Delivery,
    DeliveryRecord,
    LedgerEntry,
    Notice,
    Payload,
    Receipt,
    State,
    always,
)
from reporter.reports.errors import DeliveryUncertain, Refused, ReporterError, Unavailable
from reporter.reports.figures import Failed
from reporter.reports.report import Report
from reporter.reports.schedules import Schedule
from reporter.reports.subscriptions import Insights, MetricSpec, Order, Subscription
from tests.azurite import Azurite
from tests.ledgers import MemoryLedger
from tests.world import MONDAY, SIGN_UPS, UTC_ZONE, WEEK, Clock, FakeSource, spec

DELIVERY = Delivery("weekly", WEEK, "slack")
SPEC = spec(metrics=(MetricSpec("New Signups", SIGN_UPS),), insights=Insights.OFF, top_events=0)
WEEKLY = Subscription(SPEC, Schedule("0 9 * * 1", UTC_ZONE), ("slack",))
ATTEMPTS = (ONCE, Attempt(1, 9), Attempt(2, 9, 10), Attempt(9, 9))
STEP_TAKES = 60.0  # seconds, at the very most


class Fate(Enum):
    """What befalls a message."""

    POSTED = auto()
    POSTED_AND_ANSWER_LOST = auto()
    DROPPED_WITHOUT_ANSWER = auto()
    REFUSED = auto()
    NOT_REACHED = auto()


class LedgerFault(Enum):
    NONE = auto()
    UNREACHED = auto()  # the next write does not happen
    ANSWER_LOST = auto()  # it happens, and nobody hears of it


class Stop(Enum):
    """Where a process is left standing."""

    BEFORE_A_WRITE = auto()
    AFTER_A_WRITE = auto()
    BEFORE_THE_ANSWER = auto()  # to a message
    BEFORE_A_LOOK_UP = auto()
    BEFORE_A_NOTICE = auto()
    AFTER_A_NOTICE = auto()
    NOWHERE = auto()


class Dead(BaseException):
    """The process was killed here."""


class Process:
    """One run of the program, step by step."""

    def __init__(self) -> None:
        self._go, self._stopped = Semaphore(0), Semaphore(0)
        self._is_killed = self._is_over = False
        self.places: tuple[Stop, ...] = ()
        self._left: tuple[Stop, ...] = ()
        self._thread: Thread | None = None
        self.is_repetition = self.is_the_only_try = False
        self.posted: str | None = None
        self.outcome: Sent | KeptQuiet | AlreadyHandled | ReporterError | None = None

    @property
    def is_running(self) -> bool:
        return self._thread is not None

    def start(self, work: Callable[[], Any], *, is_repetition: bool = False) -> None:
        self.outcome, self._is_killed, self.is_repetition = None, False, is_repetition
        self.posted = None
        self._thread = Thread(target=self._run, args=(work,), daemon=True)
        self._thread.start()
        assert self._stopped.acquire(timeout=STEP_TAKES)

    def wait(self, *places: Stop) -> None:
        """Stop here until the machine says to go on."""
        self.places = (*places, *self._left)
        self._left = ()
        self._stopped.release()
        self._go.acquire()
        if self._is_killed:
            raise Dead

    def leave(self, place: Stop) -> None:
        """Something is done; what comes next is a place to stop."""
        self._left = (place,)

    def go_on(self, stop: Stop) -> None:
        """To the next such place, or to the end."""
        self.step()
        while self.is_running and stop not in self.places:
            self.step()

    def step(self) -> None:
        self._go.release()
        assert self._stopped.acquire(timeout=STEP_TAKES)
        if self._is_over:
            self._thread = None

    def kill(self) -> None:
        self._is_killed = True
        self.step()

    def _run(self, work: Callable[[], Any]) -> None:
        self._is_over = False
        try:
            self.wait()
            self.outcome = work()
        except ReporterError as error:
            self.outcome = error
        except Dead:
            pass
        finally:
            self._is_over = True
            self._stopped.release()


@dataclass
class World:
    """What both processes share: time, the ledger, the channel, the people."""

    ledger: Ledger
    clock: Clock
    by_bot: bool
    posted: dict[str, bool] = field(
        default_factory=dict[str, bool]
    )  # tries in the channel; who was a repetition
    notices: list[str] = field(default_factory=list[str])
    fate: Fate = Fate.POSTED
    fault: LedgerFault = LedgerFault.NONE
    mixpanel: ReporterError | None = None
    reaches_people: bool = True
    answers_look_ups: bool = True

    def app(self, process: Process | None) -> Any:
        """As much of the program as is needed, run by this process; by none at once."""
        ledger = SteppedLedger(self, process) if process else self.ledger
        channel, alarm = Channel(self, process), People(self, process)

        def publisher(report: str, destination: str) -> Publisher:
            return Publisher(Source(self), channel, cast("Ledger", ledger), alarm, self.clock)

        return SimpleNamespace(
            ledger=ledger,
            alarm=alarm,
            clock=self.clock,
            destinations={"slack": channel},
            publisher=publisher,
            subscriptions={"weekly": WEEKLY},
            due_of=lambda one, zone: due_of(one, {"weekly": WEEKLY}, zone, self.clock()),  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
        )


@dataclass
class SteppedLedger:
    world: World
    process: Process

    def entry(self, delivery: Delivery, now: datetime) -> LedgerEntry | None:
        self.process.wait()
        return self.world.ledger.entry(delivery, now)

    def record(
        self,
        delivery: Delivery,
        entry: LedgerEntry,
        over: LedgerEntry | None = None,
        tried: LedgerEntry | None = None,
    ) -> LedgerEntry | None:
        self.process.wait(Stop.BEFORE_A_WRITE)
        fault, self.world.fault = self.world.fault, LedgerFault.NONE
        if fault is LedgerFault.UNREACHED:
            raise Unavailable("The ledger could not be reached.")
        written = self.world.ledger.record(delivery, entry, over, tried)
        self.process.leave(Stop.AFTER_A_WRITE)
        if fault is LedgerFault.ANSWER_LOST:
            raise Unavailable("The ledger did not answer.")
        return written

    def unsettled(self) -> Sequence[DeliveryRecord]:
        self.process.wait()
        return self.world.ledger.unsettled()


@dataclass
class Channel:
    """A channel that a bot may look into, and a webhook may not."""

    world: World
    process: Process | None
    name: str = "slack"

    def draw(self, report: Report) -> Sequence[Payload]:
        return (Payload(report.title.encode()),)

    def draw_notice(self, notice: Notice) -> Sequence[Payload]:
        raise NotImplementedError

    def send(
        self,
        payloads: Sequence[Payload],
        delivery: Delivery | None = None,
        id: str = "",
        ready: Callable[[], None] = always,
    ) -> Receipt:
        """Posted at once, as nothing can be looked at in between; the answer takes a step."""
        assert self.process
        ready()
        fate, self.world.fate = self.world.fate, Fate.POSTED
        if fate in (Fate.POSTED, Fate.POSTED_AND_ANSWER_LOST):
            if not self.process.is_repetition:
                assert not self.world.posted, "a message that is there was doubled"
            assert id not in self.world.posted
            self.world.posted[id] = self.process.is_repetition
            self.process.posted = id
        self.process.wait(Stop.BEFORE_THE_ANSWER)
        match fate:
            case Fate.POSTED:
                return Receipt("C1", id)
            case Fate.REFUSED:
                raise Refused("no_service")
            case Fate.NOT_REACHED:
                raise Unavailable("Slack could not be reached.")
            case _:
                raise DeliveryUncertain("Slack never answered.")

    def find(self, delivery: Delivery, id: str, since: datetime, now: datetime) -> Receipt | None:
        if self.process:
            self.process.wait(Stop.BEFORE_A_LOOK_UP)
        if not self.world.by_bot:
            raise Refused("A webhook can only post.")
        if not self.world.answers_look_ups:
            raise Unavailable("Slack could not be reached.")
        return Receipt("C1", id) if id in self.world.posted else None


@dataclass
class People:
    world: World
    process: Process | None

    def tell(self, notice: Notice, destination: str) -> bool:
        if self.process:
            self.process.wait(Stop.BEFORE_A_NOTICE)
        if self.world.reaches_people:
            self.world.notices.append(notice.code)
        if self.process:
            self.process.leave(Stop.AFTER_A_NOTICE)
        return self.world.reaches_people


class Source(FakeSource):
    def __init__(self, world: World) -> None:
        super().__init__(values={SIGN_UPS: 89}, before={SIGN_UPS: 79}, ranking=None)
        match world.mixpanel:
            case None:
                pass
            case error:
                failed = Failed(str(error), is_temporary=isinstance(error, Unavailable))
                self.values = self.before = {SIGN_UPS: failed}


@contextmanager
def in_memory() -> Generator[Ledger]:
    yield MemoryLedger()


@contextmanager
def in_a_file() -> Generator[Ledger]:
    with TemporaryDirectory() as folder:
        yield SQLiteLedger(Path(folder) / "ledger.sqlite")


class Interleavings(RuleBasedStateMachine):
    """Two processes at one delivery."""

    def open_ledger(self) -> AbstractContextManager[Ledger]:
        return in_memory()

    @initialize(by_bot=st.booleans())
    def begin(self, by_bot: bool) -> None:
        self.held = ExitStack()
        self.world = World(self.held.enter_context(self.open_ledger()), Clock(), by_bot)
        self.processes = (Process(), Process())
        self.was_delivered = False

    def _idle(self) -> bool:
        return not all(process.is_running for process in self.processes)

    def _busy(self) -> bool:
        return any(process.is_running for process in self.processes)

    def _one(self, which: int, *, is_running: bool) -> Process:
        """The one that is meant, if it is so; else the other."""
        process = self.processes[which]
        return process if process.is_running is is_running else self.processes[1 - which]

    @precondition(_idle)
    @rule(
        which=st.integers(0, 1),
        again=st.sampled_from([False, False, True]),
        attempt=st.sampled_from(ATTEMPTS),
        fate=st.sampled_from([Fate.POSTED, *Fate]),
        mixpanel=st.sampled_from([None] * 8 + [Unavailable("The quota is spent."), Refused("No plan.")]),
        stop=st.sampled_from(Stop),
    )
    def publish(
        self,
        which: int,
        again: bool,
        attempt: Attempt,
        fate: Fate,
        mixpanel: ReporterError | None,
        stop: Stop,
    ) -> None:
        process, self.world.fate, self.world.mixpanel = self._one(which, is_running=False), fate, mixpanel
        publisher = self.world.app(process).publisher("weekly", "slack")
        attempt = ONCE if again else attempt
        process.is_the_only_try = attempt is ONCE
        process.start(
            lambda: publisher.publish(Order(SPEC, MONDAY), attempt, again=again), is_repetition=again
        )
        self._go_on(process, stop)

    @precondition(lambda self: self._idle() and self._busy())
    @rule(
        minutes=st.sampled_from([0, 1, 16, 40]),
        again=st.booleans(),
        fate=st.sampled_from([Fate.POSTED, *Fate]),
        stop=st.sampled_from([Stop.BEFORE_A_WRITE, Stop.NOWHERE]),
    )
    def overtake(self, minutes: int, again: bool, fate: Fate, stop: Stop) -> None:
        """While one process stands still, the other runs to the end; then the first goes on."""
        slower, faster = self._one(0, is_running=True), self._one(0, is_running=False)
        self.world.clock.pass_by(timedelta(minutes=minutes))
        self.publish(self.processes.index(faster), again, ONCE, fate, None, Stop.NOWHERE)
        self.world.fate = Fate.POSTED
        self._go_on(slower, stop)

    @precondition(_idle)
    @rule(which=st.integers(0, 1), stop=st.sampled_from(Stop))
    def tell(self, which: int, stop: Stop) -> None:
        """The next command, whatever it is for."""
        process = self._one(which, is_running=False)
        app = self.world.app(process)
        process.start(lambda: send_pending(app))
        self._go_on(process, stop)

    @precondition(_busy)
    @rule(
        which=st.integers(0, 1),
        pause=st.sampled_from([0, 4, 6, 16, 40]),
        fault=st.sampled_from([LedgerFault.NONE, LedgerFault.NONE, *LedgerFault]),
        stop=st.sampled_from(Stop),
    )
    def go_on(self, which: int, pause: int, fault: LedgerFault, stop: Stop) -> None:
        self.world.clock.pass_by(timedelta(minutes=pause))
        self.world.fault = fault
        self._go_on(self._one(which, is_running=True), stop)

    @precondition(_busy)
    @rule(which=st.integers(0, 1))
    def kill(self, which: int) -> None:
        self._one(which, is_running=True).kill()

    @rule(
        minutes=st.sampled_from([1, 10, 16, 100]),
        reaches_people=st.sampled_from([True, True, False]),
        answers_look_ups=st.sampled_from([True, True, False]),
    )
    def time_passes(self, minutes: int, reaches_people: bool, answers_look_ups: bool) -> None:
        self.world.clock.pass_by(timedelta(minutes=minutes))
        self.world.reaches_people, self.world.answers_look_ups = reaches_people, answers_look_ups

    def _go_on(self, process: Process, stop: Stop) -> None:
        process.go_on(stop)
        if process.is_the_only_try and isinstance(process.outcome, Unavailable | Refused):
            assert process.posted is None, "said to be not sent, and there"

    @invariant()
    def what_was_delivered_stays_delivered(self) -> None:
        entry = self.world.ledger.entry(DELIVERY, self.world.clock())
        is_delivered = entry is not None and entry.is_delivered
        assert is_delivered or not self.was_delivered
        self.was_delivered = is_delivered
        assert not is_delivered or self.world.posted, "delivered, and not there"

    def teardown(self) -> None:
        """Both die, all is well again, hours pass, and somebody runs a command: then all is told."""
        if not hasattr(self, "world"):
            return
        try:
            for process in self.processes:
                if process.is_running:
                    process.kill()
            self._settle()
        finally:
            self.held.close()

    def _settle(self) -> None:
        world = self.world
        world.reaches_people = world.answers_look_ups = True
        app = world.app(None)
        for _ in range(3):
            world.clock.pass_by(timedelta(hours=2))
            send_pending(app)
        assert pending(app) == []
        entry = world.ledger.entry(DELIVERY, world.clock())
        assert entry is None or entry.is_delivered or entry.is_told, entry
        assert not world.posted or (entry is not None and entry.state is not State.FAILED), (
            "said to have failed"
        )
        tries = {record.entry.id: record.entry.state for record in world.ledger.history(100)}
        for id in world.posted:
            assert tries[id] in (State.DELIVERED, State.UNCERTAIN), (
                "a message that is there, and not in the history"
            )


class InAFile(Interleavings):
    def open_ledger(self) -> AbstractContextManager[Ledger]:
        return in_a_file()


def of(examples: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )


def test_with_a_ledger_in_memory():
    run_state_machine_as_test(Interleavings, settings=of(300))


def test_with_a_ledger_in_a_file():
    run_state_machine_as_test(InAFile, settings=of(60))


def test_with_a_ledger_in_azure(azurite: Azurite):
    class InAzure(Interleavings):
        def open_ledger(self) -> AbstractContextManager[Ledger]:
            return closing(azurite.ledger())

    run_state_machine_as_test(InAzure, settings=of(15))
