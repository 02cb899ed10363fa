"""PostgreSQL's SQL (from version 12 on)."""

import os
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NotRequired, Protocol, TypedDict, cast

from reporter.reports.errors import ReporterError
from reporter.sources.warehouse.connection import EngineAccess, Estimate, Lost, Values, library
from reporter.sources.warehouse.dialect import Dialect, is_json_list
from reporter.sources.warehouse.errors import Failure, failure
from reporter.sources.warehouse.event_table import SqlRow

HIGH, LOW = r"\\u[dD][89abAB]..", r"\\u[dD][c-fC-F].."
# What JSON may write and JSONB refuses, NUL and half of a pair, as the store of raw events reads it, too.
UNREADABLE = rf"(?<!\\)((?:\\\\)*)(?:\\u0000|{HIGH}(?!{LOW})|(?<!{HIGH}){LOW})"


class PostgresDialect(Dialect):
    """Properties are JSON, JSONB or text; a number is read by way of NUMERIC, which no length overflows."""

    text_type = "TEXT"
    double_type = "DOUBLE PRECISION"
    integer_type = "BIGINT"
    exact_type = "NUMERIC(38, 0)"

    def milliseconds(self, moment: str) -> str:
        return f"CAST(floor(extract(epoch FROM {moment}) * 1000) AS BIGINT)"

    def moment(self, milliseconds: int) -> str:
        return f"to_timestamp({milliseconds} / 1000.0)"

    def property_json(self, properties: str, name: str) -> str:
        text = f"CAST({properties} AS TEXT)"
        readable = (
            f"CASE WHEN pg_typeof({properties}) <> CAST('jsonb' AS regtype) AND strpos({text}, '\\u') > 0 "
            f"THEN CAST(regexp_replace({text}, '{UNREADABLE}', '\\1\\ufffd', 'g') AS JSONB) "
            f"ELSE CAST({properties} AS JSONB) END"
        )
        return f"CAST({readable} -> {name} AS TEXT)"

    def column_json(self, column: str) -> str:
        return f"CAST(to_jsonb({column}) AS TEXT)"

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


@dataclass(frozen=True, slots=True)
class PostgresClient:
    """psycopg: every query in a transaction of its own that can only read, and whose zone is UTC."""

    access: EngineAccess
    name: str = "PostgreSQL"

    def open(self) -> "_Session":
        options = {"application_name": self.access.label, "connect_timeout": PATIENCE, **KEPT_ALIVE}
        psycopg = cast("_Psycopg", library("psycopg", "postgres", self.name))
        # A pooler that hands out connections by transaction knows no statement that was prepared before.
        return psycopg.connect(self.access.address, autocommit=True, prepare_threshold=None, **options)

    def run(self, session: object, text: str, values: Values) -> Iterator[SqlRow]:
        opened = cast("_Session", session)
        opened.execute(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL TIME ZONE 'UTC'; "
            f"SET LOCAL statement_timeout = {round(self.access.timeout * 1000)}"
        )
        if opened.info.server_version >= 140_000:  # it looks whether somebody still waits for the answer
            opened.execute("SET LOCAL client_connection_check_interval = 5000")
        cursor = opened.cursor()
        bound = {name: _without_nul(value) for name, value in values.items()}
        found = cursor.stream(text, bound)
        first = next(found, None)
        if first is None:  # psycopg says only of rows what their columns are
            cursor.execute(f"SELECT * FROM ({text.rstrip().rstrip(';')}\n) AS empty LIMIT 0", bound)
        yield [column.name for column in cursor.description or ()]
        yield from found if first is None else chain((first,), found)
        opened.execute("ROLLBACK")

    def estimate(self, session: object, text: str, values: Values) -> Estimate:
        """By its statistics: the rows that are taken from tables, and what is needed of them."""
        (plan,) = [*self.run(session, f"EXPLAIN (FORMAT JSON) {text}", values)][1]
        scans = [*_scans(cast("list[_Step]", plan)[0]["Plan"])]
        return Estimate(sum(rows * width for rows, width in scans), sum(rows for rows, _ in scans))

    def cancel(self, session: object) -> None:
        cast("_Session", session).cancel_safe(timeout=PATIENCE)

    def abandon(self, session: object) -> None:
        with socket.socket(fileno=os.dup(cast("_Session", session).fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)

    def close(self, session: object) -> None:
        cast("_Session", session).close()

    def sorted(self, error: Exception) -> ReporterError | Lost:
        code = cast("str | None", getattr(error, "sqlstate", None))
        said = str(error).partition("\n")[0]
        if code is not None:
            return failure(_kind(code, said), self.name, self.access, said)
        if type(error).__name__ == "ProgrammingError":  # what it says quotes the address
            return failure("address", self.name, self.access)
        # What else it says may quote parts of an address that was misread: only the server's words are shown.
        server = said.partition("FATAL:")[2]
        return failure(_kind_without_code(said), self.name, self.access, server)


PATIENCE = 10  # seconds
KEPT_ALIVE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
WITHOUT_CODE: Mapping[str, Failure] = {  # what libpq says itself, or hears before there is a session
    "too many": "busy",
    "remaining connection slots": "busy",
    "password authentication failed": "login",
    "no password supplied": "login",
    "no pg_hba.conf entry": "login",
    'role "': "login",
    'database "': "database",
    "starting up": "starting",
    "in recovery": "starting",
    "shutting down": "starting",
    "invalid integer value": "address",
    "invalid connection option": "address",
    "invalid URI": "address",
    "connection failed": "unreachable",
    "connection is bad": "unreachable",
    "failed to resolve": "unreachable",
    "timeout expired": "unreachable",
}


def _kind_without_code(said: str) -> Failure:
    kinds: list[Failure] = [kind for part, kind in WITHOUT_CODE.items() if part in said]
    return kinds[0] if kinds else "lost"


def _kind(code: str, said: str) -> Failure:
    """https://www.postgresql.org/docs/current/errcodes-appendix.html"""
    match code:
        case "28000" | "28P01":
            return "login"
        case "3D000":
            return "database"
        case "42P01" | "42703" | "3F000":
            return "missing"
        case "42501":
            return "right"
        case "57014":
            return "too_slow" if "timeout" in said else "ended"
        case "57P03":
            return "starting"
        case _ if code[:2] in ("53", "40", "55"):
            return "busy"
        case _ if code[:2] in ("08", "57"):
            return "lost"
        case _:
            return "refused"


def _without_nul(value: str | float) -> str | float:
    """A text that PostgreSQL takes; none of its texts can be equal to one with this character."""
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value


def _scans(step: "_Step") -> Iterator[tuple[int, int]]:
    """The rows and their width of each step that reads a table."""
    if "Relation Name" in step:
        yield step["Plan Rows"], step["Plan Width"]
    for inner in step.get("Plans", []):
        yield from _scans(inner)


_Step = TypedDict(
    "_Step",
    {
        "Plan": "_Step",
        "Plan Rows": int,
        "Plan Width": int,
        "Plans": NotRequired["list[_Step]"],
        "Relation Name": NotRequired[str],
    },
)


class _Column(Protocol):
    @property
    def name(self) -> str: ...


class _Cursor(Protocol):
    @property
    def description(self) -> Sequence[_Column] | None: ...
    def stream(self, query: str, params: Values) -> Iterator[SqlRow]: ...
    def execute(self, query: str, params: Values) -> object: ...


class _Info(Protocol):
    @property
    def server_version(self) -> int: ...


class _Session(Protocol):
    @property
    def info(self) -> _Info: ...
    def execute(self, query: str) -> object: ...
    def cursor(self) -> _Cursor: ...
    def fileno(self) -> int: ...
    def cancel_safe(self, *, timeout: float) -> None: ...
    def close(self) -> None: ...


class _Psycopg(Protocol):
    def connect(
        self, conninfo: str, *, autocommit: bool, prepare_threshold: None, **options: str | int
    ) -> _Session: ...
