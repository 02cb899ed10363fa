"""What became of each delivery of the fan-out, and the figures of all of them."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass

from bench.fan_out_plan import ZONE, Plan
from reporter.local.slack import Message
from reporter.publishing.queue import Due
from reporter.reports.deliveries import State

MOST = 0.95  # of the deliveries: the last ones wait for their next tries


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one delivery."""

    destination: str
    posted: int
    state: State | None
    is_told: bool

    @property
    def is_silent(self) -> bool:
        """Whether it is not surely there, and nobody knows."""
        return (self.posted == 0 or self.state is not State.DELIVERED) and not self.is_told


@dataclass(frozen=True, slots=True)
class Outcome:
    """The figures."""

    fates: Sequence[Fate]
    seconds: float
    busy_seconds: float  # until MOST were posted
    kills: int
    tries: int
    looked_up: int

    @property
    def doubled(self) -> int:
        return sum(fate.posted > 1 for fate in self.fates)

    @property
    def silent(self) -> int:
        return sum(fate.is_silent for fate in self.fates)

    @property
    def uncertain(self) -> Sequence[Fate]:
        return [fate for fate in self.fates if fate.state is State.UNCERTAIN]

    @property
    def delivered(self) -> int:
        return sum(fate.state is State.DELIVERED and fate.posted == 1 for fate in self.fates)

    def lines(self) -> Iterator[tuple[str, str]]:
        there = sum(fate.posted for fate in self.uncertain)
        rate = MOST * len(self.fates) / self.busy_seconds
        yield "deliveries", f"{len(self.fates)}"
        yield "workers killed", f"{self.kills}"
        yield "tries, and retries among them", f"{self.tries}, {self.tries - len(self.fates)}"
        yield "posted once and known so", f"{self.delivered}"
        yield "looked up by the bot", f"{self.looked_up}"
        yield "uncertain by the webhook, and told", f"{len(self.uncertain)} ({there} are in the channel)"
        yield "posted twice", f"{self.doubled}"
        yield "lost in silence", f"{self.silent}"
        yield "seconds in all", f"{self.seconds:.0f}"
        yield "deliveries a second, to the first 95 %", f"{rate:.1f}"


def fates(plan: Plan, posted: Sequence[Message], told: Sequence[Message]) -> Sequence[Fate]:
    """What Slack, the ledger and the notices say of each delivery."""
    in_channel, in_notices = _named(posted), _named(told)
    subscriptions = plan.settings().subscriptions

    with closing(plan.ledger()) as ledger:

        def fate(due: Due) -> Fate:
            delivery = due.order(subscriptions).edition(due.moment, ZONE).delivery(due.destination)
            entry = ledger.entry(delivery, plan.clock())
            name = due.report
            return Fate(due.destination, in_channel[name], entry.state if entry else None, name in in_notices)

        with ThreadPoolExecutor(8) as pool:
            return tuple(pool.map(fate, plan.dues()))


def _named(messages: Sequence[Message]) -> Counter[str]:
    """How many messages are about each report: its name is in its title."""
    texts = (json.dumps(message.payload) for message in messages)
    return Counter(found.group() for text in texts if (found := re.search(r"report-[0-9]{4}", text)))
