"""Mixpanel's own Python client reads the local Mixpanel, and gets what a simple count over the events gives.

The client lives in an environment of its own:

    python3 -m venv .tools/official-client
    .tools/official-client/bin/pip install -r tests/official_client/requirements.txt
"""

import json
import os
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from reporter.local.mixpanel import SECRET, USERNAME, LocalMixpanel
from reporter.local.product import Product, ProductEvent, days_between, make_product

HERE = Path(__file__).parent
PYTHON = Path(
    os.environ.get("OFFICIAL_CLIENT_PYTHON") or HERE.parents[1] / ".tools/official-client/bin/python"
)
ZONE = ZoneInfo("Europe/Berlin")
UNTIL = date(2026, 11, 22)
FIRST, LAST = date(2026, 10, 19), date(2026, 11, 15)  # the clocks change in it
NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
BOOKKEEPING = {"$identify", "$create_alias", "$merge", "$experiment_started"}
DAY = 24 * 3_600_000

pytestmark = pytest.mark.skipif(
    not PYTHON.exists(),
    reason=f"no environment with mixpanel-headless at {PYTHON}: see the first lines of {Path(__file__).name}",
)


@pytest.fixture(scope="module")
def product() -> Product:
    return make_product(UNTIL, days=60, scale=0.25)


@pytest.fixture(scope="module")
def found(product: Product, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """What the official client got."""
    home = str(tmp_path_factory.mktemp("home"))
    with LocalMixpanel(product, now=lambda: NOW) as mixpanel:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": home,
            "MP_STORAGE_DIR": home,
            "MP_API_BASE_URL": mixpanel.url,
            "MP_USERNAME": USERNAME,
            "MP_SECRET": SECRET,
            "MP_PROJECT_ID": str(mixpanel.project_id),
            "MP_REGION": mixpanel.region,
        }
        script = [str(PYTHON), str(HERE / "read_all.py"), FIRST.isoformat(), LAST.isoformat()]
        run = subprocess.run(  # noqa: S603 our own script
            script, env=environment, capture_output=True, text=True, timeout=100, check=False
        )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.fixture(scope="module")
def events(product: Product) -> list[ProductEvent]:
    """What has been received so far, once each: of those with the same key, the last to be ingested."""
    received = [event for event in product.events if event.ingested_at <= NOW.timestamp() * 1_000]
    received.sort(key=lambda event: event.ingested_at)
    keyed = {(one.name, one.distinct_id, one.time, one.insert_id): one for one in received}
    return sorted(keyed.values(), key=lambda event: event.time)


def day_of(event: ProductEvent) -> date:
    return datetime.fromtimestamp(event.time / 1_000, ZONE).date()


def during(
    events: Iterable[ProductEvent], name: str | None = None, first: date = FIRST, last: date = LAST
) -> list[ProductEvent]:
    """The events of some days; without a name, those that are activity."""
    return [
        event
        for event in events
        if first <= day_of(event) <= last
        and (event.name == name or (name is None and event.name not in BOOKKEEPING))
    ]


def users(events: Iterable[ProductEvent]) -> int:
    return len({event.distinct_id for event in events if event.distinct_id})


def firsts(events: Iterable[ProductEvent], name: str) -> dict[str, ProductEvent]:
    """The first such event of each user."""
    first: dict[str, ProductEvent] = {}
    for event in events:
        if event.name == name and event.distinct_id:
            first.setdefault(event.distinct_id, event)
    return first


def test_counts_of_events_agree(found: Mapping[str, Any], events: list[ProductEvent]):
    for name in ("Sign Up", "Page View"):
        assert found["counts"][name] == Counter(day_of(event).isoformat() for event in during(events, name))


def test_users_of_an_event_agree(found: Mapping[str, Any], events: list[ProductEvent]):
    views = during(events, "Page View")
    by_day = {
        day: users(event for event in views if day_of(event) == day) for day in days_between(FIRST, LAST)
    }
    assert found["users"]["Page View"] == {day.isoformat(): number for day, number in by_day.items()}


def test_active_users_over_the_range_and_by_the_day_agree(
    found: Mapping[str, Any], events: list[ProductEvent]
):
    active = during(events)
    by_day = {
        day: users(event for event in active if day_of(event) == day) for day in days_between(FIRST, LAST)
    }

    assert found["actives"] == {"All Events [Unique Users]": {"all": users(active)}}
    assert found["daily"] == {
        "All Events [Unique Users]": {
            datetime(day.year, day.month, day.day, tzinfo=ZONE).isoformat(): number
            for day, number in by_day.items()
        }
    }
    assert found["daily_rows"] == len(by_day)


def test_filters_breakdowns_and_sums_agree(found: Mapping[str, Any], events: list[ProductEvent]):
    sign_ups = during(events, "Sign Up")
    platforms = {str(event.properties["$os"]) for event in sign_ups}
    by_platform = {name: [one for one in sign_ups if one.properties["$os"] == name] for name in platforms}
    paid = sum(float(str(event.properties["amount"])) for event in during(events, "Purchase"))

    assert found["platforms"]["Sign Up [Unique Users]"] == {
        "$overall": {"all": users(sign_ups)},
        **{name: {"all": users(some)} for name, some in by_platform.items()},
    }
    assert found["android"] == {"Sign Up [Total Events]": {"all": len(by_platform["Android"])}}
    assert found["revenue"] == {"Purchase [Sum amount]": {"all": paid}}


def test_filters_of_every_type_agree(found: Mapping[str, Any], events: list[ProductEvent]):
    paid = [float(str(event.properties["amount"])) for event in during(events, "Purchase")]
    searches = [event for event in during(events, "Search") if "budget" in str(event.properties["query"])]

    assert found["dear"] == {
        "Purchase [Median amount]": {"all": median(one for one in paid if 19 <= one < 99)}
    }
    assert found["budgets"] == {"Search [Total Events]": {"all": len(searches)}}


def test_a_breakdown_by_the_day_agrees(found: Mapping[str, Any], events: list[ProductEvent]):
    views = [event for event in during(events, "Page View") if "$browser" in event.properties]
    segments = found["browsers"]["Page View [Total Events]"]

    assert {name: sum(days.values()) for name, days in segments.items()} == {
        "$overall": len(views),
        **Counter(str(event.properties["$browser"]) for event in views),
    }
    assert {len(days) for days in segments.values()} == {len([*days_between(FIRST, LAST)])}


def test_a_saved_report_agrees(found: Mapping[str, Any], events: list[ProductEvent]):
    days = [*days_between(UNTIL - timedelta(days=29), UNTIL)]
    paid = {
        day.isoformat(): sum(
            float(str(event.properties["amount"])) for event in during(events, "Purchase", day, day)
        )
        for day in days
    }

    (line,) = found["saved"].values()
    assert {day[:10]: number for day, number in line.items()} == pytest.approx(paid)


def test_names_agree(found: Mapping[str, Any], events: list[ProductEvent]):
    assert found["names"] == sorted({event.name for event in events})


def test_the_funnel_agrees(found: Mapping[str, Any], events: list[ProductEvent]):
    """Nobody signs up twice, so each user walks once; they have 14 days from their sign-up."""
    begun = firsts(during(events, "Sign Up"), "Sign Up")
    onboarded = firsts(events, "User Onboarded")
    second = {
        user: onboarded[user].time
        for user, start in begun.items()
        if user in onboarded and onboarded[user].time <= start.time + 14 * DAY
    }
    third = {
        event.distinct_id
        for event in events
        if event.name == "Purchase"
        and event.distinct_id in second
        and second[event.distinct_id] < event.time <= begun[event.distinct_id].time + 14 * DAY
    }

    assert found["funnel"] == [len(begun), len(second), len(third)]


def test_retention_agrees(found: Mapping[str, Any], events: list[ProductEvent]):
    begun = firsts(during(events, "Sign Up"), "Sign Up")
    came: dict[date, list[set[str]]] = {day: [set(), set(), set()] for day in days_between(FIRST, LAST)}
    for event in events:
        start = begun.get(event.distinct_id)
        if event.name == "Page View" and start is not None and start.time < event.time < start.time + 3 * DAY:
            came[day_of(start)][(event.time - start.time) // DAY].add(event.distinct_id)

    sizes = Counter(day_of(start) for start in begun.values())
    assert found["retention"] == {
        day.isoformat(): [sizes[day], [len(some) for some in intervals]] for day, intervals in came.items()
    }


def test_the_raw_export_agrees_duplicates_included(found: Mapping[str, Any], product: Product):
    start = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC).timestamp() * 1_000
    end = datetime(LAST.year, LAST.month, LAST.day, tzinfo=UTC).timestamp() * 1_000 + DAY
    received = [
        (event.name, event.insert_id)
        for event in product.events
        if start <= event.time < end and event.ingested_at <= NOW.timestamp() * 1_000
    ]

    assert Counter((name, insert_id) for name, insert_id in found["exported"]) == Counter(received)


def test_the_account_tells_the_zone(found: Mapping[str, Any]):
    assert found["zone"] == "Europe/Berlin"
