"""How much an engine would read for a query, held against what the settings allow, before it runs."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from reporter.reports.errors import Refused
from reporter.sources.warehouse.connection import EngineConnection, Estimate, Values
from reporter.sources.warehouse.event_table import SqlRow

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class BoundedConnection:
    """Refuses a query that would read more than the settings allow."""

    connection: EngineConnection
    max_bytes: int | None

    def rows(self, text: str, values: Values) -> Iterator[SqlRow]:
        """What a query finds. Raises Unavailable or Refused."""
        if self.max_bytes is not None:
            check_size(self.connection.estimate(text, values), self.max_bytes)
        return self.connection.rows(text, values)


def check_size(estimate: Estimate | None, most: int) -> None:
    """Raises Refused where so much may not be read."""
    if estimate is not None and estimate.bytes is not None and estimate.bytes > most:
        raise Refused(
            f"A query would read about {estimate.bytes / MEGABYTE:,.1f} MB, and `max_bytes` in [warehouse] "
            f"allows {most / MEGABYTE:,.1f}. Allow more, or report fewer days"
        )


@dataclass(slots=True)
class EstimatingConnection:
    """Runs nothing, and remembers what each query would read."""

    connection: EngineConnection
    found: list[Estimate] = field(default_factory=list[Estimate])

    def rows(self, text: str, values: Values) -> Iterator[SqlRow]:
        """No row. Raises Unavailable or Refused."""
        self.found.append(self.connection.estimate(text, values) or Estimate())
        return iter(())


@dataclass(frozen=True, slots=True)
class Reading:
    """What queries would read together, and the largest alone; None of what the engine does not say."""

    queries: int
    bytes: int | None
    rows: int | None
    largest: int | None  # bytes
    allowed: int | None  # bytes of a query

    @classmethod
    def of(cls, found: list[Estimate], allowed: int | None) -> "Reading":
        sizes = [one.bytes for one in found if one.bytes is not None]
        rows = [one.rows for one in found if one.rows is not None]
        total = sum(sizes) if sizes else None
        return cls(len(found), total, sum(rows) if rows else None, max(sizes, default=None), allowed)
