"""Sums, orders and days of any kind come out exact."""

import json
import math
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.reports.conditions import Condition, Operator
from reporter.reports.errors import Refused
from reporter.reports.figures import Measured
from reporter.reports.measures import (
    ActiveUsers,
    Breakdown,
    EventCount,
    EventUsers,
    PropertyStatistic,
    Statistic,
)
from reporter.reports.periods import Period
from reporter.sources.events.measures import EventsPlan, MeasureRequest, quantiles
from reporter.sources.events.measures.quantiles import SortedRuns, number_at, place

from .buckets import measured
from .reference import Event

START = date(2025, 12, 1)
DAY = Period.of_days(START, START)

finite = st.floats(-1e290, 1e290, allow_subnormal=True)
names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
FAR_APART = [0, 1, 62, 63, 64, 65, 127, 128, 200, 263, 264, 300]
quickly = settings(max_examples=100, deadline=None)


@quickly
@given(numbers=st.lists(finite, max_size=20), buckets=st.integers(1, 4))
def test_a_sum_is_rounded_once(numbers: list[float], buckets: int):
    ask = MeasureRequest(PropertyStatistic("Buy", "price", Statistic.SUM), DAY)
    events = [Event("Buy", user, 0, START, {"price": json.dumps(one)}) for user, one in enumerate(numbers)]

    answer = measured(events, EventsPlan(frozenset({ask})), ["price"], buckets)

    assert answer.figures[ask] == Measured(math.fsum(numbers))


@quickly
@given(
    runs=st.lists(st.lists(finite, max_size=20), min_size=1, max_size=4), in_memory=st.sampled_from([0, 9])
)
def test_runs_find_the_number_at_every_rank(runs: list[list[float]], in_memory: int):
    found = SortedRuns()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quantiles, "IN_MEMORY", in_memory)  # and so longer ones lie in files
        for run in runs:
            found.add(*np.unique(np.array(run, dtype=np.float64), return_counts=True))

    everything = sorted(number for run in runs for number in run)
    assert [found.at(rank) for rank in range(found.size)] == everything


def test_no_number_is_a_negative_zero():
    found = SortedRuns()

    found.add(np.array([-0.0]), np.array([1]))

    assert str(found.at(0)) == "0.0"


def test_files_of_runs_are_gone_with_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(quantiles, "IN_MEMORY", 1)
    runs = SortedRuns()

    runs.add(np.array([1.0, 2.0]), np.array([1, 1]), tmp_path)

    assert (runs.at(0), runs.at(1)) == (1.0, 2.0)
    assert list(tmp_path.iterdir()) == []


@quickly
@given(one=st.floats(allow_nan=False), other=st.floats(allow_nan=False))
def test_places_are_in_the_order_of_their_numbers(one: float, other: float):
    assert number_at(place(one)) == one
    assert one == other or (place(one) < place(other)) == (one < other)


@quickly
@given(
    days=st.lists(st.tuples(st.integers(0, 2), st.sampled_from(FAR_APART)), max_size=6),
    asked=st.lists(st.tuples(st.sampled_from(FAR_APART), st.integers(1, 70)), min_size=2, max_size=4),
)
def test_users_of_periods_far_apart_are_counted_together(
    days: list[tuple[int, int]], asked: list[tuple[int, int]]
):
    events = [Event("Open", user, 0, START + timedelta(days=day), {"plan": '"a"'}) for user, day in days]
    periods = [Period(START + timedelta(days=first), START + timedelta(days=first + n)) for first, n in asked]
    is_a = Condition("plan", Operator.IS, ("a",))
    measures = (ActiveUsers(), EventUsers("Open"), EventUsers("Open", (is_a,)))

    figures = measured(
        events,
        EventsPlan(frozenset(MeasureRequest(one, period) for one in measures for period in periods)),
        ["plan"],
    ).figures

    for ask, figure in figures.items():
        assert figure == Measured(len({event.user for event in events if ask.period.covers(event.day)}))


@quickly
@given(event=names, property=names, value=names)
def test_names_are_data(event: str, property: str, value: str):
    where = (Condition(property, Operator.IS, (value,)),)
    asks = {
        measure: MeasureRequest(measure, DAY) for measure in (EventCount(event), EventCount(event, where))
    }
    divided = MeasureRequest(Breakdown(EventCount(event), property), DAY)
    events = [Event(event, 1, 0, START, {property: json.dumps(value)}), Event(event + "x", 1, 0, START, {})]

    answer = measured(events, EventsPlan(frozenset({*asks.values(), divided})), [property])

    assert all(answer.figures[ask] == Measured(1) for ask in asks.values())
    part = answer.figures[divided]
    assert isinstance(part, Measured)
    assert [(one.name, one.value) for one in part.parts] == [(value, 1)]


def test_a_property_that_no_column_can_be_called_is_refused():
    plan = EventsPlan(
        frozenset({MeasureRequest(EventCount("Buy", (Condition("a\0b", Operator.IS_SET),)), DAY)})
    )

    with pytest.raises(Refused, match="no column can have this name"):
        measured([Event("Buy", 1, 0, START)], plan, [])
