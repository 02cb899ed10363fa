"""ClickHouse's SQL (from version 23.3 on)."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import chain
from typing import Protocol, cast
from urllib.parse import urlsplit
from uuid import uuid4

from reporter.reports.errors import ReporterError
from reporter.sources.events.measures.sql import NOT_SET
from reporter.sources.warehouse.connection import EngineAccess, Estimate, Lost, Values, library
from reporter.sources.warehouse.dialect import Dialect, is_json_list
from reporter.sources.warehouse.errors import Failure, failure
from reporter.sources.warehouse.event_table import SqlRow


class ClickHouseDialect(Dialect):
    """Properties are a String of JSON. It needs no setting, since users who can only read cannot set any."""

    text_type = "Nullable(String)"
    double_type = "Nullable(Float64)"
    integer_type = "Nullable(Int64)"
    exact_type = "Nullable(Decimal(38, 0))"

    def placeholder(self, number: int, value: str | float) -> str:
        return f"{{p{number}:{'String' if isinstance(value, str) else 'Float64'}}}"

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


@dataclass(frozen=True, slots=True)
class ClickHouseClient:
    """clickhouse-connect, over HTTP: https://USER:PASSWORD@HOST:8443/DATABASE."""

    access: EngineAccess
    name: str = "ClickHouse"

    def open(self) -> "_Session":
        address = urlsplit(self.access.address)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise ValueError(WRONG_ADDRESS)
        connect = cast("_Library", library("clickhouse_connect", "clickhouse", self.name))
        client = connect.get_client(
            dsn=self.access.address,
            interface=address.scheme,
            connect_timeout=10,
            send_receive_timeout=round(self.access.timeout) + 30,
            client_name=self.access.label,
            autogenerate_session_id=False,  # a session takes one query at a time
            query_retries=0,
        )
        return _Session(client)

    def run(self, session: object, text: str, values: Values) -> Iterator[SqlRow]:
        opened = cast("_Session", session)
        opened.query_id = f"reporter-{uuid4()}"
        settings = {**self._settings(opened.client), "query_id": opened.query_id}
        with opened.client.query_row_block_stream(text, parameters=dict(values), settings=settings) as blocks:
            each = iter(blocks)
            first = next(each, ())
            names = blocks.source.column_names
            if not names:  # the client says only of rows what their columns are
                names = [str(name) for name, *_ in self.run(session, f"DESCRIBE ({text})", values)][1:]
            yield names
            yield from chain(first, chain.from_iterable(each))

    def estimate(self, session: object, text: str, values: Values) -> Estimate:
        """The rows of the parts that it would read; of bytes it says nothing."""
        names, *rows = self.run(session, f"EXPLAIN ESTIMATE {text}", values)
        place = [*names].index("rows")
        return Estimate(rows=sum(cast("int", row[place]) for row in rows))

    def cancel(self, session: object) -> None:
        """Closing the line ends a query that can only read; this says so, where the user may say it."""
        opened = cast("_Session", session)
        if opened.query_id:
            opened.client.command(f"KILL QUERY WHERE query_id = '{opened.query_id}' ASYNC")

    def abandon(self, session: object) -> None:
        """Its own timeout of an answer does that."""

    def close(self, session: object) -> None:
        cast("_Session", session).client.close()

    def sorted(self, error: Exception) -> ReporterError | Lost:
        code, said = cast("int | None", getattr(error, "code", None)), str(error)
        if code is None and (found := _CODE.search(said)):
            code = int(found[1])
        kind: Failure = CODES.get(code, "refused") if code is not None else _kind_without_code(error)
        words = _WORDS.search(said) if code is not None else None
        return failure(kind, self.name, self.access, words[1] if words else "")

    def _settings(self, client: "_Client") -> Mapping[str, str | int]:
        """What holds a query in bounds and labels it, as far as this user may set it."""
        wished: dict[str, str | int] = {
            "max_execution_time": max(round(self.access.timeout), 1),
            "log_comment": self.access.label,
            "readonly": 2,
        }
        if self.access.max_bytes is not None:
            wished["max_bytes_to_read"] = self.access.max_bytes
        known = client.server_settings
        return {name: value for name, value in wished.items() if name in known and not known[name].readonly}


WRONG_ADDRESS = "not http:// or https:// with a host"
_WORDS = re.compile(r"DB::Exception: (.*?)(?:\.? In scope |\(version|\(for url|$)", re.DOTALL)
_CODE = re.compile(r"Code: (\d+)")
# https://github.com/ClickHouse/ClickHouse/blob/master/src/Common/ErrorCodes.cpp
CODES: Mapping[int, Failure] = {
    16: "missing",  # no such column in table
    47: "missing",  # unknown identifier
    60: "missing",  # unknown table
    81: "database",
    159: "too_slow",
    160: "too_slow",  # it would be
    192: "login",  # unknown user
    193: "login",
    194: "login",
    202: "busy",  # too many simultaneous queries
    209: "lost",  # socket timeout
    210: "lost",  # network error
    241: "busy",  # memory limit
    307: "too_much",  # bytes
    158: "too_much",  # rows
    394: "ended",
    497: "right",
    516: "login",
    698: "busy",  # a quota
    201: "busy",  # quota exceeded
}


def _kind_without_code(error: Exception) -> Failure:
    """Of what the client says itself, whose words quote the address."""
    if isinstance(error, ValueError):
        return "address"
    said = f"{error!r} {error.__context__!r}"
    if "ReadTimeout" in said or ("timed out" in said and "onnect" not in said):
        return "too_slow"
    is_unreached = any(
        part in said for part in ("NewConnection", "ConnectTimeout", "NameResolution", "refused", "SSLError")
    )
    return "unreachable" if is_unreached else "lost"


@dataclass(slots=True)
class _Session:
    client: "_Client"
    query_id: str = field(default="")


class _Source(Protocol):
    @property
    def column_names(self) -> Sequence[str]: ...


class _Blocks(Protocol):
    @property
    def source(self) -> _Source: ...
    def __iter__(self) -> Iterator[Sequence[SqlRow]]: ...


class _Setting(Protocol):
    @property
    def readonly(self) -> int: ...


class _Client(Protocol):
    @property
    def server_settings(self) -> Mapping[str, _Setting]: ...
    def query_row_block_stream(
        self, query: str, *, parameters: Mapping[str, str | float], settings: Mapping[str, str | int]
    ) -> AbstractContextManager[_Blocks]: ...
    def command(self, cmd: str) -> object: ...
    def close(self) -> None: ...


class _Library(Protocol):
    def get_client(
        self,
        *,
        dsn: str,
        interface: str,
        connect_timeout: int,
        send_receive_timeout: int,
        client_name: str,
        autogenerate_session_id: bool,
        query_retries: int,
    ) -> _Client: ...
