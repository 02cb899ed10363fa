"""A report's timer on Azure: its expression in UTC, its function's name, and the due moment of a run."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from cronsim import CronSim

from reporter.reports.schedules import Schedule

YEARS = 12  # that the expression is right for; it is made anew at each start of the program
DAY = 24 * 60  # minutes
# A timer may fire before its time, and not again (azure-functions-host #995, #2317).
TIMER_EARLY_BY = timedelta(minutes=1)
TIMER_LATE_BY = timedelta(minutes=10)  # where nobody knows when it ran last


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day in UTC, and how many days UTC's date lies after the local one."""

    minute: int
    hour: int
    shift: int  # -1, 0 or 1

    @classmethod
    def at(cls, minutes: int) -> "Clock":
        """So many minutes after local midnight's date began in UTC."""
        shift, rest = divmod(minutes, DAY)
        return cls(rest % 60, rest // 60, shift)


def utc_cron(schedule: Schedule, year: int) -> str:
    """The six-field UTC expression that covers the schedule from this year on.

    >>> utc_cron(Schedule("0 9 * * 1", ZoneInfo("Europe/Berlin")), 2026)
    '0 0 7,8 * * 1'
    """
    cron = CronSim(schedule.minutes, datetime(year, 1, 1, tzinfo=UTC))
    clocks = _clocks(cron, schedule.zone, year)
    shifts = {clock.shift for clock in clocks}
    either = not cron.day_and  # cron means "or" where both days are restricted, and NCRONTAB means "and"
    days = "*" if either else _days(cron.days, shifts)
    weekdays = "*" if either else _weekdays(cron.weekdays, shifts)
    return " ".join(
        (
            "0",
            _field((clock.minute for clock in clocks), range(60)),
            _field((clock.hour for clock in clocks), range(24)),
            days,
            _months(cron.months, shifts),
            weekdays,
        )
    )


def _clocks(cron: CronSim, zone: ZoneInfo, year: int) -> set[Clock]:
    local = [hour * 60 + minute for hour in cron.hours for minute in cron.minutes]
    offsets, gaps = _shape(zone, year)
    clocks = {Clock.at(minutes - offset) for minutes in local for offset in offsets}
    for gap in gaps:
        if any((minutes - gap.start) % DAY < gap.end - gap.start for minutes in local):
            clocks.update(Clock.at(start - gap.offset) for start in gap.dues)
    return clocks


@dataclass(frozen=True, slots=True)
class Gap:
    """Minutes of a local day that the clock jumps over, and the offset before the jump."""

    start: int
    end: int
    offset: int

    @property
    def dues(self) -> tuple[int, ...]:
        """When a time that is jumped over is due: after the jump, or before it where that ends the day."""
        return (self.start,) if self.end < DAY else (self.start - 1, self.start)


@lru_cache(maxsize=64)
def _shape(zone: ZoneInfo, year: int) -> tuple[frozenset[int], frozenset[Gap]]:
    """Every offset the zone has, in minutes east of UTC, and every gap."""
    start = datetime(year - 1, 1, 1, tzinfo=UTC)
    days = [start + timedelta(days=number) for number in range(366 * YEARS)]
    offsets = [_offset(day, zone) for day in days]
    jumps = [place for place in range(1, len(days)) if offsets[place] > offsets[place - 1]]
    return frozenset(offsets), frozenset(_gap(days[place - 1], zone) for place in jumps)


def _offset(moment: datetime, zone: ZoneInfo) -> int:
    offset = moment.astimezone(zone).utcoffset() or timedelta(0)
    return int(offset.total_seconds() // 60)


def _gap(day: datetime, zone: ZoneInfo) -> Gap:
    """The gap that begins within 24 hours after `day`."""
    before, low, high = _offset(day, zone), 0, DAY
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (
            (middle, high) if _offset(day + timedelta(minutes=middle), zone) == before else (low, middle)
        )
    jump = day + timedelta(minutes=high)
    start = (jump.hour * 60 + jump.minute + before) % DAY
    return Gap(start, start + _offset(jump, zone) - before, before)


def _field(values: Iterable[int], whole: range) -> str:
    kept = sorted(set(values))
    return "*" if kept == list(whole) else ",".join(map(str, kept))


def _plain(values: Iterable[object], whole: range) -> list[int] | None:
    """The values where they are plain numbers and not all there are; None where any may come."""
    numbers = [value for value in values if isinstance(value, int) and value in whole]
    return numbers if len(numbers) == len(list(values)) and set(numbers) != set(whole) else None


def _weekdays(weekdays: Iterable[object], shifts: set[int]) -> str:
    numbers = _plain({day % 7 if isinstance(day, int) else day for day in weekdays}, range(7))
    if numbers is None:
        return "*"
    return _field(((day + shift) % 7 for day in numbers for shift in shifts), range(7))


def _days(days: Iterable[object], shifts: set[int]) -> str:
    numbers = _plain(days, range(1, 32))
    if numbers is None:
        return "*"
    return _field(
        (moved for day in numbers for shift in shifts for moved in _moved(day, shift)), range(1, 32)
    )


def _moved(day: int, shift: int) -> Iterable[int]:
    """The days of the month that a day may be when UTC's date is another one."""
    if shift < 0 and day == 1:
        return range(28, 32)
    if shift > 0 and day >= 28:
        return (1, min(day + 1, 31))
    return (day + shift,)


def _months(months: Iterable[object], shifts: set[int]) -> str:
    numbers = _plain(months, range(1, 13))
    if numbers is None:
        return "*"
    return _field(((month - 1 + shift) % 12 + 1 for month in numbers for shift in {0, *shifts}), range(1, 13))


OTHERS = ("CustomReport", "DeliverReport", "Due", "FailedReport", "Health")  # functions that are no report's
_SPELT = {"biweekly": "BiWeekly"}


def function_name(report: str) -> str:
    """The function that is the timer of a report. Azure tells names apart without regard to case.

    >>> function_name("weekly"), function_name("eu-sales")
    ('WeeklyReport', 'EuSalesReport')
    """
    words: list[str] = re.findall(r"[A-Za-z0-9]+", report)
    stem = "".join(_SPELT.get(word, word[:1].upper() + word[1:]) for word in words)[:100]
    return f"{stem if stem[:1].isalpha() else f'R{stem}'}Report"


def gate(
    schedule: Schedule, now: datetime, *, since: datetime | None = None, is_past_due: bool = False
) -> datetime | None:
    """The due moment that a timer firing now is for; None when it is for none.

    A timer thinks in UTC and fires at every moment that the local schedule can be over the year. Where it is
    known that it ran last at `since`, it is for what was due after that, however late it fires; else for what
    is due about now. One that is past due, or run by hand, is for the latest due moment.
    """
    due = schedule.latest_due(now)
    if since is not None and not is_past_due:
        return due if due is not None and due > since else None
    if due is not None and (is_past_due or now - due < TIMER_LATE_BY):
        return due
    soon = schedule.next_due(now)
    return soon if soon is not None and soon - now <= TIMER_EARLY_BY else None


def is_run_by_hand(timer: Schedule, now: datetime) -> bool:
    """Whether a run at this moment was not the timer's own; `timer` is what the platform fires by."""
    fired = timer.latest_due(now + TIMER_EARLY_BY)
    return fired is None or now - fired >= TIMER_LATE_BY
