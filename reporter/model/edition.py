"""One report of one period: made from the moment it was due, or from days somebody chose."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from reporter.model.errors import Refused
from reporter.model.figures import Question
from reporter.model.period import ONE_DAY, Cadence, Period
from reporter.model.subscription import ReportSpec


@dataclass(frozen=True, slots=True)
class Edition:
    """A report of a period, and the period it is compared with."""

    spec: ReportSpec
    cadence: Cadence | None  # None for days somebody chose
    period: Period
    previous: Period
    due: datetime | None = None  # None when it was asked for by hand

    @classmethod
    def due_at(cls, spec: ReportSpec, due: datetime, project_zone: ZoneInfo) -> "Edition":
        """The edition of a due moment. A late run passes the same moment, and gets the same days."""
        period = spec.cadence.period(due.astimezone(project_zone).date())
        return cls(spec, spec.cadence, period, spec.cadence.compared(period), due)

    @classmethod
    def latest(cls, spec: ReportSpec, now: datetime, project_zone: ZoneInfo) -> "Edition":
        """The edition of the last complete period."""
        period = spec.cadence.period(now.astimezone(project_zone).date())
        return cls(spec, spec.cadence, period, spec.cadence.compared(period))

    @classmethod
    def chosen(
        cls, spec: ReportSpec, first: date, last: date, now: datetime, project_zone: ZoneInfo
    ) -> "Edition":
        """The edition of complete days somebody chose. Raises Refused with the reason."""
        today = now.astimezone(project_zone).date()
        if last < first:
            raise Refused(f"The range is reversed: it starts on {first} and ends on {last}.")
        if last >= today:
            raise Refused(
                f"The range {first} to {last} is not complete yet: in the project's time zone "
                f"({project_zone.key}) today is {today}. The last complete day is {today - ONE_DAY}."
            )
        period = Period.of_days(first, last)
        previous = period.earlier(7) if period.length == 1 else period.previous
        return cls(spec, None, period, previous)

    @property
    def question(self) -> Question:
        """All that this edition asks a source."""
        measures = tuple(dict.fromkeys(metric.measure for metric in self.spec.metrics))
        return Question(measures, self.period, self.previous, ranks_events=self.spec.top_events > 0)
