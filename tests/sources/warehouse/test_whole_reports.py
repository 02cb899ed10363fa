"""A whole report's figures are the same from a warehouse and from the store of raw events here."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from reporter.local.product import Product, ProductEvent, make_product
from reporter.local.warehouse_server import mappings
from reporter.reports.conditions import Condition, Operator
from reporter.reports.figures import Figures, Project, Question, RawReason, Segmentation
from reporter.reports.measures import (
    ActiveUsers,
    Breakdown,
    EventCount,
    EventUsers,
    Funnel,
    Lifecycle,
    Measure,
    PropertyStatistic,
    Ratio,
    Retention,
    Sessions,
    Statistic,
    Step,
    Stickiness,
    UserGroup,
)
from reporter.reports.periods import Period
from reporter.sources.events.feeds.files import FilesFeed
from reporter.sources.events.source import EventSource
from reporter.sources.events.store import Store
from reporter.sources.events.time_rule import TimeRule
from reporter.sources.warehouse.source import WarehouseSource

from .engines import Engine
from .test_engines import engine as engine  # a fixture

pytestmark = pytest.mark.timeout(300)  # Sail and DuckDB both want all cores, of which a machine may have two
LAST = date(2026, 11, 22)
WEEK = Period.of_days(LAST - timedelta(days=6), LAST)
LIVED = Period.of_days(LAST - timedelta(days=68), LAST)  # so long is the product there
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
ON_A_PHONE = (Condition("$os", Operator.IS, ("Android", "iOS")),)
SIGN_UPS, PURCHASES = EventCount("Sign Up"), EventCount("Purchase")

MEASURES: Sequence[Measure] = (
    SIGN_UPS,
    EventUsers("Page View"),
    EventUsers("Page View", ON_A_PHONE),
    ActiveUsers(),
    ActiveUsers(ON_A_PHONE),
    Sessions(),
    *(PropertyStatistic("Purchase", "amount", statistic) for statistic in Statistic),
    Breakdown(SIGN_UPS, "mp_country_code"),
    Breakdown(EventUsers("Page View"), "$os"),
    Ratio(PURCHASES, SIGN_UPS),
    Stickiness(),
    Funnel((Step("Sign Up"), Step("User Onboarded"), Step("Purchase")), 7),
    Retention("Sign Up", None, 1),
    *(Lifecycle(group) for group in UserGroup),
)


@dataclass(frozen=True)
class Both:
    """The same events in a warehouse, and in files that DuckDB measures."""

    warehouse: WarehouseSource
    store: EventSource


@pytest.fixture(scope="module", params=["UTC", "Europe/Berlin"])
def product(request: pytest.FixtureRequest) -> Product:
    return make_product(LAST + timedelta(days=1), zone=request.param, days=70, scale=0.3)


@pytest.fixture
def both(engine: Engine, product: Product, tmp_path: Path) -> Both:
    project = Project("1", "Acme", product.zone)
    table = replace(engine.load([*map(pipeline_row, product.events)], mappings(product)), zone=product.zone)
    pipelines = tmp_path / "events.json"
    pipelines.write_text(
        "".join(f"{json.dumps(pipeline_row(one, in_file=True))}\n" for one in product.events)
    )
    identities = tmp_path / "identities.json"
    pairs = ({"distinct_id": one, "resolved_distinct_id": who} for one, who in mappings(product).items())
    identities.write_text("".join(f"{json.dumps(pair)}\n" for pair in pairs))
    store = EventSource(
        find_project=lambda: project,
        open_store=lambda project: Store(tmp_path / "store", project.zone, TimeRule.UTC),
        feed=FilesFeed((str(pipelines), str(identities)), timedelta(days=400), lambda: NOW),
        properties=frozenset(),
        zone=product.zone,
    )
    return Both(WarehouseSource(project, engine, table, lambda: NOW), store)


def pipeline_row(event: ProductEvent, *, in_file: bool = False) -> dict[str, object]:
    properties = {**event.properties, "mp_processing_time_ms": event.ingested_at}
    return {
        "event_name": event.name,
        "distinct_id": event.distinct_id,
        "insert_id": event.insert_id,
        "time": datetime.fromtimestamp(event.time / 1_000, UTC).isoformat() if in_file else event.time,
        "properties": properties if in_file else json.dumps(properties),
    }


def test_every_figure_is_that_of_the_store(both: Both):
    asked = Question(tuple(MEASURES), WEEK, WEEK.previous)

    there, here = both.warehouse.measure(asked), both.store.measure(asked)

    assert comparable(there) == comparable(here)
    assert there.raw
    assert there.raw.because is RawReason.WAREHOUSE


def comparable(figures: Figures) -> dict[str, object]:
    return {
        "now": figures.now,
        "before": figures.before,
        "daily": {measure: days.over(LIVED) for measure, days in figures.daily.items()},
        "ranking": figures.ranking,
        "earlier": figures.earlier,
    }


def test_parts_of_a_change_are_those_of_the_store(both: Both):
    periods = (WEEK.previous, WEEK)
    asked = Segmentation((SIGN_UPS, EventUsers("Page View")), ("$os", "mp_country_code"), periods)

    assert both.warehouse.segments(asked).measures == both.store.segments(asked).measures
