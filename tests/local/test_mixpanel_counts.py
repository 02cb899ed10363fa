"""Events over time, as the local Mixpanel counts them."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from statistics import fmean

import pytest

from reporter.local.mixpanel import LocalMixpanel
from reporter.local.product import Product, days_between
from tests.local.mixpanel_caller import (
    BOOKKEEPING,
    FIRST,
    LAST,
    NOON,
    UNTIL,
    WEEK,
    ZONE,
    Caller,
    Clock,
    amounts,
    asking_about,
    behavior,
    bookmark,
    happened,
    people,
    seen,
)

# What an expression keeps of searches, told by their platform, their results and whether they have a browser.
EXPRESSIONS: Sequence[tuple[str, Callable[[str, int, bool], bool]]] = (
    ('properties["$os"] == "iOS"', lambda platform, results, browser: platform == "iOS"),
    ('properties["$os"] != "iOS"', lambda platform, results, browser: platform != "iOS"),
    ('"Win" in properties["$os"]', lambda platform, results, browser: "Win" in platform),
    ('not defined(properties["$browser"])', lambda platform, results, browser: not browser),
    ('number(properties["results"]) >= 20', lambda platform, results, browser: results >= 20),
    (
        '(properties["$os"] == "iOS" or properties["$os"] == "Android") and properties["results"] < 9',
        lambda platform, results, browser: platform in {"iOS", "Android"} and results < 9,
    ),
)


def test_many_events_are_counted_by_the_day_in_the_zone_of_the_project(ask: Caller, product: Product):
    names = ["Sign Up", "Page View", "$ae_session"]

    data = ask.query("/events", event=json.dumps(names), type="general", unit="day", **WEEK).json()["data"]

    assert data["series"] == [day.isoformat() for day in days_between(FIRST, LAST)]
    for name in names:
        by_day = {day: len(seen(product, name, day, day)) for day in days_between(FIRST, LAST)}
        assert data["values"][name] == {day.isoformat(): number for day, number in by_day.items() if number}


def test_users_of_an_event_are_distinct_within_each_week(ask: Caller, product: Product):
    answer = ask.query(
        "/events",
        event='["Page View"]',
        type="unique",
        unit="week",
        from_date="2026-11-02",
        to_date="2026-11-15",
    ).json()

    assert answer["data"]["series"] == ["2026-11-02", "2026-11-09"]
    assert answer["data"]["values"]["Page View"]["2026-11-09"] == len(people(seen(product, "Page View")))


def test_the_average_is_events_for_each_user(ask: Caller, product: Product):
    answer = ask.query(
        "/events",
        event='["Search"]',
        type="average",
        unit="month",
        from_date="2026-10-01",
        to_date="2026-10-31",
    ).json()

    october = seen(product, "Search", date(2026, 10, 1), date(2026, 10, 31))
    assert answer["data"]["values"]["Search"]["2026-10-01"] == len(october) / len(people(october))


def test_hours_are_hours_of_the_projects_clock(ask: Caller, product: Product):
    answer = ask.query(
        "/events",
        event='["Page View"]',
        type="general",
        unit="hour",
        from_date="2026-11-09",
        to_date="2026-11-09",
    ).json()

    views = seen(product, "Page View", FIRST, FIRST)
    hours = Counter(
        datetime.fromtimestamp(view.time / 1_000, ZONE).strftime("%Y-%m-%d %H:00:00") for view in views
    )
    assert answer["data"]["values"]["Page View"] == dict(hours)
    assert len(answer["data"]["series"]) == 24


@pytest.mark.parametrize(
    ("unit", "interval", "series"),
    [
        ("day", "2", ["2026-11-21", "2026-11-22"]),
        ("week", "2", ["2026-11-09", "2026-11-16"]),
        ("month", "12", ["2025-12-01", *(f"2026-{month:02}-01" for month in range(1, 12))]),
    ],
)
def test_an_interval_ends_with_the_current_unit(ask: Caller, unit: str, interval: str, series: list[str]):
    answer = ask.query("/events", event='["Page View"]', type="general", unit=unit, interval=interval).json()

    assert answer["data"]["series"] == series


def test_an_event_that_did_not_happen_is_absent(ask: Caller):
    answer = ask.query("/events", event='["Sign Up", "Sing Up"]', type="general", unit="day", **WEEK).json()

    assert list(answer["data"]["values"]) == ["Sign Up"]
    assert answer["legend_size"] == 1


def test_names_are_those_of_the_last_31_days_commonest_first_bookkeeping_included(
    ask: Caller, product: Product
):
    names = ask.query("/events/names", type="general").json()

    first = UNTIL - timedelta(days=30)
    recent = [name for name in {event.name for event in product.events} if seen(product, name, first, UNTIL)]
    assert set(names) == set(recent)
    assert names[0] == "Page View"
    assert names == sorted(names, key=lambda name: (-len(seen(product, name, first, UNTIL)), name))
    assert ask.query("/events/names", type="general", limit="3").json() == names[:3]


def test_an_event_of_32_days_ago_is_no_longer_named(product: Product):
    seen_last, seen_before = UNTIL - timedelta(days=30), UNTIL - timedelta(days=31)

    with asking_about(product, happened("Recent", seen_last), happened("Gone", seen_before)) as ask:
        assert ask.query("/events/names", type="general").json() == ["Recent"]


def test_the_top_events_are_todays(ask: Caller, product: Product):
    top = ask.query("/events/top", type="unique").json()

    today = Counter(
        {name: len(people(seen(product, name, UNTIL, UNTIL))) for name in {"Page View", "Search"}}
    )
    found = {row["event"]: row["amount"] for row in top["events"]}
    assert top["type"] == "unique"
    assert found["Page View"] == today["Page View"]
    assert not BOOKKEEPING & found.keys()
    assert list(found.values()) == sorted(found.values(), reverse=True)


def test_an_event_counts_once_however_often_it_was_received(ask: Caller, product: Product):
    received = [event for event in product.events if event.name == "Page View"]
    every_day = {"from_date": product.first_day.isoformat(), "to_date": "2026-11-21"}

    answer = ask.query("/events", event='["Page View"]', type="general", unit="day", **every_day).json()

    counted = sum(answer["data"]["values"]["Page View"].values())
    assert counted == len(seen(product, "Page View", product.first_day, date(2026, 11, 21)))
    assert counted < 0.995 * len([one for one in received if one.ingested_at <= NOON.timestamp() * 1_000])


def test_late_events_raise_a_days_count_once_they_have_arrived(product: Product):
    clock = Clock(datetime(2026, 11, 16, 0, 5, tzinfo=ZONE))
    with LocalMixpanel(product, now=clock) as mixpanel, Caller(mixpanel) as ask:
        early = ask.insights(bookmark(behavior("$all_events"))).json()["series"]
        clock.now += timedelta(days=6)
        later = ask.insights(bookmark(behavior("$all_events"))).json()["series"]

    key = "All Events [Total Events]"
    assert early[key]["all"] < later[key]["all"] == len(seen(product, now=clock.now))


def test_one_event_by_a_property_with_dates_in_no_order(ask: Caller, product: Product):
    answer = ask.query("/segmentation", event="Page View", on='properties["$city"]', **WEEK).json()

    dates = [day.isoformat() for day in days_between(FIRST, LAST)]
    views = Counter(str(event.properties["$city"]) for event in seen(product, "Page View"))
    assert {city: sum(counts.values()) for city, counts in answer["data"]["values"].items()} == dict(views)
    assert answer["data"]["series"] != dates
    assert sorted(answer["data"]["series"]) == dates
    assert answer["legend_size"] == len(views)


def test_the_largest_segments_are_kept(ask: Caller, product: Product):
    answer = ask.query("/segmentation", event="Page View", on='properties["$city"]', limit="2", **WEEK).json()

    views = Counter(str(event.properties["$city"]) for event in seen(product, "Page View"))
    assert set(answer["data"]["values"]) == {city for city, _ in views.most_common(2)}


@pytest.mark.parametrize(("where", "holds"), EXPRESSIONS)
def test_expressions_filter(
    ask: Caller, product: Product, where: str, holds: Callable[[str, int, bool], bool]
):
    answer = ask.query("/segmentation", event="Search", where=where, **WEEK).json()

    searches = [event.properties for event in seen(product, "Search")]
    kept = [one for one in searches if holds(str(one["$os"]), int(str(one["results"])), "$browser" in one)]
    assert sum(answer["data"]["values"]["Search"].values()) == len(kept)
    assert 0 < len(kept) < len(searches)


def test_amounts_are_summed_and_averaged_by_the_day(ask: Caller, product: Product):
    dates = {"from_date": "2026-10-01", "to_date": "2026-11-15"}
    asked = {"event": "Purchase", "on": 'properties["amount"]', **dates}

    sums = ask.query("/segmentation/sum", **asked).json()
    averages = ask.query("/segmentation/average", **asked).json()

    for day in days_between(date(2026, 10, 1), LAST):
        paid = amounts(seen(product, "Purchase", day, day))
        assert sums["results"][day.isoformat()] == pytest.approx(sum(paid))
        assert averages["results"][day.isoformat()] == pytest.approx(fmean(paid) if paid else 0)
    assert sums["status"] == averages["status"] == "ok"
