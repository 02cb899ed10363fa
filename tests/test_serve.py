"""The schedules on any machine: the same deliveries as on Azure, retries included, in one process."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from reporter.model.attempt import Attempt
from reporter.model.errors import Unavailable
from reporter.model.schedule import Schedule
from reporter.model.subscription import Subscription
from reporter.serve import PAUSE, TRIES, Server
from tests.world import MONDAY, UTC_ZONE, Clock, spec

NINE = Subscription(spec(), Schedule("0 9 * * *", UTC_ZONE), ("slack",))


@dataclass
class FakeSettings:
    subscriptions: dict[str, Subscription] = field(default_factory=lambda: {"weekly": NINE})


@dataclass
class FakeApp:
    clock: Clock
    settings: FakeSettings = field(default_factory=FakeSettings)


@dataclass
class FakeWorker:
    """Dispatches one message a due moment; deliveries fail as often as `failures` says."""

    app: FakeApp
    failures: int = 0
    after: float | None = None
    error: Exception | None = None
    tried: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    given_up: list[str] = field(default_factory=list[str])

    def due(self, report: str, moment: datetime) -> tuple[str, ...]:
        return (f"{report} {moment:%d %H:%M}",)

    def deliver(self, message: str, attempt: Attempt) -> None:
        self.tried.append((message, attempt.number))
        if self.failures:
            self.failures -= 1
            raise self.error or Unavailable("Mixpanel could not be reached", self.after)

    def give_up(self, message: str) -> None:
        self.given_up.append(message)


@pytest.fixture
def clock() -> Clock:
    return Clock(MONDAY - timedelta(minutes=1))


@pytest.fixture
def worker(clock: Clock) -> FakeWorker:
    return FakeWorker(FakeApp(clock))


@pytest.fixture
def server(worker: FakeWorker) -> Server:
    served = Server(worker)  # pyright: ignore[reportArgumentType]
    served.checked["weekly"] = MONDAY - timedelta(hours=1)
    return served


def test_nothing_happens_before_the_due_moment(server: Server, worker: FakeWorker):
    server.step()

    assert worker.tried == []


def test_a_report_is_tried_once_at_its_due_moment(server: Server, worker: FakeWorker, clock: Clock):
    clock.pass_by(timedelta(minutes=1))
    server.step()
    clock.pass_by(timedelta(seconds=30))
    server.step()

    assert worker.tried == [("weekly 23 09:00", 1)]


def test_what_failed_is_tried_again_after_the_pause(server: Server, worker: FakeWorker, clock: Clock):
    worker.failures = 1
    clock.pass_by(timedelta(minutes=1))
    server.step()
    clock.pass_by(PAUSE - timedelta(seconds=1))
    server.step()
    assert len(worker.tried) == 1

    clock.pass_by(timedelta(seconds=1))
    server.step()

    assert worker.tried == [("weekly 23 09:00", 1), ("weekly 23 09:00", 2)]


def test_the_pause_is_as_long_as_mixpanel_says(server: Server, worker: FakeWorker, clock: Clock):
    worker.failures, worker.after = 1, 3600
    clock.pass_by(timedelta(minutes=1))
    server.step()
    clock.pass_by(timedelta(minutes=59))
    server.step()
    assert len(worker.tried) == 1

    clock.pass_by(timedelta(minutes=1))
    server.step()
    assert len(worker.tried) == 2


def test_after_the_last_try_there_is_no_other(server: Server, worker: FakeWorker, clock: Clock):
    worker.failures = 100
    clock.pass_by(timedelta(minutes=1))
    for _ in range(TRIES + 5):
        server.step()
        clock.pass_by(PAUSE)

    assert [number for _, number in worker.tried] == list(range(1, TRIES + 1))


def test_what_every_try_failed_is_given_up(server: Server, worker: FakeWorker, clock: Clock):
    worker.failures = TRIES
    clock.pass_by(timedelta(minutes=1))
    for _ in range(TRIES):
        assert worker.given_up == []
        server.step()
        clock.pass_by(PAUSE)

    assert worker.given_up == ["weekly 23 09:00"]


def test_a_delivery_that_breaks_the_program_is_tried_again_and_its_words_stay_out_of_the_log(
    server: Server, worker: FakeWorker, clock: Clock, caplog: pytest.LogCaptureFixture
):
    worker.failures, worker.error = 1, KeyError("https://hooks.slack.com/services/secret")
    clock.pass_by(timedelta(minutes=1))
    server.step()
    clock.pass_by(PAUSE)
    server.step()

    assert [number for _, number in worker.tried] == [1, 2]
    assert "KeyError" in caplog.text
    assert "services/secret" not in caplog.text


def test_what_was_missed_while_the_machine_was_off_is_made_up_for(worker: FakeWorker, clock: Clock):
    clock.now = MONDAY + timedelta(hours=3)

    Server(worker).step()  # pyright: ignore[reportArgumentType]

    assert worker.tried == [("weekly 23 09:00", 1)]


def test_what_was_missed_longer_ago_is_not(worker: FakeWorker, clock: Clock):
    monthly = Subscription(spec(), Schedule("0 9 1 * *", UTC_ZONE), ("slack",))
    worker.app.settings.subscriptions = {"weekly": monthly}

    Server(worker).step()  # pyright: ignore[reportArgumentType]

    assert worker.tried == []


def test_a_stopped_server_begins_nothing_new(server: Server, worker: FakeWorker, clock: Clock):
    clock.pass_by(timedelta(minutes=1))
    server.stopped.set()
    server.step()

    assert worker.tried == []


def test_it_runs_until_it_is_stopped(server: Server, worker: FakeWorker, clock: Clock):
    clock.now = datetime.now(UTC)

    def stop_after(message: str, attempt: Attempt) -> None:
        worker.tried.append((message, attempt.number))
        server.stopped.set()

    worker.deliver = stop_after
    server.checked["weekly"] = clock.now - timedelta(days=2)

    server.run()

    assert len(worker.tried) == 1
