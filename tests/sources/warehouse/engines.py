"""Real engines on this machine, with events as Mixpanel's Data Pipelines write them."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from reporter.sources.warehouse.clickhouse import ClickHouseDialect
from reporter.sources.warehouse.connection import EngineAccess, EngineConnection
from reporter.sources.warehouse.engines import connect
from reporter.sources.warehouse.event_table import SqlRow, WarehouseEvents
from reporter.sources.warehouse.postgres import PostgresDialect
from reporter.sources.warehouse.spark import SparkClient, SparkDialect

from ..events.reference import Event
from ..events.strategies import ZONE

ENGINES = Path(__file__).parents[3] / ".tools/engines"
POSTGRES = Path("/usr/lib/postgresql")
OWNER = "postgres"  # the server does not run as root


def use_engines() -> None:
    """Makes the clients importable that `make tools` sets up beside the project's own environment."""
    if str(ENGINES) not in sys.path:
        sys.path.append(str(ENGINES))


class Engine(Protocol):
    """An engine that holds the events it is given."""

    def load(self, rows: Sequence[Mapping[str, object]], mappings: Mapping[str, str]) -> WarehouseEvents: ...

    def rows(self, text: str, values: Mapping[str, str | float]) -> Iterator[SqlRow]: ...


def rows_of(events: Sequence[Event], copies: int = 1) -> list[Mapping[str, object]]:
    """Events as rows; each so many times, as pipelines may deliver them."""
    return [
        {
            "event_name": event.name,
            "distinct_id": "" if event.user is None else f"user {event.user}",
            "insert_id": f"insert {number}",
            "time": event.time,
            "properties": "{"
            + ", ".join(f"{json.dumps(name)}: {value}" for name, value in event.properties.items())
            + "}",
        }
        for number, event in enumerate(events)
        for _ in range(copies)
    ]


@dataclass(frozen=True, slots=True)
class PostgresEngine:
    """PostgreSQL, as Debian packages it."""

    connection: EngineConnection
    loading: "_PgSession"
    time_type: str = "timestamptz"
    json_type: str = "jsonb"

    def load(self, rows: Sequence[Mapping[str, object]], mappings: Mapping[str, str]) -> WarehouseEvents:
        self.loading.execute(
            f"""DROP TABLE IF EXISTS mp_master_event; DROP TABLE IF EXISTS mp_identity_mappings_data;
            CREATE TABLE mp_master_event (event_name text, distinct_id text, insert_id text,
                time {self.time_type}, properties {self.json_type});
            CREATE TABLE mp_identity_mappings_data (distinct_id text, resolved_distinct_id text)"""
        )
        moments = [
            datetime.fromtimestamp(cast("int", row["time"]) / 1_000, UTC).isoformat().replace(*self.zone)
            for row in rows
        ]
        self.loading.cursor().executemany(
            "INSERT INTO mp_master_event VALUES (%s, %s, %s, %s, %s)",
            [
                (row["event_name"], row["distinct_id"], row["insert_id"], moment, row["properties"])
                for row, moment in zip(rows, moments, strict=True)
            ],
        )
        self.loading.cursor().executemany(
            "INSERT INTO mp_identity_mappings_data VALUES (%s, %s)", [*mappings.items()]
        )
        return WarehouseEvents(PostgresDialect(), ZONE, "mp_master_event", "mp_identity_mappings_data")

    @property
    def zone(self) -> tuple[str, str]:
        """A column without a zone has no place for it; the clock of UTC is what pipelines put there."""
        return ("+00:00", "" if self.time_type == "timestamp" else "+00:00")

    def rows(self, text: str, values: Mapping[str, str | float]) -> Iterator[SqlRow]:
        return self.connection.rows(text, values)


class _PgCursor(Protocol):
    def executemany(self, text: str, rows: Sequence[Sequence[object]], /) -> object: ...


class _PgSession(Protocol):
    def execute(self, text: str, /) -> object: ...
    def cursor(self) -> _PgCursor: ...
    def close(self) -> None: ...


class _Psycopg(Protocol):
    def connect(self, conninfo: str, *, autocommit: bool) -> _PgSession: ...


class _ChSession(Protocol):
    def query(self, text: str, format: str, *, params: Mapping[str, str | float] | None = None) -> object: ...


@dataclass(frozen=True, slots=True)
class ClickHouseEngine:
    """ClickHouse, in this process."""

    session: _ChSession

    def load(self, rows: Sequence[Mapping[str, object]], mappings: Mapping[str, str]) -> WarehouseEvents:
        columns = """event_name String, distinct_id String, insert_id Nullable(String),
            time DateTime64(3, 'UTC'), properties String"""
        self._fill("mp_master_event", columns, rows)
        pairs = [{"distinct_id": one, "resolved_distinct_id": other} for one, other in mappings.items()]
        self._fill("mp_identity_mappings_data", "distinct_id String, resolved_distinct_id String", pairs)
        return WarehouseEvents(ClickHouseDialect(), ZONE, "mp_master_event", "mp_identity_mappings_data")

    def _fill(self, table: str, columns: str, rows: Sequence[Mapping[str, object]]) -> None:
        self.session.query(f"CREATE OR REPLACE TABLE {table} ({columns}) ENGINE = Memory", "CSV")
        each = ({**row, "time": cast("int", row["time"]) / 1_000} if "time" in row else row for row in rows)
        lines = "\n".join(map(json.dumps, each))
        if rows:
            self.session.query(f"INSERT INTO {table} FORMAT JSONEachRow {lines}", "CSV")

    def rows(self, text: str, values: Mapping[str, str | float]) -> Iterator[SqlRow]:
        escaped = {
            name: _escaped(value) if isinstance(value, str) else value for name, value in values.items()
        }
        settings = (
            "SETTINGS output_format_json_quote_decimals = 1, output_format_json_quote_64bit_integers = 0"
        )
        found = self.session.query(f"{text} {settings}", "JSONCompactEachRow", params=escaped)
        yield from (cast("SqlRow", json.loads(line)) for line in str(found).split("\n") if line)


def _escaped(text: str) -> str:
    """As ClickHouse reads the value of a parameter."""
    marks = {
        "\\": "\\\\",
        "\t": "\\t",
        "\n": "\\n",
        "\r": "\\r",
        "\0": "\\0",
        "\b": "\\b",
        "\f": "\\f",
        "'": "\\'",
    }
    return "".join(marks.get(letter, letter) for letter in text)


@cache
def clickhouse() -> ClickHouseEngine:
    use_engines()
    session = import_module("chdb.session")
    return ClickHouseEngine(cast("_ChSession", session.Session()))


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A server of its own, on a socket in a folder that goes with it."""

    folder: Path
    options: str = ""

    @property
    def address(self) -> str:
        return f"host={self.folder} user={OWNER} dbname=postgres"

    def start(self) -> None:
        options = f"-c listen_addresses= -k {self.folder} -c fsync=off -c jit=off {self.options}"
        self.run("pg_ctl", "-l", str(self.folder / "log"), "-w", "-o", options, "start")

    def stop(self, *, mode: str = "immediate") -> None:
        self.run("pg_ctl", "-m", mode, "-w", "stop")

    def run(self, program: str, *options: str) -> None:
        binaries = max(POSTGRES.glob("*/bin"), key=lambda path: int(path.parent.name))
        command = [str(binaries / program), "-D", str(self.folder / "data"), *options]
        subprocess.run(command, user=self.owner, capture_output=True, check=True, cwd=self.folder)  # noqa: S603

    @property
    def owner(self) -> str | None:
        return OWNER if os.getuid() == 0 else None

    def execute(self, text: str) -> None:
        with closing(loading_session(self.address)) as session:
            session.execute(text)


def loading_session(address: str) -> "_PgSession":
    use_engines()
    return cast("_Psycopg", import_module("psycopg")).connect(address, autocommit=True)


@contextmanager
def postgres_server(options: str = "") -> Generator[PostgresServer]:
    use_engines()
    with tempfile.TemporaryDirectory(prefix="reporter-pg-", ignore_cleanup_errors=True) as name:
        server = PostgresServer(Path(name), options)
        if server.owner:
            shutil.chown(name, server.owner)
        server.run("initdb", "-A", "trust", "-U", OWNER, "--no-sync")
        server.start()
        try:
            yield server
        finally:
            with suppress(subprocess.CalledProcessError):  # a test may have stopped it
                server.stop()


@contextmanager
def postgres(options: str = "") -> Generator[PostgresEngine]:
    with postgres_server(options) as server:
        _, connection = connect("postgres", EngineAccess(server.address))
        with closing(connection), closing(loading_session(server.address)) as loading:
            yield PostgresEngine(connection, loading)


class _SparkSession(Protocol):
    def sql(self, text: str, /) -> "_SparkFound": ...
    def stop(self) -> None: ...


class _SparkFound(Protocol):
    def collect(self) -> object: ...


class SailDialect(SparkDialect):
    """Sail calls functions otherwise, and takes no list of VARIANT apart: lists are left to Spark itself."""

    def parsed(self, properties: str) -> str:
        return f"parse_json({properties})"

    def member(self, variant: str, path: str) -> str:
        return f"variant_to_json(variant_get({variant}, coalesce({path}, '$.none')))"

    def decoded(self, value: str) -> str:
        return f"get_json_object(concat('{{\"v\":', {value}, '}}'), '$.v')"

    def items(self, value: str) -> str:
        return f"array({value})"


@dataclass(frozen=True, slots=True)
class SparkEngine:
    """Spark Connect, of Spark's own server or of Sail's."""

    connection: EngineConnection
    loading: _SparkSession
    dialect: SparkDialect

    def load(self, rows: Sequence[Mapping[str, object]], mappings: Mapping[str, str]) -> WarehouseEvents:
        columns = ("event_name", "distinct_id", "insert_id", "time", "properties")
        chosen = "event_name, distinct_id, insert_id, timestamp_millis(time) AS time, properties"
        self._view("mp_master_event", columns, rows, chosen)
        pairs = [{"distinct_id": one, "resolved_distinct_id": other} for one, other in mappings.items()]
        self._view("mp_identity_mappings_data", ("distinct_id", "resolved_distinct_id"), pairs, "*")
        return WarehouseEvents(self.dialect, ZONE, "mp_master_event", "mp_identity_mappings_data")

    def rows(self, text: str, values: Mapping[str, str | float]) -> Iterator[SqlRow]:
        return self.connection.rows(text, values)

    def _view(
        self, name: str, columns: Sequence[str], rows: Sequence[Mapping[str, object]], chosen: str
    ) -> None:
        nothing: dict[str, object] = {"time": 0}
        lines = [[_spark_literal(row.get(one, "")) for one in columns] for row in rows or [nothing]]
        values = ", ".join(f"({', '.join(line)})" for line in lines)
        made = f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT {chosen} FROM VALUES {values}"  # noqa: S608
        end = "" if rows else " WHERE 1 = 0"
        self.loading.sql(f"{made} AS given({', '.join(columns)}){end}").collect()


def _spark_literal(value: object) -> str:
    if value is None:
        return "CAST(NULL AS STRING)"
    if isinstance(value, int):
        return f"{value}L"
    plain = "".join(f"\\U{ord(letter):08x}" for letter in str(value))
    return f"'{plain}'"


@contextmanager
def sail() -> Generator[SparkEngine]:
    """A server of Sail's in this process."""
    use_engines()
    server = import_module("pysail.spark").SparkConnectServer("127.0.0.1", 0)
    server.start()
    with _spark_engine(f"sc://127.0.0.1:{server.listening_address[1]}", SailDialect()) as engine:
        yield engine
    server.stop()


@contextmanager
def spark() -> Generator[SparkEngine]:
    """Spark itself, which needs Java: two threads, or two executors of their own."""
    use_engines()
    builder = import_module("pyspark.sql").SparkSession.builder
    for name, value in SPARK.items():
        builder = builder.config(name, value)
    with warnings.catch_warnings(action="ignore"):  # what a session cannot set, its server has set
        session = builder.remote(os.environ.get("TEST_SPARK", "local[2]")).getOrCreate()
    with _of_session(SparkClient(EngineAccess("sc://127.0.0.1")), session, SparkDialect()) as engine:
        session.conf.set("spark.sql.session.timeZone", "UTC")
        yield engine


SPARK = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.session.timeZone": "America/New_York",  # that of a server, which is another
}


@contextmanager
def _spark_engine(address: str, dialect: SparkDialect) -> Generator[SparkEngine]:
    client = SparkClient(EngineAccess(address))
    with _of_session(client, cast("_SparkSession", client.open()), dialect) as engine:
        yield engine


@contextmanager
def _of_session(client: SparkClient, session: _SparkSession, dialect: SparkDialect) -> Generator[SparkEngine]:
    connection = EngineConnection(OneSession(client.access, session=session), client.access)
    try:
        yield SparkEngine(connection, session, dialect)
    finally:
        session.stop()


@dataclass(frozen=True, slots=True)
class OneSession(SparkClient):
    """The session in which the temporary views are."""

    session: object = None

    def open(self) -> object:  # pyright: ignore[reportIncompatibleMethodOverride]
        return self.session

    def close(self, session: object) -> None:
        """It is closed with its views."""
