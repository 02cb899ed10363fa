"""The functions of Azure: they translate between its triggers and the program, and decide nothing."""

import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, List, TypeAlias  # noqa: UP035

import azure.functions as func

from reporter.dispatch import gate
from reporter.model.errors import ConfigError, Fault
from reporter.model.utc_cron import utc_cron
from reporter.timetable import Timer, timers

if TYPE_CHECKING:  # heavy: loaded when a report is due
    from reporter.worker import Worker

QUEUE = "deliveries"
STORAGE = "AzureWebJobsStorage"
TRIES = 9  # host.json: maxDequeueCount; with 10 minutes between them they outlast Mixpanel's hourly quota
PAUSE = "in 10 minutes"  # host.json: visibilityTimeout

Messages: TypeAlias = List[str]  # noqa: UP006  (the worker refuses a plain list)

LOG = logging.getLogger("reporter.azure")


def build(root: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> func.FunctionApp:
    """All functions of the app in this folder. Fails for no settings, and for no lack of them."""
    app = func.FunctionApp()
    for timer in timers(os.environ, _reports_text(root)):
        _add_timer(app, timer, root, clock)
    _add_queue(app, root)
    _add_poison(app, root)
    return app


def _reports_text(root: Path) -> str | None:
    try:
        return (root / os.environ.get("REPORTS_FILE", "reports.toml")).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None


@lru_cache(maxsize=1)
def worker(root: Path) -> "Worker":
    """The program put together, once for a process. Raises ConfigError, after telling it where it can."""
    from reporter.config import read
    from reporter.wiring import assemble, open_ledger
    from reporter.worker import Worker

    try:
        settings = read(root, os.environ)
        return Worker(assemble(settings, open_ledger(os.environ, root / ".reporter")))
    except ConfigError as error:
        _tell_once(str(error), error.faults)
        raise


@lru_cache(maxsize=16)
def _tell_once(words: str, faults: tuple[Fault, ...]) -> None:
    """Say what is wrong with the settings: once for a process, since every function meets it."""
    from reporter.entrypoints.trouble import tell_wrong_settings

    LOG.error("settings-wrong: %s", words)
    tell_wrong_settings(faults, os.environ)


def _add_timer(app: func.FunctionApp, timer: Timer, root: Path, clock: Callable[[], datetime]) -> None:
    def fire(timer_request: func.TimerRequest, messages: func.Out[Messages]) -> None:
        now = clock()
        due = gate(timer.schedule, now, is_past_due=timer_request.past_due)
        if due is None:
            LOG.info("not due report=%s", timer.report)
            return
        messages.set(list(worker(root).due(timer.report, due)))

    output = app.queue_output(  # pyright: ignore[reportUnknownMemberType]
        arg_name="messages", queue_name=QUEUE, connection=STORAGE
    )
    trigger = app.timer_trigger(schedule=utc_cron(timer.schedule, clock().year), arg_name="timer_request")
    app.function_name(timer.function)(trigger(output(fire)))


def _add_queue(app: func.FunctionApp, root: Path) -> None:
    def deliver(message: func.QueueMessage) -> None:
        from reporter.publish import Attempt

        attempt = Attempt(message.dequeue_count or 1, TRIES, PAUSE)
        worker(root).deliver(message.get_body().decode(), attempt)

    trigger = app.queue_trigger(  # pyright: ignore[reportUnknownMemberType]
        arg_name="message", queue_name=QUEUE, connection=STORAGE
    )
    app.function_name("DeliverReport")(trigger(deliver))


def _add_poison(app: func.FunctionApp, root: Path) -> None:
    def give_up(message: func.QueueMessage) -> None:
        said = message.get_body().decode()
        try:
            worker(root).give_up(said)
        except ConfigError:  # told already; a second poisoned queue would help nobody
            LOG.error("given-up message=%s: the settings are wrong", said)

    trigger = app.queue_trigger(  # pyright: ignore[reportUnknownMemberType]
        arg_name="message", queue_name=f"{QUEUE}-poison", connection=STORAGE
    )
    app.function_name("FailedReport")(trigger(give_up))
