"""Whether all is well, over HTTP: for people, and for whatever watches over the app."""

from collections.abc import Callable, Sequence

from reporter.app import App
from reporter.health import ReportHealth
from reporter.health import health as look
from reporter.http import responses
from reporter.http.messages import Request, Response
from reporter.publishing.untold import sentence, untold
from reporter.render.sanitize import Object
from reporter.reports.deliveries import DeliveryRecord
from reporter.reports.errors import ConfigError, ReporterError, SettingsProblem

METHODS = ("GET", "HEAD")
TELL = "Look whether Slack can be reached; the next report or command tells people."


def health(request: Request, app: Callable[[], App]) -> Response:
    """200 when all is well; 503 when a report is overdue, or the settings or the ledger are not in order."""
    if request.method not in METHODS:
        return responses.not_allowed(METHODS)
    try:
        answer = _look(app())
    except ConfigError as error:
        answer = _answer((), responses.settings(error.faults))
    except ReporterError as error:
        answer = _answer(
            (), responses.problem(error, "Look whether the ledger's place can be reached; then ask again.")
        )
    return (
        Response(answer.status, b"", answer.content_type, answer.headers)
        if request.method == "HEAD"
        else answer
    )


def _look(app: App) -> Response:
    settings = app.settings
    reports = look(settings.subscriptions, app.ledger, app.clock(), settings.project_zone)
    silent = [responses.fault(sentence(record), TELL) for record in untold(app)]
    return _answer(reports, responses.settings(_unready(app), silent))


def _unready(app: App) -> Sequence[SettingsProblem]:
    """The faults of destinations that a report is sent to."""
    used = {name for one in app.settings.subscriptions.values() for name in one.destinations}
    return [fault for name, fault in app.settings.unready.items() if name in used]


def _answer(reports: Sequence[ReportHealth], errors: Object) -> Response:
    is_well = not errors["errors"] and all(one.is_well for one in reports)
    body: Object = {"is_well": is_well, "reports": [_report(one) for one in reports], **errors}
    return responses.said(200 if is_well else 503, body)


def _report(one: ReportHealth) -> Object:
    return {
        "report": one.report,
        "is_well": one.is_well,
        "is_paused": one.is_paused,
        "next_due": responses.moment(one.next_due),
        "overdue_since": responses.moment(one.overdue_since),
        "overdue": list(one.overdue),
        "last_deliveries": [_delivery(record) for record in one.last],
    }


def _delivery(record: DeliveryRecord) -> Object:
    period = record.delivery.period
    return {
        "destination": record.delivery.destination,
        "from_date": period.start.isoformat(),
        "to_date": period.last.isoformat(),
        "state": record.entry.state.value,
        "at": responses.moment(record.entry.at),
        "reason": record.entry.reason,
    }
