"""A plan measured by a warehouse: one query for each kind of number, whatever the number of metrics.

The definitions, requests and totals are those of `sources/events/measures`; here an engine fills them. A
query tags each event with the requests that it is for, so that all of a kind share one scan; only totals
come back.
"""

from collections.abc import Callable

from reporter.sources.events.measures import EventsPlan, EventsResult, PlanRun
from reporter.sources.events.measures.aggregates import Aggregates
from reporter.sources.warehouse.event_table import WarehouseConnection, WarehouseEvents
from reporter.sources.warehouse.measures.amounts import count_numbers, count_sums
from reporter.sources.warehouse.measures.occurrences import (
    count_daily,
    count_days,
    count_presences,
    count_ranked_users,
    count_spans,
    count_values,
)
from reporter.sources.warehouse.measures.paths import count_funnels, count_retention, count_sessions
from reporter.sources.warehouse.measures.scan import Scan

EVERY: tuple[Callable[[Aggregates, Scan], None], ...] = (
    count_days,
    count_daily,
    count_spans,
    count_ranked_users,
    count_presences,
    count_values,
    count_sums,
    count_numbers,
    count_sessions,
    count_funnels,
    count_retention,
)


def measure_plan(
    plan: EventsPlan, connection: WarehouseConnection, table: WarehouseEvents
) -> tuple[EventsResult, int]:
    """What the plan asks, and how many queries it took. Raises Unavailable or Refused."""
    run, days = PlanRun(plan), plan.days
    if days is None:
        return run.result(), 0
    scan = Scan(connection, table, days)
    for count in EVERY:
        count(run.aggregates, scan)
    return run.result(), scan.queries
