"""What a product sends to its analytics service, and the days and hours in which it does."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

SECOND = 1_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR


@dataclass(frozen=True, slots=True)
class ProductEvent:
    """One event as an SDK sent it. Times are epoch milliseconds."""

    name: str
    time: int
    distinct_id: str  # empty: no user; "$device:…": anonymous
    insert_id: str
    properties: Mapping[str, object]
    ingested_at: int


@dataclass(frozen=True, slots=True)
class Incident:
    """For some days the sign-up form hardly worked on one platform in one country.

    Who wanted to sign up there came, tried twice, and is gone.
    """

    first_day: date
    last_day: date
    platform: str
    country: str
    share_lost: float

    def hits(self, day: date, platform: str, country: str) -> bool:
        return self.first_day <= day <= self.last_day and (platform, country) == (self.platform, self.country)


def days_between(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def start_of(day: date, zone: ZoneInfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1_000)
