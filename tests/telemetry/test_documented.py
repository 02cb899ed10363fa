"""What the page says of spans and metrics is what there is."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from reporter import telemetry
from reporter.local.server import Fault
from reporter.telemetry import METRICS, VARIABLES, SpanName
from tests.desk import Desk
from tests.desk import desk as desk  # a fixture
from tests.desk import product as product  # a fixture
from tests.telemetry.collector import Collector

PAGE = (Path(__file__).parents[2] / "docs" / "operate.md").read_text(encoding="utf-8")
_SECTION = PAGE.partition("## Traces and metrics\n")[2].partition("\n## ")[0]
SECTION = re.sub(r"```.*?```", "", _SECTION, flags=re.DOTALL)


def rows(head: str) -> Iterator[list[str]]:
    """The cells of the table whose first column has this head."""
    table = SECTION.partition(f"| {head} |")[2].partition("\n\n")[0]
    for line in table.splitlines()[2:]:
        yield [cell.strip() for cell in line.strip("|").split("|")]


def words(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with Collector() as made:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", made.url)
        yield made
        telemetry.stop()


def test_the_page_names_each_span():
    named = [name for row in rows("span") for name in words(row[0])]

    assert named == [*get_args(SpanName), "GET …", "POST …"]


def test_the_page_names_each_metric_with_its_unit_and_kind():
    told = {words(row[0])[0]: (words(row[1])[0], row[2]) for row in rows("metric")}

    assert list(told) == list(METRICS)
    for (unit, meaning), metric in zip(told.values(), METRICS.values(), strict=True):
        assert unit == metric.unit
        assert f"({metric.kind})" in meaning


def test_each_variable_of_the_page_is_known():
    named = {name for row in rows("variable") for cell in row for name in words(cell) if "OTEL_" in name}

    assert len(named) > 8
    assert named <= VARIABLES


def test_all_that_is_exported_is_on_the_page(desk: Desk, collector: Collector):
    desk.change('source = "auto"', 'source = "export"')
    desk.reporter("send", "weekly")
    desk.change('source = "export"', 'source = "auto"')
    desk.slack.faults.append(Fault(path="/services", status=404, body="no_service"))
    desk.mixpanel.faults.append(Fault(path="/api/query", status=503))
    desk.reporter("send", "daily")

    attributes = {name for span in collector.spans for name in span.about}
    attributes |= {name for points in collector.metrics.values() for point in points for name in point.about}
    assert attributes >= {"reporter.days", "reporter.queries", "error.type", "reporter.of", "reporter.place"}
    assert attributes - set(words(SECTION)) == set()
    spans = {span.name for span in collector.spans}
    assert {name for name in spans if not re.match(r"(GET|POST)\b", name)} <= set(get_args(SpanName))
    assert set(collector.units.items()) <= {(name, one.unit) for name, one in METRICS.items()}
