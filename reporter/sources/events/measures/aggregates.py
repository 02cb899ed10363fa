"""All that is counted in the events, each kind in its own way."""

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from reporter.sources.events.measures.bucket import Bucket, KeptColumns
from reporter.sources.events.measures.counts import ChosenCounts, DividedCounts, EventCounts
from reporter.sources.events.measures.funnel import Funnels
from reporter.sources.events.measures.quantiles import OrderedNumbers
from reporter.sources.events.measures.retention import Retentions
from reporter.sources.events.measures.sessions import SessionCounts
from reporter.sources.events.measures.sums import DividedSums, Sums
from reporter.sources.events.measures.users import ChosenUsers, DailyUsers, Users

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Aggregate(Protocol):
    """Takes wishes first, then buckets; what a wish gave back tells its number in the end."""

    def add(self, bucket: Bucket) -> None: ...


class Aggregates:
    """Each measure wishes for what it needs of them."""

    def __init__(self, folder: Path | None) -> None:
        self._numbers: dict[str, int] = {}
        self.counts = EventCounts()
        self.chosen = ChosenCounts()
        self.sums = Sums()
        self.numbers = OrderedNumbers(folder)
        self.users = Users()
        self.daily_users = DailyUsers()
        self.chosen_users = ChosenUsers()
        self.sessions = SessionCounts()
        self.funnels = Funnels()
        self.retentions = Retentions()
        self.divided = DividedCounts()
        self.divided_sums = DividedSums()

    def add(self, connection: "DuckDBPyConnection", details: KeptColumns) -> None:
        """Counts all that was wished in a bucket."""
        bucket = Bucket.of(connection, self._numbers, details)
        for family in self._all:
            family.add(bucket)
        bucket.drop()

    @property
    def _all(self) -> tuple[Aggregate, ...]:
        return (
            self.counts,
            self.chosen,
            self.sums,
            self.numbers,
            self.users,
            self.daily_users,
            self.chosen_users,
            self.sessions,
            self.funnels,
            self.retentions,
            self.divided,
            self.divided_sums,
        )
