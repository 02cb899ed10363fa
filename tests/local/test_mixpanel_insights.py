"""Insights, inline and saved, as the local Mixpanel measures them."""

from dataclasses import replace
from datetime import date, timedelta
from statistics import fmean, median

import pytest

from reporter.local.mixpanel import LocalMixpanel
from reporter.local.product import Product, ProductEvent, days_between
from tests.local.mixpanel_caller import (
    FIRST,
    LAST,
    NOON,
    UNTIL,
    Caller,
    Clock,
    amounts,
    asking_about,
    behavior,
    bookmark,
    equals,
    happened,
    people,
    seen,
)


def test_active_users_of_a_week_are_distinct_over_the_week_and_are_somebody(ask: Caller, product: Product):
    answer = ask.insights(bookmark(behavior("$all_events", "unique"))).json()

    days = [len(people(seen(product, None, day, day))) for day in days_between(FIRST, LAST)]
    assert answer["series"] == {"All Events [Unique Users]": {"all": len(people(seen(product)))}}
    assert answer["series"]["All Events [Unique Users]"]["all"] < sum(days)
    assert answer["date_range"] == {
        "from_date": "2026-11-09T00:00:00+01:00",
        "to_date": "2026-11-15T23:59:59.999000+01:00",
    }
    assert answer["headers"] == ["$metric"]
    assert answer["computed_at"] == NOON.isoformat()


def test_bookkeeping_is_no_activity(ask: Caller, product: Product):
    answer = ask.insights(bookmark(behavior("$all_events"), behavior("$mp_web_page_view"))).json()

    assert answer["series"]["All Events [Total Events]"]["all"] == len(seen(product))
    assert answer["series"]["$mp_web_page_view [Total Events]"]["all"] == len(
        seen(product, "$mp_web_page_view")
    )


def test_one_query_carries_many_metrics_in_the_order_asked(ask: Caller, product: Product):
    answer = ask.insights(
        bookmark(
            behavior("Sign Up"),
            behavior("Page View", "unique"),
            behavior("$ae_session"),
            behavior("Sign Up", "dau"),
        )
    ).json()

    assert answer["series"] == {
        "Sign Up [Total Events]": {"all": len(seen(product, "Sign Up"))},
        "Page View [Unique Users]": {"all": len(people(seen(product, "Page View")))},
        "$ae_session [Total Events]": {"all": len(seen(product, "$ae_session"))},
        "Sign Up [DAU]": {"all": len(people(seen(product, "Sign Up")))},
    }
    shown = [row["metric_key"] for row in answer["meta"]["report_sections"]["show"]]
    assert shown == list(answer["series"])


def test_a_line_has_a_point_for_each_day_named_with_the_zones_offset(ask: Caller, product: Product):
    answer = ask.insights(
        bookmark(behavior("$all_events", "unique"), chart="line", dates=("2026-10-24", "2026-10-26"))
    ).json()

    days = days_between(date(2026, 10, 24), date(2026, 10, 26))
    assert list(answer["series"]["All Events [Unique Users]"]) == [
        "2026-10-24T00:00:00+02:00",
        "2026-10-25T00:00:00+02:00",
        "2026-10-26T00:00:00+01:00",
    ]
    assert list(answer["series"]["All Events [Unique Users]"].values()) == [
        len(people(seen(product, None, day, day))) for day in days
    ]


def test_the_day_on_which_the_clocks_go_back_has_25_hours(ask: Caller, product: Product):
    answer = ask.insights(
        bookmark(behavior("Page View"), chart="line", unit="hour", dates=("2026-10-25", "2026-10-25"))
    ).json()

    points = answer["series"]["Page View [Total Events]"]
    assert len(points) == 25
    assert sum(points.values()) == len(seen(product, "Page View", date(2026, 10, 25), date(2026, 10, 25)))


@pytest.mark.parametrize(
    ("unit", "points"),
    [
        ("week", ["2026-10-26T00:00:00+01:00", "2026-11-02T00:00:00+01:00", "2026-11-09T00:00:00+01:00"]),
        ("month", ["2026-10-01T00:00:00+02:00", "2026-11-01T00:00:00+01:00"]),
    ],
)
def test_weeks_begin_on_monday_and_months_on_their_first(ask: Caller, unit: str, points: list[str]):
    answer = ask.insights(
        bookmark(behavior("Page View"), chart="line", unit=unit, dates=("2026-10-30", "2026-11-15"))
    ).json()

    assert list(answer["series"]["Page View [Total Events]"]) == points


def test_a_breakdown_has_the_true_total_beside_its_segments(ask: Caller, product: Product):
    answer = ask.insights(bookmark(behavior("$all_events", "unique"), group="$os")).json()

    segments = answer["series"]["All Events [Unique Users]"]
    platforms = {str(event.properties["$os"]) for event in seen(product)}
    assert answer["headers"] == ["$metric", "$os"]
    assert segments.keys() == platforms | {"$overall"}
    assert segments["$overall"]["all"] == len(people(seen(product)))
    assert segments["Android"]["all"] == len(
        people(event for event in seen(product) if event.properties["$os"] == "Android")
    )
    assert segments["$overall"]["all"] < sum(segments[name]["all"] for name in platforms)


def test_events_without_the_property_are_a_segment_of_their_own(ask: Caller, product: Product):
    answer = ask.insights(bookmark(behavior("Page View"), group="$browser", chart="line")).json()

    segments = answer["series"]["Page View [Total Events]"]
    without = [event for event in seen(product, "Page View") if "$browser" not in event.properties]
    assert sum(segments["undefined"].values()) == len(without)


def test_filters_of_the_report_and_of_a_metric_both_hold(ask: Caller, product: Product):
    answer = ask.insights(
        bookmark(
            behavior("Page View", filters=[equals("$os", "Android", "iOS")]),
            behavior("Search"),
            where=(equals("mp_country_code", "IN"),),
        )
    ).json()

    views = [one for one in seen(product, "Page View") if one.properties["mp_country_code"] == "IN"]
    searches = [one for one in seen(product, "Search") if one.properties["mp_country_code"] == "IN"]
    on_phones = [one for one in views if one.properties["$os"] in {"Android", "iOS"}]
    assert answer["series"]["Page View [Total Events]"]["all"] == len(on_phones) < len(views)
    assert answer["series"]["Search [Total Events]"]["all"] == len(searches)


def test_a_metric_may_ask_that_any_of_its_filters_holds(ask: Caller, product: Product):
    either = [equals("$os", "iOS"), equals("mp_country_code", "IN")]

    answer = ask.insights(bookmark(behavior("Search", filters=either, filtersDeterminer="any"))).json()

    searches = [event.properties for event in seen(product, "Search")]
    kept = [one for one in searches if one["$os"] == "iOS" or one["mp_country_code"] == "IN"]
    assert answer["series"]["Search [Total Events]"]["all"] == len(kept)


@pytest.mark.parametrize(
    ("operator", "kept"),
    [
        ("equals", {"Chrome"}),
        ("does not equal", {"Safari", "Firefox", None}),
        ("is set", {"Chrome", "Safari", "Firefox"}),
        ("is not set", {None}),
    ],
)
def test_filters_compare_and_ask_for_presence(
    ask: Caller, product: Product, operator: str, kept: set[str | None]
):
    condition = equals("$browser", "Chrome") | {"filterOperator": operator}

    answer = ask.insights(bookmark(behavior("Page View"), where=(condition,))).json()

    views = [event for event in seen(product, "Page View") if event.properties.get("$browser") in kept]
    assert answer["series"]["Page View [Total Events]"]["all"] == len(views)


def condition(name: str, kind: str, operator: str, value: object = None) -> dict[str, object]:
    kinds: dict[str, object] = {"resourceType": "events", "filterType": kind, "defaultType": kind}
    return kinds | {"value": name, "filterValue": value, "filterOperator": operator}


@pytest.mark.parametrize(
    ("filtered", "kept"),
    [
        (("number", "is greater than", 3), [4]),
        (("number", "is at least", 3.0), [3.0, 4]),
        (("number", "is less than", 3), [-1]),
        (("number", "is at most", 3), [-1, 3.0]),
        (("number", "is between", [3, 4]), [3.0, 4]),
        (("number", "not between", [0, 3]), [-1, 4]),
        (("number", "is equal to", 3), [3.0]),
        (("number", "is equal to", 1), []),
        (("number", "does not equal", 3), [-1, 4, "3", "Three", True, False, None, ["a", "b"]]),
        (("string", "equals", ["3", "three"]), ["3"]),
        (("string", "does not equal", ["3"]), [-1, 3.0, 4, "Three", True, False, None, ["a", "b"]]),
        (("string", "contains", "THREE"), ["Three"]),
        (("string", "does not contain", "three"), [-1, 3.0, 4, "3", True, False, None, ["a", "b"]]),
        (("boolean", "true"), [True]),
        (("boolean", "false"), [False, None]),
    ],
)
def test_a_filter_has_a_type(product: Product, filtered: tuple[str, str], kept: list[object]):
    values: list[object] = [-1, 3.0, 4, "3", "Three", True, False, None, ["a", "b"]]
    story = [
        replace(happened("Vote", FIRST, hour), properties={"vote": value})
        for hour, value in enumerate(values)
    ]

    with asking_about(product, *story) as ask:
        metric = behavior("Vote", filters=[condition("vote", *filtered)])
        answer = ask.insights(bookmark(metric, group="vote")).json()

    segments = answer["series"]["Vote [Total Events]"]
    assert segments["$overall"]["all"] == len(kept)


def test_each_item_of_a_list_is_a_segment(product: Product):
    lists: list[object] = [["a", "b"], ["b", "b"], [], 3.0, 3, True]
    story = [
        replace(happened("Vote", FIRST, hour), properties={"vote": value}) for hour, value in enumerate(lists)
    ]

    with asking_about(product, *story) as ask:
        answer = ask.insights(bookmark(behavior("Vote"), group="vote")).json()

    segments = {name: points["all"] for name, points in answer["series"]["Vote [Total Events]"].items()}
    assert segments == {"$overall": 6, "a": 1, "b": 2, "undefined": 1, "3": 2, "true": 1}


def test_a_metric_may_be_given_a_name(ask: Caller):
    answer = ask.insights(
        bookmark(behavior("Sign Up") | {"name": "#1"}, behavior("Sign Up") | {"name": "#2"})
    )

    assert list(answer.json()["series"]) == ["#1", "#2"]


def test_a_query_may_limit_the_segments(ask: Caller):
    by_city = bookmark(behavior("Page View"), group="$city")

    answer = ask.insights(by_city, queryLimits={"limit": 2}).json()

    assert len(answer["series"]["Page View [Total Events]"].keys() - {"$overall"}) == 2


def test_properties_are_summed_averaged_and_ranked(ask: Caller, product: Product):
    long = ("2026-10-01", "2026-11-15")
    maths = ("total", "average", "median", "min", "max", "p90")

    answer = ask.insights(
        bookmark(*(behavior("Purchase", math, "amount") for math in maths), dates=long)
    ).json()

    paid = amounts(seen(product, "Purchase", date(2026, 10, 1)))
    series = {key: points["all"] for key, points in answer["series"].items()}
    assert series["Purchase [Sum amount]"] == pytest.approx(sum(paid))
    assert series["Purchase [Average amount]"] == pytest.approx(fmean(paid))
    assert series["Purchase [Median amount]"] == median(paid)
    assert series["Purchase [Minimum amount]"] == min(paid)
    assert series["Purchase [Maximum amount]"] == max(paid)
    assert median(paid) <= series["Purchase [90th Percentile amount]"] <= max(paid)


def test_of_a_sale_that_was_received_twice_the_last_to_be_ingested_counts(product: Product):
    moment = int(NOON.timestamp() * 1_000) - 86_400_000

    def received(amount: float, delay: int) -> ProductEvent:
        return ProductEvent("Purchase", moment, "user-1", "sale-1", {"amount": amount}, moment + delay)

    sales = replace(product, events=(received(19.0, 60_000), received(49.0, 5_000)))
    with LocalMixpanel(sales, now=Clock(NOON)) as mixpanel, Caller(mixpanel) as ask:
        metrics = (behavior("Purchase"), behavior("Purchase", "total", "amount"))
        answer = ask.insights(bookmark(*metrics, dates=("2026-11-21", "2026-11-21"))).json()

    assert answer["series"] == {"Purchase [Total Events]": {"all": 1}, "Purchase [Sum amount]": {"all": 19.0}}


def test_nothing_happened_and_never_heard_of_it_are_told_apart(ask: Caller):
    before = ("2026-01-01", "2026-01-07")

    answer = ask.insights(
        bookmark(
            behavior("Sign Up"), behavior("Sing Up"), behavior("Purchase", "average", "amount"), dates=before
        )
    ).json()

    assert answer["series"] == {
        "Sign Up [Total Events]": {"all": 0},
        "Purchase [Average amount]": {"all": None},
    }


def test_metrics_of_one_name_are_told_apart_by_their_letter(ask: Caller):
    answer = ask.insights(
        bookmark(behavior("Sign Up"), behavior("Sign Up", filters=[equals("$os", "iOS")]))
    ).json()

    assert list(answer["series"]) == ["A. Sign Up [Total Events]", "B. Sign Up [Total Events]"]


def test_a_saved_report_brings_its_own_dates(ask: Caller, product: Product):
    answer = ask.query("/insights", bookmark_id="8001").json()

    days = list(days_between(UNTIL - timedelta(days=29), UNTIL))
    assert list(answer["series"]["Sign Up [Total Events]"].values()) == [
        len(seen(product, "Sign Up", day, day)) for day in days
    ]
    assert answer["date_range"]["from_date"].startswith(days[0].isoformat())
    assert "meta" not in answer


@pytest.mark.parametrize(("report", "sums"), [("8003", True), ("8004", False)])
def test_a_saved_report_may_be_about_a_property(ask: Caller, product: Product, report: str, sums: bool):
    (points,) = ask.query("/insights", bookmark_id=report).json()["series"].values()

    paid = amounts(seen(product, "Purchase", UNTIL - timedelta(days=29), UNTIL))
    assert len(points) == (30 if sums else 1)
    assert sum(points.values()) == pytest.approx(sum(paid) if sums else fmean(paid))


@pytest.mark.parametrize(
    "unsupported",
    [
        bookmark(behavior("Sign Up", "sessions")),
        bookmark(behavior("Sign Up", "average")),
        bookmark(behavior("Sign Up", "unique", "amount")),
        bookmark(behavior("Sign Up"), chart="funnel-steps"),
        bookmark(behavior("Sign Up", filters=[equals("$os", "iOS") | {"filterOperator": "starts with"}])),
        bookmark(behavior("Sign Up", filters=[equals("$os", "iOS") | {"filterType": "number"}])),
        bookmark(behavior("Sign Up", type="funnel")),
        bookmark(behavior("Sign Up"), dates=("2026-11-15", "2026-11-09")),
        bookmark(),
        bookmark(behavior("Sign Up") | {"type": "formula", "definition": "A"}),
        {},
    ],
)
def test_a_bookmark_that_is_not_understood_is_refused_and_never_half_answered(
    ask: Caller, unsupported: dict[str, object]
):
    answer = ask.insights(unsupported)

    assert answer.status_code == 400
    assert answer.json()["error"]


def test_an_inline_query_names_its_project_in_the_body(ask: Caller):
    query = bookmark(behavior("Sign Up"))

    assert ask.insights(query, project_id=27).status_code == 403
    assert ask.insights(query, project_id="a-token").status_code == 400
