"""What the store must keep, and which days it must have, so that a plan can be measured."""

from typing import assert_never

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
    Stickiness,
)
from reporter.reports.periods import Period
from reporter.reports.references import events_of, needed_properties
from reporter.sources.events.measures.bucket import KeptColumns
from reporter.sources.events.measures.plan import Askable, EventsPlan
from reporter.sources.events.measures.sql import span


def days_needed(measure: Askable, period: Period) -> Period:
    """The days whose events a measure looks at to be right about the period."""
    match measure:
        case Stickiness():
            return span((period, measure.window(period)))
        case Lifecycle():
            return Period(measure.looked_back(period).start, period.end)
        case Retention():
            return span((period, measure.cohort_days(period)))
        case (
            EventCount()
            | EventUsers()
            | ActiveUsers()
            | PropertyStatistic()
            | Breakdown()
            | Funnel()
            | Sessions()
        ):
            return period
        case _:
            assert_never(measure)


def needed_days(plan: EventsPlan) -> Period | None:
    """From the first to the last day that a plan needs; None of an empty plan."""
    periods = [days_needed(ask.measure, ask.period) for ask in plan.asks]
    periods += [plan.history] if plan.history else []
    periods += plan.ranking or ()
    periods += plan.segments.periods if plan.segments else ()
    return span(periods) if periods else None


def plan_properties(plan: EventsPlan) -> frozenset[str]:
    """The properties that a plan looks at."""
    asked = plan.segments
    segments = frozenset(asked.properties) | needed_properties(asked.measures) if asked else frozenset[str]()
    return needed_properties((*(ask.measure for ask in plan.asks), *plan.daily)) | segments


def details(plan: EventsPlan) -> KeptColumns:
    """Which events are looked at by their properties, and by which."""
    divided = plan.segments.measures if plan.segments else ()
    asked = (*(ask.measure for ask in plan.asks), *plan.daily)
    by_property = (*divided, *(measure for measure in asked if needed_properties((measure,))))
    is_any = any(isinstance(measure, ActiveUsers) for measure in divided)
    events = frozenset(event for measure in by_property for event in events_of(measure))
    return KeptColumns(plan_properties(plan), None if is_any else events)
