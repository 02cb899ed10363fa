"""PostgreSQL over years: its zone, its rights, its restarts, its errors."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import cast

import pytest

from reporter.reports.conditions import Condition, Operator
from reporter.reports.errors import ConfigError, Refused, ReporterError, Unavailable
from reporter.reports.figures import Measured
from reporter.reports.measures import ActiveUsers, EventCount
from reporter.reports.periods import Period
from reporter.sources.events.measures import EventsPlan, MeasureRequest
from reporter.sources.warehouse import connection as connecting
from reporter.sources.warehouse.connection import EngineAccess, EngineConnection
from reporter.sources.warehouse.engines import connect
from reporter.sources.warehouse.measures import measure_plan

from ..events.strategies import FIRST, midnight
from .engines import POSTGRES, PostgresEngine, PostgresServer, loading_session, postgres_server
from .test_engines import measured, row

SECRET = "swordfish/+%"
IN_ADDRESS = "swordfish%2F%2B%25"
SLOW = "SELECT pg_sleep(20)"
NEW_YORK = "-c timezone=America/New_York"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    if not POSTGRES.exists():
        pytest.skip("Debian's postgresql is the server")
    with postgres_server(NEW_YORK) as running:
        running.execute(
            f"""CREATE TABLE mp_master_event (event_name text, properties jsonb);
            CREATE ROLE reader LOGIN PASSWORD '{SECRET}';
            CREATE ROLE stranger LOGIN; CREATE ROLE alone LOGIN CONNECTION LIMIT 0;
            GRANT SELECT ON mp_master_event TO reader"""
        )
        rules = running.folder / "data/pg_hba.conf"
        rules.write_text(f"local all reader scram-sha-256\nlocal none reader reject\n{rules.read_text()}")
        running.execute("SELECT pg_reload_conf()")
        yield running


@pytest.fixture
def opened(server: PostgresServer) -> Iterator[EngineConnection]:
    with closing(to(server.address)) as connection:
        yield connection


def to(address: str, timeout: float = 30, label: str = "reporter") -> EngineConnection:
    return connect("postgres", EngineAccess(address, "REPORTER_WAREHOUSE", timeout, label))[1]


def asked(connection: EngineConnection, text: str) -> list[object]:
    return [value for (value,) in connection.rows(text, {})]


@pytest.mark.parametrize("json_type", ["jsonb", "json", "text"])
@pytest.mark.parametrize("time_type", ["timestamptz", "timestamp"])
def test_a_day_is_the_projects_whatever_the_zone_of_the_server(
    server: PostgresServer, opened: EngineConnection, time_type: str, json_type: str
):
    engine = PostgresEngine(opened, loading_session(server.address), time_type, json_type)
    times = [midnight(0) - 1, midnight(0), midnight(1) - 1, midnight(1)]
    rows = [{**row("ann", number), "time": at} for number, at in enumerate(times)]
    asks = MeasureRequest(EventCount("Open"), Period.of_days(FIRST, FIRST))

    with closing(engine.loading):
        result, _ = measure_plan(EventsPlan(frozenset([asks])), opened, engine.load(rows, {}))

    assert result.figures[asks] == Measured(2)


@pytest.mark.parametrize("json_type", ["json", "text"])
def test_a_text_that_postgres_cannot_read_spoils_no_other(
    server: PostgresServer, opened: EngineConnection, json_type: str
):
    """A column of json or text takes half an emoji, and a NUL, which jsonb does not."""
    engine = PostgresEngine(opened, loading_session(server.address), json_type=json_type)
    texts = [r"a\u0000b", r"\ud83d", r"\ud83d\ude00", r"x\ude00\ud83d", r"\\u0000", "plain"]
    rows = [
        {**row("ann", number), "properties": f'{{"plan": "{text}", "price": 1}}'}
        for number, text in enumerate(texts)
    ]
    wanted = ("a\ufffdb", "\ufffd", "\U0001f600", "x\ufffd\ufffd", "\\u0000", "plain", "a\0b")
    counts = [EventCount("Open", (Condition("plan", Operator.IS, (one,)),)) for one in wanted]

    with closing(engine.loading):
        found = measured(engine, rows, {}, *counts, ActiveUsers())

    assert found == [*[Measured(1)] * len(wanted), Measured(1)]


def test_it_can_only_read(opened: EngineConnection):
    with pytest.raises(Refused, match="read-only transaction"):
        asked(opened, "CREATE TABLE mine (a int)")


def test_queries_carry_a_label(server: PostgresServer):
    own = "SELECT application_name FROM pg_stat_activity WHERE pid = pg_backend_pid()"
    with closing(to(server.address, label="reporter:weekly")) as connection:
        assert asked(connection, own) == ["reporter:weekly"]


def test_a_slow_query_is_given_up(server: PostgresServer):
    with closing(to(server.address, timeout=0.3)) as connection:
        with pytest.raises(Unavailable, match=r"took longer than 0\.3 seconds"):
            asked(connection, SLOW)
        assert asked(connection, "SELECT 1") == [1]


def test_an_answer_has_its_columns(opened: EngineConnection):
    found = opened.query("SELECT 1 AS one, 'b' AS two WHERE 1 = 0")

    assert (found.columns, [*found.rows]) == (("one", "two"), [])


def test_what_would_be_read_is_estimated(server: PostgresServer, opened: EngineConnection):
    server.execute("CREATE TABLE many AS SELECT generate_series(1, 5000) AS n; ANALYZE many")

    estimate = opened.estimate("SELECT count(*) FROM many WHERE n > %(p1)s", {"p1": 5})

    assert estimate is not None
    assert estimate.rows == pytest.approx(5000, rel=0.1)


def test_a_connection_that_was_closed_meanwhile_is_opened_again(
    server: PostgresServer, opened: EngineConnection
):
    assert asked(opened, "SELECT 1") == [1]
    server.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'reporter'"
    )
    assert asked(opened, "SELECT 2") == [2]

    server.stop(mode="fast")
    with pytest.raises(Unavailable, match="PostgreSQL could not be reached"):
        asked(opened, "SELECT 3")
    server.start()
    assert asked(opened, "SELECT 4") == [4]


def test_a_connection_that_lay_idle_is_not_trusted(opened: EngineConnection, monkeypatch: pytest.MonkeyPatch):
    (first,) = asked(opened, "SELECT pg_backend_pid()")
    assert asked(opened, "SELECT pg_backend_pid()") == [first]

    monkeypatch.setattr(connecting, "IDLE", 0)
    assert asked(opened, "SELECT pg_backend_pid()") != [first]


def test_a_server_that_dies_in_the_middle_is_unavailable(server: PostgresServer, opened: EngineConnection):
    error = failure_of(opened, SLOW, when=lambda: server.stop(mode="immediate"))
    server.start()

    assert isinstance(error, Unavailable)
    assert "ended the connection in the middle of a query" in str(error)


def test_a_query_ends_when_the_process_is_stopped(server: PostgresServer, opened: EngineConnection):
    error = failure_of(opened, SLOW, when=opened.cancel)

    assert isinstance(error, Unavailable)
    assert "A query was ended in PostgreSQL" in str(error)
    assert running(server) == []


def test_a_query_whose_rest_nobody_wants_is_ended(server: PostgresServer, opened: EngineConnection):
    rows = opened.rows("SELECT n, pg_sleep(0.001) FROM generate_series(1, 1000000) AS n", {})
    next(rows)
    rows.close()  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]

    assert running(server) == []


def test_a_process_that_vanished_leaves_no_query(server: PostgresServer):
    """PostgreSQL looks every few seconds whether somebody still waits."""
    pid = os.fork()
    if pid == 0:
        asked(to(server.address), SLOW)
        os._exit(0)
    wait_until(lambda: running(server) != [])
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)

    wait_until(lambda: running(server) == [])


def test_a_server_that_does_not_answer_at_all_is_left(
    server: PostgresServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(connecting, "PATIENCE", 0.5)
    stopped: list[int] = []

    def stop_backend() -> None:
        stopped.extend(cast("list[int]", running(server)))
        os.kill(stopped[0], signal.SIGSTOP)

    with closing(to(server.address, timeout=1)) as connection:
        error = failure_of(connection, SLOW, when=stop_backend)
        os.kill(stopped[0], signal.SIGCONT)

    assert isinstance(error, Unavailable)
    assert "ended the connection" in str(error)


@pytest.mark.parametrize(
    ("address", "query", "kind", "words"),
    [
        ("host={folder} user=reader password=wrong dbname=postgres", "", Refused, "does not accept the user"),
        ("host={folder} user=nobody dbname=postgres", "", Refused, "does not accept the user"),
        ("host={folder} user=postgres dbname=shop", "", Refused, "does not have this database"),
        ("host={folder} user=alone dbname=postgres", "", Unavailable, "takes no more queries for now"),
        ("postgresql://reader:{secret}@127.0.0.1:1/postgres", "", Unavailable, "could not be reached"),
        ("postgresql://reader:{secret}@nowhere.invalid/postgres", "", Unavailable, "could not be reached"),
        ("postgresql://reader:sword:{secret}@h:1:2/postgres", "", Unavailable, "could not be reached"),
        ("postgresql://reader:sword/{secret}@h/postgres", "", Unavailable, "could not be reached"),
        ("postgresq://reader:{secret}@h/postgres", "", ConfigError, "no address of PostgreSQL"),
        ("{secret}", "", ConfigError, "no address of PostgreSQL"),
        (None, "SELECT 1 FROM mp_master_evnt", Refused, "Near to mp_master_evnt is mp_master_event"),
        (None, "SELECT 1 FROM nowhere.mp_master_event", Refused, "mp_master_event is in another schema"),
        (None, "SELECT 1 FROM nowhere.events", Refused, "does not find a table or a column"),
        (None, "SELECT events.event_nam FROM mp_master_event AS events", Refused, "event_nam is event_name"),
        ("host={folder} user=stranger dbname=postgres", "TABLE mp_master_event", Refused, "Let it SELECT"),
        (None, "SELECT 1 / 0", Refused, "refused a query"),
    ],
)
def test_an_error_says_what_to_do_and_no_secret(
    server: PostgresServer, address: str | None, query: str, kind: type[ReporterError], words: str
):
    address = (address or server.address).format(folder=server.folder, secret=IN_ADDRESS)
    with closing(to(address)) as connection, pytest.raises(kind, match=words) as caught:
        asked(connection, query or "SELECT 1")

    for secret in (SECRET, IN_ADDRESS, "swordfish", "wrong"):
        assert secret not in f"{caught.value!r} {caught.value}".replace("was wrong", "")
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_client_that_is_not_installed_is_named(server: PostgresServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(ConfigError, match=r"pip install '\.\[postgres\]'"):
        asked(to(server.address), "SELECT 1")


def test_an_address_does_not_show():
    access = EngineAccess(f"postgresql://reader:{IN_ADDRESS}@h/d")

    assert "swordfish" not in repr(connect("postgres", access)[1])
    assert "swordfish" not in repr(replace(access, timeout=1))


def failure_of(connection: EngineConnection, text: str, *, when: Callable[[], object]) -> BaseException:
    """What comes of a query during which something happens."""
    caught: list[BaseException] = []

    def ask() -> None:
        try:
            asked(connection, text)
        except ReporterError as error:
            caught.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    time.sleep(0.5)
    when()
    thread.join(10)
    return caught[0]


def running(server: PostgresServer) -> list[object]:
    text = """SELECT pid FROM pg_stat_activity
        WHERE application_name = 'reporter' AND state = 'active' AND pid <> pg_backend_pid()"""
    time.sleep(0.1)
    with closing(to(server.address, label="watcher")) as connection:
        return asked(connection, text)


def wait_until(holds: Callable[[], bool], seconds: float = 15) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.2)
