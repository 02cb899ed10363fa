"""A worker as a process of its own: the real program, which does what it is told, and can be stopped midway.

Commands come in by a pipe, and answers go out by it. Time is what a command says it is; nobody sleeps; and
with `hurry` the program waits so many times less for an answer.
"""

import logging
import os
import tempfile
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NoReturn

import httpx2

from reporter.app import assemble
from reporter.assembly import EventStorage
from reporter.config.settings import load
from reporter.ledger import sqlite_file
from reporter.ledger.azure_table import TableLedger
from reporter.ledger.sqlite import SQLiteLedger
from reporter.ledger.sqlite_file import LOCKED_FOR
from reporter.publishing.claims import pending
from reporter.publishing.notices import Ledger
from reporter.publishing.queue import Due, parse_message
from reporter.publishing.scheduler import TRIES
from reporter.publishing.worker import Worker
from reporter.reports.deliveries import Attempt, Delivery, DeliveryRecord, LedgerEntry, State
from reporter.reports.errors import ReporterError

Command = dict[str, Any]


PLACES = {
    State.CLAIMED: ("before the claim", "after the claim"),
    State.DELIVERED: ("before it is remembered", "after it is remembered"),
}


@dataclass
class Desk:
    """Where commands come from and answers go; the clock, and the place at which to stop."""

    pipe: Connection
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    stop: str | None = None

    def clock(self) -> datetime:
        return self.now

    def read(self) -> Command:
        return self.pipe.recv()

    def say(self, **answer: object) -> None:
        self.pipe.send(answer)

    def reach(self, place: str) -> None:
        """Stop here until told to go on, if this is where to stop."""
        if place == self.stop:
            self.say(at=place)
            self.read()


@dataclass(frozen=True)
class StoppingLedger:
    """A ledger at whose doors the process can be stopped."""

    inner: Ledger
    desk: Desk

    def entry(self, delivery: Delivery, now: datetime) -> LedgerEntry | None:
        return self.inner.entry(delivery, now)

    def record(
        self,
        delivery: Delivery,
        entry: LedgerEntry,
        over: LedgerEntry | None = None,
        tried: LedgerEntry | None = None,
    ) -> LedgerEntry | None:
        before, after = PLACES.get(entry.state, ("", ""))
        self.desk.reach(before)
        written = self.inner.record(delivery, entry, over, tried)
        self.desk.reach(after)
        return written

    def unsettled(self) -> Sequence[DeliveryRecord]:
        return self.inner.unsettled()

    def history(self, most: int) -> Sequence[DeliveryRecord]:
        return self.inner.history(most)

    def first_seen(self, report: str, now: datetime) -> datetime:
        return self.inner.first_seen(report, now)

    def mark(self, report: str, moment: datetime) -> None:
        self.inner.mark(report, moment)

    def forget(self, before: datetime, kept: Collection[str]) -> None:
        self.inner.forget(before, kept)

    def close(self) -> None:
        self.inner.close()


@dataclass
class Hurried(httpx2.BaseTransport):
    """The network, on which a request waits for its answer only a part of the time it would."""

    times: float
    inner: httpx2.HTTPTransport = field(
        default_factory=lambda: httpx2.HTTPTransport(limits=httpx2.Limits(max_keepalive_connections=0))
    )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        timeouts = request.extensions["timeout"]
        request.extensions = {
            **request.extensions,
            "timeout": {**timeouts, "read": timeouts["read"] / self.times},
        }
        return self.inner.handle_request(request)


def open_worker(command: Command, desk: Desk) -> Worker:
    """The program, as wiring puts it together."""
    sqlite_file.LOCKED_FOR = LOCKED_FOR / (command["hurry"] or 1.0)
    kept = command["ledger"]
    ledger = TableLedger.of(kept, kept["table"]) if "table" in kept else SQLiteLedger(Path(kept["sqlite"]))
    assert ledger
    return Worker(
        assemble(
            load(command["environ"], command["reports"]),
            StoppingLedger(ledger, desk),
            EventStorage(_folder(kept)),
            transport=Hurried(command["hurry"]) if command["hurry"] else None,
            clock=desk.clock,
            sleep=lambda seconds: time.sleep(min(seconds, 0.01)),
        )
    )


def _folder(kept: Mapping[str, str]) -> Path:
    """A folder for raw events, of this world alone."""
    name = kept.get("table") or Path(kept["sqlite"]).parent.name
    return Path(tempfile.gettempdir()) / f"reporter-faults-{os.getppid()}-{name}"


def obey(worker: Worker, command: Command) -> object:
    """What there is to answer. Raises whatever the program does."""
    match command["do"]:
        case "due":
            return worker.due(command["report"], datetime.fromisoformat(command["moment"]))
        case "deliver":
            return worker.deliver(command["message"], Attempt(command["number"], TRIES, 10))
        case "send again":
            publisher = worker.app.publisher("daily", "slack")
            due = parse_message(command["message"])
            assert isinstance(due, Due)
            order = due.order(worker.app.subscriptions)
            return publisher.publish(order, again=True) and None
        case "health":
            return [one.delivery.key for one in pending(worker.app)]
        case "tell":
            return worker.tell()
        case "give up":
            return worker.give_up(command["message"])
        case other:
            raise ValueError(other)


def work(pipe: Connection, log: str) -> None:
    """Obey until nobody is there any more."""
    logging.basicConfig(
        filename=log, level=logging.INFO, format="%(process)d %(name)s %(levelname)s %(message)s"
    )
    with suppress(EOFError):
        answer_all(Desk(pipe))


def answer_all(desk: Desk) -> NoReturn:
    worker = None
    while True:
        command = desk.read()
        desk.now, desk.stop = datetime.fromisoformat(command["now"]), command.get("stop")
        if command["do"] == "open":
            worker = open_worker(command, desk)
            desk.say(done=True)
            continue
        assert worker
        try:
            desk.say(done=True, said=obey(worker, command))
        except ReporterError as error:
            desk.say(done=False, said=str(error))
