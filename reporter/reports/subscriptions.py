"""What a report is, when it is due and where it goes; and one edition of it, with its days."""

import json
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from reporter.reports.conditions import Where
from reporter.reports.deliveries import Delivery
from reporter.reports.errors import DaysRefused
from reporter.reports.figures import Question
from reporter.reports.measures import EventCount, Measure
from reporter.reports.periods import ONE_DAY, Cadence, Comparison, Period, year_before
from reporter.reports.schedules import Schedule


@dataclass(frozen=True, slots=True)
class Format:
    """A plain number, a share of a whole (0.127 reads 12.7 %), or money."""

    is_percent: bool = False
    currency: str | None = None  # ISO 4217, such as EUR


LANGUAGES = ("en", "de", "fr")  # in which reports are worded: each is a file of render/
NUMBER = Format()
MOST_CHARTS = 2  # as many as a message of Slack takes
PERCENT = Format(is_percent=True)


class Insights(StrEnum):
    """How much a report says of what is unusual."""

    OFF = "off"
    QUIET = "quiet"
    FULL = "full"


class Sensitivity(StrEnum):
    """How eagerly a report calls something unusual."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Goal:
    """What a metric should come to in a period: at least, or at most, so much; from `by` on, where given."""

    target: float
    by: date | None = None
    is_limit: bool = False  # at most
    of: Cadence | None = None  # the period that it is a goal of; None of any, as a share has it


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """A metric of a report. `sentence` is how a finding about it begins: "{value} new users joined"."""

    label: str
    measure: Measure
    sentence: str | None = None
    sentence_for_one: str | None = None  # "{value} new user joined"
    format: Format = NUMBER
    goals: tuple[Goal, ...] = ()  # one a period at most
    key: str = field(default="", compare=False)  # its name in the settings
    judge_by: str | None = None  # a property whose largest values are judged, too
    section: str = ""  # the heading it stands under
    is_lower_better: bool = False
    link: str | None = None  # where a reader finds more about it
    is_charted: bool | None = None  # None: where there is room, and a reason
    in_warehouse: bool = False  # measured there, wherever the report's other numbers come from

    def goal_of(self, cadence: Cadence | None) -> Goal | None:
        """The goal of such a period: no other one's is held against it."""
        return next((goal for goal in self.goals if goal.of is None or goal.of is cadence), None)

    def sentence_of(self, value: float) -> str | None:
        """The sentence for this value."""
        return self.sentence_for_one or self.sentence if value == 1 else self.sentence


PLACEHOLDERS: Final = ("{period}", "{start}", "{end}")  # for the days of a report, in texts of the settings
NO_HOLIDAYS: Final = "none"  # where the file says that none count


@dataclass(frozen=True, slots=True)
class ReportSpec:
    """What one report shows."""

    name: str
    title: str
    cadence: Cadence
    metrics: tuple[MetricSpec, ...]
    top_events: int = 5  # how many; 0 for none
    hidden_events: frozenset[str] = frozenset()  # never ranked
    charts: int = MOST_CHARTS  # how many, at most
    company: str = ""
    locale: str = "en"
    insights: Insights = Insights.FULL
    sensitivity: Sensitivity = Sensitivity.NORMAL
    drivers: tuple[str, ...] = ()  # the properties by which causes are looked for
    holidays: str | None = None  # the country, or its part, whose holidays count: "DE", "US-CA", or "none"
    only_when_unusual: bool = False
    mention: str | None = None  # who is called: "here", "channel", or the id of a user or a group
    where: Where = ()  # what events must be to count; metrics have it among their own conditions
    event_labels: tuple[tuple[str, str], ...] = ()  # what events are called in the ranking
    footer: str = ""  # a line of the company's own
    compare: Comparison = Comparison.PREVIOUS
    in_warehouse: bool = False  # all of it is measured there
    project: str | None = None  # its name among several, "" for that of the environment; None: the only one

    @property
    def owner(self) -> str:
        """Whose report it is, as far as the settings tell."""
        return " · ".join(filter(None, (self.company, self.project)))

    @property
    def heading(self) -> str:
        """What it is called where its days are not known: by its name, where its title has room for them."""
        return self.name if any(each in self.title for each in PLACEHOLDERS) else self.title

    def about(self, events: tuple[str, ...]) -> "ReportSpec":
        """The same report, with the counts of these events as its metrics."""
        known = {metric.measure: metric for metric in self.metrics}
        counts = (EventCount(event, self.where) for event in dict.fromkeys(events))
        metrics = tuple(known.get(count, MetricSpec(count.event, count)) for count in counts)
        return replace(self, metrics=metrics)

    def every(self, cadence: Cadence) -> "ReportSpec":
        """The same report at another cadence, under that one's title."""
        if cadence is self.cadence:
            return self
        word = "Bi-Weekly" if cadence is Cadence.BIWEEKLY else cadence.capitalize()
        return replace(self, cadence=cadence, title=f"{word} Report")


@dataclass(frozen=True, slots=True)
class Subscription:
    """A report's spec, its schedule and the names of its destinations."""

    spec: ReportSpec
    schedule: Schedule
    destinations: tuple[str, ...]
    is_paused: bool = False
    paused_until: date | None = None  # the first day on which it comes again, in the schedule's zone
    project: str | None = None  # what it is about, by its name in the file; None: the environment's
    waits_until: time | None = None  # for the data of its last day, in the schedule's zone
    made_up_within: timedelta | None = None  # what was missed is sent, if it was due no longer ago

    def next_due(self, after: datetime) -> datetime | None:
        """When it comes next, of a report of every other week; None for others."""
        return self.schedule.next_due(after) if self.schedule.anchor is not None else None

    def data_deadline(self, due: datetime) -> datetime | None:
        """Up to when the report of a due moment waits for its data; None where it does not wait."""
        return None if self.waits_until is None else self.schedule.later_that_day(due, self.waits_until)

    def is_too_late(self, due: datetime, now: datetime) -> bool:
        """Whether the report of this due moment, which was not begun, is told of instead of sent."""
        last = self.data_deadline(due) or due
        return self.made_up_within is not None and now - last > self.made_up_within

    def is_sent(self, due: datetime) -> bool:
        """Whether the report of this due moment is sent, or falls into a pause."""
        if self.is_paused:
            return False
        return self.paused_until is None or due.astimezone(self.schedule.zone).date() >= self.paused_until


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
    data_deadline: datetime | None = None  # up to when it waits for the data of its last day
    has_waited: bool = False  # for them

    @property
    def question(self) -> Question:
        """All that this edition asks a source."""
        measures = tuple(dict.fromkeys(metric.measure for metric in self.spec.metrics))
        ranks_events = self.spec.top_events > 0
        return Question(
            measures,
            self.period,
            self.previous,
            ranks_events,
            self.spec.where,
            self.spec.compare is not Comparison.NONE,
        )

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
    data_deadline: datetime | None = None

    @classmethod
    def of(cls, subscription: Subscription, due: datetime) -> "Order":
        """The order that is due at this moment. A daily of weekdays covers Friday to Sunday on Monday."""
        spec, schedule = subscription.spec, subscription.schedule
        deadline = subscription.data_deadline(due)
        if spec.cadence is not Cadence.DAILY:
            return cls(spec, due, next_due=subscription.next_due(due), data_deadline=deadline)
        before = schedule.due_before(due)
        gap = (due.astimezone(schedule.zone).date() - before.date()).days if before else 1
        return cls(spec, due, days=gap if 1 < gap <= MOST_DAYS else 1, data_deadline=deadline)

    def edition(self, now: datetime, project_zone: ZoneInfo) -> Edition:
        """The edition that was asked for. A late run gets the days of its due moment.

        Raises DaysRefused for a range that is reversed, not complete yet, or has no start.
        """
        spec = self.spec.about(self.events) if self.events else self.spec
        today = (self.due or now).astimezone(project_zone).date()
        if self.first is not None or self.last is not None:
            period = self._chosen(today, project_zone)
            compared = self._compared(period, period.earlier(7) if period.length == 1 else period.previous)
            return Edition(replace(spec, title="Custom Report"), None, period, compared, None, self._name)
        if self.days > 1:
            period = Period(today - timedelta(days=self.days), today)
            compared = self._compared(period, period.earlier(7))
            made = Edition(spec, None, period, compared, self.due, self._name)
            return replace(made, data_deadline=self.data_deadline)
        period = spec.cadence.period(today)
        compared = self._compared(period, spec.cadence.compared(period))
        made = Edition(spec, spec.cadence, period, compared, self.due, self._name, self.next_due)
        return replace(made, data_deadline=self.data_deadline)

    def _compared(self, period: Period, before: Period) -> Period:
        return year_before(period) if self.spec.compare is Comparison.YEAR else before

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
