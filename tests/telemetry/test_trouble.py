"""Whatever a collector does, the report comes once, and the process ends in time."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime

import pytest

from reporter import telemetry
from reporter.telemetry import sdk
from reporter.telemetry.sdk import EXPORTED_WITHIN
from tests.desk import Desk
from tests.desk import desk as desk  # a fixture
from tests.desk import product as product  # a fixture
from tests.dripping import drip_body, drip_head
from tests.telemetry.collector import Collector

SLACK_SECONDS = 20.0  # for a busy machine: a report alone takes one


def sent(desk: Desk, url: str, **given: str) -> tuple["subprocess.CompletedProcess[str]", float]:
    began = time.monotonic()
    environ = {**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": url, **given}
    command = [sys.executable, "-m", "reporter", "-C", str(desk.folder), "send", "weekly", "daily"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=100)  # noqa: S603
    return done, time.monotonic() - began


ANSWERS: dict[str, Callable[[], tuple[int, bytes] | None]] = {
    "never": lambda: None,
    "500": lambda: (500, b"secret words of the collector"),
    "503": lambda: (503, b""),
    "429": lambda: (429, b"later"),
    "400": lambda: (400, b"\xff\x00garbage"),
    "401": lambda: (401, b"who are you"),
    "a redirect": lambda: (302, b""),
    "garbage": lambda: (200, b"\xff\x00\x17 no protobuf at all" * 99),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_whatever_it_answers_the_reports_come_once_and_in_time(
    desk: Desk, answer: Callable[[], tuple[int, bytes] | None]
):
    with Collector(answer) as collector:
        done, took = sent(desk, collector.url)

    assert collector.requests
    assert done.returncode == 0
    assert len(desk.slack.messages) == 2
    assert took < EXPORTED_WITHIN + SLACK_SECONDS
    assert len(done.stderr.splitlines()) <= 1
    assert "secret words" not in done.stderr
    assert collector.url not in done.stderr


@contextmanager
def refused() -> Generator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    yield f"http://user:s3cret@127.0.0.1:{port}/s3cret"


@contextmanager
def deaf() -> Generator[str]:
    """It takes no connection."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        others = [socket.socket() for _ in range(3)]
        for other in others:
            other.setblocking(False)
            other.connect_ex(listening.getsockname())
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        for other in others:
            other.close()


@contextmanager
def dripping_head() -> Generator[str]:
    with drip_head() as server:
        yield server.url


@contextmanager
def dripping_body() -> Generator[str]:
    with drip_body() as server:
        yield server.url


@contextmanager
def no_address() -> Generator[str]:
    yield "s3cret://s3cret@[::s3cret"


@pytest.mark.parametrize("trouble", [refused, deaf, dripping_head, dripping_body, no_address])
def test_where_it_cannot_be_reached_the_reports_come_once_and_in_time(
    desk: Desk, trouble: Callable[[], AbstractContextManager[str]]
):
    with trouble() as url:
        done, took = sent(desk, url)

    assert done.returncode == 0
    assert len(desk.slack.messages) == 2
    assert took < EXPORTED_WITHIN + SLACK_SECONDS
    assert re.fullmatch(r"(not-exported|telemetry-off): .*\n", done.stderr)
    assert "s3cret" not in done.stderr


def test_however_often_it_is_flushed_no_more_than_one_thread_waits_for_a_collector_that_hangs(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(sdk, "EXPORTED_WITHIN", 0.1)
    with Collector(lambda: None) as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        telemetry.start({"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url})
        began = time.monotonic()
        for _ in range(20):
            with telemetry.span("send"):
                telemetry.flush()
        took = time.monotonic() - began
        waiting = [one for one in threading.enumerate() if one.name == "telemetry"]
        telemetry.stop()

    assert took < 10
    assert len(waiting) == 1


def test_headers_that_cannot_be_read_are_not_shown(desk: Desk):
    with Collector() as collector:
        done, _ = sent(desk, collector.url, OTEL_EXPORTER_OTLP_HEADERS="Authorization Bearer s3cret")

    assert done.returncode == 0
    assert "Header" in done.stderr
    assert "s3cret" not in done.stderr


@contextmanager
def serving(desk: Desk, url: str, **given: str) -> Generator["subprocess.Popen[str]"]:
    environ = {**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": url, **given}
    command = [sys.executable, "-m", "reporter", "-C", str(desk.folder), "serve"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environ)  # noqa: S603
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_until(is_so: Callable[[], object]) -> None:
    end = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)


def due_now(desk: Desk) -> None:
    now = datetime.now(UTC)
    desk.set(DAILY_SCHEDULE=f"{now.minute} {now.hour} * * *", WEEKLY_SCHEDULE="0 0 1 1 *")
    desk.set(BIWEEKLY_SCHEDULE="0 0 1 1 *")


def test_serve_exports_how_old_each_delivery_and_its_data_are(desk: Desk):
    due_now(desk)
    with Collector() as collector:
        with serving(desk, collector.url, OTEL_METRIC_EXPORT_INTERVAL="300", OTEL_BSP_SCHEDULE_DELAY="300"):
            wait_until(lambda: "reporter.data.age" in collector.metrics and collector.named("publish report"))
        ages, data = collector.metrics["reporter.delivery.age"], collector.metrics["reporter.data.age"]
        overdue = collector.metrics["reporter.overdue"]
        orders = {one.id: one.trace for one in collector.named("order report")}
        (publication,) = collector.named("publish report")

    assert [one.about for one in ages] == [{"reporter.report": "daily", "reporter.destination": "slack"}]
    assert 0 <= ages[0].value < 60
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    assert abs(data[0].value - (datetime.now(UTC) - midnight).total_seconds()) < 120
    assert sorted(str(one.about["reporter.report"]) for one in overdue) == ["biweekly", "daily", "weekly"]
    assert {one.value for one in overdue} == {0.0}
    assert orders[publication.parent] == publication.trace


@pytest.mark.parametrize("trouble", [refused, deaf, dripping_head])
def test_serve_delivers_and_stops_in_time_and_complains_once(
    desk: Desk, trouble: Callable[[], AbstractContextManager[str]]
):
    due_now(desk)
    hurried = {"OTEL_METRIC_EXPORT_INTERVAL": "100", "OTEL_BSP_SCHEDULE_DELAY": "100"}
    with trouble() as url, serving(desk, url, **hurried) as process:
        wait_until(lambda: desk.slack.messages)
        time.sleep(2)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=60)
        took = time.monotonic() - began

    assert process.returncode == 0
    assert took < EXPORTED_WITHIN + SLACK_SECONDS
    assert len(desk.slack.messages) == 1
    assert log.count("not-exported") == 1
    assert "s3cret" not in log


def test_a_gauge_that_cannot_be_read_harms_nothing(desk: Desk):
    due_now(desk)
    hurried = {"OTEL_METRIC_EXPORT_INTERVAL": "200"}
    with Collector() as collector, serving(desk, collector.url, **hurried) as process:
        wait_until(lambda: "reporter.overdue" in collector.metrics)
        ledger = desk.folder / ".reporter" / "ledger.sqlite"
        whole = ledger.read_bytes()
        ledger.write_bytes(b"no database" * 999)
        collector.requests.clear()
        wait_until(lambda: len(collector.requests) > 2)
        ledger.write_bytes(whole)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)

    assert process.returncode == 0
