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
    RootModel,
    SerializerFunctionWrapHandler,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
    model_serializer,
)
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import CoreSchema

from reporter.render.sanitize import whole
from reporter.reports import figures
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


class DocumentPart(BaseModel):
    """A part of the document, read from the value of the report that has the same attributes."""

    model_config = ConfigDict(
        from_attributes=True, frozen=True, json_schema_serialization_defaults_required=True
    )


class Kind(DocumentPart):
    """A part of one kind among several; `of` is the type in the report that it stands for."""

    of_type: ClassVar[dict[type, "type[Kind]"]] = {}

    def __init_subclass__(cls, *, of: type) -> None:
        Kind.of_type[of] = cls


def _of_its_kind(value: object, _: ValidatorFunctionWrapHandler) -> Kind:
    return Kind.of_type[type(value)].model_validate(value)


OfItsKind = WrapValidator(_of_its_kind)


class Inlining(DocumentPart):
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


class PeriodJson(DocumentPart):
    """Whole days in the project's time zone; both dates are covered."""

    from_date: date = Field(validation_alias="start")
    to_date: date = Field(validation_alias="last")
    days: int = Field(ge=1, validation_alias="length")


class ChangeJson(DocumentPart):
    """The difference to the previous period; relative is 0.127 for +12.7 %, null from zero."""

    absolute: Number
    relative: Number


class UntitledSchema(GenerateJsonSchema):
    """A JSON Schema without titles that would only repeat the names."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


class MeasuredJson(Kind, of=figures.Measured):
    """A number; a real zero is one. Skipped are values of the property that are no numbers."""

    state: Literal["measured"] = "measured"
    value: Number
    sampled: bool
    skipped: Count


class UndefinedJson(Kind, of=figures.Undefined):
    """There is nothing to measure it of, such as a share of nobody."""

    state: Literal["undefined"] = "undefined"
    value: None = None


class UnknownEventJson(Kind, of=figures.UnknownEvent):
    """The project has no event of this name; the nearest names, best first."""

    state: Literal["unknown_event"] = "unknown_event"
    value: None = None
    event: Text
    nearest: list[Text]


class UnknownPropertyJson(Kind, of=figures.UnknownProperty):
    """No occurrence of the event has had the property since that day; the nearest names, best first."""

    state: Literal["unknown_property"] = "unknown_property"
    value: None = None
    event: Text
    property: Text
    since: date
    nearest: list[Text]


class UnknownValueJson(Kind, of=figures.UnknownValue):
    """The property has never had the wanted value since that day; the nearest values, best first."""

    state: Literal["unknown_value"] = "unknown_value"
    value: None = Field(default=None, validation_alias="number")  # `value` is what was wanted
    event: Text
    property: Text
    wanted: ScalarText = Field(validation_alias="value")
    is_part: bool
    since: date
    nearest: list[ScalarText]


class NotNumericJson(Kind, of=figures.NotNumeric):
    """The property is never a number, so there is nothing to add up, average or compare."""

    state: Literal["not_numeric"] = "not_numeric"
    value: None = None
    event: Text
    property: Text


class FailedJson(Kind, of=figures.Failed):
    """It could not be measured."""

    state: Literal["failed"] = "failed"
    value: None = None
    reason: Text
    may_work_later: bool = Field(validation_alias="is_temporary")
    retry_after_seconds: Number = Field(validation_alias="after")


class TooLittleHistoryJson(Kind, of=figures.TooLittleHistory):
    """The period reaches back before the project's first event."""

    state: Literal["too_little_history"] = "too_little_history"
    value: None = None
    first_date: date = Field(validation_alias="first_day")


class IncomparableJson(Kind, of=figures.Incomparable):
    """The previous period has no number that would be a fair comparison."""

    state: Literal["incomparable"] = "incomparable"
    value: None = None
    why: figures.Unlike


class FigureJson(
    RootModel[
        Annotated[
            MeasuredJson
            | UndefinedJson
            | UnknownEventJson
            | UnknownPropertyJson
            | UnknownValueJson
            | NotNumericJson
            | FailedJson
            | TooLittleHistoryJson
            | IncomparableJson,
            OfItsKind,
        ]
    ]
):
    """A number, or why there is none."""


class UsualJson(DocumentPart):
    """The normal range, of a metric that left it: 98 of 100 usual periods lie between low and high."""

    low: Number
    high: Number
    expected: Number


class ProgressJson(DocumentPart):
    """Where a metric is on the way to its goal; share is value / target."""

    target: Number = Field(validation_alias=AliasPath("goal", "target"))
    by: date | None = Field(
        validation_alias=AliasPath("goal", "by"), description="the day by which it is to be reached"
    )
    is_limit: bool = Field(
        validation_alias=AliasPath("goal", "is_limit"), description="the target is a limit: at most so much"
    )
    share: Number
    is_reached: bool


class MetricJson(Inlining):
    """A figure with its previous one."""

    inlined: ClassVar = "figure"
    label: Text
    figure: FigureJson
    previous: FigureJson
    change: ChangeJson | None
    usual: UsualJson | None
    progress: ProgressJson | None
    format: NumberFormat
    currency: Currency
    section: Text = Field(description="The heading it stands under; empty where it has none.")
    is_lower_better: bool
    link: Text | None = Field(description="Where a reader finds more about it.")
