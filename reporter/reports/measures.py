"""What can be asked about a period."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TypeAlias, TypeGuard, assert_never

from reporter.reports.conditions import ALL_EVENTS, Where
from reporter.reports.periods import Period


class Statistic(StrEnum):
    """What is taken of the numbers of a property; events where it is no number do not count."""

    SUM = "sum"
    AVERAGE = "average"
    MEDIAN = "median"
    P90 = "p90"  # linear between the nearest ranks, as the median is


class Unit(StrEnum):
    """A length of time."""

    DAY = "day"
    WEEK = "week"

    @property
    def days(self) -> int:
        return 1 if self is Unit.DAY else 7


class UserGroup(StrEnum):
    """Where a user comes from; NEW, RETAINED and RESURRECTED make up the active users of a period."""

    NEW = "new"  # active in the period, and never within the days looked back on
    RETAINED = "retained"  # active in the period and in the one of the same length just before
    RESURRECTED = "resurrected"  # active in the period, not in the one before, but earlier
    DORMANT = "dormant"  # active in the one before, not in the period


class Combine(StrEnum):
    """How the days of a saved report make one number."""

    SUM = "sum"
    AVERAGE = "average"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class EventCount:
    """How often an event happened."""

    event: str
    where: Where = ()


@dataclass(frozen=True, slots=True)
class EventUsers:
    """How many distinct users did an event, each counted once over the whole period."""

    event: str
    where: Where = ()


@dataclass(frozen=True, slots=True)
class ActiveUsers:
    """How many distinct users did any event that is an activity, each counted once over the whole period."""

    where: Where = ()


@dataclass(frozen=True, slots=True)
class PropertyStatistic:
    """The sum, average, median or 90th percentile of a numeric property over an event's occurrences."""

    event: str
    property: str
    statistic: Statistic
    where: Where = ()


EventMeasure: TypeAlias = EventCount | EventUsers | PropertyStatistic  # of the occurrences of one event
Groupable: TypeAlias = EventMeasure | ActiveUsers  # can be measured for each value of a property


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A measure by the values of a property: the figure is its total, the parts its largest values.

    Values rank by number, then by name; occurrences without the property are a part named None. Of counts and
    sums, what is beyond `top` is one part more; users and averages cannot be added up.
    """

    of: EventMeasure
    property: str
    top: int = 5


@dataclass(frozen=True, slots=True)
class Stickiness:
    """The average of the period's daily active users, over the users active in the `days` up to its end."""

    days: int = 30
    where: Where = ()

    def window(self, period: Period) -> Period:
        """The days up to the end of the period whose users it divides by."""
        return Period(period.end - timedelta(days=self.days), period.end)


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a funnel."""

    event: str
    where: Where = ()


@dataclass(frozen=True, slots=True)
class Funnel:
    """The share of users who did all steps in order, of those who did the first; parts: users of each step.

    All happens within the period, each step later than the one before, and the last within `days` times 24
    hours of the first. Steps within two seconds of each other count in either order, since clocks and batches
    are no better (Mixpanel, "Funnels FAQ"); but not where two steps are the same event, which would do for
    both. A user counts once, with the attempt that went farthest.
    """

    steps: tuple[Step, ...]
    days: int

    @property
    def grace(self) -> int | None:
        """By how many milliseconds a step may come before the one it follows; None where it must be later."""
        return 2_000 if len({step.event for step in self.steps}) == len(self.steps) else None


@dataclass(frozen=True, slots=True)
class Retention:
    """The share of a cohort that came back after so many days or weeks.

    The cohort is the last one that is complete: users whose first `born` event of those days fell on the
    period's days moved `after` + 1 units earlier. A user came back who did `returned` later than that event,
    at least `after` and less than `after` + 1 units of 24 hours (7 times that) on; unbounded, at any time
    from then on until the period ends. None is any activity.
    """

    born: str | None
    returned: str | None
    after: int
    unit: Unit = Unit.DAY
    unbounded: bool = False  # "on or after", as Mixpanel calls it
    where: Where = ()  # of what begins it, and of what is coming back

    def cohort_days(self, period: Period) -> Period:
        """The days on which the cohort began: its last unit ends when the period does."""
        return period.earlier((self.after + 1) * self.unit.days)


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """How many users are new, retained, resurrected or dormant; `lookback` is in days before the period."""

    group: UserGroup
    lookback: int = 90
    where: Where = ()

    def looked_back(self, period: Period) -> Period:
        """The days before the period that count, at least as many, so that no user is in two groups."""
        return Period(min(period.start - timedelta(days=self.lookback), period.previous.start), period.start)


@dataclass(frozen=True, slots=True)
class Sessions:
    """How many stretches of activity users had: a pause of 30 minutes ends one, and so does midnight."""

    where: Where = ()


@dataclass(frozen=True, slots=True)
class SavedInsights:
    """A number of a report saved in Mixpanel, by its id; `series` names which, where it has several.

    A report by the day is read over the period's days; one that is a single number has its own dates. Without
    `combine`, days are added up where Mixpanel's name of the series says that they count events.
    """

    id: int
    series: str | None = None
    combine: Combine | None = None


@dataclass(frozen=True, slots=True)
class SavedFunnel:
    """The conversion of a funnel saved in Mixpanel; parts: users of each step.

    It is that of the users who began in the period, as far as they have come. With `days`, which is how long
    a user has for all steps, it is that of the last users who all had so long: who began so much earlier.
    """

    id: int
    days: int | None = None


QueryApiMeasure: TypeAlias = Groupable | Stickiness | Retention | SavedInsights | SavedFunnel
Simple: TypeAlias = QueryApiMeasure | Funnel | Lifecycle | Sessions


@dataclass(frozen=True, slots=True)
class Ratio:
    """One measure divided by another; nothing where the other is zero."""

    numerator: Simple
    denominator: Simple


Measure: TypeAlias = Simple | Breakdown | Ratio
ByDay: TypeAlias = Groupable | Sessions  # may have a number for each day


def parts_of(measure: Measure) -> tuple[Simple | Breakdown, ...]:
    """The measures that a source must have for this one."""
    return (measure.numerator, measure.denominator) if isinstance(measure, Ratio) else (measure,)


@dataclass(frozen=True, slots=True)
class Traits:
    """What can be done with the numbers of a measure."""

    has_days: bool = False  # each single day has a number of its own
    is_groupable: bool = False  # it can be measured for each value of a property
    is_judged: bool = False  # it counts something, so that statistics of counts fit it
    is_additive: bool = False  # the numbers of two periods add up to the number of both
    is_share: bool = False  # it is a part of a whole, from 0 to 1, unless the settings say otherwise
    raw_only: str = ""  # what it is called, where only raw events tell it and the Query API does not


def traits(measure: Measure) -> Traits:
    """What can be done with this measure."""
    match measure:
        case EventCount():
            return Traits(has_days=True, is_groupable=True, is_judged=True, is_additive=True)
        case EventUsers() | ActiveUsers():
            return Traits(has_days=True, is_groupable=True, is_judged=True)
        case Sessions():
            return Traits(has_days=True, is_judged=True, is_additive=True, raw_only="sessions")
        case PropertyStatistic(statistic=statistic):
            is_sum = statistic is Statistic.SUM
            return Traits(has_days=True, is_groupable=True, is_judged=is_sum, is_additive=is_sum)
        case Breakdown(of=of):
            return Traits(is_additive=traits(of).is_additive)
        case Stickiness() | Retention() | SavedFunnel():
            return Traits(is_share=True)
        case Funnel():
            return Traits(is_share=True, raw_only="funnels within the period")
        case Lifecycle(group=group):
            return Traits(raw_only=f"{group} users")
        case SavedInsights() | Ratio():
            return Traits()
        case _:
            assert_never(measure)


def has_days(measure: Measure) -> TypeGuard[ByDay]:
    """Whether each single day has a number of its own."""
    return traits(measure).has_days


def is_groupable(measure: Measure) -> TypeGuard[Groupable]:
    """Whether it can be measured for each value of a property."""
    return traits(measure).is_groupable


def in_query_api(measure: Simple | Breakdown) -> TypeGuard[QueryApiMeasure | Breakdown]:
    """Whether Mixpanel's Query API offers it; raw events tell all but what is saved in Mixpanel."""
    return not traits(measure).raw_only


def events_with_conditions(measure: Measure) -> Iterator[tuple[str, Where]]:
    """Each event that the measure looks at, or all of them, and the conditions it puts on it."""
    match measure:
        case EventCount() | EventUsers() | PropertyStatistic():
            yield measure.event, measure.where
        case Breakdown(of=of):
            yield of.event, of.where
        case Ratio(numerator, denominator):
            yield from events_with_conditions(numerator)
            yield from events_with_conditions(denominator)
        case Funnel(steps=steps):
            yield from ((step.event, step.where) for step in steps)
        case Retention(born=born, returned=returned, where=where):
            yield from ((event or ALL_EVENTS, where) for event in (born, returned))
        case ActiveUsers() | Stickiness() | Lifecycle() | Sessions():
            yield ALL_EVENTS, measure.where
        case SavedInsights() | SavedFunnel():
            return
        case _:
            assert_never(measure)
