"""The program over HTTP: a report on request, what is due, and whether all is well. It knows no server."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

from reporter import telemetry
from reporter.app import App
from reporter.health import ReportHealth
from reporter.health import health as look
from reporter.http import responses
from reporter.http.call import (
    FUNCTION_KEY,
    BadRequest,
    CallProblem,
    ReportCall,
    read_call,
    unknown_parameter,
)
from reporter.http.request import HttpRequest, HttpResponse, explain_address, is_preview, may_send
from reporter.http.responses import FailureJson, HealthJson, SettingProblemJson
from reporter.publishing import on_demand
from reporter.publishing.claims import describe, pending
from reporter.publishing.on_demand import Deadline, DeadlinePassed, Ticket
from reporter.publishing.outstanding import queue_outstanding
from reporter.publishing.queue import OnDemand
from reporter.publishing.worker import Worker
from reporter.reports.errors import ConfigError, DaysRefused, ReporterError, Unavailable
from reporter.reports.subscriptions import Edition

LONGEST_WAIT = 60.0  # seconds; Azure cuts an answer after 230
METHODS = ("GET", "POST", "HEAD")
HEALTH_METHODS = ("GET", "HEAD")
DUE_METHODS = ("POST",)
CHECK_SLACK = "Check whether Slack can be reached; the next report or command tells people."
CHECK_LEDGER = "Check whether the ledger's storage can be reached; then ask again."


def custom_report(
    request: HttpRequest,
    app: Callable[[], App],
    later: Callable[[str], None],
    *,
    longest_wait: float = LONGEST_WAIT,
    new_id: Callable[[], str] = on_demand.random_id,
) -> HttpResponse:
    """A report on request, sent unless the call says otherwise; `later` queues what takes too long."""
    if request.method not in METHODS:
        return responses.not_allowed(METHODS)
    if is_preview(request):
        return explain_address(request)
    deadline = Deadline(longest_wait)
    try:
        with _ordered(request, app) as opened:
            return _answer(request, opened, later, deadline, new_id)
    except BadRequest as bad:
        return responses.bad_request(bad.problems)
    except DeadlinePassed:
        return responses.failed(
            Unavailable("Mixpanel takes long to answer; what it said by now is kept for a while.")
        )
    except ReporterError as error:
        return responses.failed(error)


@contextmanager
def _ordered(request: HttpRequest, app: Callable[[], App]) -> Generator[App]:
    """The app, and what is done with it as a part of the caller's trace, where it names one."""
    opened = app()  # which may start telemetry
    with telemetry.below(request.headers.get("traceparent")), telemetry.span("order report"):
        yield opened


def _answer(
    request: HttpRequest,
    app: App,
    later: Callable[[str], None],
    deadline: Deadline,
    new_id: Callable[[], str],
) -> HttpResponse:
    call = read_call(request, app.subscriptions)
    if call.status is not None:
        return responses.order_status(on_demand.order_status(call.status, app))
    if call.send_slack and not may_send(request):
        return explain_address(request)
    order = _order(call, app, new_id)
    orders = on_demand.addressed(order, app, app.settings.unready) if call.send_slack else ()
    edition = deadline.wait(lambda: _edition(order, app))
    if not call.send_slack:
        made = deadline.wait(lambda: app.preview(order.order(app.subscriptions)))
        return responses.report(made, call.format, ())
    address = responses.status_address(request.url, Ticket(order.report, edition.period, order.id))
    return _sent(orders, call, app, later, deadline, address)


def _order(call: ReportCall, app: App, new_id: Callable[[], str]) -> OnDemand:
    return on_demand.place_order(
        app,
        report=call.report,
        cadence=call.period,
        first=call.from_date,
        last=call.to_date,
        events=call.events,
        key=call.key if call.send_slack else None,
        new_id=new_id,
    )


def _edition(order: OnDemand, app: App) -> Edition:
    """The edition that is ordered. Raises BadRequest for days that are not complete, or too many."""
    try:
        return on_demand.check_days(order, app)
    except DaysRefused as error:
        parameter, problem = "to_date" if order.last else "from_date", str(error).rstrip(".")
        raise BadRequest([CallProblem(parameter=parameter, problem=problem, fix=error.fix)]) from None


def _sent(
    orders: Sequence[OnDemand],
    call: ReportCall,
    app: App,
    later: Callable[[str], None],
    deadline: Deadline,
    address: str,
) -> HttpResponse:
    report, statuses = on_demand.deliver(orders, app, later, deadline)
    match responses.status_code(statuses):
        case 200:
            return responses.report(report, call.format, statuses)
        case 202:
            return responses.accepted(address, statuses)
        case code:
            return responses.undelivered(code, statuses)


def due(request: HttpRequest, app: Callable[[], App], later: Callable[[str], None]) -> HttpResponse:
    """Queue with `later` what is due and not delivered, and nothing else: any clock may call it.

    A body is not looked at: a monitor may send one of its own.
    """
    if request.method not in DUE_METHODS:
        return responses.not_allowed(DUE_METHODS)
    if given := [name for name in request.query if name != FUNCTION_KEY]:
        return responses.bad_request([unknown_parameter(name, ()) for name in given])
    try:
        with _ordered(request, app) as opened:
            return responses.outstanding(queue_outstanding(Worker(opened), later))
    except ReporterError as error:
        return responses.failed(error)


def health(request: HttpRequest, app: Callable[[], App]) -> HttpResponse:
    """200 when all is well; 503 when a report is overdue, or the settings or the ledger are not in order."""
    if request.method not in HEALTH_METHODS:
        return responses.not_allowed(HEALTH_METHODS)
    try:
        answer = _look(app())
    except ConfigError as error:
        answer = _health((), responses.setting_problems(error.faults))
    except ReporterError as error:
        answer = _health((), [FailureJson(problem=str(error), fix=CHECK_LEDGER)])
    if request.method == "HEAD":
        return HttpResponse(answer.status, b"", answer.content_type, answer.headers)
    return answer


def _look(app: App) -> HttpResponse:
    settings = app.settings
    reports = look(settings.subscriptions, app.ledger, app.clock(), settings.project_zones)
    used = {name for one in settings.subscriptions.values() for name in one.destinations}
    unready = [fault for name, fault in settings.unready.items() if name in used]
    silent = [FailureJson(problem=describe(record), fix=CHECK_SLACK) for record in pending(app)]
    return _health(reports, [*responses.setting_problems(unready), *silent])


def _health(
    reports: Sequence[ReportHealth], errors: Sequence[SettingProblemJson | FailureJson]
) -> HttpResponse:
    is_well = not errors and all(one.is_well for one in reports)
    body = HealthJson.model_validate({"is_well": is_well, "reports": reports, "errors": errors})
    return responses.json_response(200 if is_well else 503, body)
