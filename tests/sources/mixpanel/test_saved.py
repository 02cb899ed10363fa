"""A saved report's number for a period, whatever is saved."""

from collections.abc import Mapping

import pytest

from reporter.reports.figures import Figure, Incomparable, Measured, Question, Undefined, Unlike
from reporter.reports.measures import Combine, PropertyStatistic, SavedInsights, Statistic
from reporter.sources.mixpanel.source import QuerySource

from .answering import NOW, WEEK, assert_failed, days, insights, measure, now, world
from .fake import FakeMixpanel

AVERAGE = PropertyStatistic("Sign Up", "amount", Statistic.AVERAGE)
SAVED = SavedInsights(8, combine=Combine.SUM)


def saved(points: object, **more: object) -> FakeMixpanel:
    return world(insights=insights({"Sign Up": points}, **more))


def dates(first: str, last: str) -> object:
    return {"from_date": f"{first}T00:00:00", "to_date": f"{last}T23:59:59"}


def test_a_saved_line_by_the_day_is_read_over_the_period():
    line = {day: place for place, day in enumerate(days()[-14:])}

    figures = measure(saved(line), SAVED)

    assert figures.now[SAVED] == Measured(sum(range(7, 14)))
    assert figures.before[SAVED] == Measured(sum(range(7)))


def test_days_without_a_number_leave_the_others():
    line: Mapping[str, object] = {**dict.fromkeys(days()[-7:], 4), "2026-11-22": None}
    average, last = SavedInsights(8, combine=Combine.AVERAGE), SavedInsights(8, combine=Combine.LAST)

    figures = measure(saved(line), average, last, SAVED)

    assert figures.now == {average: Measured(4), last: Undefined(), SAVED: Measured(24)}
    assert now(saved(dict.fromkeys(days()[-7:])), SAVED) == Undefined()


@pytest.mark.parametrize(
    "line",
    [
        {"2026-11-09": 1, "2026-11-16": 2},  # by the week
        {"2026-11-16T00:00:00": 1, "2026-11-16T01:00:00": 2},  # by the hour
        {"2026-11-16": 2},  # who knows
        {"Android": 2},
        {},
    ],
)
def test_what_is_not_by_the_day_is_not_taken_for_it(line: object):
    figures = measure(saved(line), SAVED)

    assert_failed(figures.now[SAVED], "neither one number nor a line by the day")
    assert figures.before[SAVED] == Incomparable(Unlike.OTHER_DAYS)


def test_a_single_day_is_one_where_the_report_is_about_one_day():
    monday = WEEK.start
    question = Question((SAVED,), type(WEEK)(monday, type(WEEK).of_days(monday, monday).end), WEEK.previous)
    line = {"2026-11-16": 2}

    def figure(first: str, last: str) -> Figure:
        source = QuerySource(saved(line, date_range=dates(first, last)).client(), now=lambda: NOW)
        return source.measure(question).now[SAVED]

    assert figure("2026-11-16", "2026-11-16") == Measured(2)
    assert_failed(figure("2026-11-16", "2026-11-22"), "neither")


def test_a_report_with_a_breakdown_names_each_of_its_lines():
    tree = {"$overall": {"all": 9}, "Android": {"$overall": {"all": 5}, "DE": {"all": 4}}}

    figures = measure(
        saved(tree), SAVED, SavedInsights(8, "Sign Up"), SavedInsights(8, "Sign Up / Android / DE")
    )

    assert_failed(figures.now[SAVED], "“Sign Up”, “Sign Up / Android”, “Sign Up / Android / DE”")
    assert [*figures.now.values()][1:] == [Measured(9), Measured(4)]


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        ({}, "neither"),
        ({"a": {"b": {"all": 1}}, "a / b": {"all": 2}}, "both called"),
        ({"a": {"all": 1}, "all": 2}, "another shape"),
        ({"all": "2"}, "no number"),
        ({"2026-11-16": {"$overall": {"first": 9, "counts": [4], "rates": [0.4]}}}, "is a retention report"),
        ({"2026-11-16": {"steps": [{"count": 9}], "analysis": {}}}, "is a funnel"),
        (3, "another shape"),
    ],
)
def test_a_saved_report_that_makes_no_sense_fails(tree: object, words: str):
    assert_failed(now(saved(tree), SAVED), words)


TWO_WEEKS = dict.fromkeys(days()[-14:], 10)


@pytest.mark.parametrize(
    "label", ["Purchase [Unique Users]", "Purchase - Unique", "Purchase [Unique Users] / DE", "Any - DAU"]
)
@pytest.mark.parametrize("combine", [None, Combine.SUM])
def test_users_of_days_are_never_added_up(label: str, combine: Combine | None):
    """Ten people who come every day are ten, and not seventy."""
    world_of_users = world(insights=insights({label: TWO_WEEKS}))
    added, average = SavedInsights(8, combine=combine), SavedInsights(8, combine=Combine.AVERAGE)

    figures = measure(world_of_users, added, average)

    assert_failed(figures.now[added], "counts users by the day")
    assert_failed(figures.before[added], "counts users by the day")
    assert figures.now[average] == Measured(10)


@pytest.mark.parametrize("label", ["Purchase [Total Events]", "Purchase - Total", "Sale [Sum amount] / DE"])
def test_events_of_days_are_added_up_where_nobody_says_how(label: str):
    assert now(world(insights=insights({label: TWO_WEEKS})), SavedInsights(8)) == Measured(70)


@pytest.mark.parametrize("label", ["Buyers", "Purchase [Average amount]", "Purchase [Total per User]"])
def test_days_that_may_not_add_up_are_not_added_up_unasked(label: str):
    line = world(insights=insights({label: TWO_WEEKS}))

    assert_failed(now(line, SavedInsights(8)), 'write combine = "sum", "average" or "last"')
    assert now(line, SAVED) == Measured(70)


def test_the_users_of_a_single_day_need_no_adding_up():
    sunday = type(WEEK).of_days(WEEK.last, WEEK.last)
    source = QuerySource(
        world(insights=insights({"Purchase [Unique Users]": TWO_WEEKS})).client(), now=lambda: NOW
    )

    figures = source.measure(Question((SavedInsights(8),), sunday, sunday.previous))

    assert figures.now == figures.before == {SavedInsights(8): Measured(10)}


def test_many_series_are_not_all_named():
    many = insights({f"Series {number}": {"all": 1} for number in range(20)})

    assert_failed(now(world(insights=many), SAVED), "“Series 4” and 15 more")
