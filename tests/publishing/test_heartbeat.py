"""Calling the watcher outside: by every way of running, and never so that it holds anything up."""

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from reporter import health
from reporter.app import assemble
from reporter.assembly import EventStorage
from reporter.config.settings import read
from reporter.health import ping
from reporter.local.server import LoopbackAnswer, LoopbackServer
from reporter.publishing.queue import Due
from reporter.publishing.worker import Worker
from reporter.reports.deliveries import ONCE
from tests.desk import Desk
from tests.desk import desk as desk  # a fixture
from tests.desk import product as product  # a fixture
from tests.dripping import Dripping, drip_body, drip_head, flood
from tests.ledgers import MemoryLedger
from tests.world import MONDAY

SECRET = "/ping/made-up-secret"


@pytest.fixture
def watcher() -> Iterator[LoopbackServer]:
    with LoopbackServer(lambda _: LoopbackAnswer(200, b"OK")) as running:
        yield running


def by_the_queue(desk: Desk) -> None:
    settings = read(desk.folder, {})
    app = assemble(settings, MemoryLedger(), EventStorage(desk.folder / ".reporter"))
    with closing(app):
        Worker(app).deliver(Due("daily", MONDAY, "slack").message, ONCE)


def by_send(desk: Desk) -> None:
    desk.reporter("send", "daily")


def by_resend(desk: Desk) -> None:
    desk.reporter("resend", "daily")


@pytest.mark.parametrize("way", [by_send, by_resend, by_the_queue])
def test_the_watcher_is_called_after_each_success(
    desk: Desk, watcher: LoopbackServer, way: Callable[[Desk], object]
):
    desk.set(HEARTBEAT_URL=watcher.url + SECRET)

    way(desk)

    assert [request.path for request in watcher.requests] == [SECRET]


def test_the_watcher_is_not_called_where_nothing_was_made(desk: Desk, watcher: LoopbackServer):
    desk.set(HEARTBEAT_URL=watcher.url + SECRET, MIXPANEL_SECRET="wrong")

    assert desk.reporter("send", "daily")[0] != 0
    assert watcher.requests == []


def test_a_watcher_that_fails_is_told_and_fails_nothing(desk: Desk, caplog: pytest.LogCaptureFixture):
    with LoopbackServer(lambda _: LoopbackAnswer(404, b"no such check")) as watcher:
        desk.set(HEARTBEAT_URL=watcher.url + SECRET)

        code, out, err = desk.reporter("send", "daily")

    assert (code, "sent to slack." in out) == (0, True)
    assert "HEARTBEAT_URL could not be called" in err
    assert "answered 404" in err
    assert "HEARTBEAT_URL could not be called" in caplog.text
    assert SECRET not in err + caplog.text


def test_a_watcher_that_is_not_there_is_named_by_its_host_alone(watcher: LoopbackServer):
    address = watcher.url + SECRET
    watcher.stop()

    problem = ping(address)

    watcher.start = lambda: watcher
    assert problem
    assert address.split("/")[2] in problem
    assert SECRET not in problem


@pytest.mark.parametrize("dripping", [drip_head, drip_body, flood])
def test_a_watcher_whose_answer_never_ends_holds_nothing_up(
    dripping: Callable[[], Dripping], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(health, "LONGEST_CALL", 0.3)

    with dripping() as watcher:
        problem = ping(watcher.url)

    assert problem is None or "did not answer within" in problem
    assert (problem is None) is (dripping is not drip_head)
