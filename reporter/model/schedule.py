"""When a report is due: cron in a time zone, and every other week from an anchor."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

FIRST_MONDAY = date(2026, 1, 5)  # the anchor of every-other-week schedules that name none


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
        for due in CronSim(self.minutes, moment.astimezone(self.zone)):
            if self._counts(due.date()):
                yield due

    def next_due(self, now: datetime) -> datetime | None:
        """The first due moment after `now`; None when none ever comes."""
        return next(self.due_after(now), None)

    def latest_due(self, now: datetime) -> datetime | None:
        """The last due moment at or before `now`, looking back at most 400 days."""
        oldest = now - timedelta(days=400)
        for due in CronSim(self.minutes, now.astimezone(self.zone) + timedelta(seconds=1), reverse=True):
            if due < oldest:
                return None
            if self._counts(due.date()):
                return due
        return None

    @property
    def minutes(self) -> str:
        """The expression without seconds."""
        return " ".join(self.cron.split()[-5:])

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


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
