"""Snowflake's SQL, from its reference: it was read by a parser, and not run."""

from collections.abc import Callable

from reporter.sources.events.measures.sql import NOT_SET
from reporter.sources.warehouse.dialect import Dialect, is_json_list


class SnowflakeDialect(Dialect):
    """Properties are an OBJECT or a VARIANT (https://docs.snowflake.com/en/sql-reference/functions-semistructured)."""

    text_type = "VARCHAR"
    double_type = "DOUBLE"
    integer_type = "BIGINT"
    exact_type = "NUMBER(38, 0)"

    def milliseconds(self, moment: str) -> str:
        return f"DATE_PART(epoch_millisecond, {moment})"

    def moment(self, milliseconds: int) -> str:
        return f"TO_TIMESTAMP_NTZ({milliseconds}, 3)"

    def property_json(self, properties: str, name: str) -> str:
        return f"TO_JSON(GET({properties}, {name}))"

    def column_json(self, column: str) -> str:
        return f"TO_JSON(TO_VARIANT({column}))"

    def decoded(self, value: str) -> str:
        return f"CAST(TRY_PARSE_JSON({value}) AS VARCHAR)"

    def read_number(self, value: str) -> str:
        return f"TRY_TO_DOUBLE({value})"

    def contains(self, text: str, part: str) -> str:
        return f"POSITION({part}, {text}) > 0"

    def any_of_list(self, value: str, holds: Callable[[str], str]) -> str:
        return (
            f"ARRAY_SIZE(FILTER({self._items(value)}, item -> coalesce({holds('TO_JSON(item)')}, false))) > 0"
        )

    def with_names(self, rows: str, value: str, shown: Callable[[str], str]) -> str:
        items = self._items(value)
        each = f"TRANSFORM({items}, item -> coalesce({shown('TO_JSON(item)')}, '{NOT_SET}'))"
        every = (
            f"CASE WHEN NOT coalesce({is_json_list(value)}, false) "
            f"THEN ARRAY_CONSTRUCT(coalesce({shown(value)}, '{NOT_SET}')) "
            f"WHEN ARRAY_SIZE({items}) = 0 THEN ARRAY_CONSTRUCT('{NOT_SET}') ELSE ARRAY_DISTINCT({each}) END"
        )
        return (
            f"SELECT named.*, nullif(CAST(listed.value AS VARCHAR), '{NOT_SET}') AS name "
            f"FROM ({rows}) AS named, LATERAL FLATTEN(input => {every}) AS listed"
        )

    def _items(self, value: str) -> str:
        return f"CAST(TRY_PARSE_JSON({value}) AS ARRAY)"
