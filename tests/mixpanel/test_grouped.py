"""A breakdown's parts, and answers that do not tell them."""

from collections.abc import Mapping

import pytest

from reporter.model.figures import (
    Measured,
    Part,
)
from reporter.model.measure import (
    Breakdown,
    EventCount,
    PropertyStatistic,
    Statistic,
)

from .answering import assert_failed, insights, now, world

AVERAGE = PropertyStatistic("Sign Up", "amount", Statistic.AVERAGE)
BY_PLAN = Breakdown(EventCount("Sign Up"), "plan", 2)


GROUPS = {
    "$overall": {"all": 10},
    "pro": {"all": 5},
    "free": {"all": 3},
    "team": {"all": 1},
    "undefined": {"all": 1},
}


def test_parts_come_in_their_order_with_what_mixpanel_left_out():
    few = {name: GROUPS[name] for name in ("free", "pro", "$overall")}

    assert now(world(insights=insights({"Sign Up": GROUPS})), BY_PLAN) == Measured(
        10, parts=(Part("pro", 5), Part("free", 3), Part(None, 2, is_rest=True))
    )
    assert now(world(insights=insights({"Sign Up": few})), BY_PLAN) == Measured(
        10, parts=(Part("pro", 5), Part("free", 3), Part(None, 2, is_rest=True))
    )


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ({"pro": {"all": 5}}, "which number"),
        ({"$overall": {"2026-11-16": 5}, "pro": {"all": 5}}, "which number"),
        ({"$overall": {"all": 10}, "pro": {"all": -5}}, "no number"),
        ({"$overall": {"all": None}, "pro": {"all": 5}}, "no number"),
        ({"$overall": {"all": 4}, "pro": {"all": 3}, "free": {"all": 3}}, "several values of plan"),
        ({"all": 10}, "another shape"),
        ({"$overall": {"all": 10}, "pro": {"all": {"x": 5}}}, "another shape"),
    ],
)
def test_a_breakdown_that_makes_no_sense_fails(groups: object, words: str):
    assert_failed(now(world(insights=insights({"Sign Up": groups})), BY_PLAN), words)


def test_fewer_days_are_not_passed_off_as_the_period_in_a_breakdown():
    clipped = {"from_date": "2026-11-18T00:00:00+01:00", "to_date": "2026-11-22T23:59:59+01:00"}

    assert_failed(
        now(world(insights=insights({"Sign Up": GROUPS}, date_range=clipped)), BY_PLAN), "other days"
    )


def test_values_of_which_nothing_happened_are_no_parts():
    groups: Mapping[str, object] = {
        "$overall": {"all": 5},
        "pro": {"all": 5},
        "free": {"all": 0},
        "old": {"all": None},
    }

    assert now(world(insights=insights({"Sign Up": groups})), BY_PLAN) == Measured(5, parts=(Part("pro", 5),))


def test_parts_of_one_size_come_by_name_and_what_is_not_set_last():
    sizes = {"undefined": 2, "b": 2, "z": 4, "a": 2}
    groups = {"$overall": {"all": 10}, **{name: {"all": size} for name, size in sizes.items()}}

    figure = now(world(insights=insights({"Sign Up": groups})), Breakdown(EventCount("Sign Up"), "plan", 4))

    assert isinstance(figure, Measured)
    assert [part.name for part in figure.parts] == ["z", "a", "b", None]
