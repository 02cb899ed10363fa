"""SQL that measures share: periods, days and events as bit sets, conditions, and properties as JSON text."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Protocol, assert_never

from reporter.reports.conditions import Condition, Operator, Scalar, Where
from reporter.reports.errors import Refused
from reporter.reports.periods import Period
from reporter.sources.events.columns import quoted_column

HAS_USER = '"user" IS NOT NULL'


class Parameters:
    """The values of a query, which are never part of its text: each call returns what stands for one.

    >>> parameters = Parameters()
    >>> f"event = {parameters('Sign Up')}", parameters.values
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


def spans(*columns: Sequence[Period]) -> str:
    """A table of periods by their places, `span`: in the columns `from_0`, `to_0`, `from_1` and so on."""
    rows = (
        ", ".join((str(place), *(f"DATE '{one.start}', DATE '{one.end}'" for one in row)))
        for place, row in enumerate(zip(*columns, strict=True))
    )
    names = ", ".join(f"from_{number}, to_{number}" for number in range(len(columns)))
    return f"(SELECT * FROM (VALUES {', '.join(f'({row})' for row in rows)}) AS periods(span, {names}))"


WORD_SIZE = 64  # events


@dataclass(frozen=True, slots=True)
class EventBits:
    """Which bit of which word stands for an event, by its number, in a period."""

    words: tuple[int, ...]
    periods: tuple[Period, ...]

    @classmethod
    def covering(cls, events: Iterable[int], periods: Iterable[Period]) -> "EventBits":
        return cls(tuple(sorted({event // WORD_SIZE for event in events})), tuple(dict.fromkeys(periods)))

    @property
    def columns(self) -> Iterator[str]:
        """The columns of a GROUP BY that hold the events of a group."""
        for place, period in enumerate(self.periods):
            for word in self.words:
                first = word * WORD_SIZE
                yield (
                    f"bit_or(CASE WHEN event >= {first} AND event < {first + WORD_SIZE} AND {within(period)} "
                    f"THEN 1::UBIGINT << (event - {first}) END) AS events_{place}_{word}"
                )

    def has(self, event: int, period: Period) -> str:
        """The condition that a group has the event in the period."""
        word, bit = divmod(event, WORD_SIZE)
        return f"(events_{self.periods.index(period)}_{word} & {1 << bit}::UBIGINT) <> 0"


DAYS_IN_A_WORD = 64  # days


@dataclass(frozen=True, slots=True)
class DayBits:
    """Which words hold which days, and how SQL gathers and reads them."""

    words: tuple[Period, ...]

    @classmethod
    def covering(cls, periods: Iterable[Period]) -> "DayBits":
        """Words for all days of the periods, and none for longer gaps between them."""
        return cls(tuple(words_of(sorted({day for period in periods for day in period}))))

    @property
    def covered(self) -> str:
        """The condition that an event is on one of these days."""
        return "(" + " OR ".join(f"{within(word)}" for word in self.words) + ")"

    def columns(self, condition: str) -> Iterator[str]:
        """The columns of a GROUP BY that hold the days of those of a group that fulfil a condition."""
        for place, word in enumerate(self.words):
            yield (
                f"bit_or(CASE WHEN {within(word)} AND {condition} "
                f"THEN 1::UBIGINT << (day - DATE '{word.start}') ELSE 0::UBIGINT END) AS days_{place}"
            )

    def on_any_of(self, period: Period) -> str:
        """The condition that a group has an event in the period."""
        masks = ((place, mask(word, period)) for place, word in enumerate(self.words))
        tests = (f"(days_{place} & {bits}::UBIGINT) <> 0" for place, bits in masks if bits)
        return "(" + " OR ".join(tests) + ")"


def words_of(days: Iterable[date]) -> Iterator[Period]:
    """Stretches of at most 64 days that together hold the days, which are in order."""
    first = last = None
    for day in days:
        if first is not None and last is not None and (day - first).days >= DAYS_IN_A_WORD:
            yield Period.of_days(first, last)
            first = None
        first, last = first or day, day
    if first is not None and last is not None:
        yield Period.of_days(first, last)


def mask(word: Period, period: Period) -> int:
    """The bits of a word that stand for days of the period."""
    first, end = max(word.start, period.start), min(word.end, period.end)
    length = max((end - first) // timedelta(days=1), 0)
    return ((1 << length) - 1) << (first - word.start).days if length else 0


BACKSLASH = "\\"
NOT_SET = "undefined"  # Mixpanel's word for it, so text that says just this reads the same there, and here
LARGEST = 1e290  # beyond it nothing counts as a number, so that sums of them stay finite


def column(name: str) -> str:
    """The column of a property, quoted."""
    if "\0" in name:
        raise Refused(f"The property {name!r} cannot be read: no column can have this name")
    return quoted_column(name)


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


class JsonValues(Protocol):
    """How an engine reads the values of properties, which are JSON text; each method returns SQL."""

    def column(self, name: str) -> str: ...  # The column of a property.
    def any_item(self, value: str, holds: Callable[[str], str]) -> str: ...  # holds, or does for an item
    def text(self, value: str) -> str: ...  # The text that a value is, or NULL.
    def number(self, value: str) -> str: ...  # The number that a value is, or NULL.
    def contains(self, text: str, part: str) -> str: ...  # Whether a text has the part in it.


def holds(where: Where, parameters: Parameters, values: JsonValues | None = None) -> Iterator[str]:
    """What must be true of an event, one expression for each condition."""
    return (f"({expression(condition, parameters, values)})" for condition in where)


def expression(condition: Condition, parameters: Parameters, values: JsonValues | None = None) -> str:
    """Of a list one item is enough ("any in list", Mixpanel, "List filter"). Without `values` for DuckDB."""
    json = values or DuckDBValues()
    value = json.column(condition.property)
    match condition.operator:
        case Operator.IS:
            wanted = condition.values
            return json.any_item(
                value, lambda one: any_of(equal(one, each, parameters, json) for each in wanted)
            )
        case Operator.IS_NOT:
            opposite = replace(condition, operator=Operator.IS)
            return f"NOT coalesce({expression(opposite, parameters, json)}, false)"
        case Operator.CONTAINS:
            parts = [wanted for wanted in condition.values if isinstance(wanted, str)]
            return json.any_item(
                value, lambda one: any_of(json.contains(json.text(one), parameters(part)) for part in parts)
            )
        case Operator.GREATER_THAN | Operator.AT_LEAST | Operator.LESS_THAN | Operator.AT_MOST as operator:
            limits = [wanted for wanted in condition.values if not isinstance(wanted, str | bool)]
            sign = COMPARISONS[operator]
            return json.any_item(
                value,
                lambda one: any_of(
                    f"{json.number(one)} {sign} {parameters(float(limit))}" for limit in limits
                ),
            )
        case Operator.IS_SET:
            return is_set(value)
        case Operator.IS_NOT_SET:
            return f"NOT {is_set(value)}"
        case _:
            assert_never(condition.operator)


def equal(value: str, wanted: Scalar, parameters: Parameters, json: JsonValues) -> str:
    match wanted:
        case bool():
            return f"{value} = '{str(wanted).lower()}'"
        case str():
            return f"{json.text(value)} = {parameters(wanted)}"
        case _:
            return f"{json.number(value)} = {parameters(float(wanted))}"


def any_of(expressions: Iterator[str]) -> str:
    return " OR ".join(expressions) or "false"


class DuckDBValues:
    """The same for DuckDB."""

    column = staticmethod(column)
    any_item = staticmethod(any_item)
    text = staticmethod(text)
    number = staticmethod(number)

    def contains(self, text: str, part: str) -> str:
        return f"contains({text}, {part})"
