"""Exact numbers from raw events, with SQL: one plan, measured on one bucket of users after the other.

Each bucket is a DuckDB connection with a table

    events(event VARCHAR, "user" <any type; NULL: no user>, time BIGINT, day DATE, "p:<property>" VARCHAR, …)

of events that are there once each: time in milliseconds, day in the project's zone, and each
property as its JSON text. `tally.Tally` counts them.
All that is counted adds up over users, so buckets bound the memory and do not change a number.
"""

from reporter.sources.events.measures.needs import (
    days_needed,
    needed_days,
    plan_properties,
)
from reporter.sources.events.measures.plan import Ask, Askable, EventsAnswer, EventsPlan

__all__ = [
    "Ask",
    "Askable",
    "EventsAnswer",
    "EventsPlan",
    "days_needed",
    "needed_days",
    "plan_properties",
]
