"""A PostgreSQL on this machine that holds a product's events as Mixpanel's Data Pipelines write them."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from socket import socket
from typing import Protocol, cast

from reporter.local.product import SECOND, Product, ProductEvent, start_of

ENGINES = Path(__file__).parents[2] / ".tools/engines"  # where `make tools` puts the client
BINARIES = Path("/usr/lib/postgresql")  # of Debian's package
OWNER = "postgres"  # the server does not run as root
READER, PASSWORD = "reporter", "local-password"
EVENTS, IDENTITIES = "mp_master_event", "mp_identity_mappings_data"


class LoadingSession(Protocol):
    """What is used of a connection of psycopg's."""

    def execute(self, text: str, /) -> object: ...
    def cursor(self) -> "_Cursor": ...
    def close(self) -> None: ...


class _Cursor(Protocol):
    def copy(self, statement: str, /) -> "AbstractContextManager[_Copy]": ...
    def executemany(self, text: str, rows: Iterable[tuple[object, ...]], /) -> object: ...


class _Copy(Protocol):
    def write_row(self, row: tuple[object, ...], /) -> object: ...


class _Psycopg(Protocol):
    def connect(self, conninfo: str, *, autocommit: bool) -> LoadingSession: ...


@dataclass(frozen=True, slots=True)
class LocalPostgres:
    """A server that this machine alone reaches."""

    folder: Path
    port: int

    @property
    def address(self) -> str:
        """As a user would have it, who may read the two tables and nothing else."""
        return f"postgresql://{READER}:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    def connect(self) -> LoadingSession:
        """As the owner of all."""
        address = f"host={self.folder} port={self.port} user={OWNER} dbname=postgres"
        return cast("_Psycopg", import_module("psycopg")).connect(address, autocommit=True)

    def fill(self, product: Product) -> None:
        """With the product's events, as received until now, and with who is who."""
        with closing(self.connect()) as session:
            create_tables(session)
            cursor = session.cursor()
            with cursor.copy(f"COPY {EVENTS} FROM STDIN") as copy:
                for event in received(product):
                    copy.write_row(_row(event))
            with cursor.copy(f"COPY {IDENTITIES} FROM STDIN") as copy:
                for pair in mappings(product).items():
                    copy.write_row(pair)
            session.execute(f"ANALYZE {EVENTS}; GRANT SELECT ON {EVENTS}, {IDENTITIES} TO {READER}")


def use_client() -> None:
    """Makes the client importable that `make tools` sets up beside the project's own environment."""
    if str(ENGINES) not in sys.path:
        sys.path.append(str(ENGINES))


def is_there() -> bool:
    """Whether this machine has the server and its client."""
    return (ENGINES / ".ready").exists() and BINARIES.exists()


def create_tables(session: LoadingSession) -> None:
    """Empty ones, in place of what was there (Mixpanel, "JSON pipelines")."""
    session.execute(
        f"""DROP TABLE IF EXISTS {EVENTS}; DROP TABLE IF EXISTS {IDENTITIES};
        CREATE TABLE {EVENTS} (event_name text, distinct_id text, insert_id text, time timestamptz,
            properties jsonb);
        CREATE TABLE {IDENTITIES} (distinct_id text, resolved_distinct_id text)"""
    )


@contextmanager
def local_postgres() -> Generator[LocalPostgres]:
    """A server of its own, whose folder goes with it."""
    use_client()
    binaries = max(BINARIES.glob("*/bin"), key=lambda path: int(path.parent.name))
    owner = OWNER if os.getuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="reporter-pg-") as name:
        folder = Path(name)
        if owner:
            shutil.chown(folder, owner)

        def run(program: str, *options: str) -> None:
            command = [str(binaries / program), "-D", str(folder / "data"), *options]
            subprocess.run(command, user=owner, capture_output=True, check=True, cwd=folder)  # noqa: S603

        with socket() as free:
            free.bind(("127.0.0.1", 0))
            port: int = free.getsockname()[1]
        run("initdb", "--auth-local=trust", "--auth-host=scram-sha-256", "-U", OWNER, "--no-sync")
        options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c fsync=off -c jit=off"
        run("pg_ctl", "-l", str(folder / "log"), "-w", "-o", options, "start")
        try:
            server = LocalPostgres(folder, port)
            with closing(server.connect()) as session:
                session.execute(f"CREATE ROLE {READER} LOGIN PASSWORD '{PASSWORD}'")
            yield server
        finally:
            run("pg_ctl", "-m", "immediate", "stop")


def _row(event: ProductEvent) -> tuple[object, ...]:
    moment = datetime.fromtimestamp(event.time / SECOND, UTC)
    properties = {**event.properties, "mp_processing_time_ms": event.ingested_at}
    return event.name, event.distinct_id, event.insert_id, moment, json.dumps(properties)


def received(product: Product) -> Iterator[ProductEvent]:
    """What has come until now."""
    now = int(datetime.now(UTC).timestamp() * SECOND)
    yield from (event for event in product.events if event.ingested_at <= now)
    yield _next_day(product)


def _next_day(product: Product) -> ProductEvent:
    """Bookkeeping of the day after the last one, by which that one counts as loaded."""
    moment = start_of(product.last_day + timedelta(days=1), product.zone)
    return ProductEvent(
        "$identify", moment, "", "the next day", {"$anon_distinct_id": "", "$identified_id": ""}, moment
    )


def mappings(product: Product) -> dict[str, str]:
    """The ids of devices, by whom they turned out to be."""
    known = (event.properties for event in product.events if event.name == "$identify")
    return {str(one["$anon_distinct_id"]): str(one["$identified_id"]) for one in known}
