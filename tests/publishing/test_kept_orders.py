"""What somebody was told is accepted is not lost: by no stop, no crash, and no full disk."""

import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reporter.publishing.kept_orders import KeptOrders
from reporter.publishing.queue import Due, OnDemand
from reporter.publishing.scheduler import PAUSE, TRIES, Server
from reporter.reports.errors import Refused, Unavailable
from reporter.reports.periods import Cadence
from tests.desk import Desk
from tests.desk import desk as desk  # a fixture
from tests.desk import product as product  # a fixture
from tests.faults.test_serve import served
from tests.publishing.test_scheduler import FakeWorker
from tests.publishing.test_scheduler import clock as clock  # a fixture
from tests.publishing.test_scheduler import worker as worker  # a fixture
from tests.world import MONDAY, Clock


def ordered(id: str = "1") -> str:
    return OnDemand(id, "weekly", Cadence.WEEKLY, MONDAY, "slack", None, None, ()).message


@pytest.fixture
def orders(tmp_path: Path) -> KeptOrders:
    return KeptOrders(tmp_path / ".reporter" / "orders")


def started(worker: FakeWorker, orders: KeptOrders) -> Server:
    """`serve`, as it begins and is told to stop before its first step."""
    server = Server(worker, elapsed=lambda: worker.app.clock().timestamp(), orders=orders)  # pyright: ignore[reportArgumentType]
    server.is_stopping = True
    server.run()
    server.is_stopping = False
    return server


def test_what_waits_when_it_stops_is_made_up_for_at_the_next_start(worker: FakeWorker, orders: KeptOrders):
    started(worker, orders).accept(ordered())
    assert worker.tried == []

    started(worker, orders).step()

    assert worker.tried == [(ordered(), 1)]
    assert list(orders.messages()) == []


def test_what_is_accepted_after_the_last_step_is_kept_too(worker: FakeWorker, orders: KeptOrders):
    server = started(worker, orders)
    server.stop()
    server.run()
    server.accept(ordered())

    assert list(orders.messages()) == [ordered()]


def test_a_crash_in_the_middle_of_a_try_loses_no_order(worker: FakeWorker, orders: KeptOrders):
    crashed = started(worker, orders)
    crashed.begin = lambda _: None  # it never ends
    crashed.accept(ordered())
    crashed.step()

    started(worker, orders).step()

    assert worker.tried == [(ordered(), 1)]


def test_an_order_stays_while_it_is_tried_again_and_goes_when_it_is_given_up(
    worker: FakeWorker, orders: KeptOrders, clock: Clock
):
    clock.now = worker.settled["weekly"] = MONDAY + timedelta(minutes=1)
    worker.failures = TRIES
    server = started(worker, orders)
    server.accept(ordered())
    for _ in range(TRIES):
        server.step()
        assert list(orders.messages()) == [ordered()]
        clock.pass_by(PAUSE)
    server.step()

    assert worker.given_up == [ordered()]
    assert list(orders.messages()) == []


def test_orders_come_back_in_the_order_they_came(worker: FakeWorker, orders: KeptOrders):
    names = [ordered(str(number)) for number in range(5)]
    for number, name in enumerate(names):
        orders.keep(name)
        file = orders.folder / max(orders.folder.iterdir(), key=lambda one: one.stat().st_mtime_ns).name
        assert file.stat().st_mode & 0o077 == 0, number

    assert sorted(orders.messages()) == sorted(names)


def test_what_is_due_is_kept_by_the_ledger_alone(worker: FakeWorker, orders: KeptOrders):
    started(worker, orders).accept(Due("weekly", MONDAY, "slack").message)

    assert list(orders.messages()) == []


def test_an_order_that_cannot_be_kept_is_not_accepted(worker: FakeWorker, tmp_path: Path):
    (tmp_path / "orders").write_text("a file is in the way")
    server = started(worker, KeptOrders(tmp_path / "orders"))

    with pytest.raises(Unavailable, match="cannot be kept"):
        server.accept(ordered())
    server.step()
    assert worker.tried == []


def test_what_is_no_order_is_neither_kept_nor_taken(worker: FakeWorker, orders: KeptOrders):
    with pytest.raises(Refused):
        started(worker, orders).accept("{}")

    assert not orders.folder.exists()


@pytest.mark.parametrize("rubbish", ["", "{}", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1")])
def test_a_file_that_nobody_can_read_holds_up_no_other(
    worker: FakeWorker, orders: KeptOrders, rubbish: str, caplog: pytest.LogCaptureFixture
):
    orders.keep(ordered())
    (orders.folder / "rubbish.json").write_text(rubbish, encoding="latin-1")

    assert list(orders.messages()) == [ordered()]
    assert "unreadable-order" in caplog.text


def until(what: Callable[[], object]) -> None:
    for _ in range(300):
        if what():
            return
        time.sleep(0.1)
    raise AssertionError("it did not happen")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_an_order_that_a_process_was_stopped_at_comes_once_with_the_next_one(
    desk: Desk, number: signal.Signals
):
    desk.set(DAILY_SCHEDULE="0 0 1 1 *", WEEKLY_SCHEDULE="0 0 1 1 *", BIWEEKLY_SCHEDULE="0 0 1 1 *")
    orders = KeptOrders(desk.folder / ".reporter" / "orders")
    asked = OnDemand("1", "weekly", Cadence.WEEKLY, datetime.now(UTC), "slack", None, None, ())
    orders.keep(asked.message)
    desk.mixpanel.query_seconds = 1.0
    first = served(desk)
    until(lambda: desk.mixpanel.requests)
    first.send_signal(number)
    first.communicate(timeout=90)
    desk.mixpanel.query_seconds = 0.0

    second = served(desk)
    until(lambda: not list(orders.messages()))
    second.send_signal(signal.SIGTERM)
    second.communicate(timeout=60)

    assert len(desk.slack.messages) == 1
