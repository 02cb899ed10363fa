"""The adapter of DB-API clients, with the client of PEP 249 that Python itself has."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult

import pytest

from reporter.reports.errors import ConfigError, Refused, ReporterError, Unavailable
from reporter.sources.warehouse.connection import EngineAccess, EngineConnection, NameMissing
from reporter.sources.warehouse.dbapi import (
    BATCH,
    BIGQUERY,
    DATABRICKS,
    SNOWFLAKE,
    TRINO,
    DbApi,
    DbApiClient,
)

SECRET = "sword/fish"
ADDRESS = "sqlite://reader:sword%2Ffish@h:1/shop/analytics?isolation_level=DEFERRED"


def sqlite(folder: Path) -> DbApi:
    def options(address: SplitResult, access: EngineAccess) -> dict[str, object]:
        return {"database": str(folder / "db"), "timeout": access.timeout}

    return DbApi("SQLite", "sqlite", "sqlite3", "none", options, "named")


@pytest.mark.parametrize("style", ["named", "qmark"])
def test_values_are_bound_where_they_stand(tmp_path: Path, style: Literal["named", "qmark"]):
    api = replace(sqlite(tmp_path), style=style)
    access = EngineAccess(ADDRESS)
    with closing(EngineConnection(DbApiClient(api, access), access)) as connection:
        found = connection.query("SELECT :p2 AS b, :p1 AS a, :p2 AS again", {"p1": "it's", "p2": 2.5})

        assert (found.columns, [*found.rows]) == (("b", "a", "again"), [(2.5, "it's", 2.5)])


def test_rows_come_by_batches(tmp_path: Path):
    access = EngineAccess(ADDRESS)
    many = BATCH * 2 + 1
    text = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {many}) SELECT i FROM n"  # noqa: S608
    with closing(EngineConnection(DbApiClient(sqlite(tmp_path), access), access)) as connection:
        assert sum(1 for _ in connection.rows(text, {})) == many


@pytest.mark.parametrize("api", [DATABRICKS, SNOWFLAKE, TRINO, BIGQUERY], ids=lambda api: api.name)
def test_another_address_and_a_missing_client_are_named(api: DbApi):
    for address, words in (
        ("http://h", f"no address of {api.name}"),
        (f"{api.scheme}://u:s@h/a/b", "pip install"),
    ):
        access = EngineAccess(address, "WAREHOUSE_URL")
        with pytest.raises(ConfigError, match=words):
            EngineConnection(DbApiClient(api, access), access).query("SELECT 1")


# What the engines' own documentation of errors shows.
@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        ("250001 (08001): Incorrect username or password was specified.", Refused, "does not accept"),
        (
            "002003 (42S02): Object 'MP_MASTER_EVNT' does not exist or not authorized.",
            NameMissing,
            "not find",
        ),
        ("000904 (42000): invalid identifier 'EVENTS.EVENT_NAM'", NameMissing, "not find"),
        ("000604: SQL execution canceled: statement reached its statement timeout", Unavailable, "longer"),
        ("404 Not found: Table shop:analytics.mp_master_evnt was not found", NameMissing, "not find"),
        ("400 Query exceeded limit for bytes billed: 1000. 2000 or higher required.", Refused, "max_bytes"),
        ("403 Access Denied: Table shop:a.b: User does not have permission", Refused, "Let it SELECT"),
        ("400 Unrecognized name: evnt; Did you mean event?", NameMissing, "Did you mean event"),
        ("[TABLE_OR_VIEW_NOT_FOUND] The table or view `a`.`b` cannot be found.", NameMissing, "not find"),
        ("Query exceeded maximum time limit: EXCEEDED_TIME_LIMIT", Unavailable, "longer"),
        ("line 1:8: Column 'events.evnt' cannot be resolved", NameMissing, "not find"),
        (f"Error during request to server: {SECRET} sword%2Ffish", Refused, "refused a query"),
    ],
)
def test_an_error_is_sorted_by_its_words(tmp_path: Path, said: str, kind: type[ReporterError], words: str):
    client = DbApiClient(sqlite(tmp_path), EngineAccess(ADDRESS, "WAREHOUSE_URL"))

    error = client.sorted(RuntimeError(said))

    assert isinstance(error, kind)
    assert words in str(error)
    assert not any(secret in str(error) for secret in (SECRET, "sword%2Ffish"))
