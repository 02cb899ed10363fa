"""What asks a warehouse about events, and counts how often."""

from collections.abc import Iterator
from dataclasses import dataclass

from reporter.reports.periods import Period
from reporter.sources.warehouse.event_table import EventQuery, SqlRow, WarehouseConnection, WarehouseEvents


@dataclass(slots=True)
class Scan:
    """The queries of one plan; `days` are all that it needs."""

    connection: WarehouseConnection
    table: WarehouseEvents
    days: Period
    queries: int = 0

    def query(self) -> EventQuery:
        return EventQuery(self.table, self.days)

    def rows(self, query: EventQuery, text: str) -> Iterator[SqlRow]:
        """What a query finds in `occurred`."""
        self.queries += 1
        return self.connection.rows(query.whole(text), query.bound)
