"""The JSON Schema of a report's document, for those who read it with a program.

All keys named are always there. New ones may be added, so objects are left open.
"""

from collections.abc import Mapping
from typing import Final

from reporter.model.period import Cadence
from reporter.render.document import VERSION, Object

_TEXT: Final[Object] = {"type": "string"}
_TEXTS: Final[Object] = {"type": "array", "items": _TEXT}
_FLAG: Final[Object] = {"type": "boolean"}
_COUNT: Final[Object] = {"type": "integer", "minimum": 0}
_NUMBER: Final[Object] = {
    "type": ["number", "null"],
    "description": "null where there is none, or it is endless",
}
_NOTHING: Final[Object] = {"type": "null"}
_DATE: Final[Object] = {"type": "string", "format": "date"}
_MOMENT: Final[Object] = {"type": "string", "format": "date-time"}


def _object(description: str = "", /, **properties: Object) -> Object:
    said: Object = {"description": description} if description else {}
    return {**said, "type": "object", "properties": properties, "required": list(properties)}


def _list(of: Object) -> Object:
    return {"type": "array", "items": of}


def _one_of(*kinds: Object) -> Object:
    return {"oneOf": list(kinds)}


def _defined(name: str) -> Object:
    return {"$ref": f"#/$defs/{name}"}


def _kind(name: str, **properties: Object) -> Object:
    return _object(kind={"const": name}, **properties, text=_TEXT)


_IS_FAILED: Final[Object] = {"const": "failed"}
_FAILURE: Final[dict[str, Object]] = {
    "reason": _TEXT,
    "may_work_later": _FLAG,
    "retry_after_seconds": _NUMBER,
}
_FIGURES: Final[Mapping[str, dict[str, Object]]] = {
    "A number; a real zero is one.": {"state": {"const": "measured"}, "value": _NUMBER, "sampled": _FLAG},
    "The project has no event of this name; the nearest names, best first.": {
        "state": {"const": "unknown_event"},
        "value": _NOTHING,
        "event": _TEXT,
        "nearest": _TEXTS,
    },
    "It could not be measured.": {"state": _IS_FAILED, "value": _NOTHING, **_FAILURE},
    "The period reaches back before the project's first event.": {
        "state": {"const": "too_little_history"},
        "value": _NOTHING,
        "first_date": _DATE,
    },
}
_DAYS: Final[dict[str, Object]] = {
    "from_date": _DATE,
    "to_date": _DATE,
    "days": {"type": "integer", "minimum": 1},
}

_DEFINITIONS: Final[Object] = {
    "period": _object("Whole days in the project's time zone; both dates are covered.", **_DAYS),
    "change": _object(
        "The difference to the previous period; relative is 0.127 for +12.7 %, null from zero.",
        absolute=_NUMBER,
        relative=_NUMBER,
    ),
    "usual": _object(
        "The normal range, of a metric that left it: 98 of 100 usual periods lie between low and high.",
        low=_NUMBER,
        high=_NUMBER,
        expected=_NUMBER,
    ),
    "figure": _one_of(*(_object(said, **figure) for said, figure in _FIGURES.items())),
    "metric": _one_of(
        *(
            _object(
                said,
                label=_TEXT,
                **figure,
                previous=_defined("figure"),
                change=_one_of(_defined("change"), _NOTHING),
                usual=_one_of(_defined("usual"), _NOTHING),
            )
            for said, figure in _FIGURES.items()
        )
    ),
    "finding": _one_of(
        _kind("moved", label=_TEXT, value=_NUMBER, previous=_NUMBER),
        _kind("busiest", event=_TEXT, count=_NUMBER, share=_NUMBER),
        _kind("nothing_happened"),
        _kind("not_measured", labels=_TEXTS),
        _kind("unusual", label=_TEXT, value=_NUMBER, ratio=_NUMBER, low=_NUMBER, high=_NUMBER),
        _kind("unusual_day", label=_TEXT, date=_DATE, actual=_NUMBER, expected=_NUMBER),
        _kind("together", direction={"enum": [-1, 1]}, count=_COUNT, among=_COUNT),
        _kind(
            "doubt", code=_TEXT, label=_one_of(_TEXT, _NOTHING), date=_DATE, actual=_NUMBER, expected=_NUMBER
        ),
    ),
    "note": _one_of(
        _kind("late", due=_MOMENT),
        _kind("next", due=_MOMENT),
        _kind("zone_assumed"),
        _kind("sampled"),
        _kind("ranked_partly", among=_COUNT),
        _kind("no_earlier_data", first_date=_DATE),
    ),
    "top_event": _object(name=_TEXT, count=_NUMBER, change=_one_of(_defined("change"), _NOTHING)),
    "top_events": _one_of(
        _object(
            "The busiest events, out of `known` that happened `total` times.",
            state={"const": "measured"},
            rows=_list(_defined("top_event")),
            total=_NUMBER,
            known=_COUNT,
            is_partial=_FLAG,
        ),
        _object(state=_IS_FAILED, **_FAILURE),
        {**_NOTHING, "description": "Not asked for."},
    ),
    "chart": _object(
        "The average day of each span, and of the span at the same place in the period before.",
        label=_TEXT,
        points=_list(_object(**_DAYS, value=_NUMBER, previous=_NUMBER)),
    ),
}

SCHEMA: Final[Object] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Report",
    **_object(
        "What happened in a Mixpanel project over a period.",
        version={"const": VERSION},
        report=_TEXT,
        title=_TEXT,
        company=_TEXT,
        project=_TEXT,
        time_zone={**_TEXT, "description": "The IANA zone in which Mixpanel cuts the project's days."},
        locale=_TEXT,
        cadence={"enum": [*(cadence.value for cadence in Cadence), None]},
        period=_defined("period"),
        previous_period=_defined("period"),
        findings=_list(_defined("finding")),
        metrics=_list(_defined("metric")),
        top_events=_defined("top_events"),
        charts=_list(_defined("chart")),
        notes=_list(_defined("note")),
        computed_at=_MOMENT,
        queries={**_COUNT, "description": "What the report cost of Mixpanel's hourly quota."},
    ),
    "$defs": _DEFINITIONS,
}
