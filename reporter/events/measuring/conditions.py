"""Conditions on properties, as SQL."""

from collections.abc import Iterator
from dataclasses import replace
from typing import assert_never

from reporter.events.measuring.json_text import any_item, column, is_set, number, text
from reporter.events.measuring.sql import Given
from reporter.model.measure import Condition, Operator, Scalar, Where

COMPARISONS = {
    Operator.GREATER_THAN: ">",
    Operator.AT_LEAST: ">=",
    Operator.LESS_THAN: "<",
    Operator.AT_MOST: "<=",
}


def holds(where: Where, given: Given) -> Iterator[str]:
    """What must be true of an event, one expression for each condition."""
    return (f"({expression(condition, given)})" for condition in where)


def expression(condition: Condition, given: Given) -> str:
    """Of a list one item is enough ("any in list", Mixpanel, "List filter")."""
    value = column(condition.property)
    match condition.operator:
        case Operator.IS:
            return any_item(
                value, lambda one: any_of(equal(one, wanted, given) for wanted in condition.values)
            )
        case Operator.IS_NOT:
            return f"({expression(replace(condition, operator=Operator.IS), given)}) IS NOT TRUE"
        case Operator.CONTAINS:
            parts = [wanted for wanted in condition.values if isinstance(wanted, str)]
            return any_item(
                value, lambda one: any_of(f"contains({text(one)}, {given(part)})" for part in parts)
            )
        case Operator.GREATER_THAN | Operator.AT_LEAST | Operator.LESS_THAN | Operator.AT_MOST as operator:
            limits = [wanted for wanted in condition.values if not isinstance(wanted, str | bool)]
            sign = COMPARISONS[operator]
            return any_item(
                value, lambda one: any_of(f"{number(one)} {sign} {given(float(limit))}" for limit in limits)
            )
        case Operator.IS_SET:
            return is_set(value)
        case Operator.IS_NOT_SET:
            return f"NOT {is_set(value)}"
        case _:
            assert_never(condition.operator)


def equal(value: str, wanted: Scalar, given: Given) -> str:
    match wanted:
        case bool():
            return f"{value} = '{str(wanted).lower()}'"
        case str():
            return f"{text(value)} = {given(wanted)}"
        case _:
            return f"{number(value)} = {given(float(wanted))}"


def any_of(expressions: Iterator[str]) -> str:
    return " OR ".join(expressions) or "false"
