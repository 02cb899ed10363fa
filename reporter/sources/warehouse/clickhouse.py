"""ClickHouse's SQL (from version 23.3 on)."""

from collections.abc import Callable

from reporter.sources.events.measures.sql import NOT_SET
from reporter.sources.warehouse.dialect import Dialect, is_json_list

# Left joins and casts that give NULL, as in other engines, and a column before an alias of the same name.
SETTINGS = "SETTINGS join_use_nulls = 1, cast_keep_nullable = 1, prefer_column_name_to_alias = 1"


class ClickHouseDialect(Dialect):
    """Properties are a String of JSON."""

    text_type = "String"
    double_type = "Float64"
    integer_type = "Int64"
    exact_type = "Decimal(38, 0)"

    def placeholder(self, number: int, value: str | float) -> str:
        return f"{{p{number}:{self.text_type if isinstance(value, str) else self.double_type}}}"

    def milliseconds(self, moment: str) -> str:
        return f"toUnixTimestamp64Milli(toDateTime64({moment}, 3, 'UTC'))"

    def moment(self, milliseconds: int) -> str:
        return f"fromUnixTimestamp64Milli(toInt64({milliseconds}), 'UTC')"

    def property_json(self, properties: str, name: str) -> str:
        return f"nullIf(JSONExtractRaw({properties}, {name}), '')"

    def column_json(self, column: str) -> str:
        return f"if(isNull({column}), NULL, toJSONString({column}))"

    def decoded(self, value: str) -> str:
        return f"JSONExtractString(coalesce({value}, ''))"

    def read_number(self, value: str) -> str:
        return f"toFloat64OrNull({value})"

    def contains(self, text: str, part: str) -> str:
        return f"position({text}, {part}) > 0"

    def any_of_list(self, value: str, holds: Callable[[str], str]) -> str:
        return f"arrayExists(item -> coalesce({holds('item')}, false), {self._items(value)})"

    def with_names(self, rows: str, value: str, shown: Callable[[str], str]) -> str:
        names = (
            f"arrayDistinct(arrayMap(item -> coalesce({shown('item')}, '{NOT_SET}'), {self._items(value)}))"
        )
        own = f"[coalesce({shown(value)}, '{NOT_SET}')]"
        every = (
            f"if(coalesce({is_json_list(value)}, false), "
            f"if(empty({self._items(value)}), ['{NOT_SET}'], {names}), {own})"
        )
        return f"SELECT *, nullIf(arrayJoin({every}), '{NOT_SET}') AS name FROM ({rows})"

    def _items(self, value: str) -> str:
        return f"JSONExtractArrayRaw(coalesce({value}, ''))"
