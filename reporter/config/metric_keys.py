"""What all metrics of reports.toml have in common: their words, how they read, and their goals."""

import math
import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal, TypeAlias, cast

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from reporter.config import report_tables
from reporter.reports.measures import Condition, Operator, Scalar, Where
from reporter.validation import Event, Invalid, Property, Table, Words


def _sentence(sentence: str) -> str:
    if sentence.count("{value}") != 1:
        raise Invalid("the sentence must hold {value} once", 'Write it as in "{value} new users joined".')
    if re.search(r"[{}]", sentence.replace("{value}", "")):
        raise Invalid("only {value} may stand in braces", "Remove the other braces.")
    return sentence


Sentence: TypeAlias = Annotated[Words, AfterValidator(_sentence)]


class MetricTable(Table):
    """What every metric has."""

    label: Words = Field(description="What it is called in a report.")
    sentence: Sentence | None = Field(
        default=None,
        description='Makes it a headline of the summary: "{value} new users joined". What changed is added.',
    )
    sentence_for_one: Sentence | None = Field(
        default=None, description='The sentence where the value is 1: "{value} new user joined".'
    )
    format: Literal["number", "percent"] | None = Field(
        default=None,
        description="percent: 0.127 reads 12.7%. Shares (stickiness, funnel, retention) are percents when "
        "left out, everything else is a number.",
    )
    currency: Annotated[str, AfterValidator(report_tables.currency)] | None = Field(
        default=None, description="The number is money: EUR, USD, or another code of ISO 4217."
    )

    @field_validator("currency")
    @classmethod
    def _is_no_percent(cls, currency: str | None, info: ValidationInfo) -> str | None:
        if currency is not None and info.data.get("format") == "percent":
            raise Invalid("a percentage is not money", "Remove currency, or format.")
        return currency


class GoalTable(MetricTable):
    """A metric that may have a goal."""

    target: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = Field(
        default=None, description="The goal of a period: 300; of a percentage 0.4, which is 40%."
    )
    by: date | None = Field(default=None, description="The day by which the goal is to be reached.")
    target_is: Literal["at_least", "at_most"] | None = Field(
        default=None, description="at_most: the target is a limit. at_least when left out."
    )

    @field_validator("by", "target_is")
    @classmethod
    def _has_a_target(cls, value: object, info: ValidationInfo) -> object:
        if value is not None and "target" in info.data and info.data["target"] is None:
            raise Invalid("there is no target for this", "Add one, as in target = 300.")
        return value


class ShareTable(GoalTable):
    """A metric that is a part of a whole."""

    @field_validator("target")
    @classmethod
    def _is_a_share(cls, target: float | None) -> float | None:
        if target is not None and target > 1:
            raise Invalid("this measure is never above 1, which is 100%", "Write 40% as 0.4.")
        return target


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


Value: TypeAlias = Annotated[
    Scalar, PlainValidator(_scalar), WithJsonSchema({"type": ["string", "number", "boolean"]})
]
Number: TypeAlias = Annotated[float, PlainValidator(_number), WithJsonSchema({"type": "number"})]
Values: TypeAlias = Annotated[
    list[Value], Field(min_length=1), BeforeValidator(_list, json_schema_input_type=Value | list[Value])
]
Texts: TypeAlias = Annotated[
    list[Event], Field(min_length=1), BeforeValidator(_list, json_schema_input_type=Event | list[Event])
]


class ConditionTable(Table):
    """What one property must be: every operator holds."""

    is_: Values | None = Field(default=None, alias="is", description="Equal to it, or to one of a list.")
    is_not: Values | None = Field(
        default=None, description="Equal to none of these; also where the property is not set."
    )
    contains: Texts | None = Field(
        default=None, description="Text that holds this, or one of a list, letter for letter."
    )
    greater_than: Number | None = Field(default=None, description="A number above this.")
    at_least: Number | None = Field(default=None, description="This number or above.")
    less_than: Number | None = Field(default=None, description="A number below this.")
    at_most: Number | None = Field(default=None, description="This number or below.")
    is_set: bool | None = Field(
        default=None, description="true: the property has a value. false: it has none."
    )

    @model_validator(mode="before")
    @classmethod
    def _has_an_operator(cls, value: object) -> object:
        if value == {}:
            raise Invalid("this is empty", f"Say what the property must be, as in {_EXAMPLE}.")
        return value


Conditions: TypeAlias = Annotated[
    dict[
        Property,
        Annotated[
            ConditionTable,
            BeforeValidator(_table, json_schema_input_type=Value | list[Value] | ConditionTable),
        ],
    ],
    BeforeValidator(_no_expression),
]


class StepTable(Table):
    """A step of a funnel."""

    event: Event = Field(description="The event's name in Mixpanel, letter for letter.")
    where: Conditions = Field(default={}, description="What its properties must be.")


def _step(value: object) -> object:
    return {"event": value} if isinstance(value, str) else value


Step: TypeAlias = Annotated[StepTable, BeforeValidator(_step, json_schema_input_type=Event | StepTable)]


def where(tables: Mapping[str, ConditionTable]) -> Where:
    """The conditions in the order of the file."""
    return tuple(
        condition for property, table in tables.items() for condition in _conditions(property, table)
    )


def _conditions(property: str, table: ConditionTable) -> Where:
    lists = (
        (Operator.IS, table.is_),
        (Operator.IS_NOT, table.is_not),
        (Operator.CONTAINS, cast("list[Scalar] | None", table.contains)),
    )
    bounds = (
        (Operator.GREATER_THAN, table.greater_than),
        (Operator.AT_LEAST, table.at_least),
        (Operator.LESS_THAN, table.less_than),
        (Operator.AT_MOST, table.at_most),
    )
    said = [Condition(property, operator, tuple(values)) for operator, values in lists if values is not None]
    said += [Condition(property, operator, (bound,)) for operator, bound in bounds if bound is not None]
    if table.is_set is not None:
        said.append(Condition(property, Operator.IS_SET if table.is_set else Operator.IS_NOT_SET))
    return tuple(said)
