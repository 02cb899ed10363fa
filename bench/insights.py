"""How good the insights are, next to methods others use: `python -m bench.insights [part …] [--more]`.

Everything is drawn from seeds: of those that are printed without `--tuning`, none was used to build or tune
anything. The worlds are built differently from each other (see insights_data.py and eventful_data.py).
"""

import argparse
import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import get_args

import numpy as np

from bench import tracking_data
from bench.eventful_data import AGO, SHARES, eventful, eventful_with
from bench.insights_data import LENGTHS, SyntheticReport, World, report, rough, steady
from bench.insights_drivers import print_drivers
from bench.insights_kinds import print_kinds
from bench.insights_real import print_real
from bench.naive_methods import NAIVE, Answer, Method
from bench.noise import Floats
from bench.tally import Tally, print_row, print_table, share
from bench.told import told
from reporter.anomalies.expectation import assess
from reporter.anomalies.fit import fit
from reporter.anomalies.metric_history import without_low
from reporter.anomalies.tracking import faults_in
from reporter.reports.periods import Period
from reporter.reports.subscriptions import Sensitivity

WORLDS = (steady, rough, eventful)
HELD_OUT = 500_000  # seeds from here on; tuning uses seeds below 100,000


@dataclass(frozen=True, slots=True)
class Run:
    """Which seeds, and how many times as many cases as usual."""

    first: int
    times: int

    def seeds(self, cases: int, skip: int = 0) -> range:
        return range(self.first + skip, self.first + skip + cases * self.times)


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


def tallied(
    methods: Mapping[str, Method], world: World, seeds: Iterable[int], length: int | None = None
) -> dict[str, Tally]:
    tallies: dict[str, Tally] = defaultdict(Tally)
    for seed in seeds:
        made = report(seed, world, length)
        for name, method in methods.items():
            start = time.process_time()
            found = method(made)
            tallies[name].add(made, found, time.process_time() - start)
    return tallies


COUNTS = ("false/rep.", "quiet/false", "precision", "clear", "moderate", "dead")
HEADINGS = (*COUNTS, "off/median", "off/p90", "ms/series")


def print_expectations(run: Run) -> None:
    for world in WORLDS:
        methods = {"ours": ours, **NAIVE}
        if world is rough:
            methods["ours, no past holidays"] = without_holidays
        seeds = run.seeds(120)
        lengths = [tallied(methods, world, seeds, length) for length in LENGTHS]
        print_table(
            f"Unusual metrics: {len(LENGTHS) * len(seeds)} reports of 20 metrics, world “{world.name}”",
            HEADINGS,
        )
        for name in methods:
            print_row(name, Tally.of_all(one[name] for one in lengths).figures)
            for length, one in zip(LENGTHS, lengths, strict=True):
                print_row(f"  {length} days", one[name].figures)


def print_past(run: Run) -> None:
    """Which share of metrics is called unusual, where nothing happened but something some weeks before."""
    for kind in SHARES:
        low, high = AGO[kind]
        world = eventful_with(kind)
        shapes: dict[str, dict[int, list[bool]]] = defaultdict(lambda: defaultdict(list))
        for length in LENGTHS:
            for seed in run.seeds(100, 100_000):
                made = report(seed, world, length, is_quiet=True)
                for metric, answer in zip(made.metrics, ours(made), strict=True):
                    recent = [
                        one.shape for one in metric.past if one.kind == kind and low <= one.days_ago <= high
                    ]
                    for name in ("all", recent[0]) if recent else ("without",):
                        shapes[name][length].append(answer.unusual)
        metrics = sum(map(len, shapes["all"].values()))
        print_table(
            f"{kind.capitalize()} {low} to {high} days before the window: {metrics} metrics, % unusual",
            [f"{length} days" for length in LENGTHS],
        )
        for name, found in shapes.items():
            print_row(name, [100 * share(found[length]) for length in LENGTHS])


def print_tracking(run: Run) -> None:
    for world in WORLDS:
        print_table(
            f"Tracking faults: {100 * run.times} reports each, world “{world.name}”",
            ["found", "right day", "false/rep."],
        )
        for planted in get_args(tracking_data.Planted):
            print_row(planted, tracking_faults(planted, world, run.seeds(100)))


def tracking_faults(planted: tracking_data.Planted, world: World, seeds: Iterable[int]) -> tuple[float, ...]:
    """Found at all, on the right day, and warnings that are not due (an event's own users aside)."""
    found: list[bool] = []
    on_day: list[bool] = []
    false = 0
    for seed in seeds:
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


def print_told(run: Run) -> None:
    """Which share of quiet reports says what, for periods of a day, a week and two."""
    for world in WORLDS:
        print_table(f"Told by quiet reports of 20 metrics, world “{world.name}”", KINDS)
        for length in (1, 7, 14):
            found = told(world, run.seeds(240, 90_000), length)
            print_row(f"{length} days, {found.reports} reports", [*map(found.share, KINDS)])


def print_speed() -> None:
    rng = np.random.default_rng(1)
    volumes = np.exp(rng.uniform(0, 10, 30))
    series = [rng.poisson(volume, 182).astype(np.float64) for volume in volumes.tolist()]
    times: list[float] = []
    for _ in range(15):
        start = time.process_time()
        answers(series, (175, 182))
        times.append(time.process_time() - start)
    print(f"\n30 metrics × 26 weeks: {np.median(times) * 1000:.0f} ms of CPU (median of 15)")


PARTS: dict[str, Callable[[Run], None]] = {
    "unusual": print_expectations,
    "past": print_past,
    "real": lambda run: print_real({"ours": ours, **NAIVE}, run.seeds(60)),
    "told": print_told,
    "drivers": lambda run: print_drivers(run.seeds(400)),
    "kinds": lambda run: print_kinds(run.seeds(75)),
    "tracking": print_tracking,
    "speed": lambda _: print_speed(),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default="all", choices=["all", *PARTS])
    parser.add_argument("--more", action="store_true", help="five times as many cases")
    parser.add_argument("--tuning", action="store_true", help="other seeds: to look at while building")
    chosen = parser.parse_args()
    run = Run(1_000 if chosen.tuning else HELD_OUT, 5 if chosen.more else 1)
    for part in PARTS if "all" in chosen.parts else chosen.parts:
        PARTS[part](run)


if __name__ == "__main__":
    main()
