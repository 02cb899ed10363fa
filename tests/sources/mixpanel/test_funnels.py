"""A saved funnel's conversion, and answers that do not tell it."""

import pytest

from reporter.reports.figures import Undefined
from reporter.reports.measures import PropertyStatistic, SavedFunnel, Statistic

from .answering import assert_failed, now, world

AVERAGE = PropertyStatistic("Sign Up", "amount", Statistic.AVERAGE)
FUNNEL = SavedFunnel(7)


def steps(*counts: object) -> object:
    return {"steps": [{"count": number, "event": f"Step {place}"} for place, number in enumerate(counts)]}


def test_a_funnel_of_nobody_is_nothing():
    assert now(world(funnels={"data": {"2026-11-16": steps(0, 0)}}), FUNNEL) == Undefined()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "over the whole period"),
        ({"2026-11-16": steps(4, 2), "2026-11-17": steps(3, 1)}, "over the whole period"),
        ({"2026-11-15": steps(4, 2)}, "over the whole period"),
        ({"2026-11-16": {"steps": []}}, "no steps"),
        ({"2026-11-16": steps(4, None)}, "another shape"),
        ({"2026-11-16": {"$overall": []}}, "another shape"),
    ],
)
def test_a_funnel_that_makes_no_sense_fails(data: object, words: str):
    assert_failed(now(world(funnels={"data": data}), FUNNEL), words)
