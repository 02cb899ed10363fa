"""Reading a property: its column holds the JSON text of each value, as it came.

Text begins with a quotation mark and so never reads as a number; no value is NULL, or `null`. Of a list each
item counts as a value (Mixpanel, "List property support").
"""

from collections.abc import Callable

from reporter.model.errors import Refused

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
