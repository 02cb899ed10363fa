"""The functions of Azure: they translate between its triggers and the program, and decide nothing."""

import logging
import os
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, List, TypeAlias, cast  # noqa: UP035
from zoneinfo import ZoneInfo

import azure.functions as func

from reporter.reports.azure_timers import TIMER_EARLY_BY, gate, is_run_by_hand, utc_cron
from reporter.reports.errors import ConfigError, SettingsProblem
from reporter.reports.schedules import Schedule
from reporter.setting_files import Timer, may_wait, read_files, timers

if TYPE_CHECKING:  # heavy: loaded when a report is due
    from reporter.app import App
    from reporter.http.request import HttpRequest, HttpResponse
    from reporter.publishing.worker import Worker

QUEUE = "deliveries"
STORAGE = "AzureWebJobsStorage"
TRIES = 9  # host.json: maxDequeueCount; with 10 minutes between them they outlast Mixpanel's hourly quota
PAUSE = 10  # minutes; host.json: visibilityTimeout
WAITING = "0 */15 * * * *"  # the quarters of an hour, on which a wait for data ends

Messages: TypeAlias = List[str]  # noqa: UP006  (the worker refuses a plain list)

LOG = logging.getLogger("reporter.azure")


def build(root: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> func.FunctionApp:
    """All functions of the app in this folder. Fails for no settings, and for no lack of them."""
    app = func.FunctionApp()
    found = timers(read_files(root, os.environ))
    for timer in found:
        _add_timer(app, timer, root, clock)
    _add_waiting(app, [timer for timer in found if timer.waits_until is not None], root, clock)
    _add_queue(app, root)
    _add_poison(app, root)
    _add_http(app, root)
    return app


@lru_cache(maxsize=2)
def _app(root: Path, *, sends: bool) -> "App":
    """The program put together, once for a process. Raises ConfigError, after telling people where it can."""
    from reporter.app import open_app

    try:
        return open_app(root, os.environ, sends=sends)
    except ConfigError as error:
        _tell_once(root, error.faults)
        raise


@contextmanager
def _worker(root: Path) -> Generator["Worker"]:
    from reporter.publishing.worker import Worker

    with _exporting():
        yield Worker(_app(root, sends=True))


@contextmanager
def _exporting() -> Generator[None]:
    """What was measured is exported by the end of a run: the machine may be frozen then."""
    from reporter import telemetry

    try:
        yield
    finally:
        telemetry.flush()


@lru_cache(maxsize=16)
def _tell_once(root: Path, faults: tuple[SettingsProblem, ...]) -> None:
    """Say what is wrong with the settings: once for a process, since every function meets it."""
    from reporter.destinations.alarm import tell_wrong_settings

    tell_wrong_settings(faults, read_files(root, os.environ))


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a timer: when it is for, and after what the host ran it last."""

    now: datetime
    since: datetime | None  # None where the host does not say
    by_hand: bool

    @classmethod
    def of(cls, request: func.TimerRequest, fires: Schedule, now: datetime) -> "Run":
        """As the host's status tells it (azure-webjobs-sdk-extensions, TimerListener.InvokeJobFunction).

        `Next` is what this run is for; `Last` is when it ran before, the first day of all where it never did.
        """
        told: object = getattr(request, "schedule_status", None)  # older libraries have none
        status = cast("Mapping[str, object]", told if isinstance(told, dict) else {})
        last, meant = _moment(status.get("Last")), _moment(status.get("Next"))
        if meant is None:
            return cls(now, None, is_run_by_hand(fires, now))
        if meant - now > TIMER_EARLY_BY:
            return cls(now, None, by_hand=True)
        since = last if last is not None and last.year > 1 else fires.due_before(meant)
        return cls(max(now, meant), since, by_hand=False)


def _moment(text: object) -> datetime | None:
    """A moment as the host writes it; without a zone it is in UTC, as the host's clock is."""
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


def _add_timer(app: func.FunctionApp, timer: Timer, root: Path, clock: Callable[[], datetime]) -> None:
    expression = utc_cron(timer.schedule, clock().year)
    fires = Schedule(expression, ZoneInfo("UTC"))

    def fire(timer_request: func.TimerRequest, messages: func.Out[Messages]) -> None:
        run = Run.of(timer_request, fires, clock())
        due = gate(
            timer.schedule, run.now, since=run.since, is_past_due=timer_request.past_due or run.by_hand
        )
        if due is None:
            LOG.info("not due report=%s", timer.report)
            return
        with _worker(root) as worker:
            messages.set(list(worker.due(timer.report, due, run.since)))

    output = app.queue_output(  # pyright: ignore[reportUnknownMemberType]
        arg_name="messages", queue_name=QUEUE, connection=STORAGE
    )
    trigger = app.timer_trigger(schedule=expression, arg_name="timer_request")
    app.function_name(timer.function)(trigger(output(fire)))


def _add_waiting(
    app: func.FunctionApp, waiting: Sequence[Timer], root: Path, clock: Callable[[], datetime]
) -> None:
    """No queue holds a message back for as long as a report may wait: a timer looks for those that do."""
    if not waiting:
        return

    def retry(timer_request: func.TimerRequest, messages: func.Out[Messages]) -> None:
        if not any(may_wait(timer, clock()) for timer in waiting):
            LOG.info("nothing waits")
            return
        from reporter.publishing.outstanding import queue_waiting

        later: list[str] = []
        with _worker(root) as worker:
            queue_waiting(worker, later.append)
        if later:
            messages.set(later)

    output = app.queue_output(  # pyright: ignore[reportUnknownMemberType]
        arg_name="messages", queue_name=QUEUE, connection=STORAGE
    )
    trigger = app.timer_trigger(schedule=WAITING, arg_name="timer_request")
    app.function_name("RetryWaiting")(trigger(output(retry)))


def _add_queue(app: func.FunctionApp, root: Path) -> None:
    def deliver(message: func.QueueMessage) -> None:
        from reporter.publishing.publish import Attempt

        attempt = Attempt(message.dequeue_count or 1, TRIES, PAUSE)
        with _worker(root) as worker:
            worker.deliver(message.get_body().decode(), attempt)

    trigger = app.queue_trigger(  # pyright: ignore[reportUnknownMemberType]
        arg_name="message", queue_name=QUEUE, connection=STORAGE
    )
    app.function_name("DeliverReport")(trigger(deliver))


def _add_poison(app: func.FunctionApp, root: Path) -> None:
    def give_up(message: func.QueueMessage) -> None:
        said = message.get_body().decode()
        try:
            with _worker(root) as worker:
                worker.give_up(said)
        except ConfigError:  # told already; a second poisoned queue would help nobody
            LOG.error("given-up message=%s: the settings are wrong", said)

    trigger = app.queue_trigger(  # pyright: ignore[reportUnknownMemberType]
        arg_name="message", queue_name=f"{QUEUE}-poison", connection=STORAGE
    )
    app.function_name("FailedReport")(trigger(give_up))


def _add_http(app: func.FunctionApp, root: Path) -> None:
    def custom_report(request: func.HttpRequest, messages: func.Out[Messages]) -> func.HttpResponse:
        from reporter.http.endpoints import custom_report

        later: list[str] = []
        with _exporting():
            response = custom_report(_request(request), lambda: _app(root, sends=False), later.append)
        if later:
            messages.set(later)
        return _response(response)

    def health(request: func.HttpRequest) -> func.HttpResponse:
        from reporter.http.endpoints import health

        response = health(_request(request), lambda: _app(root, sends=False))
        return _response(response)

    def due(request: func.HttpRequest, messages: func.Out[Messages]) -> func.HttpResponse:
        from reporter.http.endpoints import due

        later: list[str] = []
        with _exporting():
            response = due(_request(request), lambda: _app(root, sends=True), later.append)
        if later:
            messages.set(later)
        return _response(response)

    output = app.queue_output(  # pyright: ignore[reportUnknownMemberType]
        arg_name="messages", queue_name=QUEUE, connection=STORAGE
    )
    route = app.route(route="CustomReport", methods=("GET", "POST", "HEAD"), trigger_arg_name="request")
    app.function_name("CustomReport")(route(output(custom_report)))
    route = app.route(route="Due", methods=("POST",), trigger_arg_name="request")
    app.function_name("Due")(route(output(due)))
    route = app.route(route="Health", methods=("GET", "HEAD"), trigger_arg_name="request")
    app.function_name("Health")(route(health))


def _request(request: func.HttpRequest) -> "HttpRequest":
    from reporter.http.request import HttpRequest

    given = cast("Mapping[str, str]", request.headers)
    headers = {name.lower(): value for name, value in given.items()}
    return HttpRequest(request.method, dict(request.params), headers, request.get_body(), request.url)


def _response(response: "HttpResponse") -> func.HttpResponse:
    headers = {**response.headers, "content-type": response.content_type}
    return func.HttpResponse(response.body, status_code=response.status, headers=headers)
