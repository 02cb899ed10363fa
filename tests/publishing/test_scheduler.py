"""The schedules on any machine: the same deliveries as on Azure, retries included, in one process."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from queue import SimpleQueue
from threading import Event
from typing import ClassVar
from zoneinfo import ZoneInfo

import pytest

from reporter.publishing.queue import Due
from reporter.publishing.scheduler import (
    AT_ONCE,
    LONGEST_TRY,
    PAUSE,
    TRIES,
    Ended,
    Server,
    Try,
    at_once,
    in_a_thread,
)
from reporter.reports.deliveries import Attempt
from reporter.reports.errors import Unavailable
from reporter.reports.schedules import Schedule
from reporter.reports.subscriptions import Subscription
from tests.world import MONDAY, UTC_ZONE, Clock, spec

NINE = Subscription(spec(), Schedule("0 9 * * *", UTC_ZONE), ("slack",))


@dataclass
class FakeApp:
    clock: Clock
    subscriptions: dict[str, Subscription] = field(default_factory=lambda: {"weekly": NINE})


@dataclass
class FakeWorker:
    """Dispatches one message a due moment; deliveries fail as often as `failures` says."""

    app: FakeApp
    failures: int = 0
    after: float | None = None
    error: Exception | None = None
    tried: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    given_up: list[str] = field(default_factory=list[str])
    settled: dict[str, datetime] = field(default_factory=lambda: {"weekly": MONDAY - timedelta(hours=1)})
    knows: bool = True
    told: list[datetime] = field(default_factory=list[datetime])
    told_blind: int = 0

    def tell(self) -> None:
        self.told.append(self.app.clock())

    def tell_unusable(self) -> None:
        self.told_blind += 1

    def due(self, report: str, moment: datetime, since: datetime) -> tuple[str, ...]:
        return (f"{report} {moment:%d %H:%M}",)

    def settled_until(self, report: str) -> datetime | None:
        return self.settled[report] if self.knows else None

    def settle(self, report: str, until: datetime) -> None:
        self.settled[report] = until

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


def serving(worker: FakeWorker, begin: Callable[[Callable[[], None]], None] = at_once) -> Server:
    """A server on whose machine time passes as the clock says, unless that is set."""
    clock = worker.app.clock
    return Server(worker, begin, lambda: clock().timestamp())  # pyright: ignore[reportArgumentType]


@pytest.fixture
def server(worker: FakeWorker) -> Server:
    return serving(worker)


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
    server.step()

    assert worker.given_up == ["weekly 23 09:00"]


def test_giving_up_is_tried_again_where_people_could_not_be_told(
    server: Server, worker: FakeWorker, clock: Clock
):
    def fail(message: str) -> None:
        worker.given_up.append(message)
        raise Unavailable("The ledger cannot be used")

    worker.failures, worker.give_up = TRIES, fail
    clock.pass_by(timedelta(minutes=1))
    for _ in range(TRIES + 3):
        server.step()
        clock.pass_by(PAUSE)

    assert len(worker.given_up) == 3


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


@pytest.mark.parametrize("off", [timedelta(hours=3), timedelta(hours=25), timedelta(days=6)])
def test_the_last_moment_that_was_missed_while_the_machine_was_off_is_made_up_for(
    server: Server, worker: FakeWorker, clock: Clock, off: timedelta
):
    worker.app.subscriptions = {"weekly": replace(NINE, schedule=Schedule("0 9 * * 1", UTC_ZONE))}
    clock.now = MONDAY + off

    server.step()
    server.step()

    assert worker.tried == [("weekly 23 09:00", 1)]


def test_what_was_done_with_before_a_restart_is_not_done_again(
    server: Server, worker: FakeWorker, clock: Clock
):
    clock.pass_by(timedelta(minutes=1))
    server.step()
    clock.pass_by(timedelta(hours=3))

    serving(worker).step()

    assert len(worker.tried) == 1


def test_what_waits_for_another_try_gets_it_after_a_restart(server: Server, worker: FakeWorker, clock: Clock):
    worker.failures = 1
    clock.pass_by(timedelta(minutes=1))
    server.step()

    serving(worker).step()

    assert worker.tried == [("weekly 23 09:00", 1), ("weekly 23 09:00", 1)]
    assert worker.settled == {"weekly": MONDAY}


def test_while_nobody_knows_what_was_done_before_nothing_is_forgotten(
    server: Server, worker: FakeWorker, clock: Clock
):
    worker.knows = False
    clock.now = MONDAY + timedelta(minutes=1)
    server.step()
    assert worker.tried == []

    worker.knows = True
    server.step()

    assert worker.tried == [("weekly 23 09:00", 1)]


def test_people_are_told_once_of_a_ledger_that_cannot_be_used_for_a_while(
    server: Server, worker: FakeWorker, clock: Clock
):
    worker.knows = False
    for _ in range(9):
        server.step()
        assert worker.told_blind == 0
        clock.pass_by(timedelta(minutes=1))
    for _ in range(60):
        clock.pass_by(timedelta(minutes=1))
        server.step()

    assert worker.told_blind == 1


def test_a_clock_that_was_ahead_and_is_set_back_costs_no_report(
    server: Server, worker: FakeWorker, clock: Clock
):
    clock.now = MONDAY + timedelta(days=365)
    server.step()
    clock.now = MONDAY - timedelta(minutes=1)
    server.step()
    clock.pass_by(timedelta(minutes=1))
    server.step()

    assert worker.tried[1:] == [("weekly 23 09:00", 1)]


def test_a_clock_that_is_set_back_delays_no_retry(worker: FakeWorker, clock: Clock):
    elapsed = [0.0]
    server = Server(worker, elapsed=lambda: elapsed[0])  # pyright: ignore[reportArgumentType]
    worker.failures = 1
    clock.pass_by(timedelta(minutes=1))
    server.step()
    clock.pass_by(-timedelta(days=2))
    elapsed[0] = PAUSE.total_seconds()
    server.step()

    assert worker.tried == [("weekly 23 09:00", 1), ("weekly 23 09:00", 2)]


@pytest.mark.parametrize(
    ("zone", "cron", "busy_until"),
    [
        ("Africa/Cairo", "59 23 * * *", datetime(2026, 10, 29, 21, 15, tzinfo=UTC)),
        ("Europe/Berlin", "59 2 * * *", datetime(2026, 10, 25, 1, 20, tzinfo=UTC)),
        ("Australia/Lord_Howe", "55 1 * * *", datetime(2026, 4, 4, 15, 10, tzinfo=UTC)),
    ],
)
def test_a_moment_in_the_hour_that_comes_twice_is_met_late(
    worker: FakeWorker, clock: Clock, zone: str, cron: str, busy_until: datetime
):
    one = replace(NINE, schedule=Schedule(cron, ZoneInfo(zone)))
    worker.app.subscriptions = {"weekly": one}
    due = one.schedule.latest_due(busy_until)
    assert due
    worker.settled = {"weekly": due - timedelta(hours=1)}
    server = serving(worker)
    clock.now = due.astimezone(UTC) - timedelta(minutes=30)
    server.step()
    clock.now = busy_until
    server.step()

    assert [message for message, _ in worker.tried] == [f"weekly {due:%d %H:%M}"]


@dataclass
class Shelf:
    """Keeps the tries that begin, for the test to let them go on."""

    kept: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])

    def begin(self, work: Callable[[], None]) -> None:
        self.kept.append(work)


def many(worker: FakeWorker, count: int) -> None:
    names = [f"report{number}" for number in range(count)]
    worker.app.subscriptions = dict.fromkeys(names, NINE)
    worker.settled = dict.fromkeys(names, MONDAY - timedelta(hours=1))


def test_a_delivery_that_hangs_holds_up_no_other(worker: FakeWorker, clock: Clock):
    many(worker, AT_ONCE + 2)
    shelf = Shelf()
    server = serving(worker, shelf.begin)
    clock.now = MONDAY
    server.step()
    assert len(shelf.kept) == AT_ONCE

    for work in shelf.kept[1:]:
        work()
    server.step()
    for work in shelf.kept[AT_ONCE:]:
        work()

    assert [message for message, _ in worker.tried] == [
        f"report{number} 23 09:00" for number in range(1, AT_ONCE + 2)
    ]


def test_a_delivery_that_hangs_is_tried_again_beside_it_and_may_end_when_it_likes(
    worker: FakeWorker, clock: Clock, caplog: pytest.LogCaptureFixture
):
    shelf = Shelf()
    server = serving(worker, shelf.begin)
    clock.now = MONDAY
    server.step()
    clock.pass_by(LONGEST_TRY + timedelta(seconds=1))
    server.step()
    clock.pass_by(PAUSE)
    server.step()
    hanging, second = shelf.kept
    second()
    worker.failures = 1
    hanging()
    server.step()

    assert [number for _, number in worker.tried] == [2, 1]
    assert server.waiting == []
    assert "has not ended after 0:30:00" in caplog.text


def test_where_all_hang_others_begin_once_they_are_left_behind(worker: FakeWorker, clock: Clock):
    many(worker, 2 * AT_ONCE)
    shelf = Shelf()
    server = serving(worker, shelf.begin)
    clock.now = MONDAY
    server.step()
    clock.pass_by(LONGEST_TRY + timedelta(seconds=1))
    server.step()

    assert len(shelf.kept) == 2 * AT_ONCE


def test_a_stopped_server_begins_nothing_new(server: Server, worker: FakeWorker, clock: Clock):
    clock.pass_by(timedelta(minutes=1))
    server.stop()
    server.step()

    assert worker.tried == []


def test_it_runs_until_it_is_stopped_and_finishes_what_is_under_way(worker: FakeWorker, clock: Clock):
    clock.now = datetime.now(UTC)
    worker.settled["weekly"] = clock.now - timedelta(days=2)
    server = Server(worker, in_a_thread)  # pyright: ignore[reportArgumentType]
    has_begun = Event()

    def slow(message: str, attempt: Attempt) -> None:
        has_begun.set()
        server.stop()
        server.stop()
        worker.tried.append((message, attempt.number))

    worker.deliver = slow

    assert server.run()
    assert has_begun.is_set()
    assert len(worker.tried) == 1


class Mailbox(SimpleQueue[Ended | Try | None]):
    """Notes how long was waited for mail."""

    waits: ClassVar[list[float | None]] = []

    def get(self, block: bool = True, timeout: float | None = None) -> Ended | Try | None:
        self.waits.append(timeout)
        return super().get(block, timeout)


def test_a_signal_in_the_middle_of_a_step_ends_it_at_once(worker: FakeWorker, clock: Clock):
    mailbox = Mailbox()
    server = serving(worker)
    server.mailbox = mailbox
    worker.deliver = lambda message, attempt: server.stop()
    clock.now = MONDAY

    assert server.run()
    assert set(mailbox.waits) == {0.0}


def test_a_stop_does_not_wait_for_ever(worker: FakeWorker, clock: Clock):
    shelf = Shelf()
    elapsed = iter(range(0, 1_000_000, 61))
    server = Server(worker, shelf.begin, lambda: float(next(elapsed)))  # pyright: ignore[reportArgumentType]
    clock.now = MONDAY
    server.step()
    server.stop()

    assert not server.run()


MESSAGE = Due("weekly", MONDAY, "slack").message


def test_a_message_from_outside_is_tried_as_if_it_had_been_due_and_again_if_it_fails(
    server: Server, worker: FakeWorker, clock: Clock
):
    worker.failures = 1
    server.accept(MESSAGE)
    server.step()
    clock.pass_by(PAUSE)
    server.step()

    assert [one for one in worker.tried if one[0] == MESSAGE] == [(MESSAGE, 1), (MESSAGE, 2)]


def test_a_message_from_outside_comes_before_anybody_knows_what_was_handled(
    server: Server, worker: FakeWorker
):
    worker.knows = False
    server.accept(MESSAGE)
    server.step()

    assert worker.tried == [(MESSAGE, 1)]


def test_what_does_not_begin_before_a_stop_is_named_in_the_log(
    server: Server, caplog: pytest.LogCaptureFixture
):
    server.stop()
    server.accept(MESSAGE)

    assert server.run()
    assert f"not-begun message={MESSAGE}" in caplog.text


def test_the_log_says_what_comes_next_once_and_in_the_zone_of_the_report(
    worker: FakeWorker, clock: Clock, caplog: pytest.LogCaptureFixture
):
    berlin = Schedule("0 9 * * 1", ZoneInfo("Europe/Berlin"))
    worker.app.subscriptions = {"weekly": replace(NINE, schedule=berlin)}
    server = serving(worker)
    clock.now = MONDAY + timedelta(days=1)

    with caplog.at_level("INFO"):
        for _ in range(3):
            server._say_what_comes_next()
            clock.pass_by(timedelta(hours=1))
        worker.app.subscriptions = {"weekly": replace(NINE, is_paused=True)}
        server._say_what_comes_next()

    assert [record.getMessage() for record in caplog.records] == [
        "next: Weekly Report Mon 30 Nov 2026, 09:00 CET",
        "next: nothing: no report is due",
    ]


def test_what_people_were_not_told_is_tried_at_the_start_and_every_ten_minutes_while_no_try_waits(
    server: Server, worker: FakeWorker, clock: Clock
):
    for _ in range(21):
        server.step()
        clock.pass_by(timedelta(minutes=1))

    assert [(moment - worker.told[0]) // timedelta(minutes=1) for moment in worker.told] == [0, 10, 20]


def test_what_a_waiting_try_will_tell_is_left_to_it(server: Server, worker: FakeWorker, clock: Clock):
    clock.pass_by(timedelta(minutes=1))
    worker.failures = 1
    server.step()
    assert (len(server.waiting), worker.told) == (1, [])

    clock.pass_by(PAUSE)
    server.step()

    assert (len(server.waiting), len(worker.told)) == (0, 1)
