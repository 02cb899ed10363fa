"""What is answered: JSON, whose types are its schema; or a report as a page, or as the message for Slack."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Literal
from urllib.parse import quote, urlsplit

from pydantic import AliasPath, Field

from reporter.http.call import CallProblem, ReportForm
from reporter.http.request import HttpResponse
from reporter.publishing.on_demand import DeliveryStatus, Ticket
from reporter.publishing.outstanding import OutstandingDelivery
from reporter.render.document import ReportJson
from reporter.render.document_types import DocumentPart, Moment
from reporter.render.sanitize import written
from reporter.reports.deliveries import State
from reporter.reports.errors import ConfigError, ReporterError, SettingsProblem, Unavailable
from reporter.reports.report import Report

RETRY_AFTER = 60.0  # seconds, where nobody said how long
STATUS_RETRY_AFTER = "30"
DELIVERIES = "Report-Deliveries"  # a header: "slack=delivered", for answers that are a page
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
Fix = Annotated[str, Field(serialization_alias="mend")]


class DeliveryJson(DocumentPart):
    """What became of one delivery. uncertain: Slack's answer was lost, so check the channel before \
repeating it. failed: it surely was not sent. waiting: it is being measured, or is on the queue."""

    destination: str
    state: Literal["waiting", "claimed", "delivered", "uncertain", "failed", "quiet"]
    at: Moment | None
    reason: str | None
    left_out: list[str] = Field(description="What a plainer message had to leave out.")


class MadeJson(DocumentPart):
    """The report, and what was sent of it. The report is null where a repeated call cannot have it again."""

    report: ReportJson | None
    deliveries: list[DeliveryJson]


class OrderStatusJson(DocumentPart):
    """What became of an order."""

    deliveries: list[DeliveryJson]


class AcceptedJson(DocumentPart):
    """It takes longer; the queue goes on with it."""

    status: str = Field(description="The address that says what became of it; it needs the function key.")
    deliveries: list[DeliveryJson]


class CallProblemsJson(DocumentPart):
    """Everything that is wrong with the call."""

    errors: list[CallProblem] = Field(min_length=1)


class SettingProblemJson(DocumentPart):
    """One wrong setting; never its value."""

    setting: str = Field(validation_alias="place")
    problem: str
    fix: Fix


class SettingProblemsJson(DocumentPart):
    """Everything that is wrong with the settings."""

    errors: list[SettingProblemJson]


class FailureJson(DocumentPart):
    """Why it did not work."""

    problem: str
    fix: Fix


class FailuresJson(DocumentPart):
    errors: list[FailureJson]


class UndeliveredJson(FailuresJson):
    """Why there is no report, or why none was sent."""

    deliveries: list[DeliveryJson]


class LastDeliveryJson(DocumentPart):
    """The last delivery of a report to a destination."""

    destination: str = Field(validation_alias=AliasPath("delivery", "destination"))
    from_date: date = Field(validation_alias=AliasPath("delivery", "period", "start"))
    to_date: date = Field(validation_alias=AliasPath("delivery", "period", "last"))
    state: State = Field(validation_alias=AliasPath("entry", "state"))
    at: Moment = Field(validation_alias=AliasPath("entry", "at"))
    reason: str | None = Field(validation_alias=AliasPath("entry", "reason"))


class ReportHealthJson(DocumentPart):
    """How one report does. It is overdue when its moment is hours past and the last retry with it."""

    report: str
    is_well: bool
    is_paused: bool
    next_due: Moment | None = Field(description="null when it never is")
    overdue_since: Moment | None
    overdue: list[str] = Field(description="The destinations it has not come to.")
    last_deliveries: list[LastDeliveryJson] = Field(validation_alias="last")


class HealthJson(DocumentPart):
    """Whether every report came that should have come."""

    is_well: bool
    reports: list[ReportHealthJson]
    errors: list[SettingProblemJson | FailureJson]


class DueDeliveryJson(DocumentPart):
    """A delivery that is due and not made. queued: this call put it on the queue. waiting: it is there \
already, or under way."""

    report: str
    due: Moment
    destination: str
    state: Literal["queued", "waiting"]


class DueJson(DocumentPart):
    """What is due and not delivered."""

    deliveries: list[DueDeliveryJson]


def json_response(status: int, body: DocumentPart, **headers: str) -> HttpResponse:
    """JSON; header names are written with underscores."""
    text = written(body.model_dump(mode="json", by_alias=True))
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpResponse(status, text.encode(), headers={**_HEADERS, **named})


def not_allowed(methods: Sequence[str]) -> HttpResponse:
    allowed = ", ".join(methods)
    failure = FailureJson(problem="is no method of this address", fix=f"Use {allowed}.")
    return json_response(405, FailuresJson(errors=[failure]), Allow=allowed)


def bad_request(problems: Sequence[CallProblem]) -> HttpResponse:
    return json_response(400, CallProblemsJson(errors=list(problems)))


def report(made: Report | None, form: ReportForm, statuses: Sequence[DeliveryStatus]) -> HttpResponse:
    """A report as it was asked for; as JSON where it cannot be had any more."""
    match form if made else "json", made:
        case "html", Report() as made:
            from reporter.render import html

            page = html.draw(made).encode(errors="replace")
            response = HttpResponse(200, page, "text/html; charset=utf-8", _HEADERS)
        case "slack", Report() as made:
            from reporter.render import slack

            response = HttpResponse(200, slack.payloads(made)[0].body, headers=_HEADERS)
        case _:
            drawn = ReportJson.model_validate(made, context=made) if made else None
            response = json_response(200, MadeJson(report=drawn, deliveries=_deliveries(statuses)))
    states = ", ".join(f"{one.destination}={one.state}" for one in statuses)
    return replace(response, headers={**response.headers, **({DELIVERIES: states} if states else {})})


def order_status(statuses: Sequence[DeliveryStatus]) -> HttpResponse:
    return json_response(200, OrderStatusJson(deliveries=_deliveries(statuses)))


def accepted(address: str, statuses: Sequence[DeliveryStatus]) -> HttpResponse:
    """Where to see what has become of it."""
    body = AcceptedJson(status=address, deliveries=_deliveries(statuses))
    return json_response(202, body, Location=address, Retry_After=STATUS_RETRY_AFTER)


def outstanding(deliveries: Sequence[OutstandingDelivery]) -> HttpResponse:
    """200 when nothing is due that was not delivered, 202 while something is."""
    body = DueJson(deliveries=[DueDeliveryJson.model_validate(one) for one in deliveries])
    return json_response(202 if deliveries else 200, body)


def failed(error: ReporterError) -> HttpResponse:
    """An error that ends the call before anything is sent."""
    if isinstance(error, ConfigError):
        return json_response(500, SettingProblemsJson(errors=setting_problems(error.faults)))
    return _undelivered(503 if isinstance(error, Unavailable) else 502, [error], ())


def undelivered(status: int, statuses: Sequence[DeliveryStatus]) -> HttpResponse:
    """Nothing was delivered: 502 or 503."""
    return _undelivered(status, [one.error for one in statuses if one.error is not None], statuses)


def _undelivered(
    status: int, errors: Sequence[ReporterError], statuses: Sequence[DeliveryStatus]
) -> HttpResponse:
    body = UndeliveredJson(errors=[_failure(one) for one in errors], deliveries=_deliveries(statuses))
    waits = [one.after or RETRY_AFTER for one in errors if isinstance(one, Unavailable)]
    after = str(max(1, math.ceil(max(waits, default=RETRY_AFTER))))
    return json_response(status, body, **({"Retry_After": after} if status == 503 else {}))


def _failure(error: ReporterError) -> FailureJson:
    fix = "The reason says what to do; `reporter check` says whether all is well."
    if isinstance(error, Unavailable):
        fix = "Nothing was sent. Call again later; Retry-After says when, in seconds."
    return FailureJson(problem=str(error), fix=fix)


def setting_problems(faults: Sequence[SettingsProblem]) -> list[SettingProblemJson]:
    """What is wrong with the settings; it holds no secret."""
    return [SettingProblemJson.model_validate(fault) for fault in faults]


def status_address(url: str, ticket: Ticket) -> str:
    """Where the order's status is: the call's own address, without the key in it."""
    parts = urlsplit(url)
    host = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.scheme and parts.netloc else ""
    return f"{host}{quote(parts.path, safe='/%')}?status={quote(str(ticket))}"


def status_code(statuses: Sequence[DeliveryStatus]) -> int:
    """The answer's status: under way, done at least once, uncertain, later, or refused."""
    states = {one.state for one in statuses}
    if states & {"waiting", "claimed"}:
        return 202
    if states & {"delivered", "quiet"}:
        return 200
    is_temporary = any(isinstance(one.error, Unavailable) for one in statuses)
    return 503 if is_temporary and "uncertain" not in states else 502


def _deliveries(statuses: Sequence[DeliveryStatus]) -> list[DeliveryJson]:
    return [DeliveryJson.model_validate(one) for one in statuses]
