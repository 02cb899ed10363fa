"""What the properties of an event must be."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

ALL_EVENTS = "$all_events"  # any activity, in Mixpanel's words

Scalar: TypeAlias = str | float | bool


class Operator(StrEnum):
    """How a condition compares a property. Text is never a number: "12" is not 12."""

    IS = "is"  # equal to one of the values
    IS_NOT = "is_not"  # equal to none of them; also where the property is not set
    CONTAINS = "contains"  # is text that holds one of the values, letter for letter
    GREATER_THAN = "greater_than"  # the comparisons hold for numbers only
    AT_LEAST = "at_least"
    LESS_THAN = "less_than"
    AT_MOST = "at_most"
    IS_SET = "is_set"  # has a value other than null
    IS_NOT_SET = "is_not_set"


@dataclass(frozen=True, slots=True)
class Condition:
    """What a property of an event must be."""

    property: str
    operator: Operator
    values: tuple[Scalar, ...] = ()  # none for IS_SET and IS_NOT_SET, one for comparisons


Where: TypeAlias = tuple[Condition, ...]  # all of them hold
