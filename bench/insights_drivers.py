"""How often the right cause is named, how often one is named at all, and when nobody is to blame."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from bench import driver_cases, driver_data
from bench.tally import print_row, print_table, share
from reporter.anomalies.ratio_drivers import explain_ratio
from reporter.anomalies.segments import Explanation, explain

HEADINGS = ("right 1st", "claims", "claims ok", "exactly", "blames", "alike/none", "alike/one")


@dataclass(slots=True)
class Blame:
    """What was said of changes with a cause, and of such without one."""

    right: list[bool] = field(default_factory=list[bool])  # the first of the ranking is a cause
    claimed: list[bool] = field(default_factory=list[bool])
    rightly: list[bool] = field(default_factory=list[bool])  # of the claims
    exactly: list[bool] = field(default_factory=list[bool])  # of the claims: all causes, and nobody else
    blamed: list[bool] = field(default_factory=list[bool])  # claimed, with nobody to blame
    alike: list[bool] = field(default_factory=list[bool])  # a dimension is said to have moved as one, rightly
    apart: list[bool] = field(default_factory=list[bool])  # so it is said of the dimension of a cause

    @property
    def figures(self) -> tuple[float, ...]:
        return tuple(
            share(known) if known else np.nan
            for known in (
                self.right,
                self.claimed,
                self.rightly,
                self.exactly,
                self.blamed,
                self.alike,
                self.apart,
            )
        )

    def add(
        self,
        causes: frozenset[tuple[str, ...]],
        first: tuple[str, ...],
        named: frozenset[tuple[str, ...]],
    ) -> None:
        """`first` of the ranking; `named`: who is claimed to be behind it, nobody if there is no claim."""
        if not causes:
            self.blamed.append(bool(named))
            return
        self.right.append(first in causes)
        self.claimed.append(bool(named))
        if named:
            self.rightly.append(first in causes)
            self.exactly.append(named == causes)

    def add_alike(self, causes: frozenset[tuple[str, ...]], alike: Iterable[str]) -> None:
        if causes:
            self.apart.append(any(cause[0] in alike for cause in causes))
        else:
            self.alike.append(any(alike))


def print_drivers(seeds: range) -> None:
    print_table(f"Drivers: {len(seeds)} changes each, and as many with nobody to blame", HEADINGS)
    for name, users in (("counts", False), ("users", True)):
        made = [driver_data.breakdown(seed, users, blame=blame) for seed in seeds for blame in (True, False)]
        print_row(name, of_counts(made).figures)
        print_row("  share of change", largest_changes(made).figures)
    ratios = (driver_data.ratio_breakdown(seed, blame) for seed in seeds for blame in (True, False))
    print_row("ratios", of_ratios(ratios).figures)
    for case in driver_cases.CASES:
        for name, users in (("counts", False), ("users", True)):
            made = [driver_cases.counts(seed, one, users) for seed in seeds for one in (case, "none")]
            print_row(f"{name}, {case}", of_counts(made).figures)
        made = [driver_cases.real_counts(seed, one) for seed in seeds for one in (case, "none")]
        print_row(f"real tables, {case}", of_counts(made).figures)
        if case == "one":
            print_row("  share of change", largest_changes(made).figures)
    ratios = (driver_cases.real_ratio(seed, blame) for seed in seeds for blame in (True, False))
    print_row("real ratios", of_ratios(ratios).figures)


def of_counts(cases: Iterable[driver_data.Breakdown]) -> Blame:
    blame = Blame()
    for made in cases:
        found = explain(made.segments, made.total)
        blame.add(made.causes, found.ranked[0], claimed_by(found))
        blame.add_alike(made.causes, found.alike)
    return blame


def claimed_by(found: Explanation) -> frozenset[tuple[str, ...]]:
    """The values that would be named."""
    if not found.claim:
        return frozenset()
    first = found.drivers[0]
    return frozenset((first.dimension, value) for value in first.values)


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
        largest = max(changes, key=lambda one: changes[one])
        blame.add(made.causes, largest, frozenset({largest}))
    return blame


def of_ratios(cases: Iterable[driver_data.RatioBreakdown]) -> Blame:
    blame = Blame()
    for made in cases:
        found = explain_ratio(made.segments, made.total)
        named = frozenset[tuple[str, ...]](found.ranked[:1]) if found.claim else frozenset[tuple[str, ...]]()
        blame.add(made.causes, found.ranked[0], named)
    return blame
