"""What whole reports say of made-up metrics: how often a record or a milestone is told in a quiet one."""

import math
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np

from bench.insights_data import SyntheticReport, World, report
from reporter.anomalies.judge import judge
from reporter.reports.compose import compose
from reporter.reports.figures import Daily, Figures, Measured, Project
from reporter.reports.measures import EventCount, Measure
from reporter.reports.periods import Cadence, Period
from reporter.reports.report import Report
from reporter.reports.subscriptions import MetricSpec, Order, ReportSpec

ZONE = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Told:
    """Of so many quiet reports, how many told a finding of each kind."""

    reports: int
    kinds: Counter[str]

    def share(self, kind: str) -> float:
        return self.kinds[kind] / max(1, self.reports)


def told(world: World, seeds: range, length: int | None = None) -> Told:
    """What reports say in which nothing was planted."""
    quiet = [made for seed in seeds if (made := report(seed, world, length)).is_quiet]
    kinds = Counter(
        kind for made in quiet for kind in {type(finding).__name__ for finding in composed(made).findings}
    )
    return Told(len(quiet), kinds)


def composed(made: SyntheticReport) -> Report:
    """The report that a team would get of these metrics."""
    first, end = made.window
    days: list[date] = made.days.tolist()
    period = Period.of_days(days[first], days[end - 1])
    metrics = tuple(
        MetricSpec(f"Metric {place}", EventCount(f"Event {place}")) for place in range(len(made.metrics))
    )
    spec = ReportSpec("bench", "Bench", Cadence.WEEKLY, metrics, top_events=0, charts=False)
    now = datetime(days[-1].year + 1, 1, 1, tzinfo=UTC)
    edition = Order(spec, first=period.start, last=period.last).edition(now, ZONE)
    daily: dict[Measure, Daily] = {
        metric.measure: Daily(days[0], tuple(None if math.isnan(value) else value for value in one.values))
        for metric, one in zip(metrics, made.metrics, strict=True)
    }
    sums = {
        metric.measure: Measured(float(np.nansum(one.values[first:end])))
        for metric, one in zip(metrics, made.metrics, strict=True)
    }
    figures = Figures(
        project=Project("1", "Bench", ZONE),
        question=edition.question,
        now=sums,
        before=sums,
        daily=daily,
        ranking=None,
        computed_at=now,
        queries=0,
    )
    return compose(edition, figures, judge(spec, figures), now)
