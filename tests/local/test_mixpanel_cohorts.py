"""Retention and funnels, as the local Mixpanel measures them."""

from datetime import date

import pytest

from reporter.local.product import Product
from tests.local.mixpanel_caller import FIRST, LAST, UNTIL, WEEK, Caller, asking_about, happened, people, seen


def test_retention_follows_each_user_from_their_own_first_moment(ask: Caller, product: Product):
    answer = ask.query(
        "/retention", born_event="Sign Up", event="Page View", unit="week", interval_count="2",
        from_date="2026-10-26", to_date="2026-11-08",
    ).json()  # fmt: skip

    births = {
        event.distinct_id: event.time
        for event in seen(product, "Sign Up", date(2026, 10, 26), date(2026, 11, 1))
    }
    later = seen(product, "Page View", date(2026, 10, 26), UNTIL)
    week = 7 * 24 * 3_600_000
    counts = [
        len({
            one.distinct_id
            for one in later
            if one.distinct_id in births
            and one.time > births[one.distinct_id]
            and (one.time - births[one.distinct_id]) // week == number
        })
        for number in range(2)
    ]  # fmt: skip
    assert answer["2026-10-26"] == {"first": len(births), "counts": counts}
    assert list(answer) == ["2026-10-26", "2026-11-02"]


def test_intervals_that_have_not_begun_are_left_out(ask: Caller):
    answer = ask.query(
        "/retention",
        born_event="Sign Up",
        unit="day",
        interval_count="5",
        from_date="2026-11-19",
        to_date="2026-11-22",
    ).json()

    assert [len(cohort["counts"]) for cohort in answer.values()] == [4, 3, 2, 1]


def test_the_event_that_makes_a_cohort_is_no_return_to_it(product: Product):
    with asking_about(product, happened("Sign Up", FIRST)) as ask:
        answer = ask.query("/retention", born_event="Sign Up", **WEEK).json()

    assert answer["2026-11-09"] == {"first": 1, "counts": [0]}


def test_a_user_is_born_once(product: Product):
    again = happened("Sign Up", LAST)

    with asking_about(product, happened("Sign Up", FIRST), again) as ask:
        answer = ask.query("/retention", born_event="Sign Up", **WEEK).json()

    assert {day: cohort["first"] for day, cohort in answer.items() if cohort["first"]} == {"2026-11-09": 1}


def test_steps_out_of_order_do_not_convert(product: Product):
    onboarded_first = (happened("User Onboarded", FIRST, 9), happened("Sign Up", FIRST, 10))
    bought_too_early = (
        happened("Sign Up", FIRST, 10, user="user-2"),
        happened("Purchase", FIRST, 11, user="user-2"),
        happened("User Onboarded", FIRST, 12, user="user-2"),
    )

    with asking_about(product, *onboarded_first, *bought_too_early) as ask:
        answer = ask.query("/funnels", funnel_id="7509", unit="week", **WEEK).json()

    assert [step["count"] for step in answer["data"]["2026-11-09"]["steps"]] == [2, 1, 0]


def test_recurring_retention_has_everyone_who_was_active(ask: Caller, product: Product):
    answer = ask.query(
        "/retention", retention_type="compounded", event="Page View", unit="week", **WEEK
    ).json()

    assert answer["2026-11-09"]["first"] == len(people(seen(product, "Page View")))


def test_the_saved_funnel_counts_who_took_each_step_in_time(ask: Caller, product: Product):
    dates = {"from_date": "2026-10-05", "to_date": "2026-11-01"}
    answer = ask.query("/funnels", funnel_id="7509", unit="month", length="7", **dates).json()

    october = answer["data"]["2026-10-01"]
    begun = {
        event.distinct_id: event.time
        for event in seen(product, "Sign Up", date(2026, 10, 5), date(2026, 10, 31))
    }
    onboarded = {
        event.distinct_id: event.time for event in seen(product, "User Onboarded", date(2026, 10, 5), UNTIL)
    }
    in_time = [
        user
        for user in begun.keys() & onboarded.keys()
        if 0 < onboarded[user] - begun[user] <= 7 * 24 * 3_600_000
    ]
    assert answer["meta"]["dates"] == ["2026-10-01", "2026-11-01"]
    assert [step["event"] for step in october["steps"]] == ["Sign Up", "User Onboarded", "Purchase"]
    assert [step["count"] for step in october["steps"]][:2] == [len(begun), len(in_time)]
    assert october["steps"][1]["step_conv_ratio"] == pytest.approx(len(in_time) / len(begun))
    assert october["steps"][0]["avg_time"] is None
    assert october["analysis"]["starting_amount"] == len(begun)
    assert october["analysis"]["completion"] == october["steps"][2]["count"]


def test_a_shorter_window_converts_fewer(ask: Caller):
    def completed(length: str, unit: str) -> int:
        dates = {"from_date": "2026-10-01", "to_date": "2026-10-31"}
        answer = ask.query(
            "/funnels", funnel_id="7509", unit="month", length=length, length_unit=unit, **dates
        )
        return answer.json()["data"]["2026-10-01"]["steps"][1]["count"]

    assert completed("1", "minute") < completed("1", "day") <= completed("14", "day")


def test_a_funnel_may_be_cut_into_stretches_of_days(product: Product):
    story = [
        happened("Sign Up", FIRST, 9),
        happened("Sign Up", LAST, 9),
        happened("User Onboarded", LAST, 10),
    ]

    with asking_about(product, *story) as ask:
        whole = ask.query("/funnels", funnel_id="7509", interval="7", **WEEK).json()["data"]
        halves = ask.query("/funnels", funnel_id="7509", interval="4", **WEEK).json()["data"]
        both = ask.query("/funnels", funnel_id="7509", interval="7", unit="day", **WEEK)

    counts = {day: [step["count"] for step in bucket["steps"]] for day, bucket in (whole | halves).items()}
    assert list(whole) == ["2026-11-09"]
    assert counts == {"2026-11-09": [1, 1, 0], "2026-11-13": [1, 1, 0]}
    assert both.status_code == 400
