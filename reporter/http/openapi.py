"""The OpenAPI document: `python -m reporter.http.openapi` puts parameters and schemas into docs/openapi.json.

What the file says of the paths is written by hand; all else comes from the types that read calls and answer.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from pydantic.json_schema import JsonSchemaValue
from pydantic_core.core_schema import WithDefaultSchema

from reporter.http import responses
from reporter.http.call import IDEMPOTENCY_KEY, KEY, STATUS, TICKET, ReportCall
from reporter.render.document_types import UntitledSchema
from reporter.render.sanitize import written

FILE = Path("docs/openapi.json")
CUSTOM_REPORT = "/api/CustomReport"
BODIES = (
    responses.MadeJson,
    responses.OrderStatusJson,
    responses.AcceptedJson,
    responses.CallProblemsJson,
    responses.SettingProblemsJson,
    responses.UndeliveredJson,
    responses.HealthJson,
    responses.DueJson,
)


class _Schema(UntitledSchema):
    """A schema without defaults that only repeat that a parameter may be left out."""

    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        if schema.get("default") in (None, ()):
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)


def openapi(root: Path = Path()) -> dict[str, Any]:
    """The document in the file, with the parameters and schemas of today."""
    document = json.loads((root / FILE).read_text(encoding="utf-8"))
    schemas = _schemas()
    document["components"]["schemas"] = schemas
    asked = [_in_query(name, schema) for name, schema in schemas["ReportCall"]["properties"].items()]
    status = _parameter(STATUS, "query", "What became of this order; stands alone.", _pattern(TICKET))
    repeats = "Repeats of a call with the same key and the same parameters send once; they say what stands."
    key = _parameter(IDEMPOTENCY_KEY, "header", repeats, _pattern(KEY))
    path = document["paths"][CUSTOM_REPORT]
    path["get"]["parameters"], path["post"]["parameters"] = [*asked, status, key], [*asked, key]
    return cast("dict[str, Any]", document)


def _schemas() -> dict[str, Any]:
    """Of what goes in and what comes out, by the names of the types."""
    found: dict[str, Any] = {}
    for model in (ReportCall, *BODIES):
        mode = "validation" if model is ReportCall else "serialization"
        schema = model.model_json_schema(
            mode=mode, ref_template="#/components/schemas/{model}", schema_generator=_Schema
        )
        found |= schema.pop("$defs", {})
        found[model.__name__] = schema
    return found


def _in_query(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """A parameter of the address: text, which is the first form that the body has for it."""
    first, *_ = schema.get("anyOf", [{}])
    rest = {key: value for key, value in schema.items() if key not in ("anyOf", "description")}
    return _parameter(name, "query", schema["description"], {**first, **rest})


def _parameter(name: str, place: str, description: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": place, "description": description, "schema": schema}


def _pattern(pattern: str) -> dict[str, str]:
    return {"type": "string", "pattern": f"^{pattern}$"}


if __name__ == "__main__":
    FILE.write_text(written(openapi()), encoding="utf-8")
