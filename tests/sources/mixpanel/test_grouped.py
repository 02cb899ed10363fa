"""A breakdown's parts, and answers that do not tell them."""

from collections.abc import Mapping

import pytest

from reporter.reports.figures import Measured, Part
from reporter.reports.measures import Breakdown, EventCount, PropertyStatistic, Statistic

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
        ({"all": 10}, "another shape"),
        ({"$overall": {"all": 10}, "pro": {"all": {"x": 5}}}, "another shape"),
    ],
)
def test_a_breakdown_that_makes_no_sense_fails(groups: object, words: str):
    assert_failed(now(world(insights=insights({"Sign Up": groups})), BY_PLAN), words)


def test_of_values_that_overlap_as_items_of_lists_do_there_is_no_rest():
    groups = {
        "$overall": {"all": 3},
        "P1": {"all": 1},
        "P2": {"all": 2},
        "P4": {"all": 3},
        "undefined": {"all": 0},
    }

    assert now(world(insights=insights({"Sign Up": groups})), BY_PLAN) == Measured(
        3, parts=(Part("P4", 3), Part("P2", 2))
    )


@pytest.mark.parametrize(("plans", "rest"), [((5, 3), 2), ((5, 5), None), ((5, 1, 1), 4)])
def test_what_is_beyond_the_limit_is_the_rest_and_no_value(plans: tuple[int, ...], rest: int | None):
    """However much `$remaining_values` says: what it has of the whole is what the values do not have."""
    groups = {
        "$overall": {"all": 10},
        "$remaining_values": {"all": 10},
        **{name: {"all": number} for name, number in zip("abc", plans, strict=False)},
    }
    ends = () if rest is None else (Part(None, rest, is_rest=True),)

    assert now(world(insights=insights({"Sign Up": groups})), BY_PLAN) == Measured(
        10, parts=(Part("a", plans[0]), Part("b", plans[1]), *ends)
    )


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
