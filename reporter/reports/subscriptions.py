"""What a report is, when it comes and where it goes; how a metric's numbers read."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from reporter.reports.measures import EventCount, Measure
from reporter.reports.periods import Cadence
from reporter.reports.schedules import Schedule


@dataclass(frozen=True, slots=True)
class Format:
    """A plain number, a share of a whole (0.127 reads 12.7 %), or money."""

    is_percent: bool = False
    currency: str | None = None  # ISO 4217, such as EUR


LANGUAGES = ("en", "de", "fr")  # in which reports are worded: each is a file of render/
NUMBER = Format()
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


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """A metric of a report. `sentence` is how a finding about it begins: "{value} new users joined"."""

    label: str
    measure: Measure
    sentence: str | None = None
    sentence_for_one: str | None = None  # "{value} new user joined"
    format: Format = NUMBER
    goal: Goal | None = None
    key: str = field(default="", compare=False)  # its name in the settings

    def said(self, value: float) -> str | None:
        """The sentence for this value."""
        return self.sentence_for_one or self.sentence if value == 1 else self.sentence


@dataclass(frozen=True, slots=True)
class ReportSpec:
    """What one report shows."""

    name: str
    title: str
    cadence: Cadence
    metrics: tuple[MetricSpec, ...]
    top_events: int = 5  # how many; 0 for none
    hidden_events: frozenset[str] = frozenset()  # never ranked
    charts: bool = True
    company: str = ""
    locale: str = "en"
    insights: Insights = Insights.FULL
    sensitivity: Sensitivity = Sensitivity.NORMAL
    drivers: tuple[str, ...] = ()  # the properties by which causes are looked for
    holidays: str | None = None  # the country, or its part, whose holidays count: "DE", "US-CA"
    only_when_unusual: bool = False
    mention: str | None = None  # who is called: "here", "channel", or the id of a user or a group

    def about(self, events: tuple[str, ...]) -> "ReportSpec":
        """The same report, with the counts of these events as its metrics."""
        known = {metric.measure: metric for metric in self.metrics}
        counts = (EventCount(event) for event in dict.fromkeys(events))
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

    def next_due(self, after: datetime) -> datetime | None:
        """When it comes next, of a report of every other week; None for others."""
        return self.schedule.next_due(after) if self.schedule.anchor is not None else None

    def is_sent(self, due: datetime) -> bool:
        """Whether the report of this due moment is sent, or falls into a pause."""
        if self.is_paused:
            return False
        return self.paused_until is None or due.astimezone(self.schedule.zone).date() >= self.paused_until
