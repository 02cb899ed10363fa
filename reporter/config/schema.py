"""The JSON Schema with which editors help to write reports.toml.

After a change of the shape: `python -m reporter.config.schema`.
"""

import json
from pathlib import Path

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from reporter.config.reports_file import ReportsFile

SCHEMA = Path(__file__).parents[2] / "reports.schema.json"


class _TomlSchema(GenerateJsonSchema):
    """Without null, which TOML does not have, and without titles that only repeat the keys."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        json_schema = super().default_schema(schema)
        return {key: value for key, value in json_schema.items() if (key, value) != ("default", None)}

    def field_title_should_be_set(self, schema: object) -> bool:
        return False


def schema_text() -> str:
    """The schema as its file holds it."""
    schema = ReportsFile.model_json_schema(schema_generator=_TomlSchema)
    # The draft that the editors' TOML plugins read.
    return json.dumps({"$schema": "http://json-schema.org/draft-07/schema#", **schema}, indent=2) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(schema_text(), encoding="utf-8")
