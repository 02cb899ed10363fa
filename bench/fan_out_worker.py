"""An instance of the app: takes deliveries off the queue as Azure's host does, until it is killed."""

import logging
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Thread

import httpx2
from azure.core.exceptions import ResourceNotFoundError

from bench.fan_out_plan import IN_FLIGHT, PAUSE, Plan
from reporter.app import assemble
from reporter.assembly import EventStorage
from reporter.azure import TRIES
from reporter.publishing.worker import Worker
from reporter.reports.deliveries import Attempt

IDLE = 0.2  # seconds between two looks at an empty queue


@dataclass(frozen=True, slots=True)
class Network(httpx2.BaseTransport):
    """Connections of their own, as ever; but the certificates, for which nobody asks here, are read once."""

    inner: httpx2.HTTPTransport = field(
        default_factory=lambda: httpx2.HTTPTransport(limits=httpx2.Limits(max_keepalive_connections=0))
    )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return self.inner.handle_request(request)


def work(plan: Plan) -> None:
    logging.disable(logging.CRITICAL)
    app = assemble(
        plan.settings(), plan.ledger(), EventStorage(plan.tries.parent), transport=Network(), clock=plan.clock
    )
    tries = os.open(plan.tries, os.O_APPEND | os.O_WRONLY)

    def count(report: str) -> None:
        os.write(tries, f"{report}\n".encode())

    threads = [Thread(target=serve, args=(plan, Worker(app), count)) for _ in range(IN_FLIGHT)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def serve(plan: Plan, worker: Worker, count: Callable[[str], None]) -> None:
    """As host.json says: so long hidden while it is tried or has failed, so many tries."""
    queue, pause = plan.queue(), plan.clock.seconds(PAUSE)
    while True:
        message = queue.receive_message(visibility_timeout=pause)
        if message is None:
            time.sleep(IDLE)
            continue
        count(message.content)
        is_done = try_one(worker, message.content, message.dequeue_count or 1)
        with suppress(ResourceNotFoundError):  # it was hidden for too short a time, and somebody else has it
            if is_done:
                queue.delete_message(message)
            else:
                queue.update_message(message, visibility_timeout=pause)


def try_one(worker: Worker, message: str, number: int) -> bool:
    """Whether it is done with; whatever is raised, the host tries it again."""
    try:
        if number > TRIES:
            worker.give_up(message)
        else:
            worker.deliver(message, Attempt(number, TRIES, 10))
    except Exception:
        return False
    return True
