"""All that is counted in the events, each kind in its own way."""

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from reporter.events.measuring.bucket import Bucket, Details
from reporter.events.measuring.chosen_users import ChosenUsers, DailyUsers
from reporter.events.measuring.counts import ChosenCounts, EventCounts
from reporter.events.measuring.divided_counts import DividedCounts
from reporter.events.measuring.divided_sums import DividedSums
from reporter.events.measuring.funnel import Funnels
from reporter.events.measuring.quantiles import OrderedNumbers
from reporter.events.measuring.retention import Retentions
from reporter.events.measuring.sessions import SessionCounts
from reporter.events.measuring.sums import Sums
from reporter.events.measuring.users import Users

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Family(Protocol):
    """Takes wishes first, then buckets; what a wish gave back tells its number in the end."""

    def add(self, bucket: Bucket) -> None: ...


class Families:
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

    def add(self, connection: "DuckDBPyConnection", details: Details) -> None:
        """Counts all that was wished in a bucket."""
        bucket = Bucket.of(connection, self._numbers, details)
        for family in self._all:
            family.add(bucket)
        bucket.drop()

    @property
    def _all(self) -> tuple[Family, ...]:
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
