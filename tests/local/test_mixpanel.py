"""The door of the local Mixpanel: who may ask, how often, and what makes no sense."""

import base64
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta

import httpx2
import pytest

from reporter.local.mixpanel import PROJECT_ID, LocalMixpanel
from reporter.local.product import Product
from reporter.local.server import Fault
from tests.local.mixpanel_caller import (
    NOON,
    WEEK,
    Caller,
    Clock,
    behavior,
    bookmark,
)

QUERIES: Mapping[str, Mapping[str, str]] = {
    "/events": {"event": '["Sign Up"]', "type": "general", "unit": "day", **WEEK},
    "/events/names": {"type": "general"},
    "/insights": {"bookmark_id": "8001"},
    "/retention": {"born_event": "Sign Up", **WEEK},
    "/funnels": {"funnel_id": "7509", **WEEK},
}


def test_the_account_sees_its_project_with_zone_and_domain(ask: Caller):
    me = ask.get("/api/app/me").json()["results"]

    assert me["projects"][str(PROJECT_ID)]["name"] == "Acme"
    assert me["projects"][str(PROJECT_ID)]["timezone"] == "Europe/Berlin"
    assert me["projects"][str(PROJECT_ID)]["domain"] == "eu.mixpanel.com"


def test_the_domain_tells_the_region_of_the_project(product: Product):
    with LocalMixpanel(product, region="in") as mixpanel, Caller(mixpanel) as ask:
        project = ask.get("/api/app/me").json()["results"]["projects"][str(PROJECT_ID)]

    assert project["domain"] == "in.mixpanel.com"


@pytest.mark.parametrize("path", ["/api/app/me", "/api/query/events/names", "/api/2.0/export"])
def test_a_wrong_secret_is_refused(ask: Caller, path: str):
    wrong = base64.b64encode(b"local:guess").decode()

    without = httpx2.get(ask.mixpanel.url + path)
    with_wrong = httpx2.get(ask.mixpanel.url + path, headers={"Authorization": f"Basic {wrong}"})

    assert (without.status_code, with_wrong.status_code) == (401, 401)


@pytest.mark.parametrize("path", ["/api/query/events/names", "/api/2.0/export"])
@pytest.mark.parametrize(("project_id", "status"), [("9f8e7d6c5b4a", 400), ("27", 403), ("", 400)])
def test_another_project_or_a_token_in_its_place_is_refused(
    ask: Caller, path: str, project_id: str, status: int
):
    answer = ask.get(path, project_id=project_id, type="general", **WEEK)

    assert answer.status_code == status
    assert answer.json()["error"]


def test_on_the_free_plan_no_query_is_answered_but_the_raw_export_is(product: Product):
    with LocalMixpanel(product, free_plan=True) as mixpanel, Caller(mixpanel) as ask:
        statuses = {ask.query(path, **parameters).status_code for path, parameters in QUERIES.items()}
        inline = ask.insights(bookmark(behavior("Sign Up")))
        exported = ask.export(**WEEK)

    assert statuses == {402}
    assert inline.json() == {"error": "Your plan does not allow API calls. Upgrade at mixpanel.com/pricing"}
    assert exported
    assert mixpanel.queries == []


def test_every_query_counts_and_the_61st_within_an_hour_is_told_how_long_to_wait(product: Product):
    clock = Clock(NOON)
    with LocalMixpanel(product, now=clock) as mixpanel, Caller(mixpanel) as ask:
        for _ in range(60):
            assert names(ask).status_code == 200
        refused = names(ask)
        clock.now += timedelta(hours=1)
        later = names(ask)

    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "3600"
    assert refused.headers["RateLimit-Policy"] == (
        '"project";q=60;w=3600, "project-concurrency";q=5;qu="concurrent-requests"'
    )
    assert refused.headers["RateLimit"] == '"project";r=0;t=3600, "project-concurrency";r=5'
    assert later.status_code == 200
    assert len(mixpanel.queries) == 61


def test_the_hour_rolls(product: Product):
    clock = Clock(NOON)
    with LocalMixpanel(product, now=clock, quota=2) as mixpanel, Caller(mixpanel) as ask:
        names(ask)
        clock.now += timedelta(minutes=40)
        names(ask)
        refused = names(ask)
        clock.now += timedelta(minutes=20)
        statuses = [names(ask).status_code for _ in range(2)]

    assert refused.headers["Retry-After"] == "1200"
    assert statuses == [200, 429]


def test_a_query_that_fails_counts_but_the_account_the_export_and_refused_credentials_do_not(
    product: Product,
):
    with LocalMixpanel(product, now=Clock(NOON)) as mixpanel, Caller(mixpanel) as ask:
        ask.query("/events")
        ask.insights({"nothing": "sensible"})
        ask.get("/api/app/me")
        ask.export(**WEEK)
        httpx2.get(mixpanel.url + "/api/query/events/names")
        ask.query("/events/names", type="general", project_id="27")

    assert [query.path for query in mixpanel.queries] == ["/api/query/events", "/api/query/insights"]
    assert len(mixpanel.requests) == 6


def names(ask: Caller) -> httpx2.Response:
    return ask.query("/events/names", type="general")


def test_the_sixth_query_at_once_is_told_to_wait_a_little(product: Product):
    with LocalMixpanel(product, now=Clock(NOON)) as mixpanel, ExitStack() as stack:
        mixpanel.query_seconds = 1
        callers = [stack.enter_context(Caller(mixpanel)) for _ in range(6)]  # made first: that takes a while
        with ThreadPoolExecutor(6) as threads:
            answers = list(threads.map(names, callers))

    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) == 1
    assert refused[0].headers["Retry-After"] == "3600"
    assert refused[0].headers["RateLimit"] == '"project";r=55, "project-concurrency";r=0;t=10'
    assert len(mixpanel.queries) == 5


def test_what_goes_wrong_on_the_way_can_be_asked_for(product: Product):
    with LocalMixpanel(product, now=Clock(NOON)) as mixpanel, Caller(mixpanel) as ask:
        mixpanel.faults.append(Fault("/api/query/events", status=503))
        statuses = [ask.query("/events/names", type="general").status_code for _ in range(2)]

    assert statuses == [503, 200]


@pytest.mark.parametrize(
    ("path", "missing"),
    [(path, name) for path, parameters in QUERIES.items() for name in parameters],
)
def test_a_missing_parameter_is_named(ask: Caller, path: str, missing: str):
    rest = {name: value for name, value in QUERIES[path].items() if name != missing}

    answer = ask.query(path, **rest)

    assert answer.status_code == 400
    assert missing in answer.json()["error"]


@pytest.mark.parametrize("path", ["/events", "/retention", "/funnels"])
@pytest.mark.parametrize(
    ("from_date", "to_date"),
    [
        ("2026-11-16", "2026-11-15"),
        ("yesterday", "2026-11-15"),
        ("2026-11-09", "2026-11-31"),
        ("20261109", "2026-11-15"),
    ],
)
def test_dates_that_are_wrong_or_reversed_are_refused(ask: Caller, path: str, from_date: str, to_date: str):
    answer = ask.query(path, **{**QUERIES[path], "from_date": from_date, "to_date": to_date})

    assert answer.status_code == 400
    assert "date" in answer.json()["error"]


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("/events", {"event": "Sign Up"}),
        ("/events", {"event": "[1]"}),
        ("/events", {"type": "total"}),
        ("/events", {"unit": "fortnight"}),
        ("/events", {"type": "unique", "unit": "hour"}),
        ("/events/names", {"limit": "many"}),
        ("/insights", {"bookmark_id": "1"}),
        ("/retention", {"unit": "day", "interval": "2"}),
        ("/funnels", {"funnel_id": "1"}),
        ("/funnels", {"length": "91"}),
        ("/funnels", {"on": 'properties["$os"]'}),
        ("/funnels", {"where": 'properties["$os"] == "iOS"'}),
        ("/retention", {"born_where": 'properties["$os"] == "iOS"'}),
    ],
)
def test_a_value_that_makes_no_sense_is_refused(ask: Caller, path: str, wrong: dict[str, str]):
    answer = ask.query(path, **{**QUERIES[path], **wrong})

    assert answer.status_code == 400
    assert answer.json()["error"]


def test_what_is_not_there_is_not_found(ask: Caller):
    assert ask.query("/jql").status_code == 404
    assert ask.get("/api/app/projects").status_code == 404
