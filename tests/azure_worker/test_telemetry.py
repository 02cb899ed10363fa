"""Telemetry on Azure: what a run measured is exported by its end, and nothing else of it changes."""

import re
import time
from pathlib import Path

import pytest

from reporter.local.slack import LocalSlack
from tests.azure_worker.conftest import Host
from tests.azure_worker.test_functions import at, messages, now
from tests.telemetry.collector import Collector
from tests.telemetry.test_trouble import refused

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


@pytest.fixture
def due(settings: dict[str, str]) -> dict[str, str]:
    return {**settings, "WEEKLY_SCHEDULE": at(now())}


def lines(log: str) -> list[str]:
    """The lines of a log, without what differs from run to run."""
    return [re.sub(r"[0-9]{4}-[0-9T:.+-]+|[0-9a-f]{16,}", "…", line) for line in log.splitlines()]


def test_a_report_is_one_trace_over_the_queue_exported_by_the_end_of_each_run(
    folder: Path, due: dict[str, str], slack: LocalSlack
):
    with Collector() as collector:
        with Host(folder, {**due, ENDPOINT: collector.url}) as host:
            (message,) = messages(host.fire("WeeklyReport"))
            (order,) = collector.named("order report")
        with Host(folder, {**due, ENDPOINT: collector.url}) as other:
            answer = other.dequeue(message)
            (publication,) = collector.named("publish report")

    assert answer["ok"]
    assert len(slack.messages) == 1
    assert (publication.trace, publication.parent) == (order.trace, order.id)
    assert collector.metrics["reporter.deliveries"]


def test_the_hosts_log_is_the_same_with_it_and_without(folder: Path, due: dict[str, str]):
    logs: list[list[str]] = []
    with Collector() as collector:
        for given in ({}, {ENDPOINT: collector.url}):
            (folder / "host.log").write_text("")
            with Host(folder, {**due, **given}) as host:
                host.dequeue(messages(host.fire("WeeklyReport"))[0])
                logs.append(lines(host.log))

    assert collector.requests
    assert logs[0][:1] == logs[1][:1]
    assert {line.split(" ")[0] for line in logs[1]} <= {line.split(" ")[0] for line in logs[0]}


def test_a_collector_that_is_down_costs_a_run_a_few_seconds_and_one_warning(
    folder: Path, due: dict[str, str], slack: LocalSlack
):
    with refused() as url, Host(folder, {**due, ENDPOINT: url}) as host:
        began = time.monotonic()
        (message,) = messages(host.fire("WeeklyReport"))
        answer = host.dequeue(message)
        took = time.monotonic() - began
        log = host.log

    assert answer["ok"]
    assert len(slack.messages) == 1
    assert took < 35
    assert log.count("not-exported") == 1
    assert "s3cret" not in log


def test_a_timer_that_is_not_due_loads_nothing_of_it(folder: Path, settings: dict[str, str]):
    with Host(folder, {**settings, ENDPOINT: "http://127.0.0.1:1", "DAILY_SCHEDULE": "0 0 1 1 *"}) as host:
        host.fire("DailyReport", Last=now().isoformat(), Next=now().isoformat())
        loaded = host.ask(modules=True)["modules"]

    assert "opentelemetry" not in loaded
