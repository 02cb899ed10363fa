"""Events as the store gives them: in DuckDB, the users of one bucket at a time."""

from collections.abc import Sequence
from functools import cache

import duckdb

from reporter.sources.events.measures import EventsPlan, EventsResult, PlanRun
from reporter.sources.events.measures.sql import column

from .reference import Event


@cache
def database() -> duckdb.DuckDBPyConnection:
    """One for all: each costs more than most measures."""
    return duckdb.connect(config={"threads": 1})


def measured(
    events: Sequence[Event], plan: EventsPlan, properties: Sequence[str], count: int = 1
) -> EventsResult:
    """What SQL says of the events in so many buckets; those without a user are in the first."""
    run = PlanRun(plan)
    for number in range(count):
        load(database(), [event for event in events if (event.user or 0) % count == number], properties)
        run.add(database())
    return run.result()


def load(connection: duckdb.DuckDBPyConnection, events: Sequence[Event], properties: Sequence[str]) -> None:
    kinds = ["VARCHAR", "HUGEINT", "BIGINT", "DATE", *("VARCHAR" for _ in properties)]
    names = ["event", '"user"', "time", "day", *map(column, properties)]
    table = ", ".join(f"{name} {kind}" for name, kind in zip(names, kinds, strict=True))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE events ({table})")
    if events:
        values = ", ".join(f"unnest(${place}::{kind}[])" for place, kind in enumerate(kinds, 1))
        rows = [
            [
                event.name,
                event.user,
                event.time,
                event.day,
                *(event.properties.get(name) for name in properties),
            ]
            for event in events
        ]
        connection.execute(f"INSERT INTO events SELECT {values}", list(map(list, zip(*rows, strict=True))))
