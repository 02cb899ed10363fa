"""What a team asked for: a report, when it comes, and where to."""

from dataclasses import dataclass

from reporter.model.measure import Measure
from reporter.model.period import Cadence
from reporter.model.schedule import Schedule


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """A metric of a report. `sentence` is how a finding about it begins: "{value} new users joined"."""

    label: str
    measure: Measure
    sentence: str | None = None


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


@dataclass(frozen=True, slots=True)
class Subscription:
    """A report's spec, its schedule and the names of its destinations."""

    spec: ReportSpec
    schedule: Schedule
    destinations: tuple[str, ...]
