"""Answers to inline queries that do not tell what was asked: a failure by name, never a wrong number."""

from collections.abc import Mapping

import httpx2
import pytest

from reporter.reports.conditions import Condition, Operator
from reporter.reports.figures import Failed, Measured, RawReason, TooLittleHistory, Undefined, UnknownEvent
from reporter.reports.measures import (
    ActiveUsers,
    Breakdown,
    EventCount,
    EventUsers,
    PropertyStatistic,
    Ratio,
    Retention,
    Statistic,
    Stickiness,
)

from .answering import assert_failed, days, events, insights, measure, now, with_days, world
from .fake import FakeMixpanel, error

PRO = (Condition("plan", Operator.IS, ("pro",)),)
PRO_SIGN_UPS = EventCount("Sign Up", PRO)
PAID = PropertyStatistic("Sign Up", "amount", Statistic.SUM)
AVERAGE = PropertyStatistic("Sign Up", "amount", Statistic.AVERAGE)


def test_two_metrics_of_one_event_are_told_apart_by_the_names_they_were_given():
    answer = insights({"#2": {"all": 9}, "#1": {"all": 5}})

    figures = measure(world(insights=answer), PRO_SIGN_UPS, PAID)

    assert figures.now == {PRO_SIGN_UPS: Measured(9), PAID: Measured(5)}


@pytest.mark.parametrize(
    "series",
    [
        {"Sign Up": {"all": 5}},
        {"Sign Up [Total Events]": {"all": 9}, "Sign Up [Sum amount]": {"all": 5}},
        {"A. Sign Up": {"all": 9}, "B. Sign Up": {"all": 5}},
        {"A": {"all": 9}},
        {},
    ],
)
def test_without_those_names_two_metrics_of_one_event_are_not_guessed(series: object):
    figures = measure(world(insights=insights(series)), PRO_SIGN_UPS, PAID)

    assert_failed(figures.now[PRO_SIGN_UPS], "which number is that of the count of Sign Up")
    assert_failed(figures.now[PAID], "which number is that of the sum of amount of Sign Up")


def test_what_mixpanel_does_not_tell_raw_events_do():
    figure = now(world(insights=insights({})), PRO_SIGN_UPS)

    assert isinstance(figure, Failed)
    assert figure.raw_reason is RawReason.NOT_OFFERED


@pytest.mark.parametrize(("status", "why"), [(400, RawReason.REFUSED), (402, RawReason.REFUSED), (500, None)])
def test_what_mixpanel_refuses_is_told_from_what_passes(status: int, why: RawReason | None):
    figure = now(world(insights=error(status, "No")), PRO_SIGN_UPS)

    assert isinstance(figure, Failed)
    assert (figure.raw_reason, figure.is_temporary) == (why, why is None)


def test_a_filter_that_mixpanel_refuses_does_not_cost_the_active_users():
    def answer(request: httpx2.Request) -> object:
        has_filter = b'"filterType"' in request.content
        return error(400, "What is that?") if has_filter else insights({"All Events": {"all": 2}})

    figures = measure(world(insights=answer), PRO_SIGN_UPS, ActiveUsers())

    assert figures.now[ActiveUsers()] == Measured(2)
    assert_failed(figures.now[PRO_SIGN_UPS], "What is that?")
    assert figures.queries == 2 + 3 * 2


def test_a_plan_that_refuses_is_not_asked_twice():
    assert measure(world(insights=error(402, "Upgrade")), PRO_SIGN_UPS, ActiveUsers()).queries == 2
    assert measure(world(insights=error(403, "No")), PRO_SIGN_UPS, ActiveUsers()).queries == 2 + 3


def test_an_average_of_no_numbers_is_nothing_and_a_count_of_none_is_a_failure():
    nothing = insights({"#1": {"all": None}, "#2": {"all": None}, "#3": {"all": None}})
    answer = world(insights=with_days(nothing))

    figures = measure(answer, AVERAGE, PRO_SIGN_UPS, PAID)

    assert figures.now[AVERAGE] == Undefined()
    assert_failed(figures.now[PRO_SIGN_UPS], "has no number for the count of Sign Up")
    assert_failed(figures.now[PAID], "has no number for the sum of amount of Sign Up")


def test_of_an_event_that_did_not_happen_nothing_needs_to_be_told():
    quiet = events({"Sign Up": {"2026-06-01": 1}})

    assert now(world(events=quiet, insights=insights({})), PAID) == Measured(0)
    assert now(world(events=quiet, insights=insights({})), AVERAGE) == Undefined()
    assert now(world(events=quiet, insights=insights({"Sign Up": {"all": 0}})), AVERAGE) == Undefined()
    assert now(world(events=quiet, insights=insights({"Sign Up": {}})), Breakdown(PAID, "plan")) == Measured(
        0
    )


def test_a_sum_may_be_negative_and_a_count_may_not():
    answer = world(insights=insights({"#2": {"all": -1}, "#1": {"all": -2.5}}))

    figures = measure(answer, PRO_SIGN_UPS, PAID)

    assert_failed(figures.now[PRO_SIGN_UPS], "no number")
    assert figures.now[PAID] == Measured(-2.5)


def test_a_line_with_a_negative_count_is_no_line():
    series = {"Sign Up": {"all": 9, "2026-11-16": -1}}

    figures = measure(world(insights=insights(series)), PRO_SIGN_UPS)

    assert figures.now[PRO_SIGN_UPS] == Measured(9)
    assert PRO_SIGN_UPS not in figures.daily


def test_an_event_that_nobody_knows_is_unknown_in_every_measure():
    unknown = [
        EventCount("Sing Up", PRO),
        Breakdown(EventUsers("Sing Up"), "plan"),
        Ratio(EventCount("Sign Up"), PropertyStatistic("Sing Up", "amount", Statistic.SUM)),
        Retention("Sing Up", None, 1),
        Retention("Sign Up", "Sing Up", 1),
    ]

    figures = measure(world(insights=insights({}), retention={}), *unknown)

    assert set(figures.now.values()) == {UnknownEvent("Sing Up", ("Sign Up",))}


def test_a_failed_part_fails_the_ratio_and_nothing_leaves_nothing():
    spent = {"RateLimit": '"project";r=0;t=1200'}
    failing = Ratio(EventCount("Sign Up"), ActiveUsers())
    nothing = Ratio(AVERAGE, EventCount("Sign Up"))

    figure = now(world(insights=error(429, headers=spent)), failing)

    assert isinstance(figure, Failed)
    assert (figure.is_temporary, figure.after) == (True, 1200)
    answer = with_days(insights({"All Events": {"all": 2}, "Sign Up": {"all": None}}))
    assert now(world(insights=answer), nothing) == Undefined()


def test_before_the_project_there_is_no_share_either():
    young = {day: 3 for day in days() if day >= "2026-11-12"}
    ratio = Ratio(PAID, EventCount("Sign Up"))
    mixpanel = world(events=events({"Sign Up": young}, [*young]), insights=insights({"Sign Up": {"all": 21}}))

    figures = measure(mixpanel, ratio)

    assert figures.now[ratio] == Measured(1)
    assert isinstance(figures.before[ratio], TooLittleHistory)


def test_stickiness_needs_each_of_its_days():
    stickiness = Stickiness()
    holey = {day: 2 for day in days() if day != "2026-11-18"}

    def actives(whole: int, line: Mapping[str, int]) -> FakeMixpanel:
        def answer(request: httpx2.Request) -> object:
            return insights({"All Events": line if b'"line"' in request.content else {"all": whole}})

        return world(insights=answer)

    figures = measure(actives(4, holey), stickiness)

    assert_failed(figures.now[stickiness], "each day")
    assert figures.before[stickiness] == Measured(0.5)
    assert now(actives(0, dict.fromkeys(days(), 0)), stickiness) == Undefined()
