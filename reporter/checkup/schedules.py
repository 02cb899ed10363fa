"""Whether the reports of a schedule, one after the other, tell of each day once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, pairwise, takewhile
from typing import assert_never
from zoneinfo import ZoneInfo

from reporter.reports.edition import Order
from reporter.reports.periods import Cadence, Period
from reporter.reports.subscriptions import Subscription

A_YEAR = timedelta(days=366)
MOST_DUES = 1_000  # looked at: more than two a day make no other doubt


@dataclass(frozen=True, slots=True)
class ScheduleDoubt:
    """What a schedule would mean that hardly anybody wants, and what to write instead."""

    problem: str
    fix: str


def doubts(one: Subscription, now: datetime, zone: ZoneInfo) -> Iterator[ScheduleDoubt]:
    """What is doubtful about a report's schedule, over a year. `zone` is the project's."""
    if one.schedule.means_either_day:
        yield ScheduleDoubt(
            "a day and a weekday are both given, and cron takes either (Azure's NCRONTAB would take both)",
            'For a weekday of a month write its number: "0 9 * * 1#1" is the first Monday.',
        )
    periods = _periods(one, now, zone)
    distinct = list(dict.fromkeys(periods))
    missing = [Period(a.end, b.start) for a, b in pairwise(distinct) if a.end < b.start]
    double = [Period(b.start, min(a.end, b.end)) for a, b in pairwise(distinct) if b.start < a.end]
    fix, count = _fix(one.spec.cadence), f"it comes {len(distinct)} times in a year"
    if missing:
        yield ScheduleDoubt(f"{count}, with {_days(missing)} in no report, such as {missing[0]}", fix)
    if double:
        yield ScheduleDoubt(f"{count}, with {_days(double)} in two reports, such as {double[0]}", fix)
    if len(distinct) < len(periods):
        yield ScheduleDoubt("it is due more than once for the same days, and only the first one is sent", fix)


def _periods(one: Subscription, now: datetime, zone: ZoneInfo) -> Sequence[Period]:
    """What the reports of the next year would cover."""
    coming = takewhile(lambda due: due <= now + A_YEAR, one.schedule.due_after(now))
    return [Order.of(one, due).edition(due, zone).period for due in islice(coming, MOST_DUES)]


def _days(periods: Sequence[Period]) -> str:
    count = sum(period.length for period in periods)
    return "1 day" if count == 1 else f"{count} days"


def _fix(cadence: Cadence) -> str:
    match cadence:
        case Cadence.DAILY:
            return 'Use one time a day: "0 9 * * *", or "0 9 * * 1-5" for weekdays.'
        case Cadence.WEEKLY:
            return 'Use one time a week, as in "0 9 * * 1", or another period.'
        case Cadence.BIWEEKLY:
            return 'Use one weekday, as in "0 9 * * 1": it then comes every 14 days. Or use another period.'
        case Cadence.MONTHLY:
            return 'Use one day that each month has: "0 9 1 * *", or "0 9 L * *" for its last day.'
        case _:
            assert_never(cadence)
