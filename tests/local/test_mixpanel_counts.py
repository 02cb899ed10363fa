"""Events over time, as the local Mixpanel counts them."""

import json
from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from reporter.local.mixpanel import LocalMixpanel
from reporter.local.product import Product, days_between
from tests.local.mixpanel_caller import (
    FIRST,
    LAST,
    NOON,
    UNTIL,
    WEEK,
    ZONE,
    Caller,
    Clock,
    asking_about,
    behavior,
    bookmark,
    happened,
    people,
    seen,
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
