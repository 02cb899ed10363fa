"""The raw export of the local Mixpanel."""

import gzip
from collections import Counter
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from reporter.local.mixpanel import PROJECT_ID, SECRET, USERNAME, LocalMixpanel
from reporter.local.product import Product
from tests.local.mixpanel_caller import LAST, NOON, WEEK, Caller, Clock, asking_about, happened


def exported_times(product: Product, day: dict[str, str], *, new_time_rules: bool) -> dict[str, int]:
    clock = Clock(NOON)
    with (
        LocalMixpanel(product, now=clock, new_time_rules=new_time_rules) as mixpanel,
        Caller(mixpanel) as ask,
    ):
        properties = [line["properties"] for line in ask.export(**day)]
    return {str(one["$insert_id"]): int(str(one["time"])) for one in properties}


def test_the_raw_export_has_what_was_received_twice_twice(ask: Caller, product: Product):
    lines = ask.export(**WEEK)

    start = datetime(2026, 11, 9, tzinfo=UTC).timestamp() * 1_000
    end = datetime(2026, 11, 16, tzinfo=UTC).timestamp() * 1_000
    received = [
        one
        for one in product.events
        if start <= one.time < end and one.ingested_at <= NOON.timestamp() * 1_000
    ]
    assert Counter(str(line["properties"]["$insert_id"]) for line in lines) == Counter(
        event.insert_id for event in received
    )
    assert len({str(line["properties"]["$insert_id"]) for line in lines}) < len(lines)


def test_an_exported_event_has_all_its_properties(ask: Caller, product: Product):
    line = ask.export(event='["Purchase"]', **WEEK)[0]

    sale = next(one for one in product.events if one.insert_id == line["properties"]["$insert_id"])
    assert line == {
        "event": "Purchase",
        "properties": {
            "time": sale.time // 1_000,
            "distinct_id": sale.distinct_id,
            "$insert_id": sale.insert_id,
            "mp_processing_time_ms": sale.ingested_at,
            **sale.properties,
        },
    }


def test_a_new_project_exports_utc_days_and_an_old_one_days_and_clock_times_of_its_zone(product: Product):
    day = {"from_date": "2026-11-10", "to_date": "2026-11-10"}
    new_times = exported_times(product, day, new_time_rules=True)
    old_times = exported_times(product, day, new_time_rules=False)

    midnight = int(datetime(2026, 11, 10, tzinfo=UTC).timestamp())
    both = new_times.keys() & old_times.keys()
    assert all(midnight <= time < midnight + 86_400 for time in new_times.values())
    assert all(midnight <= time < midnight + 86_400 for time in old_times.values())
    assert all(old_times[key] - new_times[key] == 3_600 for key in both)
    assert new_times.keys() != old_times.keys()


def test_events_can_be_chosen_limited_and_timed_in_milliseconds(ask: Caller):
    chosen = ask.export(event='["Sign Up", "Purchase"]', **WEEK)
    android = ask.export(event='["Sign Up"]', where='properties["$os"] == "Android"', **WEEK)
    precise = ask.export(time_in_ms="true", limit="10", **WEEK)

    assert {str(line["event"]) for line in chosen} == {"Sign Up", "Purchase"}
    assert {line["properties"]["$os"] for line in android} == {"Android"}
    assert len(precise) == 10
    assert all(int(str(line["properties"]["time"])) > 10**12 for line in precise)


def test_the_export_is_chunked_compressed_on_demand_and_ends_with_a_newline(ask: Caller):
    address = ask.mixpanel.url + "/api/2.0/export"
    parameters = {"project_id": str(PROJECT_ID), **WEEK}

    with httpx2.Client(auth=(USERNAME, SECRET), params=parameters) as http:
        plain = http.get(address, headers={"Accept-Encoding": "identity"})
        with http.stream("GET", address, headers={"Accept-Encoding": "gzip"}) as packed:
            body = b"".join(packed.iter_raw())

    assert plain.headers["Transfer-Encoding"] == packed.headers["Transfer-Encoding"] == "chunked"
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body) == plain.content
    assert plain.content.endswith(b"}\n")
    assert "\u2028".encode() in plain.content


def test_what_has_not_arrived_yet_is_not_exported(product: Product):
    late = happened("Search", LAST, arrives=timedelta(days=30))

    with asking_about(product, happened("Page View", LAST), late) as ask:
        assert [line["event"] for line in ask.export(**WEEK)] == ["Page View"]


def test_a_day_without_events_is_an_empty_body(ask: Caller):
    assert ask.export(from_date="2026-01-01", to_date="2026-01-01") == []


def test_an_export_into_the_future_is_refused_in_plain_text(ask: Caller):
    answer = ask.get("/api/2.0/export", from_date="2026-11-20", to_date="2026-11-23")

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "text/plain"
    assert answer.text == "to_date cannot be later than today"


@pytest.mark.parametrize("wrong", [{"limit": "100001"}, {"from_date": "2026-11-16"}, {"event": "Sign Up"}])
def test_an_export_that_makes_no_sense_is_refused(ask: Caller, wrong: dict[str, str]):
    answer = ask.get("/api/2.0/export", **{**WEEK, **wrong})

    assert answer.status_code == 400
    assert answer.json()["error"]
