"""ClickHouse by its own client, over HTTP, with the engine behind it."""

import sys
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given, settings

from reporter.reports.errors import ConfigError, Refused, ReporterError, Unavailable
from reporter.sources.events.measures import EventsPlan
from reporter.sources.warehouse.connection import EngineAccess, EngineConnection
from reporter.sources.warehouse.engines import connect
from reporter.sources.warehouse.measures import measure_plan

from ..events.reference import Event
from ..events.strategies import plans, streams
from .clickhouse_http import PASSWORD, ClickHouseServer, clickhouse_server
from .engines import ENGINES, clickhouse, rows_of
from .test_engines import row, thoroughly
from .test_postgres import failure_of


@pytest.fixture(scope="module")
def server() -> Iterator[ClickHouseServer]:
    if not (ENGINES / ".ready").exists():
        pytest.skip("make tools sets up the engine")
    with clickhouse_server(clickhouse().session) as running:
        clickhouse().load([row("ann", 1)], {})
        yield running


@pytest.fixture
def opened(server: ClickHouseServer) -> Iterator[EngineConnection]:
    server.asked.clear()
    server.killed.clear()
    with closing(to(server.address)) as connection:
        yield connection


def to(address: str, timeout: float = 30, max_bytes: int | None = None) -> EngineConnection:
    access = EngineAccess(address, "REPORTER_WAREHOUSE", timeout, "reporter:weekly", max_bytes)
    return connect("clickhouse", access)[1]


def asked(connection: EngineConnection, text: str, **values: str | float) -> list[list[object]]:
    return [[*one] for one in connection.rows(text, values)]


@settings(thoroughly, max_examples=5)
@given(events=streams, plan=plans)
def test_the_client_gives_what_the_engine_gives(
    server: ClickHouseServer, events: list[Event], plan: EventsPlan
):
    engine = clickhouse()
    table = engine.load(rows_of(events), {})
    with closing(to(server.address)) as connection:
        assert measure_plan(plan, connection, table) == measure_plan(plan, engine, table)


def test_texts_arrive_as_they_are(opened: EngineConnection):
    text = "a'b\\c\nd\te\0f\u2028 {p2} São 🙂"

    assert asked(opened, "SELECT {p1:String} AS t, {p2:Float64} AS n", p1=text, p2=0.1) == [[text, 0.1]]


def test_an_answer_without_rows_has_its_columns(opened: EngineConnection):
    found = opened.query("SELECT 1 AS one, 'b' AS two WHERE 1 = 0")

    assert (found.columns, [*found.rows]) == (("one", "two"), [])


def test_a_query_is_bounded_and_labelled(server: ClickHouseServer):
    with closing(to(server.address, timeout=7, max_bytes=10**9)) as connection:
        asked(connection, "SELECT 1")

    last = server.asked[-1]
    assert (last["max_execution_time"], last["max_bytes_to_read"]) == ("7", "1000000000")
    assert last["log_comment"] == "reporter:weekly"
    assert last["query_id"].startswith("reporter-")
    assert "reporter:weekly" in last["user_agent"]


def test_a_user_who_may_set_nothing_can_be_asked(server: ClickHouseServer):
    server.is_read_only = True
    try:
        with closing(to(server.address, max_bytes=1)) as connection:
            assert asked(connection, "SELECT 1") == [[1]]
    finally:
        server.is_read_only = False


def test_more_than_max_bytes_is_refused(server: ClickHouseServer):
    with closing(to(server.address, max_bytes=1)) as connection, pytest.raises(Refused, match="max_bytes"):
        asked(connection, "SELECT sum(number) FROM numbers(1000000)")


def test_a_slow_query_is_given_up(server: ClickHouseServer):
    with (
        closing(to(server.address, timeout=1)) as connection,
        pytest.raises(Unavailable, match="took longer than 1 seconds"),
    ):
        asked(connection, "SELECT count() FROM numbers(100000000000) WHERE sipHash64(number) = 1")


def test_a_query_ends_when_the_process_is_stopped(server: ClickHouseServer, opened: EngineConnection):
    error = failure_of(opened, "SELECT 'sleeps_for_long'", when=opened.cancel)

    assert isinstance(error, Unavailable)
    assert "A query was ended in ClickHouse" in str(error)
    kills = [one["query"] for one in server.asked if "KILL" in one["query"]]
    assert any(one["query_id"] in kills[0] for one in server.asked if "sleeps" in one["query"])


@pytest.mark.parametrize("breaks", ["headers", "body"])
def test_a_server_that_dies_in_the_middle_is_unavailable(
    server: ClickHouseServer, opened: EngineConnection, breaks: str
):
    server.breaks = breaks
    try:
        with pytest.raises(Unavailable, match="ended the connection in the middle"):
            asked(opened, "SELECT 'breaks'")
    finally:
        server.breaks = ""


@pytest.mark.parametrize(
    ("address", "query", "kind", "words"),
    [
        ("http://reader:wrong{secret}@127.0.0.1:{port}", "", Refused, "does not accept the user"),
        ("http://reader:{secret}@127.0.0.1:1", "", Unavailable, "could not be reached"),
        ("http://reader:{secret}@nowhere.invalid:1", "", Unavailable, "could not be reached"),
        ("ftp://reader:{secret}@127.0.0.1", "", ConfigError, "no address of ClickHouse"),
        ("http://reader:{secret}@127.0.0.1:x", "", ConfigError, "no address of ClickHouse"),
        ("{secret}", "", ConfigError, "no address of ClickHouse"),
        (None, "SELECT 1 FROM mp_master_evnt", Refused, "meant default.mp_master_event"),
        (
            None,
            "SELECT e.event_nam FROM mp_master_event AS e",
            Refused,
            "meant: ..e.event_name",
        ),
        (None, "SELECT 1 FROM nowhere.events", Refused, "does not have this database"),
        (None, "SELECT throwIf(1)", Refused, "refused a query"),
    ],
)
def test_an_error_says_what_to_do_and_no_secret(
    server: ClickHouseServer, address: str | None, query: str, kind: type[ReporterError], words: str
):
    address = (address or server.address).format(port=server.port, secret=PASSWORD)
    with closing(to(address)) as connection, pytest.raises(kind, match=words) as caught:
        asked(connection, query or "SELECT 1")

    assert PASSWORD not in f"{caught.value!r} {caught.value}"
    assert caught.value.__cause__ is None


def test_what_would_be_read_is_estimated(opened: EngineConnection):
    clickhouse().session.query(
        "CREATE OR REPLACE TABLE many ENGINE = MergeTree ORDER BY n AS "
        "SELECT number AS n FROM numbers(50000)",
        "CSV",
    )

    estimate = opened.estimate("SELECT count(*) FROM many WHERE n > {p1:Float64}", {"p1": 40_000})

    assert estimate is not None
    assert estimate.rows is not None
    assert 0 < estimate.rows < 50_000


def test_a_client_that_is_not_installed_is_named(server: ClickHouseServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "clickhouse_connect", None)

    with pytest.raises(ConfigError, match=r"pip install '\.\[clickhouse\]'"):
        asked(to(server.address), "SELECT 1")
