"""The made-up product: what it must be like for a report about it to be worth reading."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

import pytest

from reporter.local.product import DAY, HOUR, Product, ProductEvent, days_between, make_product

UNTIL = date(2026, 11, 22)


@pytest.fixture(scope="module")
def product() -> Product:
    return make_product(UNTIL)


def week(product: Product, *, weeks_ago: int = 0) -> list[ProductEvent]:
    last = product.last_day - timedelta(weeks=weeks_ago)
    return [event for day in days_between(last - timedelta(days=6), last) for event in product.on(day)]


def people(events: Iterable[ProductEvent]) -> set[str]:
    return {event.distinct_id for event in events if event.distinct_id}


def customers(events: Iterable[ProductEvent]) -> set[str]:
    """Those who have said who they are."""
    return {user for user in people(events) if not user.startswith("$device:")}


def first_times(product: Product, name: str) -> dict[str, int]:
    times: dict[str, int] = {}
    for event in product.events:
        if event.name == name:
            times.setdefault(event.distinct_id, event.time)
    return times


def named(events: Iterable[ProductEvent], name: str) -> list[ProductEvent]:
    return [event for event in events if event.name == name]


def test_the_same_seed_tells_the_same_story():
    one = make_product(UNTIL, days=20, scale=0.1)
    same = make_product(UNTIL, days=20, scale=0.1)
    other = make_product(UNTIL, days=20, scale=0.1, seed=8)

    assert one.events == same.events
    assert one.events != other.events


def test_it_has_a_history_of_200_days_that_ends_on_the_day_asked_for(product: Product):
    assert product.last_day == UNTIL
    assert product.first_day == UNTIL - timedelta(days=199)
    assert 150_000 < len(product.events) < 300_000


def test_each_event_belongs_to_exactly_one_day_also_when_the_clocks_change(product: Product):
    days = list(days_between(product.first_day, product.last_day))

    assert sum(len(product.on(day)) for day in days) == len(product.events)
    assert all(product.on(day) for day in days)
    assert product.on(UNTIL + timedelta(days=1)) == ()


def test_230_to_310_people_sign_up_in_an_ordinary_week_and_fewer_did_half_a_year_ago(product: Product):
    recent = [len(people(named(week(product, weeks_ago=number), "Sign Up"))) for number in range(1, 6)]
    early = [len(people(named(week(product, weeks_ago=number), "Sign Up"))) for number in range(22, 27)]

    assert all(230 <= number <= 310 for number in recent)
    assert sum(early) < 0.8 * sum(recent)


def test_weekends_are_quieter(product: Product):
    by_weekday = Counter[int]()
    for day in days_between(UNTIL - timedelta(days=69), UNTIL):
        by_weekday[day.weekday()] += len(product.on(day))

    assert max(by_weekday[5], by_weekday[6]) < 0.75 * min(by_weekday[number] for number in range(5))


def test_people_come_back_so_a_week_has_far_fewer_users_than_the_sum_of_its_days(product: Product):
    days = [customers(product.on(UNTIL - timedelta(days=number))) for number in range(7)]

    assert len(set[str]().union(*days)) < 0.65 * sum(len(day) for day in days)


def test_people_sign_up_then_are_onboarded_then_buy(product: Product):
    signed_up, onboarded, bought = (
        first_times(product, name) for name in ("Sign Up", "User Onboarded", "Purchase")
    )
    newcomers = signed_up.keys()

    assert 0.5 < len(newcomers & onboarded.keys()) / len(newcomers) < 0.95
    assert 0.05 < len(newcomers & bought.keys()) / len(newcomers) < 0.5
    assert all(signed_up[user] < onboarded[user] for user in newcomers & onboarded.keys())
    assert all(onboarded[user] < bought[user] for user in newcomers & bought.keys())


def test_sessions_come_from_phones_only_and_have_a_length(product: Product):
    sessions = named(product.events, "$ae_session")

    assert sessions
    assert {event.properties["$os"] for event in sessions} == {"Android", "iOS"}
    assert all(isinstance(event.properties["$ae_session_length"], float) for event in sessions)


def test_every_sale_has_an_amount_and_a_currency(product: Product):
    sales = named(product.events, "Purchase")

    assert all(isinstance(sale.properties["amount"], float) for sale in sales)
    assert {sale.properties["currency"] for sale in sales} == {"USD", "EUR", "GBP"}


def test_about_one_event_in_a_hundred_is_received_twice(product: Product):
    keys = Counter((one.name, one.distinct_id, one.time, one.insert_id) for one in product.events)
    again = [key for key, times in keys.items() if times > 1]

    assert 0.007 < len(again) / len(keys) < 0.013
    assert max(keys.values()) == 2


def test_some_events_from_phones_arrive_up_to_five_days_late(product: Product):
    late = [event for event in product.events if event.ingested_at - event.time > 2 * HOUR]

    assert {event.properties["$os"] for event in late} == {"Android", "iOS"}
    assert 0.01 < len(late) / len(product.events) < 0.04
    assert 4 * DAY < max(event.ingested_at - event.time for event in late) <= 5 * DAY
    assert all(event.ingested_at > event.time for event in product.events)


def test_there_are_new_users_loyal_ones_and_such_as_come_back_after_a_while(product: Product):
    weeks = [customers(week(product, weeks_ago=number)) for number in range(1, 14)]
    this, last, earlier = weeks[0], weeks[1], set[str]().union(*weeks[2:])

    groups = {
        "new": this - last - earlier,
        "retained": this & last,
        "resurrected": (this & earlier) - last,
        "dormant": last - this,
    }
    assert all(len(group) > 150 for group in groups.values()), groups


def test_sales_differ_by_plan_and_many_new_users_are_known_to_come_from_somewhere(product: Product):
    plans = Counter(str(sale.properties["plan"]) for sale in named(product.events, "Purchase"))
    sources = Counter(event.properties.get("utm_source") for event in named(product.events, "Sign Up"))

    assert [plan for plan, _ in plans.most_common()] == ["free", "team", "pro"]
    assert set(sources) == {None, "google", "newsletter", "instagram", "partner"}
    assert 0.3 < sources[None] / sources.total() < 0.5


def test_some_events_are_nobodys_and_some_are_of_people_without_a_name(product: Product):
    assert any(not event.distinct_id for event in product.events)
    assert any(event.distinct_id.startswith("$device:") for event in product.events)


def test_there_is_bookkeeping_of_identities_among_the_events(product: Product):
    names = {event.name for event in product.events}

    assert {"$identify", "$create_alias", "$merge", "$mp_web_page_view", "$experiment_started"} <= names
    assert 12 <= len([name for name in names if not name.startswith("$")]) <= 16


def test_of_some_visitors_only_autocapture_tells(product: Product):
    by_user: dict[str, set[str]] = {}
    for event in week(product):
        by_user.setdefault(event.distinct_id, set()).add(event.name)

    only = [names for names in by_user.values() if names <= {"$mp_web_page_view", "$mp_click"}]
    assert 20 < len(only) < 100
    assert any("$mp_click" in names for names in only)


def test_one_event_stopped_long_ago(product: Product):
    redeemed = named(product.events, "Coupon Redeemed")

    assert redeemed
    assert (
        named([event for number in range(6) for event in week(product, weeks_ago=number)], "Coupon Redeemed")
        == []
    )


def in_india_on_android(product: Product, name: str, weeks_ago: int) -> list[ProductEvent]:
    incident = product.incident
    return [
        event
        for event in named(week(product, weeks_ago=weeks_ago), name)
        if (event.properties["$os"], event.properties["mp_country_code"])
        == (incident.platform, incident.country)
    ]


def test_sign_ups_on_android_in_india_nearly_stop_in_the_last_week(product: Product):
    incident = product.incident
    usual = sum(len(in_india_on_android(product, "Sign Up", number)) for number in range(1, 9)) / 8

    assert (incident.platform, incident.country) == ("Android", "IN")
    assert (incident.first_day, incident.last_day) == (UNTIL - timedelta(days=6), UNTIL)
    assert usual > 80
    assert len(in_india_on_android(product, "Sign Up", 0)) < 0.15 * usual


def test_who_cannot_sign_up_still_comes_and_sees_the_form(product: Product):
    def strangers_at_the_form(weeks_ago: int) -> int:
        views = in_india_on_android(product, "Page View", weeks_ago)
        return sum(
            view.distinct_id.startswith("$device:") and view.properties["page"] == "/signup" for view in views
        )

    assert strangers_at_the_form(0) > 80
    assert strangers_at_the_form(1) == 0
