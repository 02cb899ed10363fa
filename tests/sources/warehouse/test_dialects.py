"""The SQL of engines that cannot be run here, as it is, and as an independent parser reads it."""

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

import pytest

from reporter.reports.conditions import Condition, Operator
from reporter.reports.measures import (
    Breakdown,
    EventCount,
    EventUsers,
    Funnel,
    Lifecycle,
    PropertyStatistic,
    Retention,
    Sessions,
    Statistic,
    Step,
    UserGroup,
)
from reporter.sources.events.measures import EventsPlan, MeasureRequest, RawMeasure
from reporter.sources.warehouse.connection import EngineAccess
from reporter.sources.warehouse.engines import connect
from reporter.sources.warehouse.event_table import SqlRow
from reporter.sources.warehouse.measures import measure_plan
from reporter.sources.warehouse.table_shapes import TableNames, event_table
from reporter.sources.warehouse.warehouse_table import EngineName

from ...render.golden import golden
from ..events.strategies import ZONE
from .engines import ENGINES, use_engines
from .test_engines import WEEK

GOLDEN = Path(__file__).parent / "golden"
READ: dict[EngineName, str] = {  # and what it is called by the parser
    "databricks": "databricks",
    "bigquery": "bigquery",
    "snowflake": "snowflake",
    "trino": "trino",
}
CONDITION = (Condition("plan", Operator.IS, ("free", 5, True)), Condition("$city", Operator.CONTAINS, ("a",)))
MEASURES: tuple[RawMeasure, ...] = (
    EventCount("Open", CONDITION),
    EventUsers("Open"),
    PropertyStatistic("Open", "price", Statistic.SUM, CONDITION),
    PropertyStatistic("Open", "price", Statistic.MEDIAN),
    Breakdown(EventUsers("Open"), "plan"),
    Lifecycle(UserGroup.NEW),
    Funnel((Step("Open"), Step("Buy", CONDITION)), 7),
    Retention("Open", None, 1),
    Sessions(),
)


class _Parser(Protocol):
    def parse(self, text: str, *, read: str, error_level: object) -> list[object]: ...


class Recorder:
    """Remembers what it is asked, and finds nothing."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def rows(self, text: str, values: Mapping[str, str | float]) -> Iterator[SqlRow]:
        self.asked.append(text)
        return iter(())


def queries(engine: EngineName) -> list[str]:
    dialect, _ = connect(engine, EngineAccess("nowhere"))
    names = TableNames("shop", "analytics")
    recorder = Recorder()
    table = event_table(engine, dialect, ZONE, "mixpanel", names)
    for measure in MEASURES:  # each by itself, since a set has no order
        measure_plan(EventsPlan(frozenset([MeasureRequest(measure, WEEK)])), recorder, table)
    return [re.sub(r"[ \t]*\n\s*", "\n", text) for text in dict.fromkeys(recorder.asked)]


@pytest.mark.parametrize("engine", READ)
def test_the_text_is_as_it_was_read(engine: EngineName):
    text = ";\n\n".join(queries(engine)) + ";\n"

    assert text == golden(str(GOLDEN / f"{engine}.sql"), text)


@pytest.mark.parametrize(("engine", "dialect"), READ.items())
def test_another_parser_reads_it(engine: EngineName, dialect: str):
    if not (ENGINES / "sqlglot").exists():
        pytest.skip("make tools sets up the parser")
    use_engines()
    parser = cast("_Parser", import_module("sqlglot"))
    strict = import_module("sqlglot.errors").ErrorLevel.RAISE

    for text in queries(engine):
        plain = re.sub(r"%\((p\d+)\)s", r"@\1" if engine == "bigquery" else r":\1", text)
        assert len(parser.parse(plain, read=dialect, error_level=strict)) == 1


@pytest.mark.parametrize("engine", READ)
def test_every_query_names_the_partition(engine: EngineName):
    column = {"databricks": "event_date", "bigquery": "_PARTITIONTIME", "trino": "mp_date"}.get(
        engine, "time"
    )

    assert all(f"events.{column} >= " in text for text in queries(engine))


def test_no_text_of_others_is_in_a_query():
    texts = " ".join(text for engine in READ for text in queries(engine))

    assert "free" not in texts
    assert "$city" not in texts
