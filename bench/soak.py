"""A year of `reporter serve` in minutes: `python -m bench.soak`.

Real are the scheduler, the worker, the ledger, the store, HTTP over sockets, and a Mixpanel and a Slack in a
process beside it. The clock jumps from one thing to do to the next. Twenty reports of all cadences in eleven
zones go through both clock changes and a leap day, while the process is stopped, killed and off for days,
Mixpanel is down for a day, Slack for an hour, answers are lost and the ledger is locked. What was due, and
when, is worked out here from the calendar alone, and held against what is in Slack.
"""

import argparse
import gc
import logging
import os
import sqlite3
import sys
import tempfile
import threading
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from bench.soak_account import Account, account
from bench.soak_world import Outside, reports_file, standing
from reporter.app import App, assemble
from reporter.assembly import EventStorage
from reporter.cli.schedule import share_arenas
from reporter.config.settings import load
from reporter.http.endpoints import custom_report
from reporter.http.request import HttpRequest
from reporter.ledger import sqlite_file
from reporter.ledger.sqlite import SQLiteLedger
from reporter.local.server import Fault
from reporter.publishing.kept_orders import KeptOrders
from reporter.publishing.scheduler import Server
from reporter.publishing.worker import Worker
from reporter.reports.deliveries import Delivery, LedgerEntry, State

START = datetime(2027, 3, 1, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
STORE_IS_FULL = 49  # days: those that are kept, and a week's report
RUN_OUT = 4 * HOUR  # after the end
LOOKS = 6 * HOUR  # it is stepped as often as that at least
ALWAYS = 10**9  # times
SCALE = 0.05  # of the product: 140 events a day
EVERY: Mapping[str, timedelta] = {  # how often, in a year
    "restart": 11 * DAY,
    "kill": 7 * DAY,
    "off": 83 * DAY,
    "answer lost": 13 * DAY,
    "ledger locked": 5 * DAY,
    "order": 3 * DAY,
    "Mixpanel down": 150 * DAY,
    "Slack down": 91 * DAY,
}
LASTS: Mapping[str, timedelta] = {"off": 3 * DAY, "Mixpanel down": DAY, "Slack down": HOUR}


class Killed(BaseException):
    """The process is dead: nothing of it goes on."""


@dataclass(slots=True)
class Fate:
    """When a process dies: the next time that it writes this, before or after it is written."""

    state: State | None = None
    is_after: bool = False
    is_dead: bool = False


@dataclass(frozen=True, slots=True)
class MortalLedger(SQLiteLedger):
    """The ledger of a process that may be killed while it writes."""

    fate: Fate = field(default_factory=Fate)

    def record(
        self,
        delivery: Delivery,
        entry: LedgerEntry,
        over: LedgerEntry | None = None,
        tried: LedgerEntry | None = None,
    ) -> LedgerEntry | None:
        is_its_end = entry.state is self.fate.state
        if self.fate.is_dead or (is_its_end and not self.fate.is_after):
            self.fate.is_dead = True
            raise Killed
        written = SQLiteLedger.record(self, delivery, entry, over, tried)
        if is_its_end:
            self.fate.is_dead = True
            raise Killed
        return written


@dataclass(slots=True)
class LogCounter(logging.Handler):
    """Counts what a log would hold."""

    lines: Counter[str] = field(default_factory=Counter[str])
    size: int = 0

    def __post_init__(self) -> None:
        logging.Handler.__init__(self, logging.INFO)

    def emit(self, record: logging.LogRecord) -> None:
        said = record.getMessage()
        self.lines[said.split(" ", 1)[0].rstrip(":")] += said.count("\n") + 1
        self.size += len(said)

    def __hash__(self) -> int:
        return id(self)


@dataclass(frozen=True, slots=True)
class Sample:
    """What the process held at a moment."""

    day: int
    rss: int  # bytes
    traced: int  # bytes that Python has allocated; 0 where that was not traced
    files: int
    threads: int
    ledger: int  # bytes
    store: int  # bytes of the raw events
    log: int  # lines until then


@dataclass(slots=True)
class Soak:
    """The life of one `serve`: its process, its clock, and what befalls it."""

    outside: Outside
    folder: Path
    now: datetime
    end: datetime
    every: Mapping[str, timedelta]
    dice: Random
    log: LogCounter = field(default_factory=LogCounter)
    fate: Fate = field(default_factory=Fate)
    happened: Counter[str] = field(default_factory=Counter[str])
    orders: Counter[int] = field(default_factory=Counter[int])  # by the status of the answer
    samples: list[Sample] = field(default_factory=list[Sample])
    app: App | None = None
    server: Server | None = None
    next: dict[str, datetime] = field(default_factory=dict[str, datetime])
    over: dict[str, datetime] = field(default_factory=dict[str, datetime])  # when what lasts is over

    def clock(self) -> datetime:
        return self.now

    def run(self) -> None:
        first = self.now
        self.next = {what: self.now + pause / 2 + HOUR for what, pause in self.every.items()}
        self.start()
        while self.now < self.end:
            self.jump(min(self.now + LOOKS, self.end, *self.moments()))
            self.befall()
            self.work()
            if self.now - first >= (len(self.samples) + 1) * 7 * DAY:
                self.samples.append(self.sample((self.now - first).days))
        self.calm()
        while self.now < self.end + RUN_OUT:  # for what is tried again
            self.work()
            self.jump(min(self.now + RUN_OUT / 4, *self.moments()))
        self.work()
        self.stop()

    def jump(self, to: datetime) -> None:
        self.now = max(self.now, to)
        self.outside.set(self.now)

    def moments(self) -> Iterator[datetime]:
        """When there is something to do next."""
        yield from self.next.values()
        yield from self.over.values()
        if self.server is None:
            return
        for one in self.server.worker.app.subscriptions.values():
            if (due := one.schedule.next_due(self.now)) is not None:
                yield due.astimezone(UTC) + timedelta(seconds=1)
        if self.server.waiting:
            yield datetime.fromtimestamp(self.server.waiting[0].at, UTC) + timedelta(seconds=1)

    def start(self) -> None:
        self.fate = Fate()
        ledger = MortalLedger(self.folder / "ledger.sqlite", self.fate)
        settings = load(self.outside.environ, reports_file())
        seconds: Callable[[], float] = lambda: self.now.timestamp()  # noqa: E731
        place = EventStorage(self.folder)
        self.app = assemble(settings, ledger, place, clock=self.clock, sleep=lambda _: None, elapsed=seconds)
        orders = KeptOrders(self.folder / "orders")
        self.server = Server(Worker(self.app), self.begin, seconds, orders=orders)
        self.server.take_up()

    def stop(self) -> None:
        if self.app is not None:
            self.app.close()
        self.app = self.server = None

    def begin(self, work: Callable[[], None]) -> None:
        def until_killed() -> None:
            with suppress(Killed):
                work()

        threading.Thread(target=until_killed, name="try", daemon=True).start()

    def work(self) -> None:
        """Let all that is due be done; threads end before the clock goes on."""
        if self.server is None:
            return
        self.server.step()
        while tries := [one for one in threading.enumerate() if one.name in ("try", "report")]:
            for one in tries:
                one.join()
            if not self.fate.is_dead:
                self.server.step()
        if self.fate.is_dead:
            self.happened["killed"] += 1
            self.stop()
            self.jump(self.now + 5 * MINUTE)
            self.start()
            self.work()

    def befall(self) -> None:
        """What is to happen by now."""
        for what, then in tuple(self.over.items()):
            if then <= self.now:
                del self.over[what]
                self.end_of(what)
        for what, then in self.next.items():
            if then <= self.now:
                self.next[what] = self.now + self.every[what] * self.dice.uniform(0.8, 1.2)
                if self.server is not None:
                    self.happen(what)

    def happen(self, what: str) -> None:
        self.happened[what] += 1
        if what in LASTS:
            self.over[what] = self.now + LASTS[what]
        match what:
            case "restart":
                self.stop()
                self.start()
            case "off":
                self.stop()
            case "kill":
                self.fate.state = self.dice.choice([State.CLAIMED, State.DELIVERED])
                self.fate.is_after = self.fate.state is State.CLAIMED and self.dice.random() < 0.5
            case "answer lost":
                self.outside.spoil("slack", Fault(drop=True, after=self.dice.random() < 0.7))
            case "ledger locked":
                self.locked(self.work_at_next_due)
            case "order":
                self.order()
            case "Mixpanel down":
                self.outside.spoil("mixpanel", Fault(status=503, times=ALWAYS))
            case "Slack down":
                self.outside.spoil("slack", Fault(status=503, times=ALWAYS))
                self.outside.spoil("errors", Fault(status=503, times=ALWAYS))
            case _:
                raise AssertionError(what)

    def end_of(self, what: str) -> None:
        if what == "off":
            self.start()
        elif what == "Mixpanel down":
            self.outside.spoil("mixpanel")
        else:
            self.outside.spoil("slack")
            self.outside.spoil("errors")

    def calm(self) -> None:
        """Nothing happens any more."""
        self.next.clear()
        self.fate.state = None
        for what in tuple(self.over):
            del self.over[what]
            self.end_of(what)

    def work_at_next_due(self) -> None:
        self.jump(min(self.moments(), default=self.now))
        self.work()

    def locked(self, work: Callable[[], None]) -> None:
        """Another program holds the ledger while this is done."""
        with closing(sqlite3.connect(self.folder / "ledger.sqlite", isolation_level=None)) as other:
            other.execute("begin exclusive")
            work()
            other.execute("rollback")

    def order(self) -> None:
        """A report of chosen days over HTTP; every other one is left to the queue."""
        app, server = self.app, self.server
        assert app is not None
        assert server is not None
        last = (self.now - 2 * DAY).date()
        name = self.dice.choice(["utc", "monday", "sydney", "waits"])
        days = {"from_date": str(last - DAY), "to_date": str(last)}
        request = HttpRequest("POST", {"report": name, **days}, {"idempotency-key": str(self.now)}, b"", "/")
        longest = 60.0 if self.happened["order"] % 2 else 0.5
        try:
            answer = custom_report(request, lambda: app, server.accept, longest_wait=longest)
            self.orders[answer.status] += 1
        except Killed:
            self.orders[0] += 1  # whoever asked got no answer

    def sample(self, day: int) -> Sample:
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        store = sum(one.stat().st_size for one in (self.folder / "events").rglob("*") if one.is_file())
        return Sample(
            day=day,
            rss=pages * os.sysconf("SC_PAGE_SIZE"),
            traced=tracemalloc.get_traced_memory()[0],
            files=sum(1 for _ in Path("/proc/self/fd").iterdir()),
            threads=threading.active_count(),
            ledger=(self.folder / "ledger.sqlite").stat().st_size,
            store=store,
            log=self.log.lines.total(),
        )


def soak(
    start: datetime,
    days: int,
    every: Mapping[str, timedelta],
    *,
    scale: float = SCALE,
    seed: int = 1,
    traced: bool = True,
) -> tuple[Soak, Account]:
    """So many days of a life, and the account of what was due in them."""
    end = start + days * DAY
    sqlite_file.LOCKED_FOR = 0.05  # a lock is a matter of seconds, and the clock stands still
    share_arenas()  # as `reporter serve` does
    log = logging.getLogger("reporter")
    with tempfile.TemporaryDirectory() as folder, standing(start, end, scale) as outside:
        made = Soak(outside, Path(folder), start, end, every, Random(seed))
        before, log.propagate = log.propagate, False
        log.addHandler(made.log)
        log.setLevel(logging.INFO)
        if traced:
            tracemalloc.start()
        try:
            made.run()
        finally:
            tracemalloc.stop()
            log.removeHandler(made.log)
            log.propagate = before
            made.stop()
        return made, account(start, end, outside.posted(), Path(folder) / "ledger.sqlite")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=366)
    parser.add_argument("--start", type=date.fromisoformat, default=START.date())
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=float, default=SCALE)
    parser.add_argument("--trace", action="store_true", help="what Python allocates, too, in twice the time")
    given = parser.parse_args()
    began = time.process_time()
    start = datetime.combine(given.start, datetime.min.time(), UTC)
    made, found = soak(start, given.days, EVERY, scale=given.scale, seed=given.seed, traced=given.trace)
    print_table(made, found, time.process_time() - began)
    return 0 if found.is_well and not faults(made.samples) else 1


def print_table(made: Soak, found: Account, cpu: float) -> None:
    print("\n".join(found.lines()))
    print(f"happened: {dict(made.happened)}; orders by status: {dict(made.orders)}")
    lines = made.log.lines
    print(f"log: {lines.total():,} lines, {made.log.size:,} bytes: {lines.most_common(12)}")
    for one in made.samples[:: max(1, len(made.samples) // 12)] + made.samples[-1:]:
        print(
            f"day {one.day:>3}  RSS {one.rss / 1e6:6.1f} MB  traced {one.traced / 1e6:6.1f} MB"
            f"  files {one.files}  threads {one.threads}  ledger {one.ledger / 1e3:,.0f} kB"
            f"  store {one.store / 1e3:,.0f} kB  log {one.log:,}"
        )
    print(f"CPU of serve and this: {cpu:.0f} s; faults: {faults(made.samples) or 'none'}")


def faults(samples: Sequence[Sample]) -> list[str]:
    """What grew that must not."""
    if len(samples) < 2:
        return []
    first, last = samples[0], samples[-1]
    grown = {
        "RSS": last.rss / first.rss,
        "traced": last.traced / (first.traced or 1) if first.traced else 1.0,
    }
    found = [f"{what} grew {by:.2f} times" for what, by in grown.items() if by > 1.1]
    full = [one for one in samples if one.day >= STORE_IS_FULL]
    found += ["the store grew"] if full and last.store > 1.2 * full[0].store else []
    found += ["the ledger grew faster"] if last.ledger / last.day > 1.2 * first.ledger / first.day else []
    found += ["the log grew faster"] if last.log / last.day > 2 * first.log / first.day else []
    found += ["open files grew"] if last.files > first.files + 2 else []
    return found + (["threads grew"] if last.threads > first.threads + 1 else [])


if __name__ == "__main__":
    sys.exit(main())
