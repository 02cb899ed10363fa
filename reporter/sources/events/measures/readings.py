"""What each measure needs of the events, and how its figure is put together from it."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias, assert_never

from reporter.reports.figures import Figure, Measured, NotNumeric, Part, Undefined
from reporter.reports.measures import (
    ActiveUsers,
    Breakdown,
    EventCount,
    EventUsers,
    Funnel,
    Lifecycle,
    PropertyStatistic,
    Retention,
    Sessions,
    Statistic,
    Stickiness,
    UserGroup,
)
from reporter.reports.periods import Period
from reporter.sources.events.measures.aggregates import Aggregates
from reporter.sources.events.measures.breakdowns import breakdown
from reporter.sources.events.measures.by_day import counts_by_day, numbers, users, users_by_day
from reporter.sources.events.measures.plan import Askable
from reporter.sources.events.measures.quantiles import quantile
from reporter.sources.events.measures.sums import quotient
from reporter.sources.events.measures.users import Presence

Reading: TypeAlias = Callable[[], Figure]


def reading(measure: Askable, period: Period, families: Aggregates) -> Reading:
    """Wishes for what a figure needs; gives what reads the figure once all buckets are counted."""
    match measure:
        case EventCount() | Sessions():
            days = counts_by_day(measure, period, families)
            return lambda: Measured(sum(days()))
        case EventUsers() | ActiveUsers():
            number = users(measure, period, families)
            return lambda: Measured(number())
        case Lifecycle():
            number = families.users.wish_active(presence(measure, period))
            return lambda: Measured(number())
        case PropertyStatistic():
            return statistic(measure, period, families)
        case Breakdown():
            return breakdown(measure, period, reading(measure.of, period, families), families)
        case Stickiness():
            return stickiness(measure, period, families)
        case Funnel():
            return funnel(measure, period, families)
        case Retention():
            back = families.retentions.wish(measure, period)
            return lambda: share(*back())
        case _:
            assert_never(measure)


def statistic(measure: PropertyStatistic, period: Period, families: Aggregates) -> Reading:
    """The number, and how many values are none; where no value is a number, there is nothing to tell."""
    read = of_numbers(measure, period, families)
    skipped = families.sums.wish_skipped(numbers(measure), period)
    count = families.sums.wish(numbers(measure), period)

    def checked() -> Figure:
        if not skipped():
            return read()
        if not any(each for _, each in count()):
            return NotNumeric(measure.event, measure.property)
        found = read()
        return replace(found, skipped=skipped()) if isinstance(found, Measured) else found

    return checked


def of_numbers(measure: PropertyStatistic, period: Period, families: Aggregates) -> Reading:
    match measure.statistic:
        case Statistic.SUM:
            days = families.sums.wish(numbers(measure), period)
            return lambda: Measured(quotient(sum(total for total, _ in days())))
        case Statistic.AVERAGE:
            days = families.sums.wish(numbers(measure), period)
            return lambda: average(days())
        case Statistic.MEDIAN | Statistic.P90 as kind:
            runs = families.numbers.wish(numbers(measure), period)
            return lambda: figure(quantile(runs(), kind))
        case _:
            assert_never(measure.statistic)


def average(days: list[tuple[int, int]]) -> Figure:
    count = sum(count for _, count in days)
    return figure(quotient(sum(total for total, _ in days), count) if count else None)


def stickiness(measure: Stickiness, period: Period, families: Aggregates) -> Reading:
    daily = users_by_day(ActiveUsers(), period, families)
    number = users(ActiveUsers(), measure.window(period), families)
    return lambda: share(sum(daily()), period.length * number())


def funnel(measure: Funnel, period: Period, families: Aggregates) -> Reading:
    steps = families.funnels.wish(measure, period)

    def read() -> Figure:
        counts = steps()
        parts = tuple(Part(step.event, count) for step, count in zip(measure.steps, counts, strict=True))
        return share(counts[-1], counts[0], parts)

    return read


def presence(measure: Lifecycle, period: Period) -> Presence:
    """When users of a group were there, and when not."""
    before, looked_back = period.previous, measure.looked_back(period)
    match measure.group:
        case UserGroup.NEW:
            return Presence((period,), (looked_back,))
        case UserGroup.RETAINED:
            return Presence((period, before))
        case UserGroup.RESURRECTED:
            return Presence((period, looked_back), (before,))
        case UserGroup.DORMANT:
            return Presence((before,), (period,))
        case _:
            assert_never(measure.group)


def share(some: int, of: int, parts: tuple[Part, ...] = ()) -> Figure:
    return Measured(some / of, parts=parts) if of else Undefined()


def figure(value: float | None) -> Figure:
    return Undefined() if value is None else Measured(value)
