"""A warehouse answers a report's question as the store of raw events would."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from reporter.reports.conditions import Condition, Operator
from reporter.reports.errors import Refused, Unavailable
from reporter.reports.figures import (
    Figure,
    Measured,
    NotNumeric,
    Project,
    Question,
    Segmentation,
    UnknownEvent,
    UnknownProperty,
    UnknownValue,
)
from reporter.reports.measures import (
    EventCount,
    EventUsers,
    Measure,
    PropertyStatistic,
    SavedFunnel,
    Statistic,
)
from reporter.reports.periods import Period
from reporter.sources.warehouse.source import WarehouseSource

from ..events.reference import Event
from ..events.strategies import FIRST, ZONE, made, midnight
from .engines import Engine, rows_of
from .test_engines import engine as engine  # a fixture

NOON, DAY = 43_200_000, 86_400_000
PERIOD = Period.of_days(FIRST, FIRST)
NOW = datetime(2026, 10, 22, 9, tzinfo=UTC)


def event(name: str, user: int, day: int = 0, **properties: str) -> Event:
    return made(name, user, midnight(day) + NOON, properties)


def source(engine: Engine, *events: Event) -> WarehouseSource:
    return WarehouseSource(Project("1", "Shop", ZONE), engine, engine.load(rows_of(events), {}), lambda: NOW)


def figures(engine: Engine, events: Sequence[Event], *measures: Measure) -> list[Figure]:
    found = source(engine, *events).measure(Question(measures, PERIOD, PERIOD.previous))
    return [found.now[one] for one in measures]


def test_a_question_has_its_figures_days_and_ranking(engine: Engine):
    asked = Question((EventCount("Open"), EventUsers("Open")), PERIOD, PERIOD.previous)
    events = (
        event("Open", 1),
        event("Open", 1, -1),
        event("Open", 2, -1),
        event("Buy", 1),
        event("Open", 1, 1),
    )

    found = source(engine, *events).measure(asked)

    assert [*found.now.values(), *found.before.values()] == [
        Measured(1),
        Measured(1),
        Measured(2),
        Measured(2),
    ]
    assert found.daily[EventCount("Open")].values[-2:] == (2, 1)
    assert found.ranking is not None
    assert found.begins == PERIOD.previous.start


def test_a_day_counts_as_loaded_once_there_are_events_of_the_next(engine: Engine):
    with pytest.raises(Unavailable, match="not loaded 2026-10-20 wholly: the last event is of 2026-10-20"):
        figures(engine, [event("Open", 1)], EventCount("Open"))
    with pytest.raises(Unavailable, match="it has no event since 2026-10-20"):
        figures(engine, [event("Open", 1, -1)], EventCount("Open"))


def test_what_is_unknown_is_told_apart_from_zero(engine: Engine):
    events = [event("Open", 1, plan='"free"', city='"Rome"'), event("Open", 1, 1)]
    is_fre, has_no = (Condition("plan", Operator.IS, ("fre",)),), (Condition("nope", Operator.IS_SET),)

    unknown_event, value, name, no_number = figures(
        engine,
        events,
        EventCount("Opne"),
        EventCount("Open", is_fre),
        EventCount("Open", has_no),
        PropertyStatistic("Open", "city", Statistic.MEDIAN),
    )

    assert unknown_event == UnknownEvent("Opne", ("Open",))
    assert isinstance(value, UnknownValue)
    assert value.nearest == ("free",)
    assert isinstance(name, UnknownProperty)
    assert no_number == NotNumeric("Open", "city")


def test_segments_are_sums_of_days(engine: Engine):
    events = [event("Open", 1, day, plan='"free"') for day in (-1, 0, 0, 1)]
    asked = Segmentation((EventUsers("Open"),), ("plan",), (PERIOD.previous, PERIOD))

    found = source(engine, *events).segments(asked)

    assert found.measures == {EventUsers("Open"): {"plan": {"free": (1, 1)}}}


def test_saved_reports_alone_are_refused(engine: Engine):
    asked = Question((SavedFunnel(1),), PERIOD, PERIOD.previous, ranks_events=False)

    with pytest.raises(Refused, match="saved Mixpanel reports alone"):
        source(engine).measure(asked)
