"""How an engine's SQL says what portable SQL cannot; everything else is written once for all engines."""

from collections.abc import Callable
from typing import Protocol

from reporter.sources.events.measures.sql import LARGEST, NOT_SET


class Dialect(Protocol):
    """One engine's SQL; each method returns an expression. `value` is the JSON text of a property.

    Identifiers of tables and columns come from the settings, which allow plain names only; texts are bound.
    """

    text_type: str
    double_type: str
    integer_type: str  # of 64 bits
    exact_type: str  # whole numbers of at least 29 digits, whose sums do not overflow
    parameter: str = "%(p{})s"  # how the client writes a bound value

    def placeholder(self, number: int, value: str | float) -> str:
        """What stands for the bound value."""
        kind = self.text_type if isinstance(value, str) else self.double_type
        return f"CAST({self.parameter.format(number)} AS {kind})"

    def milliseconds(self, moment: str) -> str:
        """A column of time, as milliseconds since 1970."""
        ...

    def moment(self, milliseconds: int) -> str:
        """That time, as a column of time is compared with it."""
        ...

    def property_json(self, properties: str, name: str) -> str:
        """The JSON text of a property out of the column that holds them all; NULL where it is not there."""
        ...

    def column_json(self, column: str) -> str:
        """The JSON text of a column that a property has for itself."""
        ...

    def decoded(self, value: str) -> str:
        """The text that a JSON text is."""
        ...

    def read_number(self, value: str) -> str:
        """The number of a value that is one in JSON."""
        ...

    def contains(self, text: str, part: str) -> str:
        """Whether a text has the part in it."""
        ...

    def any_of_list(self, value: str, holds: Callable[[str], str]) -> str:
        """Whether a condition holds for an item of a value that is a list."""
        ...

    def with_names(self, rows: str, value: str, shown: Callable[[str], str]) -> str:
        """The rows once for each `name`: that of the value as it is shown, or of a list each item's once."""
        ...


def literal(text: str) -> str:
    """A text of our own as SQL; what others wrote is bound instead."""
    return "'" + text.replace("'", "''") + "'"


def first_character(value: str) -> str:
    return f"substr({value}, 1, 1)"


def is_json_list(value: str) -> str:
    return f"{first_character(value)} = '['"


DIGITS = "('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9')"


def json_number(value: str, dialect: Dialect) -> str:
    """The number that a value is, or NULL."""
    read = dialect.read_number(value)
    return (
        f"CASE WHEN {first_character(value)} IN {DIGITS} THEN "
        f"CASE WHEN {read} >= -{LARGEST} AND {read} <= {LARGEST} THEN {read} END END"
    )


def json_string(value: str, dialect: Dialect) -> str:
    """The text that a value is, or NULL."""
    return f"CASE WHEN {first_character(value)} = '\"' THEN {dialect.decoded(value)} END"


def shown_name(value: str, dialect: Dialect) -> str:
    """How people read a value: text without its quotation marks, 12 and 12.0 alike; NULL of no value."""
    number = json_number(value, dialect)
    fraction = " OR ".join(dialect.contains(value, literal(mark)) for mark in (".", "e", "E"))
    return (
        f"CASE WHEN {value} IN ('null', '\"{NOT_SET}\"') THEN NULL "
        f"WHEN {first_character(value)} = '\"' THEN {dialect.decoded(value)} "
        f"WHEN {number} IS NULL THEN {value} WHEN {number} = 0 THEN '0' "
        f"WHEN NOT ({fraction}) THEN {value} "
        f"WHEN {number} = floor({number}) AND abs({number}) < 1e15 "
        f"THEN CAST(CAST({number} AS {dialect.integer_type}) AS {dialect.text_type}) "
        f"ELSE CAST({number} AS {dialect.text_type}) END"
    )
