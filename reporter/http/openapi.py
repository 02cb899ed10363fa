"""The OpenAPI document: `python -m reporter.http.openapi` writes docs/openapi.json."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from reporter.http.parameters import FUNCTION_KEY, IDEMPOTENCY_KEY, STATUS
from reporter.http.responses import DELIVERIES
from reporter.http.schemas import KEY, PARAMETERS, SCHEMAS, TICKET, ref
from reporter.render.sanitize import Json, Object, written

FILE = Path("docs/openapi.json")
CUSTOM_REPORT, HEALTH = "/api/CustomReport", "/api/Health"

_PAGE: Final[Object] = {"text/html": {"schema": {"type": "string"}}}
_SECONDS: Final[Object] = {"type": "integer", "minimum": 1}
_HEADERS: Final[Object] = {
    "Retry-After": {"description": "Seconds.", "required": True, "schema": _SECONDS},
}
_WRONG_KEY: Final[Object] = {"description": "The function key is missing or wrong: Azure's own answer."}


def openapi() -> Object:
    """The document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Reporter",
            "version": "1",
            "description": "Reports of Mixpanel's numbers on request, and whether those on a schedule came.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [
            {
                "url": "https://{app}.azurewebsites.net",
                "variables": {"app": {"default": "my-analytics-reporter"}},
            },
            {"url": "http://localhost:7071"},
        ],
        "security": [{"functionKey": []}, {"functionKeyInAddress": []}],
        "paths": {CUSTOM_REPORT: _custom_report(), HEALTH: _health()},
        "components": {
            "securitySchemes": {
                "functionKey": {"type": "apiKey", "in": "header", "name": "x-functions-key"},
                "functionKeyInAddress": {"type": "apiKey", "in": "query", "name": FUNCTION_KEY},
            },
            "schemas": dict(SCHEMAS),
        },
    }


def _custom_report() -> Object:
    asked = [_query(name, said, schema) for name, (said, schema) in PARAMETERS.items()]
    get: Object = {
        "operationId": "getCustomReport",
        "summary": "Make a report and send it",
        "description": "Each call sends once more, but for one that repeats an Idempotency-Key together with "
        "its parameters. It sends for programs such as curl, known by their User-Agent; link previewers and "
        "browsers get a page that says what this is, with a button that sends. POST sends for everybody.",
        "parameters": [*asked, _query(STATUS, "What became of this order; stands alone.", TICKET), _key()],
        "responses": _answers(standing=True),
    }
    post: Object = {
        "operationId": "postCustomReport",
        "summary": "Make a report and send it",
        "description": "As GET. A parameter may stand in the address or in the body.",
        "parameters": [*asked, _key()],
        "requestBody": {"required": False, "content": _json("Call")},
        "responses": _answers(standing=False),
    }
    return {"get": get, "post": post, "head": _head("headCustomReport", "Look at the address; sends nothing")}


def _query(name: str, said: str, schema: Object) -> Object:
    return {"name": name, "in": "query", "description": said, "schema": schema}


def _key() -> Object:
    said = "Repeats of a call with the same key and the same parameters send once; they say what stands."
    return {"name": IDEMPOTENCY_KEY, "in": "header", "description": said, "schema": KEY}


def _answers(*, standing: bool) -> Object:
    made = ("Made", "SlackMessage", *(("Standing",) if standing else ()))
    deliveries: Object = {
        "description": "slack=delivered, for answers that are a page.",
        "schema": {"type": "string"},
    }
    location: Object = {"description": "The status address.", "required": True, "schema": {"type": "string"}}
    return {
        "200": {
            "description": "The report, sent to at least one of its destinations if it was to be sent; "
            "or, asked for its status, what became of an order.",
            "headers": {DELIVERIES: deliveries},
            "content": {**_json(*made), **_PAGE},
        },
        "202": {
            "description": "It takes longer. The status address tells what becomes of it.",
            "headers": {**_HEADERS, "Location": location},
            "content": _json("Accepted"),
        },
        "400": {
            "description": "The call is wrong; every fault of it is named.",
            "content": _json("Problems"),
        },
        "401": _WRONG_KEY,
        "500": {"description": "The settings are wrong; every fault is named.", "content": _json("Faults")},
        "502": {
            "description": "Mixpanel or Slack refused, or Slack's answer was lost. Repeating will not help.",
            "content": _json("Undelivered"),
        },
        "503": {
            "description": "Not now: Mixpanel's hourly quota is spent, or somebody does not answer. "
            "Nothing was sent.",
            "headers": _HEADERS,
            "content": _json("Undelivered"),
        },
    }


def _health() -> Object:
    get: Object = {
        "operationId": "getHealth",
        "summary": "Whether every report came that should have come; asks Mixpanel nothing",
        "responses": {
            "200": {"description": "All is well.", "content": _json("Health")},
            "401": _WRONG_KEY,
            "503": {
                "description": "A report is overdue, or the settings or the ledger are not in order.",
                "content": _json("Health"),
            },
        },
    }
    head = _head("headHealth", "Whether all is well, by the status alone")
    return {"get": get, "head": head}


def _head(operation: str, summary: str) -> Object:
    sick: Object = {"503": {"description": "All is not well."}} if operation == "headHealth" else {}
    fine: Object = {"200": {"description": "Nothing but the status."}, "401": _WRONG_KEY}
    return {"operationId": operation, "summary": summary, "responses": {**fine, **sick}}


def _json(*schemas: str) -> Object:
    some: Sequence[Json] = [ref(name) for name in schemas]
    return {"application/json": {"schema": ref(schemas[0]) if len(schemas) == 1 else {"anyOf": some}}}


if __name__ == "__main__":
    FILE.write_text(written(openapi()), encoding="utf-8")
