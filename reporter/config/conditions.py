"""`where` in reports.toml: what the properties of an event must be."""

import math
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Annotated, TypeAlias, cast

from pydantic import BeforeValidator, Field, PlainValidator, ValidationInfo, WithJsonSchema, model_validator

from reporter.config.metric_keys import declared_names
from reporter.reports.conditions import Condition, Operator, Scalar, Where
from reporter.reports.measures import Step as FunnelStep
from reporter.validation import EventName, Invalid, PropertyName, SettingsTable, shown

_EXAMPLE = 'where = { plan = "pro", amount = { at_least = 10 } }'


def _scalar(value: object) -> Scalar:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and math.isfinite(value) and abs(value) < 2**63:
        return value
    raise Invalid(
        "this is no text, number, true or false", 'Write "pro", 10 or true; a date in quotes: "2026-01-05".'
    )


def _number(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return float(_scalar(value))
    raise Invalid("only numbers can be compared so", "Write a number without quotes: 10.")


def _list(value: object) -> object:
    return cast("object", value) if isinstance(value, list) else [value]


def _table(value: object) -> object:
    """A value alone means that the property is it; a list, that it is one of them."""
    return cast("object", value) if isinstance(value, dict) else {"is": value}


def _no_expression(value: object) -> object:
    if isinstance(value, str):
        raise Invalid("conditions are no expression in a text", f"Write them as in {_EXAMPLE}.")
    return value


ConditionValue: TypeAlias = Annotated[
    Scalar, PlainValidator(_scalar), WithJsonSchema({"type": ["string", "number", "boolean"]})
]
BoundValue: TypeAlias = Annotated[float, PlainValidator(_number), WithJsonSchema({"type": "number"})]
ConditionValues: TypeAlias = Annotated[
    list[ConditionValue],
    Field(min_length=1),
    BeforeValidator(_list, json_schema_input_type=ConditionValue | list[ConditionValue]),
]
Texts: TypeAlias = Annotated[
    list[EventName],
    Field(min_length=1),
    BeforeValidator(_list, json_schema_input_type=EventName | list[EventName]),
]


class ConditionTable(SettingsTable):
    """What one property must be: every operator holds."""

    is_: ConditionValues | None = Field(
        default=None, alias="is", description="Equal to it, or to one of a list."
    )
    is_not: ConditionValues | None = Field(
        default=None, description="Equal to none of these; also where the property is not set."
    )
    contains: Texts | None = Field(
        default=None, description="Text that holds this, or one of a list, letter for letter."
    )
    greater_than: BoundValue | None = Field(default=None, description="A number above this.")
    at_least: BoundValue | None = Field(default=None, description="This number or above.")
    less_than: BoundValue | None = Field(default=None, description="A number below this.")
    at_most: BoundValue | None = Field(default=None, description="This number or below.")
    is_set: bool | None = Field(
        default=None, description="true: the property has a value. false: it has none."
    )

    @model_validator(mode="before")
    @classmethod
    def _has_an_operator(cls, value: object) -> object:
        if value == {}:
            raise Invalid("this is empty", f"Say what the property must be, as in {_EXAMPLE}.")
        return value

    def to_conditions(self, property: str) -> Where:
        lists: tuple[tuple[Operator, Sequence[Scalar] | None], ...] = (
            (Operator.IS, self.is_),
            (Operator.IS_NOT, self.is_not),
            (Operator.CONTAINS, self.contains),
        )
        bounds = (
            (Operator.GREATER_THAN, self.greater_than),
            (Operator.AT_LEAST, self.at_least),
            (Operator.LESS_THAN, self.less_than),
            (Operator.AT_MOST, self.at_most),
        )
        found = [
            Condition(property, operator, tuple(values)) for operator, values in lists if values is not None
        ]
        found += [Condition(property, operator, (bound,)) for operator, bound in bounds if bound is not None]
        if self.is_set is not None:
            found.append(Condition(property, Operator.IS_SET if self.is_set else Operator.IS_NOT_SET))
        return tuple(found)


Conditions: TypeAlias = Annotated[
    dict[
        PropertyName,
        Annotated[
            ConditionTable,
            BeforeValidator(
                _table, json_schema_input_type=ConditionValue | list[ConditionValue] | ConditionTable
            ),
        ],
    ],
    BeforeValidator(_no_expression),
]


def where_of(tables: Mapping[str, ConditionTable]) -> Where:
    """The conditions in the order of the file."""
    return tuple(
        condition for property, table in tables.items() for condition in table.to_conditions(property)
    )


ReportFilter: TypeAlias = Annotated[
    Conditions,
    Field(description="What events must be to count, in every metric of the report: [reports.x.where]."),
]


def can_be_filtered(where: object, info: ValidationInfo) -> object:
    """What is saved in Mixpanel has filters of its own, and a report must not mix both."""
    declared, sections = declared_names(info), cast("dict[str, list[str]] | None", info.data.get("sections"))
    own = cast("list[str] | None", info.data.get("metrics")) or [*chain(*(sections or {}).values())]
    names = own or declared.default_metrics or declared.metrics or ()
    saved = next((name for name in names if name in declared.saved), None)
    if saved is not None and (declared.is_filtered if where is None else bool(where)):
        raise Invalid(
            f"{shown(saved)} is saved in Mixpanel, and a filter does not reach it",
            "Leave it out of metrics, or write where = {} and filter it in Mixpanel.",
        )
    return where


class StepTable(SettingsTable):
    """A step of a funnel."""

    event: EventName = Field(description="The event's name in Mixpanel, letter for letter.")
    where: Conditions = Field(default={}, description="What its properties must be.")

    def to_step(self) -> FunnelStep:
        return FunnelStep(self.event, where_of(self.where))


def _step(value: object) -> object:
    return {"event": value} if isinstance(value, str) else value


StepEntry: TypeAlias = Annotated[
    StepTable, BeforeValidator(_step, json_schema_input_type=EventName | StepTable)
]
