"""From when until when files surely have the events, where some events lie far off in time. Pure.

Phones with wrong clocks, and those that come online after weeks, put a few events on days that the files do
not cover; the days between are not days without events.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from reporter.reports.periods import ONE_DAY

WEEK = 7 * ONE_DAY
_FAR_BEFORE, _FAR_AFTER = WEEK, 4 * ONE_DAY  # a quiet weekend with a holiday is shorter
_FEW_BEFORE, _FEW_AFTER = 0.01, 0.001  # of all events; or of a usual day's:
_FEW_OF_A_DAY_BEFORE, _FEW_OF_A_DAY_AFTER = 0.5, 0.05
_SHARPLY = 10  # times as many events within a week


def ordinary_days(events: Mapping[date, int], today: date) -> tuple[date, date]:
    """The first and the last day that the files cover, by the events they have of each; of one at least."""
    counted = {day: count for day, count in events.items() if day <= today + ONE_DAY} or dict(events)
    ordered = sorted(counted)
    total, usual = sum(counted.values()), _usual_day(counted)
    few = max(_FEW_BEFORE * total, _FEW_OF_A_DAY_BEFORE * usual)
    first = _edge(counted, ordered, few, _FAR_BEFORE)
    few = max(_FEW_AFTER * total, _FEW_OF_A_DAY_AFTER * usual)
    last = _edge(counted, ordered[::-1], few, _FAR_AFTER)
    return (first, last) if first <= last else (ordered[0], ordered[-1])


def _edge(events: Mapping[date, int], ordered: list[date], few: float, far: timedelta) -> date:
    """The day from which on there are many, seen from the end at which the days begin."""
    edge, outside = ordered[0], 0
    sign = 1 if ordered[0] <= ordered[-1] else -1
    for day in ordered:
        if outside > few:
            break
        if abs(day - ordered[0]) >= far and _SHARPLY * _week(events, day - sign * ONE_DAY, -sign) <= _week(
            events, day, sign
        ):
            edge = day
        outside += events[day]
    return edge


def _week(events: Mapping[date, int], day: date, sign: int) -> int:
    """The events of seven days from this one on, forwards or backwards."""
    return sum(events.get(day + sign * number * ONE_DAY, 0) for number in range(7))


def _usual_day(events: Mapping[date, int]) -> int:
    """The events of the day on which half of all events lie on days with more."""
    half, seen = sum(events.values()) / 2, 0
    for count in sorted(events.values()):
        seen += count
        if seen >= half:
            return count
    return 0
