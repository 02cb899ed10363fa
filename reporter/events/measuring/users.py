"""How many users were there in a period, or in one and not in another."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from reporter.events.measuring.bucket import Bucket
from reporter.events.measuring.day_bits import DayBits
from reporter.events.measuring.event_bits import EventBits
from reporter.events.measuring.sql import HAS_USER, Given, count_of
from reporter.model.period import Period


@dataclass(frozen=True, slots=True)
class Presence:
    """A user was there in each of these periods, and in none of those."""

    there: tuple[Period, ...]
    not_there: tuple[Period, ...] = ()

    @property
    def periods(self) -> tuple[Period, ...]:
        return (*self.there, *self.not_there)

    def test(self, bits: DayBits) -> str:
        """The condition on a user's days."""
        there = (bits.on_any_of(period) for period in self.there)
        not_there = (f"NOT {bits.on_any_of(period)}" for period in self.not_there)
        return " AND ".join((*there, *not_there))


@dataclass(frozen=True, slots=True)
class Did:
    """A user did the event in the period."""

    event: str
    period: Period


class Users:
    """Users by the days of any activity, and by the events they did in a period: one pass tells all."""

    def __init__(self) -> None:
        self._active: dict[Presence, None] = {}  # in the order in which they were wished
        self._did: dict[Did, None] = {}
        self._counts: Counter[Presence | Did] = Counter()

    def wish_active(self, presence: Presence) -> Callable[[], int]:
        self._active[presence] = None
        return lambda: self._counts[presence]

    def wish(self, event: str, period: Period) -> Callable[[], int]:
        did = Did(event, period)
        self._did[did] = None
        return lambda: self._counts[did]

    def add(self, bucket: Bucket) -> None:
        did = [did for did in self._did if did.event in bucket.numbers]
        if not self._active and not did:
            return
        for counts in bucket.rows(self._query(bucket, did), Given(), tuple[int, ...]):
            for wish, count in zip((*self._active, *did), counts, strict=True):
                self._counts[wish] += count

    def _query(self, bucket: Bucket, did: list[Did]) -> str:
        periods = [period for presence in self._active for period in presence.periods]
        days = DayBits.covering((*periods, *(one.period for one in did)))
        done = EventBits.covering((bucket.number(one.event) for one in did), (one.period for one in did))
        tests = (
            *(presence.test(days) for presence in self._active),
            *(done.has(bucket.number(one.event), one.period) for one in did),
        )
        return f"""
            SELECT {", ".join(map(count_of, tests))} FROM (
                SELECT {", ".join((*days.gathered(bucket.activity), *done.gathered))} FROM occurred
                WHERE {HAS_USER} AND {days.covered}
                GROUP BY "user"
            )
        """
