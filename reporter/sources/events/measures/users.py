"""Distinct users: of an event, active ones, how often these are active, and where they come from."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias, assert_never

from reporter.reports.conditions import Where
from reporter.reports.figures import Figure, Measured, Name
from reporter.reports.measures import ActiveUsers, EventUsers, Lifecycle, Stickiness, UserGroup
from reporter.reports.periods import Period
from reporter.sources.events.measures.aggregates import (
    Aggregates,
    DailyDefinition,
    DayTable,
    Definition,
    GroupedCounts,
    GroupedDefinition,
    Reader,
    share,
)
from reporter.sources.events.measures.bucket import Bucket, Occurrences
from reporter.sources.events.measures.sql import (
    HAS_USER,
    DayBits,
    EventBits,
    Parameters,
    count_of,
    holds,
    span,
    within,
)


@dataclass(frozen=True, slots=True)
class UsersDefinition(DailyDefinition, GroupedDefinition):
    """Users who did an event, or anything that is an activity."""

    measure: EventUsers | ActiveUsers

    def figure(self, period: Period, aggregates: Aggregates) -> Reader[Figure]:
        number = self._users(period, aggregates)
        return lambda: Measured(number())

    def daily(self, period: Period, aggregates: Aggregates) -> Reader[list[int]]:
        if isinstance(self.measure, EventUsers) and not self.measure.where:
            return aggregates.of(DailyUsers).days.request(self.measure.event, period)
        days = [self._users(Period.of_days(day, day), aggregates) for day in period]
        return lambda: [number() for number in days]

    def grouped(self, property: str, period: Period, aggregates: Aggregates) -> Reader[Mapping[Name, int]]:
        return aggregates.of(GroupedCounts).request(self, property, period)

    def _users(self, period: Period, aggregates: Aggregates) -> Reader[int]:
        match self.measure:
            case EventUsers(event=event, where=()):
                return aggregates.of(Users).request_event(event, period)
            case EventUsers() | ActiveUsers():
                return users_of(Occurrences.of(self.measure), Presence((period,)), aggregates)

    def grouped_sql(
        self, property: str, periods: list[Period], bucket: Bucket, parameters: Parameters
    ) -> str:
        days = DayBits.covering(periods)
        counts = ", ".join(count_of(days.on_any_of(period)) for period in periods)
        condition = bucket.filtered(Occurrences.of(self.measure), parameters)
        events = bucket.named(property, f"{HAS_USER} AND {days.covered} AND {condition}")
        return f"""
            SELECT name, {counts} FROM (
                SELECT name, {", ".join(days.columns("true"))} FROM ({events}) GROUP BY name, "user"
            ) GROUP BY name
        """


@dataclass(frozen=True, slots=True)
class StickinessDefinition(Definition):
    """The users of an average day of the period, of those of the days up to its end."""

    measure: Stickiness

    def days(self, period: Period) -> Period:
        return span((period, self.measure.window(period)))

    def figure(self, period: Period, aggregates: Aggregates) -> Reader[Figure]:
        daily = UsersDefinition(ActiveUsers(self.measure.where)).daily(period, aggregates)
        window = Presence((self.measure.window(period),))
        number = users_of(Occurrences(None, self.measure.where), window, aggregates)
        return lambda: share(sum(daily()), period.length * number())


@dataclass(frozen=True, slots=True)
class LifecycleDefinition(Definition):
    """Users by when they were active before, and whether they are now."""

    measure: Lifecycle

    def days(self, period: Period) -> Period:
        return Period(self.measure.looked_back(period).start, period.end)

    def figure(self, period: Period, aggregates: Aggregates) -> Reader[Figure]:
        activity = Occurrences(None, self.measure.where)
        number = users_of(activity, self._presence(period), aggregates)
        return lambda: Measured(number())

    def _presence(self, period: Period) -> "Presence":
        before, looked_back = period.previous, self.measure.looked_back(period)
        match self.measure.group:
            case UserGroup.NEW:
                return Presence((period,), (looked_back,))
            case UserGroup.RETAINED:
                return Presence((period, before))
            case UserGroup.RESURRECTED:
                return Presence((period, looked_back), (before,))
            case UserGroup.DORMANT:
                return Presence((before,), (period,))
            case _:
                assert_never(self.measure.group)


class DailyUsers:
    """Users of each event on each day, without conditions: one pass for all of them."""

    def __init__(self) -> None:
        self.days: DayTable[str, int] = DayTable(int)

    def add(self, bucket: Bucket) -> None:
        names = {bucket.number(event): event for event in self.days.periods}
        text = f"""
            SELECT event, day, count(DISTINCT "user") FROM occurred
            WHERE {within(span(self.days.periods.values()))} AND event IN ({", ".join(map(str, names))})
            GROUP BY event, day
        """
        for event, day, count in bucket.rows(text, Parameters(), tuple[int, date, int]):
            self.days.entries[names[event], day] += count


class RankedUsers:
    """Users of every event over a period, of the events that fulfil conditions: one pass for each ranking."""

    def __init__(self) -> None:
        self.users: dict[tuple[Where, Period], Counter[str]] = {}

    def request(self, where: Where, period: Period) -> Reader[Counter[str]]:
        users = self.users.setdefault((where, period), Counter())
        return lambda: users

    def add(self, bucket: Bucket) -> None:
        names = {number: name for name, number in bucket.numbers.items()}
        for (where, period), users in self.users.items():
            parameters = Parameters()
            conditions = " AND ".join((within(period), *holds(where, parameters)))
            text = f'SELECT event, count(DISTINCT "user") FROM occurred WHERE {conditions} GROUP BY event'
            for event, count in bucket.rows(text, parameters, tuple[int, int]):
                users[names[event]] += count


class FilteredUsers:
    """Users of events with conditions, by their days: one pass for each set of conditions."""

    def __init__(self) -> None:
        self.requested: dict[Occurrences, dict[Presence, int]] = {}

    def request(self, occurrences: Occurrences, presence: "Presence") -> Reader[int]:
        counts = self.requested.setdefault(occurrences, {})
        counts[presence] = 0
        return lambda: counts[presence]

    def add(self, bucket: Bucket) -> None:
        for occurrences, counts in self.requested.items():
            days = DayBits.covering(period for presence in counts for period in presence.periods)
            tests, parameters = (count_of(presence.test(days)) for presence in counts), Parameters()
            text = f"""
                SELECT {", ".join(tests)} FROM (
                    SELECT {", ".join(days.columns("true"))} FROM occurred
                    WHERE {HAS_USER} AND {days.covered} AND {bucket.filtered(occurrences, parameters)}
                    GROUP BY "user"
                )
            """
            for found in bucket.rows(text, parameters, tuple[int, ...]):
                for presence, count in zip(counts, found, strict=True):
                    counts[presence] += count


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


def users_of(occurrences: Occurrences, presence: Presence, aggregates: Aggregates) -> Reader[int]:
    """How many users there are whose days with these events are so."""
    if occurrences == Occurrences(None):
        return aggregates.of(Users).request(presence)
    return aggregates.of(FilteredUsers).request(occurrences, presence)


Did: TypeAlias = tuple[str, Period]  # a user did the event in the period


class Users:
    """Users by the days of any activity, and by the events they did in a period: one pass tells all."""

    def __init__(self) -> None:
        self.active: dict[Presence, None] = {}  # in the order of their requests
        self.did: dict[Did, None] = {}
        self.counts: Counter[Presence | Did] = Counter()

    def request(self, presence: Presence) -> Reader[int]:
        self.active[presence] = None
        return lambda: self.counts[presence]

    def request_event(self, event: str, period: Period) -> Reader[int]:
        did = (event, period)
        self.did[did] = None
        return lambda: self.counts[did]

    def add(self, bucket: Bucket) -> None:
        did = [(event, period) for event, period in self.did if event in bucket.numbers]
        if not self.active and not did:
            return
        for counts in bucket.rows(self._query(bucket, did), Parameters(), tuple[int, ...]):
            for requested, count in zip((*self.active, *did), counts, strict=True):
                self.counts[requested] += count

    def _query(self, bucket: Bucket, did: list[Did]) -> str:
        periods = [period for presence in self.active for period in presence.periods]
        days = DayBits.covering((*periods, *(period for _, period in did)))
        done = EventBits.covering((bucket.number(event) for event, _ in did), (period for _, period in did))
        tests = (
            *(presence.test(days) for presence in self.active),
            *(done.has(bucket.number(event), period) for event, period in did),
        )
        return f"""
            SELECT {", ".join(map(count_of, tests))} FROM (
                SELECT {", ".join((*days.columns(bucket.activity), *done.columns))} FROM occurred
                WHERE {HAS_USER} AND {days.covered}
                GROUP BY "user"
            )
        """
