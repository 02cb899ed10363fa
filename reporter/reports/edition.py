"""One report of one period: made from the moment it was due, or from what somebody asked for."""

import json
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from reporter.reports.deliveries import Delivery
from reporter.reports.errors import DaysRefused
from reporter.reports.figures import Question
from reporter.reports.periods import ONE_DAY, Cadence, Period
from reporter.reports.subscriptions import ReportSpec, Subscription

MOST_DAYS = 7  # that a daily report makes up for; after a longer pause it covers yesterday


@dataclass(frozen=True, slots=True)
class Edition:
    """A report of a period, and the period it is compared with."""

    spec: ReportSpec
    cadence: Cadence | None  # None for days somebody chose
    period: Period
    previous: Period
    due: datetime | None = None  # None when it was asked for by hand
    called: str = ""  # its name in the ledger, where that is not the report's
    next_due: datetime | None = None  # of a report of every other week: readers cannot know which

    @property
    def question(self) -> Question:
        """All that this edition asks a source."""
        measures = tuple(dict.fromkeys(metric.measure for metric in self.spec.metrics))
        return Question(measures, self.period, self.previous, ranks_events=self.spec.top_events > 0)

    def delivery(self, destination: str) -> Delivery:
        """This edition, to one destination."""
        return Delivery(self.called or self.spec.name, self.period, destination)

    def delivery_before(self, destination: str) -> Delivery:
        """The same report of the days that this edition is compared with."""
        return replace(self.delivery(destination), period=self.previous)


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for: the report of a due moment, or by hand the last complete period or chosen days.

    With `first`, the days from there to `last`, or to the last complete day. `events` replace the metrics.
    """

    spec: ReportSpec
    due: datetime | None = None
    first: date | None = None
    last: date | None = None
    events: tuple[str, ...] = ()
    days: int = 1  # that a daily report covers: those since the one before, where some days have none
    called: str = ""  # makes it a delivery of its own: what the ledger calls it instead of by its report
    next_due: datetime | None = None

    @classmethod
    def of(cls, subscription: Subscription, due: datetime) -> "Order":
        """The order that is due at this moment. A daily of weekdays covers Friday to Sunday on Monday."""
        spec, schedule = subscription.spec, subscription.schedule
        if spec.cadence is not Cadence.DAILY:
            return cls(spec, due, next_due=subscription.next_due(due))
        before = schedule.due_before(due)
        gap = (due.astimezone(schedule.zone).date() - before.date()).days if before else 1
        return cls(spec, due, days=gap if 1 < gap <= MOST_DAYS else 1)

    def edition(self, now: datetime, project_zone: ZoneInfo) -> Edition:
        """The edition that was asked for. A late run gets the days of its due moment.

        Raises DaysRefused for a range that is reversed, not complete yet, or has no start.
        """
        spec = self.spec.about(self.events) if self.events else self.spec
        today = (self.due or now).astimezone(project_zone).date()
        if self.first is not None or self.last is not None:
            period = self._chosen(today, project_zone)
            previous = period.earlier(7) if period.length == 1 else period.previous
            return Edition(replace(spec, title="Custom Report"), None, period, previous, None, self._name)
        if self.days > 1:
            period = Period(today - timedelta(days=self.days), today)
            return Edition(spec, None, period, period.earlier(7), self.due, self._name)
        period = spec.cadence.period(today)
        compared = spec.cadence.compared(period)
        return Edition(spec, spec.cadence, period, compared, self.due, self._name, self.next_due)

    @property
    def _name(self) -> str:
        """What the ledger calls it: other days or events than the report's own are another delivery."""
        events = f" about {', '.join(map(_distinct, self.events))}" if self.events else ""
        chosen = " by hand" if self.first is not None or self.last is not None else ""
        return self.called or (f"{self.spec.name}{events}{chosen}" if events or chosen else "")

    def _chosen(self, today: date, project_zone: ZoneInfo) -> Period:
        first, last = self.first, self.last or today - ONE_DAY
        if first is None:
            raise DaysRefused(f"The range ends on {last} but has no start: give its first day, too.")
        if last >= today or first >= today:
            raise DaysRefused(
                f"The range {first} to {last} is not complete yet: in the project's time zone "
                f"({project_zone.key}) today is {today}. The last complete day is {today - ONE_DAY}."
            )
        if last < first:
            raise DaysRefused(f"The range is reversed: it starts on {first} and ends on {last}.")
        return Period.of_days(first, last)


def _distinct(event: str) -> str:
    """The name, in quotes where it could be taken for several."""
    return json.dumps(event, ensure_ascii=False) if "," in event or event.startswith('"') else event
