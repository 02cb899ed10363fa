"""Which days a report covers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import assert_never

ONE_DAY = timedelta(days=1)
EARLIEST, LATEST = (
    date(2010, 1, 1),
    date(2199, 12, 31),
)  # Mixpanel began in 2009; sums stay in the calendar


def day_of(text: str) -> date:
    """A day that a person asks for, as YYYY-MM-DD. Raises ValueError, which says what is wrong."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.isoformat() != text:  # 20261116 and 2026-W47-1 are ISO's, too
        raise ValueError("is no date")
    if not EARLIEST <= found <= LATEST:
        raise ValueError(f"is not between {EARLIEST} and {LATEST}")
    return found


def moment_text(at: datetime) -> str:
    """A moment for whoever runs this, in the zone that it is in: Mon 23 Nov 2026, 09:04 CET."""
    return f"{day_text(at)}, {at:%H:%M} {at.tzname()}"


def day_text(day: date) -> str:
    """Mon 23 Nov 2026: in English, as commands, checks and logs are; machines read ISO 8601."""
    return f"{day:%a} {day.day} {day:%b %Y}"


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days in the project's time zone.

    >>> week = Period(date(2026, 11, 16), date(2026, 11, 23))
    >>> week.length, week.last
    (7, datetime.date(2026, 11, 22))
    """

    start: date
    end: date  # first day that is not covered

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError(f"a period must end after it starts: {self.start} to {self.end}")

    @classmethod
    def of_days(cls, first: date, last: date) -> "Period":
        """The period from the first to the last day, both covered."""
        return cls(first, last + ONE_DAY)

    @property
    def length(self) -> int:
        """How many days it covers."""
        return (self.end - self.start).days

    @property
    def last(self) -> date:
        """The last day that is covered."""
        return self.end - ONE_DAY

    @property
    def is_month(self) -> bool:
        """Whether it is a whole calendar month."""
        return self.start.day == 1 and self.end.day == 1 and self.length < 32

    @property
    def previous(self) -> "Period":
        """The period of the same length just before this one."""
        return Period(self.start - (self.end - self.start), self.start)

    def earlier(self, days: int) -> "Period":
        """The same number of days, that many days before."""
        return Period(self.start - timedelta(days=days), self.end - timedelta(days=days))

    def covers(self, day: date) -> bool:
        return self.start <= day < self.end

    def __iter__(self) -> Iterator[date]:
        return (self.start + timedelta(days=number) for number in range(self.length))

    def __str__(self) -> str:
        return str(self.start) if self.length == 1 else f"{self.start} to {self.last}"


class Cadence(StrEnum):
    """How often a report comes, and so how many days it covers."""

    DAILY = "daily"
    WEEKLY = "weekly"
    BIWEEKLY = "biweekly"
    MONTHLY = "monthly"

    def period(self, today: date) -> Period:
        """The last complete period before `today`, which is a day in the project's time zone.

        >>> Cadence.WEEKLY.period(date(2026, 11, 23))
        Period(start=datetime.date(2026, 11, 16), end=datetime.date(2026, 11, 23))
        """
        match self:
            case Cadence.DAILY:
                return Period(today - ONE_DAY, today)
            case Cadence.WEEKLY:
                return Period(today - timedelta(days=7), today)
            case Cadence.BIWEEKLY:
                return Period(today - timedelta(days=14), today)
            case Cadence.MONTHLY:
                return _month_before(today)
            case _:
                assert_never(self)

    def compared(self, period: Period) -> Period:
        """What it is compared with: a day with the same weekday, a month with the month before."""
        if self is Cadence.DAILY:
            return period.earlier(7)
        return _month_before(period.start) if self is Cadence.MONTHLY else period.previous


class Comparison(StrEnum):
    """What a report's numbers are compared with."""

    PREVIOUS = "previous"  # the period before; of a day, the same weekday a week earlier
    YEAR = "year"
    NONE = "none"


A_YEAR = 364  # days, so that weekdays meet
HALF_A_YEAR = timedelta(weeks=26)  # in which what is usual is learned
A_WEEK = timedelta(weeks=1)


def year_before(period: Period) -> Period:
    """The same days a year earlier, weekday for weekday; of a month the same month.

    >>> str(year_before(Period.of_days(date(2026, 11, 16), date(2026, 11, 22))))
    '2025-11-17 to 2025-11-23'
    """
    if period.is_month:
        start, end = (day.replace(year=day.year - 1) for day in (period.start, period.end))
        return Period(start, end)
    return period.earlier(A_YEAR * -(-period.length // A_YEAR))


def history_before(period: Period, previous: Period) -> Period:
    """The days of daily numbers: up to 26 weeks, and a week more than the earliest day compared.

    Days a year ago are none of them: they are asked for apart, since Mixpanel takes 12 months at most.
    """
    earliest = period if is_apart(period, previous) else previous
    return Period(min(period.end - HALF_A_YEAR, earliest.start - A_WEEK), period.end)


def is_apart(period: Period, previous: Period) -> bool:
    """Whether the days that are compared with lie before the half year that what is usual is learned from."""
    return previous.end < min(period.start, period.end - HALF_A_YEAR)


def past_before(period: Period, previous: Period) -> Period:
    """The days from those that are compared with to the history, so that no first day goes unseen between."""
    return Period(previous.start, max(previous.end, history_before(period, previous).start))


def _month_before(day: date) -> Period:
    end = day.replace(day=1)
    return Period((end - ONE_DAY).replace(day=1), end)


def apart(difference: timedelta) -> str:
    """
    >>> apart(timedelta(minutes=-20)), apart(timedelta(hours=15)), apart(timedelta(days=365))
    ('20 minutes', '15 hours', '365 days')
    """
    minutes = round(abs(difference).total_seconds() / 60)
    if minutes < 120:
        return f"{minutes} minutes"
    return f"{round(minutes / 60)} hours" if minutes < 72 * 60 else f"{round(minutes / 1440)} days"
