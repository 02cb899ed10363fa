"""The numbers that the export bench asks for, as a plan of ours and as one form that all programs answer in.

Totals and users of each event, daily active users, users of each 7 days, users of the range, events by a
property, users by a property, revenue, a funnel of three ordered steps within 7 days, and who came back a
week after signing up.
"""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from bench.export_scale import EVENTS, FIRST_DAY, Scale
from reporter.reports.figures import Figure, Measured
from reporter.reports.measures import (
    ActiveUsers,
    Breakdown,
    EventCount,
    EventUsers,
    Funnel,
    PropertyStatistic,
    Retention,
    Statistic,
    Step,
)
from reporter.reports.periods import ONE_DAY, Period
from reporter.sources.events.measures import EventsPlan, EventsResult, MeasureRequest

Number: TypeAlias = int | float
Numbers: TypeAlias = dict[str, "Number | list[Number] | dict[str, Number]"]

PROPERTIES = ("amount", "mp_country_code", "plan")
PLANS = Breakdown(EventCount("Page View"), "plan", top=10)
COUNTRIES = Breakdown(EventUsers("Purchase"), "mp_country_code", top=20)
REVENUE = PropertyStatistic("Purchase", "amount", Statistic.SUM)
FUNNEL = Funnel((Step("View Item"), Step("Add To Cart"), Step("Purchase")), days=7)
RETENTION = Retention("Sign Up", None, after=7)


def days_of(scale: Scale) -> Period:
    return Period(FIRST_DAY, FIRST_DAY + scale.days * ONE_DAY)


def plan_for(scale: Scale) -> EventsPlan:
    days = days_of(scale)
    over_all = (ActiveUsers(), PLANS, COUNTRIES, REVENUE, FUNNEL)
    of_events = (measure(event) for event in EVENTS for measure in (EventCount, EventUsers))
    asks = [MeasureRequest(measure, days) for measure in (*over_all, *of_events)]
    asks += [MeasureRequest(ActiveUsers(), week) for week in _weeks(days)]
    asks.append(MeasureRequest(RETENTION, _last_week(days)))
    return EventsPlan(frozenset(asks), frozenset([ActiveUsers()]), days)


def numbers_of(answer: EventsResult, scale: Scale) -> Numbers:
    """The answer in the form of all programs."""
    days = days_of(scale)
    figures = answer.figures
    return {
        "totals": _by_event(EventCount, figures, days),
        "users": _by_event(EventUsers, figures, days),
        "dau": [int(value or 0) for value in answer.daily[ActiveUsers()].values],
        "wau": [int(_value(figures[MeasureRequest(ActiveUsers(), week)])) for week in _weeks(days)],
        "range": int(_value(figures[MeasureRequest(ActiveUsers(), days)])),
        "page_views_by_plan": _parts(figures[MeasureRequest(PLANS, days)]),
        "buyers_by_country": _parts(figures[MeasureRequest(COUNTRIES, days)]),
        "cents": round(100 * _value(figures[MeasureRequest(REVENUE, days)])),
        "funnel": list(_steps(figures[MeasureRequest(FUNNEL, days)])),
        "retention": round(_value(figures[MeasureRequest(RETENTION, _last_week(days))]), 9),
    }


def _weeks(days: Period) -> list[Period]:
    return [Period.of_days(day - 6 * ONE_DAY, day) for day in days if (day - days.start).days >= 6]


def _last_week(days: Period) -> Period:
    return Period(days.end - 7 * ONE_DAY, days.end)


def _by_event(
    measure: type[EventCount | EventUsers], figures: Mapping[MeasureRequest, Figure], days: Period
) -> dict[str, Number]:
    return {event: int(_value(figures[MeasureRequest(measure(event), days)])) for event in EVENTS}


def _value(figure: Figure) -> float:
    assert isinstance(figure, Measured), figure
    return figure.value


def _parts(figure: Figure) -> dict[str, Number]:
    assert isinstance(figure, Measured), figure
    return {part.name or "null": int(part.value) for part in figure.parts}


def _steps(figure: Figure) -> Iterable[int]:
    assert isinstance(figure, Measured), figure
    return (int(part.value) for part in figure.parts)
