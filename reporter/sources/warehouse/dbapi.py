"""Engines by their DB-API clients (PEP 249): Databricks, Snowflake, BigQuery, Trino.

None of them can be run where this is tested: what their clients take is from their documentation.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias, cast
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from reporter.reports.errors import ReporterError
from reporter.sources.warehouse.connection import EngineAccess, Estimate, Lost, Values, library
from reporter.sources.warehouse.errors import Failure, failure
from reporter.sources.warehouse.event_table import SqlRow

BATCH = 1_000  # rows that are in memory at a time
ConnectionOptions: TypeAlias = dict[str, object]


@dataclass(frozen=True, slots=True)
class DbApi:
    """What is particular about an engine's client."""

    name: str
    scheme: str
    module: str
    extra: str
    options: Callable[[SplitResult, EngineAccess], ConnectionOptions]  # what `connect` takes
    style: Literal["named", "pyformat", "qmark"]  # how it binds values
    executes: Callable[[EngineAccess], ConnectionOptions] = lambda _: {}  # what `execute` takes besides


@dataclass(frozen=True, slots=True)
class DbApiClient:
    """Any of them; an address is SCHEME://USER:SECRET@HOST/PATH?OPTION=VALUE."""

    api: DbApi
    access: EngineAccess

    @property
    def name(self) -> str:
        return self.api.name

    def open(self) -> "_Opened":
        address = urlsplit(self.access.address)
        if address.scheme != self.api.scheme:
            raise ValueError(self.api.scheme)
        client = cast("_Module", library(self.api.module, self.api.extra, self.api.name))
        return _Opened(client.connect(**self.api.options(address, self.access), **_more(address)))

    def run(self, session: object, text: str, values: Values) -> Iterator[SqlRow]:
        opened = cast("_Opened", session)
        cursor = opened.cursor = opened.session.cursor()
        cursor.execute(*self._bound(text, values), **self.api.executes(self.access))
        yield [str(column[0]) for column in cursor.description or ()]
        while rows := cursor.fetchmany(BATCH):
            yield from rows
        cursor.close()

    def estimate(self, session: object, text: str, values: Values) -> Estimate | None:
        """None of them says it by the means of PEP 249."""

    def cancel(self, session: object) -> None:
        """Where the client can; another's query ends as its session does."""
        if (cursor := cast("_Opened", session).cursor) and (cancel := getattr(cursor, "cancel", None)):
            cast("Callable[[], object]", cancel)()

    def abandon(self, session: object) -> None:
        self.cancel(session)

    def close(self, session: object) -> None:
        cast("_Opened", session).session.close()

    def sorted(self, error: Exception) -> ReporterError | Lost:
        said = str(error)
        if isinstance(error, ValueError) and said == self.api.scheme:
            return failure("address", self.name, self.access)
        kinds: list[Failure] = [kind for pattern, kind in WORDS if re.search(pattern, said, re.IGNORECASE)]
        return failure(kinds[0] if kinds else "refused", self.name, self.access, said.partition("\n")[0])

    def _bound(self, text: str, values: Values) -> "tuple[str, Values | list[str | float]]":
        if self.api.style != "qmark":
            return text, values
        order = [name[1:] for name in _PLACES.findall(text)]
        return _PLACES.sub("?", text), [values[name] for name in order]


_PLACES = re.compile(r":p\d+\b")

# What their messages have in common: (a pattern, what it means), the first that fits.
WORDS: tuple[tuple[str, Failure], ...] = (
    (r"bytes ?billed|bytesbilled", "too_much"),
    (r"timed? ?out|statement_timeout|exceeded time|EXCEEDED_TIME_LIMIT", "too_slow"),
    (r"password|authenticat|unauthenticated|unauthorized|\b401\b|credentials|invalid access token", "login"),
    (r"insufficient privileges|permission|access denied|forbidden|\b403\b", "right"),
    (r"database .*does not exist|CATALOG_NOT_FOUND|no such catalog", "database"),
    (
        r"does not exist|not.found|cannot be resolved|invalid identifier|unrecognized name|UNRESOLVED_",
        "missing",
    ),
    (r"quota|too many|rate limit|RESOURCE_EXHAUSTED|overloaded", "busy"),
    (r"starting|resuming|TEMPORARILY_UNAVAILABLE", "starting"),
    (r"cancel", "ended"),
    (r"could not connect|connection refused|resolve|getaddrinfo|max retries", "unreachable"),
    (r"connection|broken pipe|reset by peer|session .*(closed|expired|no longer exists)", "lost"),
)


def _more(address: SplitResult) -> ConnectionOptions:
    """What else stands in an address."""
    return {name: _read(value) for name, value in parse_qsl(address.query)}


def _read(value: str) -> object:
    return {"true": True, "false": False}.get(value.lower(), value)


def _user(address: SplitResult) -> str:
    return unquote(address.username or "")


def _secret(address: SplitResult) -> str:
    return unquote(address.password or "")


def _parts(address: SplitResult) -> list[str]:
    return [unquote(part) for part in address.path.split("/") if part]


def _databricks(address: SplitResult, access: EngineAccess) -> ConnectionOptions:
    """https://docs.databricks.com/aws/en/dev-tools/python-sql-connector"""
    return {
        "server_hostname": address.hostname,
        "http_path": address.path,
        "access_token": _secret(address),
        "user_agent_entry": access.label,
        "session_configuration": {"TIMEZONE": "UTC", "STATEMENT_TIMEOUT": str(round(access.timeout))},
    }


def _snowflake(address: SplitResult, access: EngineAccess) -> ConnectionOptions:
    """https://docs.snowflake.com/en/developer-guide/python-connector/python-connector-api"""
    database, schema, *_ = (*_parts(address), None, None)
    return {
        "account": address.hostname,
        "user": _user(address),
        "password": _secret(address),
        "database": database,
        "schema": schema,
        "paramstyle": "pyformat",
        "session_parameters": {
            "TIMEZONE": "UTC",
            "QUERY_TAG": access.label,
            "STATEMENT_TIMEOUT_IN_SECONDS": round(access.timeout),
        },
    }


def _bigquery(address: SplitResult, access: EngineAccess) -> ConnectionOptions:
    """https://docs.cloud.google.com/python/docs/reference/bigquery/latest: signed in as the machine is."""
    bigquery = cast("_BigQuery", library("google.cloud.bigquery", "bigquery", "BigQuery"))
    return {"client": bigquery.Client(project=address.hostname), "prefer_bqstorage_client": False}


def _bigquery_job(access: EngineAccess) -> ConnectionOptions:
    bigquery = cast("_BigQuery", library("google.cloud.bigquery", "bigquery", "BigQuery"))
    label = re.sub(r"[^a-z0-9_-]", "-", access.label.lower())[:63]
    bounds: ConnectionOptions = {
        "job_timeout_ms": round(access.timeout * 1000),
        "labels": {"reporter": label},
    }
    if access.max_bytes is not None:
        bounds["maximum_bytes_billed"] = access.max_bytes
    return {"job_config": bigquery.QueryJobConfig(**bounds)}


def _trino(address: SplitResult, access: EngineAccess) -> ConnectionOptions:
    """https://github.com/trinodb/trino-python-client"""
    catalog, schema, *_ = (*_parts(address), None, None)
    basic = {}
    if address.password:
        authentication = cast("_TrinoAuth", library("trino.auth", "trino", "Trino"))
        basic = {"auth": authentication.BasicAuthentication(_user(address), _secret(address))}
    return {
        "host": address.hostname,
        "port": address.port or 443,
        "user": _user(address),
        "catalog": catalog,
        "schema": schema,
        "source": access.label,
        "http_scheme": "https" if address.password or address.port in (None, 443) else "http",
        "timezone": "UTC",
        "session_properties": {"query_max_run_time": f"{round(access.timeout)}s"},
        **basic,
    }


DATABRICKS = DbApi("Databricks", "databricks", "databricks.sql", "databricks", _databricks, "named")
SNOWFLAKE = DbApi("Snowflake", "snowflake", "snowflake.connector", "snowflake", _snowflake, "pyformat")
BIGQUERY = DbApi(
    "BigQuery",
    "bigquery",
    "google.cloud.bigquery.dbapi",
    "bigquery",
    _bigquery,
    "pyformat",
    executes=_bigquery_job,
)
TRINO = DbApi("Trino", "trino", "trino.dbapi", "trino", _trino, "qmark")


class _Cursor(Protocol):
    @property
    def description(self) -> Sequence[Sequence[object]] | None: ...
    def execute(self, text: str, values: object = ..., /, **options: object) -> object: ...
    def fetchmany(self, size: int, /) -> Sequence[SqlRow]: ...
    def close(self) -> object: ...


class _Session(Protocol):
    def cursor(self) -> _Cursor: ...
    def close(self) -> object: ...


@dataclass(slots=True)
class _Opened:
    session: _Session
    cursor: _Cursor | None = field(default=None)


class _Module(Protocol):
    def connect(self, **options: object) -> _Session: ...


class _BigQuery(Protocol):
    def Client(self, *, project: str | None) -> object: ...
    def QueryJobConfig(self, **options: object) -> object: ...


class _TrinoAuth(Protocol):
    def BasicAuthentication(self, user: str, secret: str, /) -> object: ...
