"""How the answers read: always JSON, but for a report that was asked for as a page or as a message."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from reporter.http.delivery import DeliveryStatus
from reporter.http.messages import Response
from reporter.http.parameter_types import Ticket
from reporter.http.parameters import Problem
from reporter.render.sanitize import Json, Object, written
from reporter.reports.errors import ConfigError, ReporterError, SettingsProblem, Unavailable
from reporter.reports.report import Report

RETRY = 60.0  # seconds, where nobody said how long
LOOK_AGAIN = "30"
DELIVERIES = "Report-Deliveries"  # a header: "slack=delivered", for answers that are a page
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def said(status: int, value: Json, **headers: str) -> Response:
    """JSON; header names are written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, written(value).encode(), headers={**_HEADERS, **named})


def not_allowed(methods: Sequence[str]) -> Response:
    allowed = ", ".join(methods)
    return said(
        405, _errors({"problem": "is no method of this address", "mend": f"Use {allowed}."}), Allow=allowed
    )


def bad_request(problems: Sequence[Problem]) -> Response:
    errors = ({"parameter": one.parameter, "problem": one.problem, "mend": one.fix} for one in problems)
    return said(400, _errors(*errors))


def report(made: Report | None, form: str, deliveries: Sequence[DeliveryStatus]) -> Response:
    """A report as it was asked for; as JSON where it cannot be had any more."""
    states = _states(deliveries)
    match form if made else "json", made:
        case "html", Report() as made:
            from reporter.render import html

            page = html.draw(made).encode(errors="replace")
            return Response(200, page, "text/html; charset=utf-8", {**_HEADERS, **states})
        case "slack", Report() as made:
            from reporter.render import slack

            return Response(200, slack.payloads(made)[0].body, headers={**_HEADERS, **states})
        case _:
            from reporter.render.document import document

            drawn = document(made) if made else None
            answer = said(200, {"report": drawn, "deliveries": _told(deliveries)})
            return Response(200, answer.body, headers={**answer.headers, **states})


def accepted(address: str, deliveries: Sequence[DeliveryStatus]) -> Response:
    """Where to look what has become of it."""
    body: Object = {"status": address, "deliveries": _told(deliveries)}
    return said(202, body, Location=address, Retry_After=LOOK_AGAIN)


def standing(deliveries: Sequence[DeliveryStatus]) -> Response:
    return said(200, {"deliveries": _told(deliveries)})


def undelivered(status: int, deliveries: Sequence[DeliveryStatus]) -> Response:
    """Nothing was delivered: 502 or 503."""
    errors = [one.error for one in deliveries if one.error is not None]
    body = {**_errors(*(_error(error) for error in errors)), "deliveries": _told(deliveries)}
    after = max((error.after or RETRY for error in errors if isinstance(error, Unavailable)), default=RETRY)
    return said(status, body, **_retry(after) if status == 503 else {})


def failed(error: ReporterError) -> Response:
    """An error that ends the call before anything is sent."""
    match error:
        case ConfigError(faults=faults):
            return said(500, settings(faults))
        case Unavailable(after=after):
            return said(503, _nothing(error), **_retry(after or RETRY))
        case _:
            return said(502, _nothing(error))


def settings(faults: Sequence[SettingsProblem], others: Sequence[Mapping[str, Json]] = ()) -> Object:
    """The faults of the settings, and what else is wrong; they hold no secret."""
    wrong = [{"setting": one.place, "problem": one.problem, "mend": one.fix} for one in faults]
    return _errors(*wrong, *others)


def problem(error: ReporterError, fix: str) -> Object:
    return _errors(fault(str(error), fix))


def fault(problem: str, fix: str) -> Mapping[str, Json]:
    return {"problem": problem, "mend": fix}


def status_address(url: str, ticket: Ticket) -> str:
    """Where the order's state is told: the call's own address, without the key in it."""
    parts = urlsplit(url)
    host = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.scheme and parts.netloc else ""
    return f"{host}{quote(parts.path, safe='/%')}?status={quote(str(ticket))}"


def moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else None


def _nothing(error: ReporterError) -> Object:
    return {**_errors(_error(error)), "deliveries": []}


def _error(error: ReporterError) -> Object:
    match error:
        case Unavailable():
            fix = "Nothing was sent. Call again later; Retry-After says when, in seconds."
        case ReporterError():
            fix = "The reason says what to do; `reporter check` looks whether all is well."
    return {"problem": str(error), "mend": fix}


def _errors(*errors: Mapping[str, Json]) -> Object:
    return {"errors": list(errors)}


def _retry(after: float) -> dict[str, str]:
    return {"Retry_After": str(max(1, math.ceil(after)))}


def _told(deliveries: Sequence[DeliveryStatus]) -> list[Json]:
    return [
        {
            "destination": one.destination,
            "state": one.state,
            "at": moment(one.at),
            "reason": one.reason,
            "left_out": list(one.left_out),
        }
        for one in deliveries
    ]


def _states(deliveries: Sequence[DeliveryStatus]) -> dict[str, str]:
    states = ", ".join(f"{one.destination}={one.state}" for one in deliveries)
    return {DELIVERIES: states} if states else {}
