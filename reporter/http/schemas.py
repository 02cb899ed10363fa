"""The shapes of what goes in and out over HTTP, as JSON Schema."""

from collections.abc import Mapping
from typing import Final

from reporter.http import parameter_types
from reporter.render import document
from reporter.render.sanitize import Object
from reporter.reports.deliveries import State
from reporter.reports.periods import Cadence

_TEXT: Final[Object] = {"type": "string"}
_TEXTS: Final[Object] = {"type": "array", "items": _TEXT}
_TEXT_OR_NULL: Final[Object] = {"type": ["string", "null"]}
_MOMENT: Final[Object] = {"type": "string", "format": "date-time"}
_MOMENT_OR_NULL: Final[Object] = {"type": ["string", "null"], "format": "date-time"}
_FLAG: Final[Object] = {"type": "boolean"}
_DATE: Final[Object] = {"type": "string", "format": "date"}
_EVENT: Final[Object] = {
    "type": "string",
    "minLength": 1,
    "maxLength": parameter_types.LONGEST_EVENT,
}
_NAME: Final[Object] = {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_-]{0,59}$"}
_STATES: Final = tuple(state.value for state in State)

# A parameter: what it is, and its schema in the query.
PARAMETERS: Final[Mapping[str, tuple[str, Object]]] = {
    "period": (
        "Which days, where none are chosen: yesterday, the last 7, the last 14, or the last calendar month. "
        "It also chooses the report, where none is named: the first one of this period.",
        {"enum": [each.value for each in Cadence], "default": "daily", "examples": ["weekly"]},
    ),
    "report": ("A report of reports.toml, by name.", {**_NAME, "examples": ["weekly"]}),
    "send_slack": (
        "Whether the report is sent to its destinations.",
        {"enum": [*parameter_types.FLAGS, "True", "False"], "default": "true"},
    ),
    "from_date": ("The first day, instead of the period's days.", {**_DATE, "examples": ["2026-11-01"]}),
    "to_date": (
        "The last day; the last complete one when left out. Needs from_date.",
        {**_DATE, "examples": ["2026-11-10"]},
    ),
    "events": (
        "Event names with commas between them, counted instead of the report's metrics. "
        f"At most {parameter_types.MOST_EVENTS} names of {parameter_types.LONGEST_EVENT} characters.",
        {"type": "string", "minLength": 1, "examples": ["Sign Up,Page View"]},
    ),
    "format": (
        "How the report comes back: as data, as a page, or as the message that Slack gets.",
        {"enum": list(parameter_types.FORMATS), "default": "json"},
    ),
}
TICKET: Final[Object] = {"type": "string", "pattern": f"^{parameter_types.TICKET}$"}
KEY: Final[Object] = {"type": "string", "pattern": f"^{parameter_types.KEY}$"}


def _object(description: str, /, **properties: Object) -> Object:
    return {
        "description": description,
        "type": "object",
        "properties": properties,
        "required": list(properties),
    }


def _list(of: str) -> Object:
    return {"type": "array", "items": ref(of)}


def ref(name: str) -> Object:
    return {"$ref": f"#/components/schemas/{name}"}


def _call() -> Object:
    """The body of a POST: the same parameters, with JSON's own booleans and lists."""
    own: Mapping[str, Object] = {
        "send_slack": {"anyOf": [_FLAG, {"enum": [0, 1]}, PARAMETERS["send_slack"][1]], "default": True},
        "events": {
            "anyOf": [
                PARAMETERS["events"][1],
                {"type": "array", "items": _EVENT, "minItems": 1, "maxItems": parameter_types.MOST_EVENTS},
            ]
        },
    }
    properties: Object = {
        name: {"description": said, **own.get(name, schema)} for name, (said, schema) in PARAMETERS.items()
    }
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _report() -> dict[str, Object]:
    """The report's own schema, its definitions beside it."""
    whole = document.schema(ref_template="#/components/schemas/{model}")
    parts = whole.pop("$defs")
    return {"Report": whole, **parts}


SCHEMAS: Final[Mapping[str, Object]] = {
    "Call": _call(),
    "Delivery": _object(
        "What became of one delivery. uncertain: Slack's answer was lost, so look into the channel before "
        "repeating it. failed: it surely was not sent. waiting: it is being measured, or is on the queue.",
        destination=_TEXT,
        state={"enum": ["waiting", *_STATES]},
        at=_MOMENT_OR_NULL,
        reason=_TEXT_OR_NULL,
        left_out={**_TEXTS, "description": "What a plainer message had to leave out."},
    ),
    "Made": _object(
        "The report, and what was sent of it. The report is null where a repeated call cannot have it again.",
        report={"anyOf": [ref("Report"), {"type": "null"}]},
        deliveries=_list("Delivery"),
    ),
    "Standing": _object("What became of an order.", deliveries=_list("Delivery")),
    "Accepted": _object(
        "It takes longer; the queue goes on with it.",
        status={
            **_TEXT,
            "description": "The address that tells what became of it; it needs the function key.",
        },
        deliveries=_list("Delivery"),
    ),
    "Problems": _object(
        "Everything that is wrong with the call.",
        errors={
            "type": "array",
            "minItems": 1,
            "items": _object("One wrong parameter.", parameter=_TEXT, problem=_TEXT, mend=_TEXT),
        },
    ),
    "Faults": _object("Everything that is wrong with the settings.", errors=_list("Fault")),
    "Fault": _object("One wrong setting; never its value.", setting=_TEXT, problem=_TEXT, mend=_TEXT),
    "Failure": _object("Why it did not work.", problem=_TEXT, mend=_TEXT),
    "Undelivered": _object(
        "Why there is no report, or why none was sent.",
        errors=_list("Failure"),
        deliveries=_list("Delivery"),
    ),
    "SlackMessage": {
        "description": "The message, as Slack takes it.",
        "type": "object",
        "properties": {"text": _TEXT, "blocks": {"type": "array", "items": {"type": "object"}}},
        "required": ["text"],
    },
    "Health": _object(
        "Whether every report came that should have come.",
        is_well=_FLAG,
        reports=_list("ReportHealth"),
        errors={"type": "array", "items": {"anyOf": [ref("Fault"), ref("Failure")]}},
    ),
    "ReportHealth": _object(
        "How one report does. It is overdue when its moment is hours past and the last retry with it.",
        report=_TEXT,
        is_well=_FLAG,
        is_paused=_FLAG,
        next_due={**_MOMENT_OR_NULL, "description": "null when it never is"},
        overdue_since=_MOMENT_OR_NULL,
        overdue={**_TEXTS, "description": "The destinations it has not come to."},
        last_deliveries=_list("LastDelivery"),
    ),
    "LastDelivery": _object(
        "The last delivery of a report to a destination.",
        destination=_TEXT,
        from_date=_DATE,
        to_date=_DATE,
        state={"enum": list(_STATES)},
        at=_MOMENT,
        reason=_TEXT_OR_NULL,
    ),
    **_report(),
}
