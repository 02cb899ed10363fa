"""Numbers from ClickHouse, as a user has them: over HTTP, from the engine in this process."""

import json
from collections.abc import Iterator

import pytest

from reporter.local.product import Product
from reporter.local.warehouse_server import ENGINES, mappings, received
from tests.desk import Desk, yesterday
from tests.sources.warehouse.clickhouse_http import PASSWORD, ClickHouseServer, clickhouse_server
from tests.sources.warehouse.engines import clickhouse
from tests.sources.warehouse.test_whole_reports import pipeline_row

from .test_warehouse import MIXPANEL, TABLE, numbers


@pytest.fixture(scope="module")
def server(product: Product) -> Iterator[ClickHouseServer]:
    if not (ENGINES / ".ready").exists():
        pytest.skip("make tools sets up the engine")
    engine = clickhouse()
    engine.load([pipeline_row(event) for event in received(product)], mappings(product))
    with clickhouse_server(engine.session) as running:
        yield running


@pytest.fixture
def moved(desk: Desk, server: ClickHouseServer) -> Desk:
    desk.change('source = "auto"\n', TABLE.replace("postgres", "clickhouse"))
    desk.set(**{f"MIXPANEL_{name}": "" for name in MIXPANEL}, WAREHOUSE_URL=server.address)
    return desk


def test_a_report_has_the_numbers_of_the_query_api(desk: Desk, server: ClickHouseServer):
    _, by_mixpanel, _ = desk.reporter("preview", "weekly", "--format", "json")
    desk.change('source = "auto"\n', TABLE.replace("postgres", "clickhouse"))
    desk.set(**{f"MIXPANEL_{name}": "" for name in MIXPANEL}, WAREHOUSE_URL=server.address)

    code, there, err = desk.reporter("preview", "weekly", "--format", "json")

    assert (code, err) == (0, "")
    assert numbers(there) == numbers(by_mixpanel)


def test_a_check_proves_every_measure(moved: Desk):
    code, out, err = moved.reporter("check", "--prove")

    assert (code, err) == (0, "")
    assert "the table mp_master_event can be read, with 5 columns" in out
    assert f"the last complete day is {yesterday()}" in out
    assert "by DuckDB" not in out
    assert "measures agree" in out
    assert PASSWORD not in out


def test_it_is_queried(moved: Desk):
    code, out, _ = moved.reporter("query", "SELECT count() AS n FROM mp_master_event", "--format", "json")

    assert code == 0
    assert json.loads(out)["n"] > 1_000
