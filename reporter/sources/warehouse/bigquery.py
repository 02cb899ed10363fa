"""BigQuery's SQL, from its reference: it was read by a parser, and not run."""

from collections.abc import Callable

from reporter.sources.events.measures.sql import NOT_SET
from reporter.sources.warehouse.dialect import Dialect, is_json_list


class BigQueryDialect(Dialect):
    """Properties are JSON (https://docs.cloud.google.com/bigquery/docs/reference/standard-sql/json_functions)."""

    text_type = "STRING"
    double_type = "FLOAT64"
    integer_type = "INT64"
    exact_type = "BIGNUMERIC"

    def milliseconds(self, moment: str) -> str:
        return f"UNIX_MILLIS({moment})"

    def moment(self, milliseconds: int) -> str:
        return f"TIMESTAMP_MILLIS({milliseconds})"

    def property_json(self, properties: str, name: str) -> str:
        return f"nullif(TO_JSON_STRING({properties}[{name}]), 'null')"

    def column_json(self, column: str) -> str:
        return f"nullif(TO_JSON_STRING({column}), 'null')"

    def decoded(self, value: str) -> str:
        return f"JSON_VALUE({value}, '$')"

    def read_number(self, value: str) -> str:
        return f"SAFE_CAST({value} AS FLOAT64)"

    def contains(self, text: str, part: str) -> str:
        return f"STRPOS({text}, {part}) > 0"

    def any_of_list(self, value: str, holds: Callable[[str], str]) -> str:
        return f"EXISTS (SELECT 1 FROM UNNEST(JSON_QUERY_ARRAY({value})) AS item WHERE {holds('item')})"

    def with_names(self, rows: str, value: str, shown: Callable[[str], str]) -> str:
        items = f"JSON_QUERY_ARRAY({value})"
        names = f"ARRAY(SELECT DISTINCT coalesce({shown('item')}, '{NOT_SET}') FROM UNNEST({items}) AS item)"
        every = (
            f"CASE WHEN NOT coalesce({is_json_list(value)}, false) "
            f"THEN [coalesce({shown(value)}, '{NOT_SET}')] "
            f"WHEN ARRAY_LENGTH({items}) = 0 THEN ['{NOT_SET}'] ELSE {names} END"
        )
        return (
            f"SELECT named.*, nullif(listed, '{NOT_SET}') AS name "
            f"FROM ({rows}) AS named CROSS JOIN UNNEST({every}) AS listed"
        )
