"""The world of one row of the fault table: a Mixpanel, a Slack, a ledger, and the queue that tries again."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol, TypeAlias, cast

from reporter.ledger.azure_table import TableLedger
from reporter.ledger.sqlite import SQLiteLedger
from reporter.local import REPORTS
from reporter.local.mixpanel import PROJECT_ID, SECRET, USERNAME, LocalMixpanel
from reporter.local.slack import TOKEN, LocalSlack, Message
from reporter.local.slack.channel import CHANNEL_ID
from reporter.publishing.notices import Ledger
from reporter.publishing.queue import Due
from reporter.publishing.scheduler import PAUSE, TRIES
from reporter.reports.deliveries import State
from tests.faults.processes import Processes, WorkerProcess
from tests.faults.storage import Door

ROOT = Path(__file__).parents[2]
HURRY = 40.0  # so Slack, which is given 20 s, is given half a second
PATIENCE = 20.0  # seconds, for what surely comes

BOT = f'[destinations.slack]\ntype = "bot"\ntoken = "SLACK_BOT_TOKEN"\nchannel = "{CHANNEL_ID}"\n'

Mishap: TypeAlias = Callable[
    ["World", int], bool
]  # a try of the delivery; whether its message is gone after it


class Hand(Protocol):
    """The hand of the one clock."""

    now: datetime


@dataclass
class World:
    """Plays the host: tries a delivery until it is done, every ten minutes, then gives it up."""

    mixpanel: LocalMixpanel
    slack: LocalSlack
    errors: LocalSlack
    processes: Processes
    kept: dict[str, str]  # where the ledger is
    hand: Hand
    door: Door | None = None
    by_bot: bool = False
    hurry: float = 0.0
    working: list[WorkerProcess] = field(default_factory=list[WorkerProcess])

    def play(self, mishaps: tuple[Mishap, ...], first: int = 1) -> int:
        """How many tries it took; one more than there are where it was given up."""
        for number in range(first, TRIES + 1):
            mishap = mishaps[number - first] if number - first < len(mishaps) else plain
            if mishap(self, number):
                return number
            self.hand.now += PAUSE
        if not self.process.ask(do="give up", message=self.message, now=self.now.isoformat())["done"]:
            self.storage_is_back()  # the host tries a poisoned message on and on
            assert self.process.ask(do="give up", message=self.message, now=self.now.isoformat())["done"]
        return TRIES + 1

    def deliver(self, number: int, process: WorkerProcess | None = None) -> bool:
        return self.is_done(self.ask(number, process))

    def ask(self, number: int, process: WorkerProcess | None = None, stop: str | None = None) -> Any:
        """One try; the answer, or where it stopped."""
        (process or self.process).send(**self.command(number, stop))
        return (process or self.process).answer()

    def command(self, number: int, stop: str | None = None) -> dict[str, object]:
        now = self.now.isoformat()
        return {"do": "deliver", "message": self.message, "number": number, "now": now, "stop": stop}

    @staticmethod
    def is_done(answer: Any) -> bool:
        return cast("dict[str, bool]", answer)["done"]

    @property
    def now(self) -> datetime:
        return self.hand.now

    @property
    def message(self) -> str:
        return Due("weekly", self.due, "slack").message

    @property
    def due(self) -> datetime:
        """The last Monday at nine."""
        nine = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0)
        return nine - timedelta(days=nine.weekday())

    @property
    def process(self) -> WorkerProcess:
        """The worker at work; another one when that died."""
        alive = [process for process in self.working if process.is_alive]
        return alive[0] if alive else self.another()

    def another(self) -> WorkerProcess:
        """One more worker beside it."""
        process = self.processes.take(self.opening)
        self.working.append(process)
        return process

    @property
    def opening(self) -> dict[str, object]:
        reports = REPORTS.read_text(encoding="utf-8")
        if self.by_bot:
            reports = reports[: reports.index("\n[destinations.slack]\n") + 1] + BOT
        environ = {
            "MIXPANEL_USERNAME": USERNAME,
            "MIXPANEL_SECRET": SECRET,
            "MIXPANEL_PROJECT_ID": str(PROJECT_ID),
            "MIXPANEL_BASE_URL": self.mixpanel.url,
            "SLACK_WEBHOOK_URL": self.slack.webhook_url,
            "SLACK_BOT_TOKEN": TOKEN,
            "SLACK_API_URL": f"{self.slack.url}/api",
            "ERROR_WEBHOOK_URL": self.errors.webhook_url,
        }
        now = self.now.isoformat()
        return {"environ": environ, "reports": reports, "ledger": self.kept, "hurry": self.hurry, "now": now}

    def storage_goes(self) -> None:
        assert self.door
        self.door.shut()

    def storage_is_back(self) -> None:
        assert self.door
        self.door.open()

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not is_so():
            assert time.monotonic() < end, "it never came"
            time.sleep(0.01)

    def close(self) -> None:
        for process in self.working:
            self.processes.give_back(process)

    @property
    def posted(self) -> int:
        """How many reports are in the channel, answers in their threads apart."""
        return sum(message.thread_ts is None for message in self.slack.messages)

    @property
    def told(self) -> tuple[str, ...]:
        """The codes of the notices that people see."""
        return tuple(_code(message) for message in self.errors.messages)

    @property
    def state(self) -> State | None:
        """What the ledger says of the only delivery there is."""
        ledger = self._ledger()
        try:
            records = ledger.history(9)
            deliveries = {record.delivery for record in records}
            assert len(deliveries) <= 1
            seen = [ledger.entry(delivery, self.now) for delivery in deliveries]
        finally:
            ledger.close()
        return seen[0].state if seen and seen[0] else None

    def _ledger(self) -> Ledger:
        if "sqlite" in self.kept:
            return SQLiteLedger(Path(self.kept["sqlite"]))
        ledger = TableLedger.of(self.kept, self.kept["table"])
        assert ledger
        return ledger


def plain(world: World, number: int) -> bool:
    """A try in which nothing goes wrong."""
    return world.deliver(number)


def _code(message: Message) -> str:
    """The last word of a notice's last line: the days, whose report, the code."""
    contexts = [block for block in message.blocks if block["type"] == "context"]
    texts = list(_texts(contexts))
    return texts[-1].rpartition("· ")[2]


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for one in cast("list[object]", value):
            yield from _texts(one)
    elif isinstance(value, dict):
        table = cast("dict[str, object]", value)
        if isinstance(table.get("text"), str):
            yield str(table["text"])
        yield from _texts(table.get("elements"))
