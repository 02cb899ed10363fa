"""Trino's SQL, from its reference: it was read by a parser, and not run."""

from collections.abc import Callable

from reporter.sources.events.measures.sql import NOT_SET
from reporter.sources.warehouse.dialect import Dialect, is_json_list


class TrinoDialect(Dialect):
    """Properties are JSON, or VARCHAR with JSON (https://trino.io/docs/current/functions/json.html)."""

    text_type = "VARCHAR"
    double_type = "DOUBLE"
    integer_type = "BIGINT"
    exact_type = "DECIMAL(38, 0)"
    parameter = ":p{}"

    def milliseconds(self, moment: str) -> str:
        epoch = "TIMESTAMP '1970-01-01 00:00:00 UTC'"
        return f"date_diff('millisecond', {epoch}, CAST({moment} AS TIMESTAMP(6) WITH TIME ZONE))"

    def moment(self, milliseconds: int) -> str:
        return f"from_unixtime({milliseconds} / 1e3)"

    def property_json(self, properties: str, name: str) -> str:
        return f"json_format(json_extract({properties}, concat('$[\"', {name}, '\"]')))"

    def column_json(self, column: str) -> str:
        return f"json_format(CAST({column} AS JSON))"

    def decoded(self, value: str) -> str:
        return f"json_extract_scalar({value}, '$')"

    def read_number(self, value: str) -> str:
        return f"TRY_CAST({value} AS DOUBLE)"

    def contains(self, text: str, part: str) -> str:
        return f"strpos({text}, {part}) > 0"

    def any_of_list(self, value: str, holds: Callable[[str], str]) -> str:
        return f"any_match({self._items(value)}, item -> coalesce({holds('json_format(item)')}, false))"

    def with_names(self, rows: str, value: str, shown: Callable[[str], str]) -> str:
        items = self._items(value)
        names = f"transform({items}, item -> coalesce({shown('json_format(item)')}, '{NOT_SET}'))"
        every = (
            f"CASE WHEN NOT coalesce({is_json_list(value)}, false) "
            f"THEN ARRAY[coalesce({shown(value)}, '{NOT_SET}')] "
            f"WHEN cardinality({items}) = 0 THEN ARRAY['{NOT_SET}'] ELSE array_distinct({names}) END"
        )
        return (
            f"SELECT named.*, nullif(listed.element, '{NOT_SET}') AS name "
            f"FROM ({rows}) AS named CROSS JOIN UNNEST({every}) AS listed (element)"
        )

    def _items(self, value: str) -> str:
        return f"TRY(CAST(json_parse({value}) AS ARRAY(JSON)))"
