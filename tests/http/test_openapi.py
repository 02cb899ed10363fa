"""The OpenAPI document, held to what the program does."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from reporter.http.call import PARAMETERS
from reporter.http.openapi import CUSTOM_REPORT, FILE, openapi
from reporter.render.sanitize import written

ROOT = Path(__file__).parents[2]


def parts(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every object within a document."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, list):
        for part in value:  # pyright: ignore[reportUnknownVariableType]
            yield from parts(part)


def document() -> Any:
    return json.loads(written(openapi(ROOT)))


def test_the_file_is_what_the_code_says():
    written_down = (ROOT / FILE).read_text(encoding="utf-8")

    assert written_down == written(openapi(ROOT)), "Run: python -m reporter.http.openapi"


def test_every_reference_leads_somewhere():
    schemas = document()["components"]["schemas"]
    used = {
        part["$ref"].removeprefix("#/components/schemas/") for part in parts(document()) if "$ref" in part
    }

    assert used == set(schemas)


def test_get_and_post_take_the_same_parameters():
    path = document()["paths"][CUSTOM_REPORT]
    names = {method: [one["name"] for one in path[method]["parameters"]] for method in ("get", "post")}

    assert names["post"] == [*PARAMETERS, "Idempotency-Key"]
    assert names["get"] == [*PARAMETERS, "status", "Idempotency-Key"]
    assert list(document()["components"]["schemas"]["ReportCall"]["properties"]) == list(PARAMETERS)


def test_all_paths_need_the_function_key():
    assert set(document()["paths"]) == {CUSTOM_REPORT, "/api/Due", "/api/Health"}
    assert document()["security"] == [{"functionKey": []}, {"functionKeyInAddress": []}]
