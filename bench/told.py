"""What whole reports say of made-up metrics: how often a record or a milestone is told in a quiet one."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np

from bench.insights_data import Days, SyntheticReport, World, report
from bench.noise import Floats
from reporter.anomalies.judge import judge
from reporter.reports.compose import compose
from reporter.reports.figures import Daily, Figures, Measured, Project
from reporter.reports.measures import EventCount, Measure
from reporter.reports.periods import Cadence
from reporter.reports.report import Report
from reporter.reports.subscriptions import Edition, MetricSpec, Order, ReportSpec

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
    metrics = tuple(
        MetricSpec(f"Metric {place}", EventCount(f"Event {place}")) for place in range(len(made.metrics))
    )
    daily = {
        metric.measure: daily_of(made.days, one.values)
        for metric, one in zip(metrics, made.metrics, strict=True)
    }
    sums = {
        metric.measure: float(np.nansum(one.values[first:end]))
        for metric, one in zip(metrics, made.metrics, strict=True)
    }
    edition, figures = answered(metrics, made.days, made.window, daily, sums)
    return compose(edition, figures, judge(edition.spec, figures), figures.computed_at)


def daily_of(days: Days, values: Floats) -> Daily:
    first: list[date] = days[:1].tolist()
    return Daily(first[0], tuple(None if math.isnan(value) else value for value in values.tolist()))


def answered(
    metrics: tuple[MetricSpec, ...],
    days: Days,
    window: tuple[int, int],
    daily: Mapping[Measure, Daily],
    now: Mapping[Measure, float],
) -> tuple[Edition, Figures]:
    """What a report of these metrics asks about the window, and the answer of a source that knows this."""
    dates: list[date] = days.tolist()
    spec = ReportSpec("bench", "Bench", Cadence.WEEKLY, metrics, top_events=0, charts=False)
    then = datetime(dates[-1].year + 1, 1, 1, tzinfo=UTC)
    edition = Order(spec, first=dates[window[0]], last=dates[window[1] - 1]).edition(then, ZONE)
    known = {measure: Measured(value) for measure, value in now.items()}
    return edition, Figures(
        project=Project("1", "Bench", ZONE),
        question=edition.question,
        now=known,
        before=known,
        daily=daily,
        ranking=None,
        computed_at=then,
        queries=0,
    )
