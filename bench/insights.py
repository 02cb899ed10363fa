"""How good the insights are, next to methods others use: `python -m bench.insights [--more]`.

Everything is drawn from seeds. The figures are of seeds that nothing was tuned on, and of two worlds that are
built differently, `steady` and `rough` (see insights_data.py).
"""

import argparse
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from bench import driver_data, tracking_data
from bench.eventful_data import eventful
from bench.insights_data import Floats, SyntheticReport, World, report, rough, steady
from bench.told import told
from reporter.anomalies.expectation import assess
from reporter.anomalies.fit import fit
from reporter.anomalies.metric_history import without_low
from reporter.anomalies.ratio_drivers import explain_ratio
from reporter.anomalies.segments import explain
from reporter.anomalies.tracking import faults_in
from reporter.reports.periods import Period
from reporter.reports.subscriptions import Sensitivity

HELD_OUT = 500_000  # seeds from here on; tuning used seeds below 10,000
WORLDS = (steady, rough, eventful)
CLEAR, MODERATE = 6.0, 3.0  # true standard deviations
LOUD = 10.0  # events a day from which a dead event must be heard
COUNTED = 10.0  # expected events of a period from which its expectation is judged


@dataclass(frozen=True, slots=True)
class Answer:
    """What a method says of one metric."""

    unusual: bool
    expected: float


Method: TypeAlias = Callable[[SyntheticReport], list[Answer]]


def ours(made: SyntheticReport) -> list[Answer]:
    return answers([metric.values for metric in made.metrics], made.window)


def answers(values: Sequence[Floats], window: tuple[int, int]) -> list[Answer]:
    model = fit(np.stack(values), window)
    found = assess(model, model and model.expected(window[1]), Sensitivity.NORMAL)
    known = (found.get(place) for place in range(len(values)))
    return [Answer(one.unusual, one.expected) if one else Answer(False, math.nan) for one in known]


def without_holidays(made: SyntheticReport) -> list[Answer]:
    """The same, had low numbers of holidays been left out of the past: more is found, and more is false."""
    days: list[date] = made.days.tolist()
    span = Period.of_days(days[0], days[-1])
    kept = (
        without_low(metric.values, span, [days[place] for place in metric.holidays])
        for metric in made.metrics
    )
    return answers([*kept], made.window)


def each(judge: Callable[[Floats, Floats], Answer]) -> Method:
    """A method that looks at one metric at a time: at its history and at its period."""

    def method(made: SyntheticReport) -> list[Answer]:
        first, end = made.window
        return [judge(metric.values[:first], metric.values[first:end]) for metric in made.metrics]

    return method


def twenty_percent(history: Floats, period: Floats) -> Answer:
    """More or less than the previous period by 20 %."""
    expected = float(np.nansum(history[-period.size :]))
    actual = float(period.sum())
    return Answer(abs(actual - expected) > 0.2 * expected, expected)


def z_score(history: Floats, period: Floats) -> Answer:
    """PostHog's z-score detector: the newest value against mean and deviation of the values before, 3 away.

    Values are totals of spans as long as the period, at most the last 26 of them.
    """
    totals = past_totals(history, period.size)
    deviation = float(np.std(totals, ddof=1)) if totals.size > 1 else 0.0
    expected = float(totals.mean()) if totals.size else 0.0
    return Answer(deviation > 0 and abs(float(period.sum()) - expected) > 3 * deviation, expected)


def past_totals(history: Floats, length: int) -> Floats:
    """Totals of consecutive spans, the newest last; a missing day is as the mean of its span."""
    spans = history[history.size % length :].reshape(-1, length)[-26:]
    known = np.isfinite(spans)
    means = np.where(known, spans, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return means[known.any(axis=1)] * length


def same_weekday(history: Floats, period: Floats) -> Answer:
    """Median of the last 8 of each weekday; 3 robust deviations of a day, added up over the period."""
    expected, variance = 0.0, 0.0
    for place in range(period.size):
        back = 7 - place % 7
        past = history[history.size - back :: -7][:8]
        past = past[np.isfinite(past)]
        middle = float(np.median(past)) if past.size else 0.0
        deviation = 1.4826 * float(np.median(np.abs(past - middle))) if past.size else 0.0
        expected += middle
        variance += max(deviation**2, middle)
    return Answer(abs(float(period.sum()) - expected) > 3 * max(variance, 1.0) ** 0.5, expected)


def quasi_poisson(history: Floats, period: Floats) -> Answer:
    """A quasi-Poisson regression on weekday and trend, flagged at 3 standard errors of the total."""
    size, length = history.size, period.size
    rows = design(size + length)
    known = np.isfinite(history)
    x, y = rows[:size][known], history[known]
    coefficients = np.zeros(rows.shape[1])
    coefficients[0] = np.log(max(float(y.mean()), 0.01))
    covariance = np.eye(rows.shape[1])
    for _ in range(12):
        mean = np.exp(np.clip(x @ coefficients, -20, 20))
        covariance = np.linalg.inv((x * mean[:, None]).T @ x + 1e-3 * np.eye(x.shape[1]))
        coefficients = coefficients + np.clip(covariance @ (x.T @ (y - mean)), -2, 2)
    mean = np.exp(np.clip(x @ coefficients, -20, 20))
    chi_square = float(((y - mean) ** 2 / np.maximum(mean, 0.01)).sum())
    dispersion = max(1.0, chi_square / max(y.size - x.shape[1], 1))
    ahead = np.exp(np.clip(rows[size:] @ coefficients, -20, 20))
    gradient = ahead @ rows[size:]
    expected = float(ahead.sum())
    error = (dispersion * (expected + float(gradient @ covariance @ gradient))) ** 0.5
    return Answer(abs(float(period.sum()) - expected) > 3 * max(error, 1e-9), expected)


def design(days: int) -> Floats:
    """Intercept, trend and six weekdays: (days, 8)."""
    day = np.arange(days, dtype=np.int64)
    columns = [np.ones(days), (day - days / 2) / 91, *((day % 7 == weekday) * 1.0 for weekday in range(6))]
    return np.stack(columns, axis=1)


METHODS: dict[str, Method] = {
    "ours": ours,
    "ours, no past holidays": without_holidays,
    "± 20 % to the previous": each(twenty_percent),
    "z-scores (as PostHog)": each(z_score),
    "same weekday, MAD": each(same_weekday),
    "quasi-Poisson regression": each(quasi_poisson),
}


@dataclass(slots=True)
class Tally:
    """What a method got right and wrong over many reports."""

    reports: int = 0
    false_alarms: int = 0
    quiet: list[bool] = field(default_factory=list[bool])  # an alarm in a report with nothing planted
    true_alarms: int = 0
    clear: list[bool] = field(default_factory=list[bool])
    moderate: list[bool] = field(default_factory=list[bool])
    dead: list[bool] = field(default_factory=list[bool])
    off: list[float] = field(default_factory=list[float])
    seconds: float = 0.0
    series: int = 0

    def add(self, made: SyntheticReport, answers: list[Answer], seconds: float) -> None:
        self.reports += 1
        self.seconds += seconds
        self.series += len(answers)
        false = sum(a.unusual for m, a in zip(made.metrics, answers, strict=True) if m.planted is None)
        self.false_alarms += false
        if made.is_quiet:
            self.quiet.append(false > 0)
        for metric, answer in zip(made.metrics, answers, strict=True):
            if metric.expected >= COUNTED:
                self.off.append(abs(answer.expected / metric.expected - 1))
            if metric.planted is None:
                continue
            self.true_alarms += answer.unusual
            if metric.planted.size >= CLEAR:
                self.clear.append(answer.unusual)
            elif metric.planted.size >= MODERATE:
                self.moderate.append(answer.unusual)
            if metric.planted.kind == "dead" and metric.volume >= LOUD:
                self.dead.append(answer.unusual)

    @property
    def figures(self) -> tuple[float, ...]:
        alarms = max(1, self.true_alarms + self.false_alarms)
        return (
            self.false_alarms / self.reports,
            share(self.quiet),
            self.true_alarms / alarms,
            share(self.clear),
            share(self.moderate),
            share(self.dead),
            float(np.median(self.off)),
            float(np.quantile(self.off, 0.9)),
            self.seconds / self.series * 1000,
        )


def share(answers: list[bool]) -> float:
    return sum(answers) / max(1, len(answers))


def tallied(method: Method, world: World, seeds: range, length: int | None = None) -> Tally:
    tally = Tally()
    for seed in seeds:
        made = report(seed, world, length)
        start = time.process_time()
        answers = method(made)
        tally.add(made, answers, time.process_time() - start)
    return tally


COUNTS = ("false/rep.", "quiet/false", "precision", "clear", "moderate", "dead")
HEADINGS = (*COUNTS, "off/median", "off/p90", "ms/series")


def print_expectations(world: World, reports: int) -> None:
    print(f"\nUnusual metrics: {reports} reports of 20 metrics, world “{world.name}”")
    print(f"{'':26}" + "".join(f"{heading:>12}" for heading in HEADINGS))
    for name, method in METHODS.items():
        print_row(name, tallied(method, world, range(HELD_OUT, HELD_OUT + reports)).figures)
    for length in (1, 7, 14, 28):
        seeds = range(HELD_OUT + 50_000, HELD_OUT + 50_000 + reports // 3)
        print_row(f"  ours, {length} days", tallied(ours, world, seeds, length).figures)


def print_row(name: str, figures: tuple[float, ...]) -> None:
    print(f"{name:26}" + "".join(f"{figure:>12.3f}" for figure in figures))


def print_drivers(cases: int) -> None:
    print(f"\nDrivers: {cases} changes each")
    print(f"{'':26}{'right 1st':>12}{'claims':>12}{'claims ok':>12}{'blames':>12}")
    for name, users in (("counts", False), ("users", True)):
        print_row(name, count_drivers(users, cases))
        print_row(f"  share of change, {name}", largest_changes(users, cases))
    print_row("ratios", ratio_drivers(cases))


def count_drivers(users: bool, cases: int) -> tuple[float, ...]:
    """Right one first; how often somebody is named, and rightly; how often when nobody is to blame."""
    right: list[bool] = []
    claimed: list[bool] = []
    blamed: list[bool] = []
    for seed in range(HELD_OUT, HELD_OUT + cases):
        made = driver_data.breakdown(seed, users)
        found = explain(made.segments, made.total)
        right.append(found.ranked[0] in made.causes)
        claimed.append(found.claim)
        nobody = driver_data.breakdown(seed, users, blame=False)
        blamed.append(explain(nobody.segments, nobody.total).claim)
    rightly = [ok for ok, named in zip(right, claimed, strict=True) if named]
    return share(right), share(claimed), share(rightly), share(blamed)


def largest_changes(users: bool, cases: int) -> tuple[float, ...]:
    """What most tools name: the value with the largest part of the change, always."""
    right: list[bool] = []
    for seed in range(HELD_OUT, HELD_OUT + cases):
        made = driver_data.breakdown(seed, users)
        down = made.total[1] < float(np.mean([*made.total[0]]))
        changes = {
            (dimension, value): (actual - float(np.mean([*past]))) * (-1 if down else 1)
            for dimension, parts in made.segments.items()
            for value, (past, actual) in parts.items()
        }
        right.append(max(changes, key=lambda one: changes[one]) in made.causes)
    return share(right), 1.0, share(right), 1.0


def ratio_drivers(cases: int) -> tuple[float, ...]:
    right: list[bool] = []
    claimed: list[bool] = []
    blamed: list[bool] = []
    for seed in range(HELD_OUT, HELD_OUT + cases):
        made = driver_data.ratio_breakdown(seed)
        found = explain_ratio(made.segments, made.total)
        right.append(found.ranked[0] in made.causes)
        claimed.append(found.claim)
        nobody = driver_data.ratio_breakdown(seed, blame=False)
        blamed.append(explain_ratio(nobody.segments, nobody.total).claim)
    rightly = [ok for ok, named in zip(right, claimed, strict=True) if named]
    return share(right), share(claimed), share(rightly), share(blamed)


def print_tracking(world: World, reports: int) -> None:
    print(f"\nTracking faults: {reports} reports each, world “{world.name}”")
    print(f"{'planted':26}{'found':>12}{'right day':>12}{'false/rep.':>12}")
    for planted in get_args(tracking_data.Planted):
        print_row(planted, tracking_faults(planted, world, reports))


def tracking_faults(planted: tracking_data.Planted, world: World, reports: int) -> tuple[float, ...]:
    """Found at all, on the right day, and warnings that are not due (an event's own users aside)."""
    found: list[bool] = []
    on_day: list[bool] = []
    false = 0
    for seed in range(HELD_OUT, HELD_OUT + reports):
        made = tracking_data.tracking_report(seed, planted, world)
        if planted == "GAP" and made.window[1] - made.window[0] == 1:
            continue  # a single silent day has stopped, as far as anybody can tell
        model = fit(np.stack([values for _, values in made.series]), made.window)
        faults = faults_in(model, model and model.expected(made.window[1]), made.users)
        due = {made.metric} if made.metric is None else {made.metric, made.metric + 1}
        found.append(any(fault.code == planted and fault.metric == made.metric for fault in faults))
        on_day.append(any(fault.code == planted and fault.day == made.day for fault in faults))
        false += sum(fault.code != planted or fault.metric not in due for fault in faults)
    return share(found), share(on_day), false / len(found)


KINDS = ("RecordNumber", "Milestone", "Unusual", "UnusualDay", "DataDoubt")


def print_told(world: World, reports: int) -> None:
    """Which share of quiet reports says what, for periods of a day, a week and two."""
    print(f"\nTold by quiet reports of 20 metrics, world “{world.name}”")
    print(f"{'':26}" + "".join(f"{kind:>12}" for kind in KINDS))
    for length in (1, 7, 14):
        found = told(world, range(HELD_OUT + 90_000, HELD_OUT + 90_000 + reports), length)
        print_row(f"{length} days, {found.reports} reports", tuple(map(found.share, KINDS)))


def print_speed() -> None:
    rng = np.random.default_rng(1)
    volumes = np.exp(rng.uniform(0, 10, 30))
    series = [drawn(rng, volume, 182) for volume in volumes.tolist()]
    times: list[float] = []
    for _ in range(15):
        start = time.process_time()
        answers(series, (175, 182))
        times.append(time.process_time() - start)
    print(f"\n30 metrics × 26 weeks: {np.median(times) * 1000:.0f} ms of CPU (median of 15)")


def drawn(rng: np.random.Generator, volume: float, days: int) -> NDArray[np.float64]:
    return rng.poisson(volume, days).astype(np.float64)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--more", action="store_true", help="five times as many cases")
    times = 5 if parser.parse_args().more else 1
    for world in WORLDS:
        print_expectations(world, 240 * times)
        print_told(world, 240 * times)
    print_drivers(400 * times)
    for world in WORLDS:
        print_tracking(world, 100 * times)
    print_speed()


if __name__ == "__main__":
    main()
