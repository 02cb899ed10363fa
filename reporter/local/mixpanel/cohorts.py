"""What people do after something they did: /retention and /funnels (Mixpanel, Query API)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from reporter.local.mixpanel.counts import computed_at
from reporter.local.mixpanel.days import ALL_EVENTS, Days, start_of_unit
from reporter.local.mixpanel.query_parameters import (
    BadRequestError,
    DateRange,
    QueryParameters,
    choice,
    date_range,
    refuse,
    required,
    whole_number,
)
from reporter.local.product import DAY, HOUR, SECOND, days_between, start_of

_LENGTHS = {
    "second": SECOND,
    "minute": 60 * SECOND,
    "hour": HOUR,
    "day": DAY,
    "week": 7 * DAY,
    "month": 30 * DAY,
}


@dataclass(frozen=True, slots=True)
class FunnelDefinition:
    funnel_id: int
    steps: Sequence[str]
    length_in_days: int


FUNNELS = (FunnelDefinition(7509, ("Sign Up", "User Onboarded", "Purchase"), 14),)


def answer_retention(days: Days, parameters: QueryParameters) -> object:
    """Interval 0 is each user's own first day (week, month), beginning with the event that made them part of
    the cohort; only what comes later counts. Intervals that have not begun yet are left out.
    """
    refuse(parameters, "where", "born_where")
    kind = choice(parameters, "retention_type", ("birth", "compounded"), "birth")
    period = date_range(parameters)
    if "unit" in parameters and "interval" in parameters:
        raise BadRequestError("unit and interval can not both be given")
    unit = choice(parameters, "unit", ("day", "week", "month"), "day")
    length = _LENGTHS[unit] * whole_number(parameters, "interval", 1, most=90)
    count = whole_number(parameters, "interval_count", 1)
    returning = parameters.get("event") or ALL_EVENTS
    born = required(parameters, "born_event") if kind == "birth" else returning
    horizon = DateRange(period.first, period.last + timedelta(days=length * count // DAY + 1))
    births = _times(days, born, period)
    returns = _times(days, returning, horizon)
    cohorts = _cohorts(days, births, _units(period, unit), once=kind == "birth")
    now = int(days.now().timestamp() * SECOND)
    return {
        start.isoformat(): {
            "first": len(members),
            "counts": [
                sum(_came(returns.get(user, ()), moment, length, number) for user, moment in members.items())
                for number in range(count)
                if start_of(start, days.product.zone) + number * length <= now
            ],
        }
        for start, members in cohorts.items()
    }


def answer_funnel(days: Days, parameters: QueryParameters) -> object:
    """A user enters with their first step of each bucket, and has `length` from then on for the others."""
    funnel_id = required(parameters, "funnel_id")
    period = date_range(parameters)
    funnel = next((one for one in FUNNELS if str(one.funnel_id) == funnel_id), None)
    if funnel is None:
        raise BadRequestError(f"Funnel {funnel_id} does not exist")
    refuse(parameters, "on", "where")
    if "unit" in parameters and "interval" in parameters:
        raise BadRequestError("unit and interval can not both be given")
    unit = choice(parameters, "unit", ("day", "week", "month"), "day")
    width = whole_number(parameters, "interval", 1, most=90)
    length_unit = choice(parameters, "length_unit", ("day", "hour", "minute", "second"), "day")
    length = whole_number(parameters, "length", funnel.length_in_days) * _LENGTHS[length_unit]
    if length > 90 * DAY:
        raise BadRequestError("length may not be greater than 90 days")
    # Completions are looked for past to_date.
    horizon = DateRange(period.first, period.last + timedelta(days=length // DAY + 1))
    first, *later = funnel.steps
    starts = _intervals(period, width) if "interval" in parameters else _units(period, unit)
    entries = _cohorts(days, _times(days, first, period), starts, once=False)
    step_times = [_times(days, name, horizon) for name in later]
    data = {
        start.isoformat(): _bucket(funnel.steps, _walks(members, step_times, length))
        for start, members in entries.items()
    }
    return {"computed_at": computed_at(days), "meta": {"dates": list(data)}, "data": data}


def _times(days: Days, name: str, period: DateRange) -> dict[str, list[int]]:
    """When each user did it, in order."""
    times: dict[str, list[int]] = {}
    for event in days.events(name, period):
        if event.distinct_id:
            times.setdefault(event.distinct_id, []).append(event.time)
    return {user: sorted(moments) for user, moments in times.items()}


def _units(period: DateRange, unit: str) -> Mapping[date, date]:
    """The bucket of each day, named after its first day: calendar weeks and months may begin before."""
    return {day: start_of_unit(day, unit) for day in days_between(period.first, period.last)}


def _intervals(period: DateRange, width: int) -> Mapping[date, date]:
    """The bucket of each day, where a bucket is so many days from the first one on."""
    return {
        day: day - timedelta(days=number % width)
        for number, day in enumerate(days_between(period.first, period.last))
    }


def _cohorts(
    days: Days, births: Mapping[str, Sequence[int]], starts: Mapping[date, date], *, once: bool
) -> dict[date, dict[str, int]]:
    """Who began in each bucket, and when; with `once`, only in their first."""
    cohorts: dict[date, dict[str, int]] = {start: {} for start in starts.values()}
    for user, moments in births.items():
        for moment in moments[:1] if once else moments:
            cohorts[starts[days.date_of(moment)]].setdefault(user, moment)
    return cohorts


def _came(moments: Sequence[int], begin: int, length: int, number: int) -> bool:
    start = begin + number * length
    return any(start <= moment < start + length and moment > begin for moment in moments)


def _walks(
    entries: Mapping[str, int], step_times: Sequence[Mapping[str, Sequence[int]]], length: int
) -> list[list[int]]:
    """For each user who entered, when they reached each step, as far as they came.

    A step may come two seconds before the one it follows (Mixpanel, "Funnels FAQ").
    """
    walks: list[list[int]] = []
    for user, begin in entries.items():
        walk = [begin]
        for times in step_times:
            earliest = walk[-1] - 2 * SECOND
            reached = [moment for moment in times.get(user, ()) if earliest <= moment <= begin + length]
            if not reached:
                break
            walk.append(reached[0])
        walks.append(walk)
    return walks


def _bucket(steps: Sequence[str], walks: Sequence[Sequence[int]]) -> dict[str, object]:
    counts = [sum(len(walk) > number for walk in walks) for number in range(len(steps))]
    ratios = [1.0, *(_ratio(after, before) for before, after in pairwise(counts))]
    return {
        "steps": [
            {
                "count": counts[number],
                "goal": name,
                "event": name,
                "step_label": name,
                "avg_time": _mean_seconds(
                    walk[number] - walk[number - 1] for walk in walks if len(walk) > number
                )
                if number
                else None,
                "avg_time_from_start": _mean_seconds(
                    walk[number] - walk[0] for walk in walks if len(walk) > number
                ),
                "step_conv_ratio": ratios[number],
                "overall_conv_ratio": _ratio(counts[number], counts[0]) if number else 1.0,
            }
            for number, name in enumerate(steps)
        ],
        "analysis": {
            "completion": counts[-1],
            "starting_amount": counts[0],
            "steps": len(steps),
            "worst": min(range(1, len(steps)), key=lambda number: ratios[number]),
        },
    }


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _mean_seconds(durations: Iterable[int]) -> int | None:
    known = list(durations)
    return round(sum(known) / len(known) / SECOND) if known else None
