"""When a report is due: cron in a time zone, and every other week from an anchor."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

FIRST_MONDAY = date(2026, 1, 5)  # the anchor of every-other-week schedules that name none
LOOKS_BACK = timedelta(days=400)
A_MINUTE, A_SECOND = timedelta(minutes=1), timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A five- or six-field cron expression in an IANA time zone.

    With `anchor`, only the weeks an even number of weeks after the anchor's week count: every other Monday is
    `0 9 * * 1` with a Monday as anchor, and stays 14 days apart over year ends. A sixth field, first, is
    seconds (as Azure writes cron) and must be 0.
    """

    cron: str
    zone: ZoneInfo
    anchor: date | None = None

    def __post_init__(self) -> None:
        fields = self.cron.split()
        if len(fields) not in (5, 6):
            raise ValueError(
                f"{self.cron!r} has {len(fields)} fields; a schedule has 5, or 6 with seconds first"
            )
        if len(fields) == 6 and fields[0] != "0":
            raise ValueError(f"{self.cron!r} asks for seconds {fields[0]!r}; only 0 is possible")
        try:
            CronSim(self.minutes, datetime(2026, 1, 1, tzinfo=UTC))
        except CronSimError as error:
            raise ValueError(f"{self.cron!r} is no cron expression: {error}") from None

    def due_after(self, moment: datetime) -> Iterator[datetime]:
        """Every due moment after `moment`, in the schedule's zone. May end: 30 February never comes."""
        last = moment.astimezone(UTC)  # two moments of one zone are compared by the times shown
        for wall in CronSim(self.minutes, moment.astimezone(self.zone).replace(tzinfo=None)):
            if self._counts(wall.date()) and (due := self._moment(wall)) > last:
                yield due
                last = due.astimezone(UTC)

    def next_due(self, now: datetime) -> datetime | None:
        """The first due moment after `now`; None when none ever comes."""
        return next(self.due_after(now), None)

    def latest_due(self, now: datetime) -> datetime | None:
        """The last due moment at or before `now`, looking back at most 400 days."""
        now = now.astimezone(UTC)
        latest = _latest_wall(now, self.zone)
        while _is_skipped(latest + A_MINUTE, self.zone):  # what it jumps over may be due before
            latest += A_MINUTE
        for wall in CronSim(self.minutes, latest + A_SECOND, reverse=True):
            due = self._moment(wall)
            if due < now - LOOKS_BACK:
                return None
            if due <= now and self._counts(wall.date()):
                return due
        return None

    def due_before(self, due: datetime) -> datetime | None:
        """The last due moment before this one."""
        return self.latest_due(due.astimezone(UTC) - A_SECOND)

    def later_that_day(self, due: datetime, at: time) -> datetime | None:
        """When a clock shows this time after a due moment, on its day; None where it does not any more."""
        found = Schedule(f"{at.minute} {at.hour} * * *", self.zone).next_due(due)
        return found if found is not None and found.date() == due.astimezone(self.zone).date() else None

    def _moment(self, wall: datetime) -> datetime:
        """When a clock on the wall shows this time first; for one it jumps over, when the jump is done.

        So each time is due once, whatever the clock does; and on its own day, as the day decides the period.
        """
        after = before = wall
        while _is_skipped(after, self.zone):
            after += A_MINUTE
        if after.date() == wall.date():
            return after.replace(tzinfo=self.zone)
        while _is_skipped(before, self.zone):
            before -= A_MINUTE
        return before.replace(tzinfo=self.zone)

    @property
    def minutes(self) -> str:
        """The expression without seconds."""
        return " ".join(self.cron.split()[-5:])

    @property
    def means_either_day(self) -> bool:
        """Whether days of the month and weekdays are both given: cron means either (crontab(5))."""
        _, _, day, _, weekday = self.minutes.split()
        return not day.startswith("*") and not weekday.startswith("*")

    def _counts(self, day: date) -> bool:
        if self.anchor is None:
            return True
        return (_monday(day) - _monday(self.anchor)).days // 7 % 2 == 0


def schedule_setting(report: str) -> str:
    """The setting that counts instead of a report's schedule.

    >>> schedule_setting("bi-weekly")
    'BI_WEEKLY_SCHEDULE'
    """
    return re.sub(r"[^A-Z0-9]", "_", report.upper()) + "_SCHEDULE"


def _latest_wall(moment: datetime, zone: ZoneInfo) -> datetime:
    """The latest time that a clock on the wall has shown by this moment: before it was set back, perhaps."""
    local = moment.astimezone(zone)
    wall = local.replace(tzinfo=None, fold=0, microsecond=0)
    return wall + _offset(wall, zone, 0) - _offset(wall, zone, local.fold)


def _is_skipped(wall: datetime, zone: ZoneInfo) -> bool:
    """Whether the clock jumps over this time: the offset is smaller before it than after (PEP 495)."""
    return _offset(wall, zone, 0) < _offset(wall, zone, 1)


def _offset(wall: datetime, zone: ZoneInfo, fold: int) -> timedelta:
    return wall.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta(0)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
