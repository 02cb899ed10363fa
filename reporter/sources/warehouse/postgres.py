"""PostgreSQL's SQL (from version 12 on)."""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Protocol, cast

from reporter.sources.warehouse.dialect import Dialect, is_json_list
from reporter.sources.warehouse.event_table import SqlRow


class PostgresDialect(Dialect):
    """Properties are JSON, JSONB or text; a number is read by way of NUMERIC, which no length overflows."""

    text_type = "TEXT"
    double_type = "DOUBLE PRECISION"
    integer_type = "BIGINT"
    exact_type = "NUMERIC(38, 0)"

    def placeholder(self, number: int, value: str | float) -> str:
        return f"CAST(%(p{number})s AS {self.text_type if isinstance(value, str) else self.double_type})"

    def milliseconds(self, moment: str) -> str:
        return f"CAST(floor(extract(epoch FROM {moment}) * 1000) AS BIGINT)"

    def moment(self, milliseconds: int) -> str:
        return f"to_timestamp({milliseconds} / 1000.0)"

    def property_json(self, properties: str, name: str) -> str:
        return f"CAST(CAST({properties} AS JSONB) -> {name} AS TEXT)"

    def decoded(self, value: str) -> str:
        return f"(CAST({value} AS JSONB) #>> '{{}}')"

    def read_number(self, value: str) -> str:
        exact = f"CAST({value} AS NUMERIC)"
        return (  # beyond these, DOUBLE PRECISION refuses it
            f"CASE WHEN abs({exact}) < 3e-324 THEN 0 WHEN abs({exact}) < 1e300 "
            f"THEN CAST({value} AS DOUBLE PRECISION) END"
        )

    def contains(self, text: str, part: str) -> str:
        return f"strpos({text}, {part}) > 0"

    def any_of_list(self, value: str, holds: Callable[[str], str]) -> str:
        return (
            f"EXISTS (SELECT 1 FROM jsonb_array_elements(CAST({value} AS JSONB)) AS listed(element) "
            f"WHERE {holds('CAST(element AS TEXT)')})"
        )

    def with_names(self, rows: str, value: str, shown: Callable[[str], str]) -> str:
        items = (
            f"CASE WHEN {is_json_list(value)} AND {value} <> '[]' THEN CAST({value} AS JSONB) "
            f"WHEN {value} = '[]' THEN CAST('[null]' AS JSONB) "
            f"ELSE jsonb_build_array(CAST({value} AS JSONB)) END"
        )
        return (
            f"SELECT named.*, each.name FROM ({rows}) AS named CROSS JOIN LATERAL ("
            f"SELECT DISTINCT {shown('CAST(element AS TEXT)')} AS name "
            f"FROM jsonb_array_elements({items}) AS listed(element)) AS each"
        )


class PostgresConnection:
    """A connection of psycopg's, opened when it is first used."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._opened: _Opened | None = None

    def rows(self, text: str, values: Mapping[str, str | float]) -> Iterator[SqlRow]:
        """What a query finds."""
        with self._connection.cursor() as cursor:
            cursor.execute(text, values)
            yield from cursor

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    @property
    def _connection(self) -> "_Opened":
        if self._opened is None:
            self._opened = cast("_Client", import_module("psycopg")).connect(self._address, autocommit=True)
        return self._opened


class _Cursor(Protocol):
    def __enter__(self) -> "_Cursor": ...
    def __exit__(self, *_: object) -> None: ...
    def __iter__(self) -> Iterator[SqlRow]: ...
    def execute(self, query: str, params: Mapping[str, str | float] | None = None) -> object: ...


class _Opened(Protocol):
    def cursor(self) -> _Cursor: ...
    def close(self) -> None: ...


class _Client(Protocol):
    def connect(self, conninfo: str, *, autocommit: bool) -> _Opened: ...
