"""How well ratios, averages and sums of money are judged and explained, next to plain methods."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from bench.driver_data import RatioBreakdown
from bench.insights_drivers import of_ratios
from bench.naive_methods import Answer
from bench.ratio_data import LENGTHS, Kind, KindMetric, KindReport, kind_report
from bench.tally import CLEAR, MODERATE, print_row, print_table, share
from bench.told import answered, daily_of
from reporter.anomalies.judge import analyze
from reporter.reports.figures import Daily
from reporter.reports.measures import EventCount, Measure, PropertyStatistic, Ratio, Statistic
from reporter.reports.subscriptions import MetricSpec

SPANS = 26  # earlier ones that a plain method looks at, at most


def ours(made: KindReport) -> list[Answer]:
    """Of the whole judgement, as a report has it."""
    specs = tuple(spec_of(place, metric) for place, metric in enumerate(made.metrics))
    daily: dict[Measure, Daily] = {}
    now: dict[Measure, float] = {}
    for spec, metric in zip(specs, made.metrics, strict=True):
        now[spec.measure] = metric.figure(*made.window)
        over, under = parts_of(spec.measure)
        daily[under] = daily_of(made.days, metric.denominator)
        daily[over] = daily_of(made.days, day_values(metric))
    edition, figures = answered(specs, made.days, made.window, daily, now)
    found = analyze(edition.spec, figures).found
    known = (found.get(spec.label) for spec in specs)
    return [Answer(one.unusual, one.expected) if one else Answer(False, math.nan) for one in known]


def spec_of(place: int, metric: KindMetric) -> MetricSpec:
    event, tried = f"Event {place}", EventCount(f"Tried {place}")
    measures: dict[str, Measure] = {
        "ratio": Ratio(EventCount(event), tried),
        "average": PropertyStatistic(event, "amount", Statistic.AVERAGE),
        "sum": PropertyStatistic(event, "amount", Statistic.SUM),
    }
    return MetricSpec(f"Metric {place}", measures[metric.kind])


def parts_of(measure: Measure) -> tuple[Measure, Measure]:
    """What has a number each day: numerator and denominator, or the amount and how often."""
    if isinstance(measure, Ratio):
        return measure.numerator, measure.denominator
    assert isinstance(measure, PropertyStatistic)
    return measure, EventCount(measure.event)


def day_values(metric: KindMetric) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """An average is each day's own, and unknown where there was nothing."""
    if metric.kind != "average":
        return metric.numerator
    many = metric.denominator
    return np.where(many > 0, metric.numerator / np.maximum(many, 1), np.nan)


def past_figures(metric: KindMetric, window: tuple[int, int]) -> list[float]:
    """Of spans as long as the window before it, the newest first."""
    first, length = window[0], window[1] - window[0]
    starts = range(first - length, -1, -length)[:SPANS]
    figures = (metric.figure(start, start + length) for start in starts)
    return [figure for figure in figures if math.isfinite(figure)]


def twenty_percent(metric: KindMetric, window: tuple[int, int]) -> Answer:
    expected = past_figures(metric, window)[0]
    return Answer(abs(metric.figure(*window) - expected) > 0.2 * expected, expected)


def z_score(metric: KindMetric, window: tuple[int, int]) -> Answer:
    """The figure against mean and deviation of the earlier ones, 3 away."""
    past = past_figures(metric, window)
    expected, deviation = float(np.mean(past)), float(np.std(past, ddof=1))
    return Answer(abs(metric.figure(*window) - expected) > 3 * deviation, expected)


def each(judge: Callable[[KindMetric, tuple[int, int]], Answer]) -> Callable[[KindReport], list[Answer]]:
    return lambda made: [judge(metric, made.window) for metric in made.metrics]


METHODS: Mapping[str, Callable[[KindReport], list[Answer]]] = {
    "ours": ours,
    "± 20 % to the previous": each(twenty_percent),
    "z-scores of periods": each(z_score),
}
OF_KIND: Mapping[str, Kind] = {"ratios": "ratio", "averages": "average", "sums": "sum"}
HEADINGS = ("false/rep.", "quiet/false", "precision", "clear", "moderate", "judged", "off/median", "off/p90")


@dataclass(slots=True)
class Found:
    """What a method got right and wrong over many reports, of all kinds or of one."""

    reports: int = 0
    false_alarms: int = 0
    true_alarms: int = 0
    quiet: list[bool] = field(default_factory=list[bool])
    clear: list[bool] = field(default_factory=list[bool])
    moderate: list[bool] = field(default_factory=list[bool])
    judged: list[bool] = field(default_factory=list[bool])
    off: list[float] = field(default_factory=list[float])

    def add(self, made: KindReport, judged: list[tuple[KindMetric, Answer]]) -> None:
        self.reports += 1
        false = sum(answer.unusual for metric, answer in judged if metric.moved is None)
        self.false_alarms += false
        if made.is_quiet:
            self.quiet.append(false > 0)
        for metric, answer in judged:
            self.judged.append(math.isfinite(answer.expected))
            if self.judged[-1]:
                self.off.append(abs(answer.expected / metric.expected - 1))
            if metric.moved is None:
                continue
            self.true_alarms += answer.unusual
            if metric.moved.size >= MODERATE:
                (self.clear if metric.moved.size >= CLEAR else self.moderate).append(answer.unusual)

    @property
    def figures(self) -> tuple[float, ...]:
        alarms = self.true_alarms + self.false_alarms
        return (
            self.false_alarms / self.reports,
            share(self.quiet),
            self.true_alarms / alarms if alarms else math.nan,
            share(self.clear),
            share(self.moderate),
            share(self.judged),
            *(float(np.quantile(self.off, at)) if self.off else math.nan for at in (0.5, 0.9)),
        )


def print_kinds(seeds: range) -> None:
    """Of as many seeds for each length of the window."""
    made = {length: [kind_report(seed, length) for seed in seeds] for length in LENGTHS}
    print_table(f"Ratios, averages, sums: {len(LENGTHS) * len(seeds)} reports of 8 metrics", HEADINGS)
    for name, method in METHODS.items():
        rows = {row: Found() for row in ("", *(f"{length} days" for length in LENGTHS), *OF_KIND)}
        for length, reports in made.items():
            for one in reports:
                judged = list(zip(one.metrics, method(one), strict=True))
                for row in ("", f"{length} days"):
                    rows[row].add(one, judged)
                for row, kind in OF_KIND.items():
                    rows[row].add(one, [pair for pair in judged if pair[0].kind == kind])
        for row, found in rows.items():
            print_row(f"  {row}" if row else name, found.figures)
    print_causes([one for reports in made.values() for one in reports])


def print_causes(reports: list[KindReport]) -> None:
    """Of the ratios that moved clearly: who is named, by what moved."""
    moved = [metric for made in reports for metric in made.metrics if is_clear(metric)]
    print_table(
        f"Causes of {len(moved)} ratios that moved clearly", ["right 1st", "claims", "claims ok", "blames"]
    )
    rows = {
        "rate": ("rate", "all rates"),
        "mix": ("mix", "all rates"),
        "rate, mix": ("rate", "mix", "all rates"),
    }
    for name, moves in rows.items():
        cases = (
            RatioBreakdown(metric.segments, metric.total, frozenset(metric.causes))
            for metric in moved
            if metric.moved and metric.total and metric.moved.move in moves
        )
        blame = of_ratios(cases)
        print_row(name, [share(one) for one in (blame.right, blame.claimed, blame.rightly, blame.blamed)])


def is_clear(metric: KindMetric) -> bool:
    return metric.kind == "ratio" and metric.moved is not None and metric.moved.size >= CLEAR
