"""The functions of Azure: they translate between its triggers and the program, and decide nothing."""

import logging
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, List, TypeAlias, cast  # noqa: UP035
from zoneinfo import ZoneInfo

import azure.functions as func

from reporter.dispatch import gate, is_run_by_hand
from reporter.model.errors import ConfigError, Fault
from reporter.model.schedule import Schedule
from reporter.model.utc_cron import utc_cron
from reporter.timetable import Timer, timers

if TYPE_CHECKING:  # heavy: loaded when a report is due
    from reporter.entrypoints.http.shapes import Request, Response
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
    _add_http(app, root)
    return app


def _reports_text(root: Path) -> str | None:
    try:
        return (root / os.environ.get("REPORTS_FILE", "reports.toml")).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None


@lru_cache(maxsize=2)
def worker(root: Path, *, sends: bool = True) -> "Worker":
    """The program put together, once for a process. Raises ConfigError, after telling it where it can.

    What only shows a report (`sends=False`) needs no destination.
    """
    from reporter.config import read
    from reporter.wiring import Place, assemble, open_ledger
    from reporter.worker import Worker

    try:
        settings = read(root, os.environ, need_destinations=sends)
        folder = root / ".reporter"
        return Worker(assemble(settings, open_ledger(os.environ, folder), Place.of(os.environ, folder)))
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
    expression = utc_cron(timer.schedule, clock().year)
    fires = Schedule(expression, ZoneInfo("UTC"))

    def fire(timer_request: func.TimerRequest, messages: func.Out[Messages]) -> None:
        now = clock()
        by_hand = is_run_by_hand(fires, now)
        due = gate(timer.schedule, now, is_past_due=timer_request.past_due or by_hand)
        if due is None:
            LOG.info("not due report=%s", timer.report)
            return
        messages.set(
            list(worker(root).due(timer.report, due, by_hand=by_hand and not timer_request.past_due))
        )

    output = app.queue_output(  # pyright: ignore[reportUnknownMemberType]
        arg_name="messages", queue_name=QUEUE, connection=STORAGE
    )
    trigger = app.timer_trigger(schedule=expression, arg_name="timer_request")
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


def _add_http(app: func.FunctionApp, root: Path) -> None:
    def custom_report(request: func.HttpRequest, messages: func.Out[Messages]) -> func.HttpResponse:
        from reporter.entrypoints.http.endpoint import custom_report

        later: list[str] = []
        response = custom_report(_request(request), lambda: worker(root, sends=False).app, later.append)
        if later:
            messages.set(later)
        return _response(response)

    def health(request: func.HttpRequest) -> func.HttpResponse:
        from reporter.entrypoints.http.health import health

        response = health(_request(request), lambda: worker(root, sends=False).app)
        return _response(response)

    output = app.queue_output(  # pyright: ignore[reportUnknownMemberType]
        arg_name="messages", queue_name=QUEUE, connection=STORAGE
    )
    route = app.route(route="CustomReport", methods=("GET", "POST", "HEAD"), trigger_arg_name="request")
    app.function_name("CustomReport")(route(output(custom_report)))
    route = app.route(route="Health", methods=("GET", "HEAD"), trigger_arg_name="request")
    app.function_name("Health")(route(health))


def _request(request: func.HttpRequest) -> "Request":
    from reporter.entrypoints.http.shapes import Request

    given = cast("Mapping[str, str]", request.headers)
    headers = {name.lower(): value for name, value in given.items()}
    return Request(request.method, dict(request.params), headers, request.get_body(), request.url)


def _response(response: "Response") -> func.HttpResponse:
    headers = {**response.headers, "content-type": response.content_type}
    return func.HttpResponse(response.body, status_code=response.status, headers=headers)
