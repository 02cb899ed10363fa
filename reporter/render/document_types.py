"""What the JSON document is made of: its numbers, texts and moments, and how its types read a report."""

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar, Literal, TypeAlias, cast

from pydantic import (
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    SerializerFunctionWrapHandler,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
    model_serializer,
)
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import CoreSchema

from reporter.render.sanitize import whole
from reporter.reports.subscriptions import Format

_LARGEST_EXACT = 2**53  # above it a float skips whole numbers, and readers of JSON differ


def _number(value: float | None) -> int | float | None:
    """Whole numbers as integers; null for what JSON has no number for."""
    if value is None or not math.isfinite(value):
        return None
    return int(value) if value == int(value) and abs(value) <= _LARGEST_EXACT else value


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def _text(value: object) -> object:
    return whole(value) if isinstance(value, str) else value


def _format(form: Format) -> str:
    if form.currency is not None:
        return "currency"
    return "percent" if form.is_percent else "number"


Text = Annotated[str, BeforeValidator(_text)]
Day: TypeAlias = date  # under a name that a field called `date` does not hide
ScalarText = Annotated[Text | bool | int | float, WithJsonSchema({"type": ["string", "number", "boolean"]})]
Count = Annotated[int, Field(ge=0)]
Number = Annotated[
    int | float | None,
    BeforeValidator(_number),
    WithJsonSchema({"type": ["number", "null"], "description": "null where there is none, or it is endless"}),
]
Moment = Annotated[str, BeforeValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})]
NumberFormat = Annotated[
    Literal["number", "percent", "currency"],
    BeforeValidator(_format),
    Field(description="percent: 0.127 is 12.7%"),
]
Currency = Annotated[
    str | None,
    Field(validation_alias=AliasPath("format", "currency"), description="ISO 4217, such as EUR"),
]


class Part(BaseModel):
    """A part of the document, read from the value of the report that has the same attributes."""

    model_config = ConfigDict(
        from_attributes=True, frozen=True, json_schema_serialization_defaults_required=True
    )


class Kind(Part):
    """A part of one kind among several; `of` is the type in the report that it stands for."""

    of_type: ClassVar[dict[type, "type[Kind]"]] = {}

    def __init_subclass__(cls, *, of: type) -> None:
        Kind.of_type[of] = cls


def _of_its_kind(value: object, _: ValidatorFunctionWrapHandler) -> Kind:
    return Kind.of_type[type(value)].model_validate(value)


OfItsKind = WrapValidator(_of_its_kind)


class Inlining(Part):
    """A part in which the keys of another one stand in the place of the field called `inlined`."""

    inlined: ClassVar[str]

    @model_serializer(mode="wrap")
    def _flat(self, handler: SerializerFunctionWrapHandler) -> Any:
        return self._inlining(handler(self))

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """One of several objects, each with the keys of one kind among its own."""
        plain = {key: value for key, value in core.items() if key != "serialization"}
        own = handler.resolve_ref_schema(handler(cast("CoreSchema", plain)))
        kinds = handler.resolve_ref_schema(own["properties"][cls.inlined])["anyOf"]
        variants = [cls._variant(own, handler.resolve_ref_schema(kind)) for kind in kinds]
        return {"description": own["description"], "oneOf": variants}

    @classmethod
    def _variant(cls, own: JsonSchemaValue, kind: JsonSchemaValue) -> JsonSchemaValue:
        properties = cls._inlining({**own["properties"], cls.inlined: kind["properties"]})
        return {**kind, "title": cls.__name__, "properties": properties, "required": list(properties)}

    @classmethod
    def _inlining(cls, value: Mapping[str, Any]) -> dict[str, Any]:
        flat: dict[str, Any] = {}
        for key, part in value.items():
            flat |= part if key == cls.inlined else {key: part}
        return flat


class PeriodJson(Part):
    """Whole days in the project's time zone; both dates are covered."""

    from_date: date = Field(validation_alias="start")
    to_date: date = Field(validation_alias="last")
    days: int = Field(ge=1, validation_alias="length")


class ChangeJson(Part):
    """The difference to the previous period; relative is 0.127 for +12.7 %, null from zero."""

    absolute: Number
    relative: Number


class UntitledSchema(GenerateJsonSchema):
    """A JSON Schema without titles that would only repeat the names."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False
