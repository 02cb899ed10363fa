"""Thousands of deliveries through Azure's queue while workers are killed: `python -m bench.fan_out`.

Real are Azurite's queue and table, the worker processes with the whole program, SIGKILL, and a Mixpanel and
a Slack on this machine, which takes 50 ms for an answer. Time runs 60 times as fast, so that the ten minutes
between two tries take ten seconds, and a claim is dead after fifteen. Half of the deliveries go to a webhook,
half to a bot. `--deliveries` and `--kills` change the size, `--speed` the clock.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from random import Random
from uuid import uuid4

from azure.storage.queue import QueueClient

from bench.fan_out_fates import MOST, Outcome, fates
from bench.fan_out_plan import IN_FLIGHT, FastClock, Plan
from bench.fan_out_worker import work
from reporter.local.mixpanel import LocalMixpanel
from reporter.local.product import make_product
from reporter.local.server import Fault
from reporter.local.slack import LocalSlack
from tests.azurite import Azurite, running

SPEED = 60.0
WORKERS = 3
SLACK_TAKES = 0.05  # seconds
LONGEST = 600.0  # seconds; then something hangs
LOOKS = 0.02  # seconds between two looks at how far it is

# One process imports the program, and each worker is a copy of it: the next one is there at once.
FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(
    ["__main__", "bench.fan_out_worker", "requests", "reporter.anomalies.expectation"]
)


@dataclass
class Workers:
    """Keeps so many alive."""

    plan: Plan
    random: Random
    alive: list[ForkServerProcess] = field(default_factory=list[ForkServerProcess])
    kills: int = 0

    def start(self) -> None:
        process = FORKS.Process(target=work, args=(self.plan,), daemon=True)
        process.start()
        self.alive.append(process)

    def kill_one(self) -> None:
        """Any of them, at any moment of its work."""
        time.sleep(self.random.uniform(0.0, SLACK_TAKES))
        self._kill(self.random.choice(self.alive))
        self.kills += 1
        self.start()

    def stop(self) -> None:
        for process in tuple(self.alive):
            self._kill(process)

    def _kill(self, process: ForkServerProcess) -> None:
        self.alive.remove(process)
        process.kill()
        process.join()
        process.close()


@dataclass(frozen=True, slots=True)
class Stage:
    """The servers, and a queue on which all deliveries wait."""

    plan: Plan
    queue: QueueClient
    slack: LocalSlack
    errors: LocalSlack


@contextmanager
def staged(azurite: Azurite, tries: Path, deliveries: int, clock: FastClock) -> Generator[Stage]:
    yesterday = clock.start.date() - timedelta(days=1)
    with ExitStack() as stack:
        product = make_product(yesterday, zone="UTC", days=40, scale=0.02)
        mixpanel = stack.enter_context(LocalMixpanel(product, quota=1_000_000))
        slack, errors = (stack.enter_context(LocalSlack(clock=clock)) for _ in range(2))
        slack.faults.append(Fault(delay=SLACK_TAKES, times=sys.maxsize))
        where = (mixpanel.url, slack.url, slack.webhook_url, errors.webhook_url)
        plan = Plan(deliveries, clock, azurite.connection_string, f"f{uuid4().hex}", *where, tries)
        queue = stack.enter_context(plan.queue())
        queue.create_queue()
        with ThreadPoolExecutor(8) as pool:
            tuple(pool.map(queue.send_message, [due.message for due in plan.dues()]))
        tries.touch()
        yield Stage(plan, queue, slack, errors)


def run(azurite: Azurite, folder: Path, deliveries: int, kills: int, speed: float = SPEED) -> Outcome:
    """Let it all happen. Raises TimeoutError where it does not end."""
    tries, clock = folder / "tries.txt", FastClock(datetime.now(UTC), speed)
    with staged(azurite, tries, deliveries, clock) as stage, ExitStack() as stack:
        workers = Workers(stage.plan, Random(deliveries))
        stack.callback(workers.stop)
        start = time.monotonic()
        for _ in range(WORKERS):
            workers.start()
        _kill_now_and_then(workers, stage, kills)
        _wait(lambda: len(stage.slack.messages) >= MOST * deliveries)
        busy = time.monotonic()
        _wait(lambda: not stage.queue.get_queue_properties().approximate_message_count, every=0.5)
        end = time.monotonic()
        workers.stop()
        asked = [one for one in stage.slack.requests if one.path.endswith("conversations.history")]
        return Outcome(
            fates(stage.plan, stage.slack.messages, stage.errors.messages),
            seconds=end - start,
            busy_seconds=busy - start,
            kills=workers.kills,
            tries=len(tries.read_text().splitlines()),
            looked_up=sum(b"cursor" not in one.body for one in asked),
        )


def _kill_now_and_then(workers: Workers, stage: Stage, kills: int) -> None:
    """Spread over the work: each when so many messages are in Slack as a die says."""
    most = int(stage.plan.deliveries * 0.9)
    for posted in sorted(workers.random.randint(1, most) for _ in range(kills)):
        _wait(lambda posted=posted: len(stage.slack.messages) >= posted)
        workers.kill_one()


def _wait(is_so: Callable[[], bool], every: float = LOOKS) -> None:
    end = time.monotonic() + LONGEST
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError("The fan-out does not end")
        time.sleep(every)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.fan_out", description=__doc__)
    parser.add_argument("--deliveries", type=int, default=2_000)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--speed", type=float, default=SPEED)
    asked = parser.parse_args()
    node = shutil.which("node")
    if node is None:
        parser.exit(1, "Azurite is needed, and so node: make tools\n")
    with tempfile.TemporaryDirectory() as folder, running(node, Path(folder)) as azurite:
        outcome = run(azurite, Path(folder), asked.deliveries, asked.kills, asked.speed)
    print(
        f"{WORKERS} workers with {IN_FLIGHT} deliveries under way each; time is {asked.speed:g} times as fast"
    )
    for name, figure in outcome.lines():
        print(f"{name:44}{figure:>24}")


if __name__ == "__main__":
    main()
