"""How often the right cause is named, how often one is named at all, and when nobody is to blame."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from bench import driver_data
from bench.tally import print_row, print_table, share
from reporter.anomalies.ratio_drivers import explain_ratio
from reporter.anomalies.segments import explain


@dataclass(slots=True)
class Blame:
    """What was said of changes with a cause, and of such without one."""

    right: list[bool] = field(default_factory=list[bool])  # the first of the ranking is a cause
    claimed: list[bool] = field(default_factory=list[bool])
    blamed: list[bool] = field(default_factory=list[bool])  # claimed, with nobody to blame

    def add(self, causes: frozenset[tuple[str, ...]], first: tuple[str, ...], claim: bool) -> None:
        if causes:
            self.right.append(first in causes)
            self.claimed.append(claim)
        else:
            self.blamed.append(claim)

    @property
    def figures(self) -> tuple[float, ...]:
        rightly = [ok for ok, named in zip(self.right, self.claimed, strict=True) if named]
        return share(self.right), share(self.claimed), share(rightly), share(self.blamed)


def print_drivers(seeds: range) -> None:
    print_table(f"Drivers: {len(seeds)} changes each", ["right 1st", "claims", "claims ok", "blames"])
    for name, users in (("counts", False), ("users", True)):
        made = [driver_data.breakdown(seed, users, blame=blame) for seed in seeds for blame in (True, False)]
        print_row(name, of_counts(made).figures)
        print_row("  share of change", largest_changes(made).figures)
    ratios = (driver_data.ratio_breakdown(seed, blame) for seed in seeds for blame in (True, False))
    print_row("ratios", of_ratios(ratios).figures)


def of_counts(cases: Iterable[driver_data.Breakdown]) -> Blame:
    blame = Blame()
    for made in cases:
        found = explain(made.segments, made.total)
        blame.add(made.causes, found.ranked[0], found.claim)
    return blame


def largest_changes(cases: Iterable[driver_data.Breakdown]) -> Blame:
    """What most tools name: the value with the largest part of the change, always."""
    blame = Blame()
    for made in cases:
        down = made.total[1] < float(np.mean([*made.total[0]]))
        changes = {
            (dimension, value): (actual - float(np.mean([*past]))) * (-1 if down else 1)
            for dimension, parts in made.segments.items()
            for value, (past, actual) in parts.items()
        }
        blame.add(made.causes, max(changes, key=lambda one: changes[one]), claim=True)
    return blame


def of_ratios(cases: Iterable[driver_data.RatioBreakdown]) -> Blame:
    blame = Blame()
    for made in cases:
        found = explain_ratio(made.segments, made.total)
        blame.add(made.causes, found.ranked[0], found.claim)
    return blame
