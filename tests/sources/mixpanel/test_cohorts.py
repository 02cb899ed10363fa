"""The share that came back, and answers that do not tell it."""

import pytest

from reporter.reports.figures import Figure, Measured, Undefined
from reporter.reports.measures import PropertyStatistic, Retention, Statistic, Unit

from .answering import RETENTION, assert_failed, measure, now, world

AVERAGE = PropertyStatistic("Sign Up", "amount", Statistic.AVERAGE)
COHORT = Retention("Sign Up", None, 1)
LAST_WEEK = Retention("Sign Up", "Sign Up", 0, Unit.WEEK)


@pytest.mark.parametrize(
    ("cohorts", "figure"),
    [
        (
            {"2026-11-14": {"first": 4, "counts": [4, 2]}, "2026-11-15": {"first": 0, "counts": []}},
            Measured(0.5),
        ),
        (
            {"2026-11-15": {"first": 1, "counts": [0, 1, 1]}, "2026-11-16": {"first": 3, "counts": [0, 1]}},
            Measured(0.5),
        ),
        ({"2026-11-15": {"first": 0, "counts": [0, 0]}}, Undefined()),
        ({}, Undefined()),
    ],
)
def test_a_share_came_back(cohorts: object, figure: Figure):
    assert now(world(retention=cohorts), COHORT) == figure


@pytest.mark.parametrize(
    ("cohorts", "words"),
    [
        ({"2026-11-15": {"first": 4, "counts": [4]}}, "ends before day 1"),
        ({"2026-11-13": {"first": 4, "counts": [4, 2]}}, "other days"),
        ({"2026-11-21": {"first": 4, "counts": [4, 2]}}, "other days"),
        ({"2026-11-15": {"first": 4, "counts": [4, 5]}}, "more users"),
        ({"2026-11-15": {"first": 4, "counts": [4, None]}}, "another shape"),
        ({"2026-11-15": {"first": -4, "counts": [4, 4]}}, "another shape"),
        ({"results": {}}, "another shape"),
    ],
)
def test_cohorts_that_make_no_sense_fail(cohorts: object, words: str):
    assert_failed(now(world(retention=cohorts), COHORT), words)


def test_weeks_may_begin_on_sunday():
    cohorts = {"2026-11-08": {"first": 4, "counts": [1]}, "2026-11-15": {"first": 2, "counts": [2]}}

    assert now(world(retention=cohorts), LAST_WEEK) == Measured(0.5)


def test_retention_asks_for_the_days_of_the_cohort():
    mixpanel = world(retention={})

    measure(mixpanel, Retention("Sign Up", "Sign Up", 2, Unit.WEEK))

    asked = [dict(request.url.params) for request in mixpanel.requests if request.url.path == RETENTION]
    assert {one.pop("from_date"): one.pop("to_date") for one in asked} == {
        "2026-10-26": "2026-11-01",
        "2026-10-19": "2026-10-25",
    }
    assert (
        asked[0]
        == asked[1]
        == {
            "project_id": "3141592",
            "retention_type": "birth",
            "born_event": "Sign Up",
            "event": "Sign Up",
            "unit": "week",
            "interval_count": "3",
        }
    )
