"""SQL that measures share: periods, conditions, and properties as JSON text."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import assert_never

from reporter.reports.errors import Refused
from reporter.reports.measures import Condition, Operator, Scalar, Where
from reporter.reports.periods import Period

HAS_USER = '"user" IS NOT NULL'


class Parameters:
    """The values of a query, which are never part of its text: each call answers with what stands for one.

    >>> given = Given()
    >>> f"event = {given('Sign Up')}", given.values
    ('event = $1', ['Sign Up'])
    """

    def __init__(self) -> None:
        self.values: list[str | float] = []

    def __call__(self, value: str | float) -> str:
        self.values.append(value)
        return f"${len(self.values)}"


def within(period: Period) -> str:
    """The condition that an event happened in the period."""
    return f"day >= DATE '{period.start}' AND day < DATE '{period.end}'"


def count_of(condition: str) -> str:
    """How many rows fulfil a condition. As `count(*) FILTER` this takes twice as long."""
    return f"coalesce(count_if({condition}), 0)"


def span(periods: Iterable[Period]) -> Period:
    """From the first day of them all to the last."""
    every = tuple(periods)
    return Period(min(period.start for period in every), max(period.end for period in every))


BACKSLASH = "\\"
NOT_SET = "undefined"  # Mixpanel's word for it, so text that says just this reads the same there, and here
LARGEST = 1e290  # beyond it nothing counts as a number, so that sums of them stay finite


def column(name: str) -> str:
    """The column of a property, quoted."""
    if "\0" in name:
        raise Refused(f"The property {name!r} can not be read: no column can have this name")
    quoted = f"p:{name}".replace('"', '""')
    return f'"{quoted}"'


def is_list(value: str) -> str:
    return f"starts_with({value}, '[')"


def items(value: str) -> str:
    """The JSON texts of a list's items; NULL of what is no list."""
    return f"CASE WHEN {is_list(value)} THEN TRY_CAST({value} AS JSON[]) END"


def any_item(value: str, holds: Callable[[str], str]) -> str:
    """Whether a condition holds for the value, or for an item where it is a list."""
    fulfilled = f"list_filter({items(value)}, lambda item: {holds('item::VARCHAR')})"
    return f"CASE WHEN {is_list(value)} THEN len({fulfilled}) > 0 ELSE {holds(value)} END"


def is_set(value: str) -> str:
    return f"({value} IS NOT NULL AND {value} <> 'null')"


def number(value: str) -> str:
    """The number that a value is, or NULL."""
    read = f"TRY_CAST({value} AS DOUBLE)"
    return f"CASE WHEN {read} BETWEEN -{LARGEST} AND {LARGEST} THEN {read} END"


def text(value: str) -> str:
    """The text that a value is, or NULL; half a surrogate pair stays as it is written."""
    unescaped = f"coalesce(TRY({value} ->> '$'), {value})"
    plain = f"substring({value}, 2, length({value}) - 2)"
    return (
        f"CASE WHEN starts_with({value}, '\"') THEN "
        f"CASE WHEN contains({value}, '{BACKSLASH}') THEN {unescaped} ELSE {plain} END END"
    )


def shown(value: str) -> str:
    """How people read a value: text without its quotation marks, 12 and 12.0 alike; NULL of no value."""
    read = f"TRY_CAST({value} AS DOUBLE)"
    return (
        f"CASE WHEN {value} IN ('null', '\"{NOT_SET}\"') THEN NULL "
        f"WHEN starts_with({value}, '\"') THEN {text(value)} "
        f"WHEN regexp_full_match({value}, '0|-?[1-9][0-9]*') OR {read} IS NULL THEN {value} "
        f"WHEN {read} = trunc({read}) AND abs({read}) < 1e15 THEN CAST(CAST({read} AS BIGINT) AS VARCHAR) "
        f"ELSE CAST({read} AS VARCHAR) END"
    )


def names(value: str) -> str:
    """How people read a value, as a list: of a list each item once; an empty one is like no value."""
    each = f"list_transform({items(value)}, lambda item: coalesce({shown('item::VARCHAR')}, '{NOT_SET}'))"
    return (
        f"CASE WHEN {items(value)} IS NULL THEN [{shown(value)}] WHEN len({items(value)}) = 0 THEN [NULL] "
        f"ELSE list_transform(list_distinct({each}), lambda name: nullif(name, '{NOT_SET}')) END"
    )


COMPARISONS = {
    Operator.GREATER_THAN: ">",
    Operator.AT_LEAST: ">=",
    Operator.LESS_THAN: "<",
    Operator.AT_MOST: "<=",
}


def holds(where: Where, given: Parameters) -> Iterator[str]:
    """What must be true of an event, one expression for each condition."""
    return (f"({expression(condition, given)})" for condition in where)


def expression(condition: Condition, given: Parameters) -> str:
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


def equal(value: str, wanted: Scalar, given: Parameters) -> str:
    match wanted:
        case bool():
            return f"{value} = '{str(wanted).lower()}'"
        case str():
            return f"{text(value)} = {given(wanted)}"
        case _:
            return f"{number(value)} = {given(float(wanted))}"


def any_of(expressions: Iterator[str]) -> str:
    return " OR ".join(expressions) or "false"
