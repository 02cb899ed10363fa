"""The numbers of single days."""

from collections.abc import Callable, Sequence
from typing import TypeAlias, assert_never

from reporter.reports.measures import (
    ActiveUsers,
    ByDay,
    EventCount,
    EventUsers,
    PropertyStatistic,
    Sessions,
    Statistic,
)
from reporter.reports.periods import Period
from reporter.sources.events.measures.aggregates import Aggregates
from reporter.sources.events.measures.bucket import ACTIVITY, Occurrences
from reporter.sources.events.measures.sums import Numbers, quotient
from reporter.sources.events.measures.users import Presence

DailyNumbers: TypeAlias = Callable[[], Sequence[float | None]]


def by_day(measure: ByDay, period: Period, families: Aggregates) -> DailyNumbers:
    """One number for each day of the period; None for an average of no numbers."""
    match measure:
        case EventCount() | Sessions():
            return counts_by_day(measure, period, families)
        case EventUsers() | ActiveUsers():
            return users_by_day(measure, period, families)
        case PropertyStatistic(statistic=Statistic.SUM):
            sums = families.sums.wish(numbers(measure), period)
            return lambda: [quotient(total) for total, _ in sums()]
        case PropertyStatistic():
            sums = families.sums.wish(numbers(measure), period)
            return lambda: [quotient(total, count) if count else None for total, count in sums()]
        case _:
            assert_never(measure)


def counts_by_day(
    measure: EventCount | Sessions, period: Period, families: Aggregates
) -> Callable[[], list[int]]:
    match measure:
        case Sessions():
            return families.sessions.wish(period)
        case EventCount(event=event, where=()):
            return families.counts.wish(event, period)
        case EventCount(event, where):
            return families.chosen.wish(Occurrences(event, where), period)


def users_by_day(
    measure: EventUsers | ActiveUsers, period: Period, families: Aggregates
) -> Callable[[], list[int]]:
    if isinstance(measure, EventUsers) and not measure.where:
        return families.daily_users.wish(measure.event, period)
    days = [users(measure, Period.of_days(day, day), families) for day in period]
    return lambda: [number() for number in days]


def users(measure: EventUsers | ActiveUsers, period: Period, families: Aggregates) -> Callable[[], int]:
    match measure:
        case ActiveUsers():
            return families.users.wish_active(Presence((period,)))
        case EventUsers(event=event, where=()):
            return families.users.wish(event, period)
        case EventUsers(event, where):
            return families.chosen_users.wish(Occurrences(event, where), period)


def occurrences(measure: EventCount | EventUsers | ActiveUsers | PropertyStatistic) -> Occurrences:
    """The events that a measure looks at."""
    return ACTIVITY if isinstance(measure, ActiveUsers) else Occurrences(measure.event, measure.where)


def numbers(measure: PropertyStatistic) -> Numbers:
    """The numbers that a statistic is of."""
    return Numbers(occurrences(measure), measure.property)
