"""Asks the local Mixpanel, and works out from the product's events what it ought to answer."""

import json
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

import httpx2

from reporter.local.mixpanel import PROJECT_ID, SECRET, USERNAME, LocalMixpanel
from reporter.local.product import Product, ProductEvent

UNTIL = date(2026, 11, 22)
ZONE = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 22, 12, tzinfo=ZONE)  # of the last day, so that there is a today with events
FIRST, LAST = date(2026, 11, 9), date(2026, 11, 15)
WEEK = {"from_date": "2026-11-09", "to_date": "2026-11-15"}
BOOKKEEPING = {"$identify", "$create_alias", "$merge", "$experiment_started"}


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Caller:
    """Asks a local Mixpanel as its service account."""

    def __init__(self, mixpanel: LocalMixpanel) -> None:
        self.mixpanel = mixpanel
        self._http = httpx2.Client(base_url=mixpanel.url, auth=(USERNAME, SECRET))

    def get(self, path: str, **parameters: str) -> httpx2.Response:
        return self._http.get(path, params={"project_id": str(PROJECT_ID), **parameters})

    def query(self, path: str, **parameters: str) -> httpx2.Response:
        return self.get("/api/query" + path, **parameters)

    def insights(self, bookmark: object, **more: object) -> httpx2.Response:
        body = {"bookmark": bookmark, "project_id": PROJECT_ID, "queryLimits": {"limit": 3000}} | more
        return self._http.post("/api/query/insights", json=body)

    def export(self, **parameters: str) -> list[dict[str, dict[str, object]]]:
        answer = self.get("/api/2.0/export", **parameters)
        assert answer.status_code == 200
        return [json.loads(line) for line in answer.content.split(b"\n") if line]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()


def behavior(event: str, math: str = "total", name: str | None = None, **more: object) -> dict[str, object]:
    """One metric of a bookmark, written as Mixpanel's own client writes it."""
    measured: dict[str, object] = {"math": math}
    if name is not None:
        measured["property"] = {"name": name, "resourceType": "events"}
    event_part: dict[str, object] = {
        "type": "event",
        "name": event,
        "resourceType": "events",
        "filtersDeterminer": "all",
    }
    return {"type": "metric", "behavior": event_part | {"filters": []} | more, "measurement": measured}


def equals(name: str, *values: str) -> dict[str, object]:
    kinds: dict[str, object] = {"resourceType": "events", "filterType": "string", "defaultType": "string"}
    return kinds | {"value": name, "filterValue": list(values), "filterOperator": "equals"}


def bookmark(
    *show: dict[str, object],
    chart: str = "bar",
    unit: str = "day",
    dates: tuple[str, str] = ("2026-11-09", "2026-11-15"),
    group: str | None = None,
    where: tuple[dict[str, object], ...] = (),
) -> dict[str, object]:
    kinds = {"resourceType": "events", "propertyType": "string", "propertyDefaultType": "string"}
    return {
        "sections": {
            "show": list(show),
            "time": [{"dateRangeType": "between", "unit": unit, "value": list(dates)}],
            "filter": list(where),
            "group": [kinds | {"value": group, "propertyName": group}] if group else [],
        },
        "displayOptions": {"chartType": chart, "analysis": "linear"},
    }


def seen(
    product: Product, name: str | None = None, first: date = FIRST, last: date = LAST, now: datetime = NOON
) -> list[ProductEvent]:
    """The events of some days, counted once each: what a right answer is made of. No name: all activity."""
    moment = now.timestamp() * 1_000
    latest: dict[object, ProductEvent] = {}
    for event in sorted(product.events, key=lambda one: one.ingested_at):
        day = datetime.fromtimestamp(event.time / 1_000, ZONE).date()
        wanted = event.name not in BOOKKEEPING if name is None else event.name == name
        if wanted and first <= day <= last and event.ingested_at <= moment:
            latest[event.name, event.distinct_id, event.time, event.insert_id] = event
    return list(latest.values())


def happened(
    name: str, day: date, hour: int = 12, *, user: str = "user-1", arrives: timedelta = timedelta(seconds=5)
) -> ProductEvent:
    """An event of a story made up for one test."""
    moment = datetime.combine(day, time(hour), ZONE)
    milliseconds = int(moment.timestamp() * 1_000)
    ingested = int((moment + arrives).timestamp() * 1_000)
    return ProductEvent(name, milliseconds, user, f"{name}-{milliseconds}", {"$os": "iOS"}, ingested)


@contextmanager
def asking_about(product: Product, *events: ProductEvent) -> Generator[Caller]:
    """Asks about a product in which nothing happened but these events."""
    told = replace(product, events=tuple(sorted(events, key=lambda event: event.time)))
    with LocalMixpanel(told, now=Clock(NOON)) as mixpanel, Caller(mixpanel) as caller:
        yield caller


def people(events: Iterable[ProductEvent]) -> set[str]:
    return {event.distinct_id for event in events if event.distinct_id}


def amounts(events: Iterable[ProductEvent]) -> list[float]:
    return [float(str(event.properties["amount"])) for event in events]
