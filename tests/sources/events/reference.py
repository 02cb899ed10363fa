"""What every measure says of a list of events, the plainest way: sets, dicts and loops."""

import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import TypeGuard, assert_never, cast

from reporter.reports.conditions import Condition, Operator, Scalar, Where
from reporter.reports.definitions import is_activity, is_in_sessions
from reporter.reports.figures import (
    Daily,
    EventTotal,
    Figure,
    Measured,
    NotNumeric,
    Part,
    Ranking,
    Segmentation,
    Undefined,
)
from reporter.reports.measures import (
    ActiveUsers,
    Breakdown,
    ByDay,
    EventCount,
    EventUsers,
    Funnel,
    Groupable,
    Lifecycle,
    PropertyStatistic,
    Retention,
    Sessions,
    Statistic,
    Stickiness,
    UserGroup,
    is_groupable,
)
from reporter.reports.periods import Period
from reporter.sources.events.measures import EventsPlan, EventsResult, RawMeasure

DAY = 86_400_000
HALF_HOUR = 1_800_000
GRACE = 2_000


@dataclass(frozen=True, slots=True)
class Event:
    """An event as the store keeps it."""

    name: str
    user: int | None
    time: int
    day: date
    properties: Mapping[str, str] = field(default_factory=dict[str, str])  # JSON text

    def value(self, name: str) -> object:
        return json.loads(self.properties.get(name, "null"))


Events = Sequence[Event]
Name = str | None


def answer(events: Events, plan: EventsPlan) -> EventsResult:
    days: dict[str, list[date]] = defaultdict(list)
    for event in events:
        days[event.name].append(event.day)
    return EventsResult(
        figures={one: figure(events, one.measure, one.period) for one in plan.requests},
        daily={one: daily(events, one, plan.history) for one in plan.daily if plan.history},
        ranking=ranking(fulfilling(events, plan.ranked), *plan.ranking) if plan.ranking else None,
        segments={
            one: segments(events, one, plan.segmentation)
            for one in plan.segmentation.measures
            if is_groupable(one)
        },
        seen={name: Period.of_days(min(those), max(those)) for name, those in days.items()},
        events=len(events),
    )


def figure(events: Events, measure: RawMeasure, period: Period) -> Figure:
    match measure:
        case PropertyStatistic():
            return with_skipped(within(events, period), measure)
        case EventCount() | EventUsers() | ActiveUsers():
            return either(number(within(events, period), measure))
        case Breakdown():
            total = figure(events, measure.of, period)
            if not isinstance(total, Measured):
                return total
            return replace(total, parts=parts(within(events, period), measure))
        case Stickiness(days, where):
            those = fulfilling(events, where)
            window = active(those, Period(period.end - timedelta(days=days), period.end))
            each_day = sum(len(active(those, Period.of_days(day, day))) for day in period)
            return share(each_day, period.length * len(window))
        case Funnel():
            return funnel(within(events, period), measure)
        case Retention():
            return retention(fulfilling(events, measure.where), measure, period)
        case Lifecycle():
            return Measured(len(lifecycle(fulfilling(events, measure.where), measure, period)))
        case Sessions():
            return Measured(sessions(within(fulfilling(events, measure.where), period)))
        case _:
            assert_never(measure)


def with_skipped(events: Events, measure: PropertyStatistic) -> Figure:
    """The statistic beside the values that are no numbers; of nothing but those there is none."""
    found, those = either(number(events, measure)), chosen(events, measure)
    values = [value for event in those if (value := event.value(measure.property)) is not None]
    skipped = sum(not is_number(value) for value in values)
    if skipped and skipped == len(values):
        return NotNumeric(measure.event, measure.property)
    return replace(found, skipped=skipped) if isinstance(found, Measured) else found


def daily(events: Events, measure: ByDay, history: Period) -> Daily:
    def on(day: date) -> float | None:
        those = within(events, Period.of_days(day, day))
        if isinstance(measure, Sessions):
            return sessions(fulfilling(those, measure.where))
        return number(those, measure)

    return Daily(history.start, tuple(on(day) for day in history))


def ranking(events: Events, period: Period, previous: Period) -> Ranking:
    now, before = within(events, period), within(events, previous)
    totals = [
        EventTotal(
            name,
            sum(event.name == name for event in now),
            sum(event.name == name for event in before),
            users=len({event.user for event in now if event.name == name} - {None}),
        )
        for name in {event.name for event in (*now, *before) if is_activity(event.name)}
    ]
    return Ranking(tuple(sorted(totals, key=lambda total: (-total.count, -total.previous, total.name))))


def segments(
    events: Events, measure: Groupable, asked: Segmentation
) -> dict[str, dict[str, tuple[float, ...]]]:
    return {
        property: {
            name: tuple(number(within(those, period), measure) or 0 for period in asked.periods)
            for name, those in by_value(
                chosen(
                    [event for event in events if any(one.covers(event.day) for one in asked.periods)],
                    measure,
                ),
                property,
            ).items()
            if name is not None and counts_at_all(those, measure)
        }
        for property in asked.properties
    }


def counts_at_all(events: Events, measure: Groupable) -> bool:
    match measure:
        case EventCount():
            return bool(events)
        case EventUsers() | ActiveUsers():
            return any(event.user is not None for event in events)
        case PropertyStatistic():
            return bool(numbers(events, measure.property))


def number(events: Events, measure: Groupable) -> float | None:
    those = chosen(events, measure)
    match measure:
        case EventCount():
            return len(those)
        case EventUsers() | ActiveUsers():
            return len(users(those))
        case PropertyStatistic():
            return statistic(numbers(those, measure.property), measure.statistic)


def statistic(numbers: list[float], kind: Statistic) -> float | None:
    match kind:
        case Statistic.SUM:
            return math.fsum(numbers)
        case Statistic.AVERAGE:
            return float(sum(map(Fraction, numbers)) / len(numbers)) if numbers else None
        case Statistic.MEDIAN:
            return quantile(sorted(numbers), 5)
        case Statistic.P90:
            return quantile(sorted(numbers), 9)


def quantile(ordered: list[float], tenths: int) -> float | None:
    if not ordered:
        return None
    place = tenths * (len(ordered) - 1)
    low, high = ordered[place // 10], ordered[min(place // 10 + 1, len(ordered) - 1)]
    return low if place % 10 == 0 else low + (high - low) * (place % 10 / 10)


def parts(events: Events, measure: Breakdown) -> tuple[Part, ...]:
    values = by_value(chosen(events, measure.of), measure.property)
    found = {
        name: value
        for name, those in values.items()
        if counts_at_all(those, measure.of) and (value := number(those, measure.of)) is not None
    }
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0] is None, item[0] or ""))
    told = tuple(Part(name, value) for name, value in ranked[: measure.top])
    beyond = [value for _, value in ranked[measure.top :]]
    adds_up = isinstance(measure.of, EventCount) or (
        isinstance(measure.of, PropertyStatistic) and measure.of.statistic is Statistic.SUM
    )
    more = math.fsum(found.values()) - (number(events, measure.of) or 0)
    if abs(more) > 1e-9 * math.fsum(map(abs, found.values())):  # a list counts for each of its items
        return told
    return (*told, Part(None, math.fsum(beyond), is_rest=True)) if beyond and adds_up else told


def funnel(events: Events, measure: Funnel) -> Figure:
    reached = [0] * len(measure.steps)
    for user in users(events):
        own = sorted((event for event in events if event.user == user), key=lambda event: event.time)
        steps = [
            [event.time for event in own if is_step(event, step.event, step.where)] for step in measure.steps
        ]
        is_strict = len({step.event for step in measure.steps}) < len(measure.steps)
        farthest = max(
            (
                attempt(start, start, steps[1:], measure.days * DAY, 1 if is_strict else -GRACE)
                for start in steps[0]
            ),
            default=0,
        )
        for step in range(farthest):
            reached[step] += 1
    told = tuple(Part(step.event, count) for step, count in zip(measure.steps, reached, strict=True))
    return share(reached[-1], reached[0], told)


def attempt(start: int, time: int, later: Sequence[Sequence[int]], window: int, pause: int) -> int:
    """How many steps are reached from this start, on any way; a step is `pause` later than the one before."""
    if not later:
        return 1
    following = (moment for moment in later[0] if time + pause <= moment <= start + window)
    return 1 + max((attempt(start, moment, later[1:], window, pause) for moment in following), default=0)


def is_step(event: Event, name: str, where: Where) -> bool:
    return event.name == name and holds(event, where)


def retention(events: Events, measure: Retention, period: Period) -> Figure:
    unit = measure.unit.days
    cohort = period.earlier((measure.after + 1) * unit)
    until = [event for event in events if event.day < period.end]
    births: dict[int, int] = {}
    for event in within(until, cohort):
        if event.user is not None and is_one(event, measure.born):
            births[event.user] = min(event.time, births.get(event.user, event.time))
    first, last = measure.after * unit * DAY, (measure.after + 1) * unit * DAY
    back = {
        event.user
        for event in until
        if event.user in births
        and is_one(event, measure.returned)
        and event.time > births[event.user]
        and first <= event.time - births[event.user]
        and (measure.unbounded or event.time - births[event.user] < last)
    }
    return share(len(back), len(births))


def is_one(event: Event, name: str | None) -> bool:
    return is_activity(event.name) if name is None else event.name == name


def lifecycle(events: Events, measure: Lifecycle, period: Period) -> set[int]:
    now, before = active(events, period), active(events, period.previous)
    start = min(period.start - timedelta(days=measure.lookback), period.previous.start)
    looked_back = active(events, Period(start, period.start))
    match measure.group:
        case UserGroup.NEW:
            return now - looked_back
        case UserGroup.RETAINED:
            return now & before
        case UserGroup.RESURRECTED:
            return (now & looked_back) - before
        case UserGroup.DORMANT:
            return before - now


def sessions(events: Events) -> int:
    times: dict[tuple[int, date], list[int]] = defaultdict(list)
    for event in events:
        if event.user is not None and is_in_sessions(event.name):
            times[event.user, event.day].append(event.time)
    return sum(stretches(sorted(those)) for those in times.values())


def stretches(times: list[int]) -> int:
    return 1 + sum(later - earlier >= HALF_HOUR for earlier, later in pairwise(times))


def within(events: Events, period: Period) -> list[Event]:
    return [event for event in events if period.covers(event.day)]


def active(events: Events, period: Period) -> set[int]:
    return users(event for event in within(events, period) if is_activity(event.name))


def users(events: Iterable[Event]) -> set[int]:
    return {event.user for event in events if event.user is not None}


def chosen(events: Events, measure: Groupable) -> list[Event]:
    if isinstance(measure, ActiveUsers):
        return [event for event in fulfilling(events, measure.where) if is_activity(event.name)]
    return [event for event in events if is_step(event, measure.event, measure.where)]


def by_value(events: Events, property: str) -> dict[Name, list[Event]]:
    found: dict[Name, list[Event]] = defaultdict(list)
    for event in events:
        for name in names(event, property):
            found[name].append(event)
    return found


def names(event: Event, property: str) -> set[Name]:
    """Of a list each item once; an empty one is like no value."""
    value = event.value(property)
    if isinstance(value, list):
        return {shown(item) for item in cast("list[object]", value)} or {None}
    return {event.properties[property]} if isinstance(value, dict) else {shown(value)}


def shown(value: object) -> Name:
    match value:
        case None | "undefined":
            return None
        case str() as text:
            return text
        case int() | float() as number if not isinstance(number, bool):
            return str(int(number)) if number == int(number) else repr(number)
        case _:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def numbers(events: Events, property: str) -> list[float]:
    values = (event.value(property) for event in events)
    return [float(value) for value in values if is_number(value)]


def is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def fulfilling(events: Events, where: Where) -> list[Event]:
    return [event for event in events if holds(event, where)]


def holds(event: Event, where: Where) -> bool:
    return all(fulfils(event.value(condition.property), condition) for condition in where)


COMPARISONS: Mapping[Operator, Callable[[float, float], bool]] = {
    Operator.GREATER_THAN: lambda value, limit: value > limit,
    Operator.AT_LEAST: lambda value, limit: value >= limit,
    Operator.LESS_THAN: lambda value, limit: value < limit,
    Operator.AT_MOST: lambda value, limit: value <= limit,
}


def fulfils(value: object, condition: Condition) -> bool:
    """Of a list one item is enough."""
    items = cast("list[object]", value) if isinstance(value, list) else [value]
    match condition.operator:
        case Operator.IS_SET:
            return value is not None
        case Operator.IS_NOT_SET:
            return value is None
        case Operator.IS_NOT:
            return not any(item_fulfils(item, replace(condition, operator=Operator.IS)) for item in items)
        case _:
            return any(item_fulfils(item, condition) for item in items)


def item_fulfils(value: object, condition: Condition) -> bool:
    match condition.operator:
        case Operator.IS:
            return any(is_equal(value, wanted) for wanted in condition.values)
        case Operator.CONTAINS:
            return isinstance(value, str) and any(str(wanted) in value for wanted in condition.values)
        case _:
            (limit,) = condition.values
            return is_number(value) and COMPARISONS[condition.operator](float(value), float(limit))


def is_equal(value: object, wanted: Scalar) -> bool:
    """Alike in kind as well: text is never a number, and neither is a boolean."""
    kinds = (bool, str) if isinstance(wanted, bool | str) else ()
    if kinds:
        return type(value) is type(wanted) and value == wanted
    return is_number(value) and value == wanted


def share(some: int, of: int, parts: tuple[Part, ...] = ()) -> Figure:
    return Measured(some / of, parts=parts) if of else Undefined()


def either(value: float | None) -> Figure:
    return Undefined() if value is None else Measured(value)
