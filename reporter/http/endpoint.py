"""The program over HTTP: a report on request, and whether all is well. It knows no server and no cloud."""

from collections.abc import Callable, Sequence
from uuid import uuid4

from reporter.app import App
from reporter.http import responses
from reporter.http.deadline import Deadline, DeadlinePassed, begin
from reporter.http.delivery import Deliveries, DeliveryStatus, status_of
from reporter.http.messages import Request, Response
from reporter.http.orders import addressed, edition, ordered
from reporter.http.parameter_types import Ticket
from reporter.http.parameters import BadRequest, Wanted, wanted
from reporter.http.previews import explained, is_preview, may_send
from reporter.publishing.queue import OnDemand, ledger_name
from reporter.reports.deliveries import Delivery
from reporter.reports.errors import ReporterError, Unavailable
from reporter.reports.report import Report

PATIENCE = 60.0  # seconds; Azure cuts an answer after 230
METHODS = ("GET", "POST", "HEAD")


def custom_report(
    request: Request,
    app: Callable[[], App],
    later: Callable[[str], None],
    *,
    patience: float = PATIENCE,
    new_id: Callable[[], str] = lambda: uuid4().hex[:16],
) -> Response:
    """A report on request, sent unless the call says otherwise; `later` queues what takes too long."""
    if request.method not in METHODS:
        return responses.not_allowed(METHODS)
    if is_preview(request):
        return explained(request)
    waiting = Deadline(patience)
    try:
        return _answer(request, app(), later, waiting, new_id)
    except BadRequest as bad:
        return responses.bad_request(bad.problems)
    except DeadlinePassed:
        return responses.failed(
            Unavailable("Mixpanel takes long to answer; what it said by now is kept for a while.")
        )
    except ReporterError as error:
        return responses.failed(error)


def _answer(
    request: Request, app: App, later: Callable[[str], None], patience: Deadline, new_id: Callable[[], str]
) -> Response:
    call = wanted(request, app.settings.subscriptions)
    if call.status is not None:
        return responses.standing(_standing(call.status, app))
    if call.sends and not may_send(request):
        return explained(request)
    order = ordered(call, app, new_id)
    orders = addressed(order, app) if call.sends else ()
    made = patience.wait(begin(lambda: edition(order, app)))
    if not call.sends:
        return _shown(order, call, app, patience)
    ticket = Ticket(order.report, made.period, order.id)
    return _sent(orders, call, app, later, patience, responses.status_address(request.url, ticket))


def _shown(order: OnDemand, call: Wanted, app: App, patience: Deadline) -> Response:
    """The report, sent nowhere. Raises NotYet."""
    work = begin(lambda: app.preview(order.order(app.subscriptions)))
    return responses.report(patience.wait(work), call.form, ())


def _sent(
    orders: Sequence[OnDemand],
    call: Wanted,
    app: App,
    later: Callable[[str], None],
    patience: Deadline,
    status: str,
) -> Response:
    deliveries = Deliveries(orders, app)
    report = _in_time(deliveries, later, patience)
    outcomes = deliveries.outcomes
    told = [DeliveryStatus.of(one.destination, outcomes.get(one.destination), app.clock()) for one in orders]
    match status_of(told):
        case 200:
            return responses.report(report, call.form, told)
        case 202:
            return responses.accepted(status, told)
        case code:
            return responses.undelivered(code, told)


def _in_time(deliveries: Deliveries, later: Callable[[str], None], patience: Deadline) -> Report | None:
    """The report that was delivered; None when the queue has to go on with it, or it cannot be had."""
    try:
        return patience.wait(begin(deliveries.make))
    except DeadlinePassed:
        for order in deliveries.hand_over():
            later(order.message)
        return None


def _standing(ticket: Ticket, app: App) -> Sequence[DeliveryStatus]:
    """What the ledger knows of an order."""
    name, now = ledger_name(ticket.report, ticket.id), app.clock()
    return [
        DeliveryStatus.of(one, app.ledger.entry(Delivery(name, ticket.period, one), now), now)
        for one in app.settings.subscriptions[ticket.report].destinations
    ]
