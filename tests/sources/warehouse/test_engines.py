"""Whatever is asked of whatever happened, each engine says what plain counting says."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, assume, given, settings

from reporter.reports.conditions import Condition, Operator, Where
from reporter.reports.figures import Figure, Measured
from reporter.reports.measures import (
    ActiveUsers,
    Breakdown,
    ByDay,
    EventCount,
    EventUsers,
    Funnel,
    Lifecycle,
    PropertyStatistic,
    Retention,
    Sessions,
    Statistic,
    Step,
    Stickiness,
    UserGroup,
)
from reporter.reports.periods import Period
from reporter.sources.events.measures import EventsPlan, EventsResult, MeasureRequest, RawMeasure
from reporter.sources.warehouse.measures import measure_plan

from ..events import reference
from ..events.reference import Event
from ..events.strategies import FIRST, midnight, plans, small_plans, small_streams, streams, valued_plans
from .engines import (
    ENGINES,
    POSTGRES,
    Engine,
    SailDialect,
    SparkEngine,
    clickhouse,
    postgres,
    rows_of,
    sail,
    spark,
)

# Spark itself takes minutes: make test-spark.
ENGINE_NAMES = ["clickhouse", "postgres", "sail", *(["spark"] if "TEST_SPARK" in os.environ else [])]
WEEK = Period(FIRST, FIRST + timedelta(days=7))
MOST_QUERIES = 12  # of a report with metrics of every kind
NOT_TEXT = ("\\x00", "\\u0000")  # PostgreSQL has no text with this character in it
thoroughly = settings(
    max_examples=int(os.environ.get("ENGINE_EXAMPLES", "25")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module", params=ENGINE_NAMES)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    if not (ENGINES / ".ready").exists() or not POSTGRES.exists():
        pytest.skip("make tools, and Debian's postgresql, set up the engines")
    servers = {
        "clickhouse": lambda: nullcontext(clickhouse()),
        "postgres": postgres,
        "sail": sail,
        "spark": spark,
    }
    with servers[request.param]() as server:
        yield server


@thoroughly
@given(events=streams, plan=plans)
def test_an_engine_says_what_plain_counting_says(engine: Engine, events: list[Event], plan: EventsPlan):
    suited = suited_to(engine, events)

    assert asked(engine, suited, plan) == expected(suited, plan)


@thoroughly
@given(events=small_streams, plan=small_plans)
def test_an_engine_follows_users_as_plain_loops_do(engine: Engine, events: list[Event], plan: EventsPlan):
    suited = suited_to(engine, events)

    assert asked(engine, suited, plan) == expected(suited, plan)


@thoroughly
@given(events=small_streams, plan=valued_plans)
def test_an_engine_tells_values_apart_as_plain_dicts_do(
    engine: Engine, events: list[Event], plan: EventsPlan
):
    suited = suited_to(engine, events)

    assert asked(engine, suited, plan) == expected(suited, plan)


@pytest.mark.parametrize("mappings", [{}, {"device": "ann", "other": "ann"}, {"other": "device"}])
def test_a_mapping_makes_one_person_of_ids_and_loses_nobody(engine: Engine, mappings: dict[str, str]):
    rows = [
        row(distinct_id, number) for number, distinct_id in enumerate(("device", "other", "ann", "bob", ""))
    ]

    result = measured(engine, rows, mappings, EventUsers("Open"), EventCount("Open"))

    persons = {mappings.get(name, name) for name in ("device", "other", "ann", "bob")}
    assert result == [Measured(len(persons)), Measured(5)]


def test_an_event_counts_once_however_often_it_was_delivered(engine: Engine):
    """Also where it was delivered again under the id that its user has since."""
    again = {**row("device", 1), "properties": '{"price": 5, "mp_processing_time_ms": 2}'}
    late = {**again, "distinct_id": "ann", "properties": '{"price": 7, "mp_processing_time_ms": 3}'}

    counted = (EventCount("Open"), PropertyStatistic("Open", "price", Statistic.SUM))
    result = measured(engine, [row("device", 1), again, late], {"device": "ann"}, *counted)

    assert result == [Measured(1), Measured(7)]


@pytest.mark.parametrize("insert_id", [None, ""])
def test_events_without_an_insert_id_are_never_the_same(engine: Engine, insert_id: str | None):
    rows = [{**row("ann", 1), "insert_id": insert_id}] * 2

    assert measured(engine, rows, {}, EventCount("Open")) == [Measured(2)]


def test_metrics_of_the_same_kind_cost_no_query_more(engine: Engine):
    def queries(number: int) -> int:
        conditions = [(Condition("plan", Operator.IS, (f"plan {one}",)),) for one in range(number)]
        return measure_plan(weekly_plan(conditions), engine, engine.load([row("ann", 1)], {}))[1]

    assert queries(2) == queries(10) == MOST_QUERIES


def weekly_plan(wheres: Sequence[Where]) -> EventsPlan:
    """Of all kinds one with each condition, over two weeks and by day."""
    daily: list[ByDay] = []
    others: list[RawMeasure] = []
    for where in wheres:
        statistics = (PropertyStatistic("Open", "price", one, where) for one in Statistic)
        daily += (EventCount("Open", where), EventUsers("Open", where), ActiveUsers(where), Sessions(where))
        daily += statistics
        others += (Breakdown(EventCount("Open", where), "plan"), Breakdown(EventUsers("Open", where), "plan"))
        others += (Funnel((Step("Open", where), Step("Buy")), 7), Retention("Open", None, 1, where=where))
        others += (Lifecycle(UserGroup.NEW, where=where), Stickiness(where=where))
    requests = {MeasureRequest(one, period) for one in (*daily, *others) for period in (WEEK, WEEK.previous)}
    return EventsPlan(
        frozenset(requests), frozenset(daily), Period(WEEK.previous.start, WEEK.end), (WEEK, WEEK.previous)
    )


def row(distinct_id: str, insert_id: int) -> dict[str, object]:
    """An event at noon of the first day."""
    return {
        "event_name": "Open",
        "distinct_id": distinct_id,
        "insert_id": str(insert_id),
        "time": midnight(0) + 43_200_000,
        "properties": '{"price": 3, "mp_processing_time_ms": 1}',
    }


def measured(
    engine: Engine, rows: Sequence[Mapping[str, object]], mappings: Mapping[str, str], *measures: RawMeasure
) -> list[Figure]:
    asks = [MeasureRequest(one, WEEK) for one in measures]
    result, _ = measure_plan(EventsPlan(frozenset(asks)), engine, engine.load(rows, mappings))
    return [result.figures[one] for one in asks]


def suited_to(engine: Engine, events: Sequence[Event]) -> Sequence[Event]:
    """Without lists for Sail, which takes none apart."""
    if not (isinstance(engine, SparkEngine) and isinstance(engine.dialect, SailDialect)):
        return events

    def unlisted(values: Mapping[str, str]) -> dict[str, str]:
        return {name: '"list"' if value.startswith("[") else value for name, value in values.items()}

    return [replace(event, properties=unlisted(event.properties)) for event in events]


def asked(engine: Engine, events: Sequence[Event], plan: EventsPlan) -> EventsResult:
    """With every event delivered twice."""
    assume(not any(mark in f"{events}{plan}" for mark in NOT_TEXT))
    table = engine.load(rows_of(events, copies=2), {})
    return measure_plan(plan, engine, table)[0]


def expected(events: Sequence[Event], plan: EventsPlan) -> EventsResult:
    days = plan.days
    needed = [event for event in events if days and days.covers(event.day)]
    found = reference.answer(needed, plan)
    return found if days else replace(found, seen={}, events=0)
