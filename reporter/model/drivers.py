"""Which part of a product explains a change: a value of a dimension that did not move like all others.

The counterfactual of a part is what it would be, had it moved like the rest, and so a change of everything
blames nobody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from reporter.model.ratio_drivers import RatioDriver, RatioExplanation, RatioPart, explain_ratio
from reporter.model.statistics.shares import (
    Group,
    counterfactual,
    explained,
    pooled_dispersion,
    share_chi_square,
    sureness,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "Driver",
    "Explanation",
    "Part",
    "RatioDriver",
    "RatioExplanation",
    "RatioPart",
    "explain",
    "explain_ratio",
]

Part: TypeAlias = "tuple[Sequence[float] | NDArray[np.float64], float]"  # past periods, and the period
Value: TypeAlias = tuple[str, str]  # dimension, value

LEAST_SHARE = 0.10  # of the total change; a part with less explains nothing
MOST_VALUES = 3  # that are told together; more is not a cause but a list
AGAINST = 0.25  # how much a part that moved against the total counts: halves of a product mirror each other
MERGE_GAIN = 6.0  # sureness that another value must add: AIC asks for 2, and we rather name one than two
SURE = 12.0  # from which a part is unusual itself: p = 0.0005
EXPLAINS = 0.35  # of the gap that goes away with the part put back


@dataclass(frozen=True, slots=True)
class Driver:
    """Values of one dimension that moved together.

    `explains` is the share of the total's change that goes away with them put back: 0.8 is "about 80 %".
    """

    dimension: str
    values: tuple[str, ...]
    actual: float
    counterfactual: float  # what they would be, had they moved like all others
    explains: float
    sureness: float  # deviance over dispersion

    @property
    def excess(self) -> float:
        """By how much they moved on their own, in units of the metric."""
        return self.actual - self.counterfactual

    @property
    def can_be_named(self) -> bool:
        return self.sureness >= SURE and self.explains >= EXPLAINS


@dataclass(frozen=True, slots=True)
class Explanation:
    """Who may be behind a change. Without `claim` nobody is known to be, which is no proof that nobody is."""

    ranked: list[Value]  # best first
    claim: bool  # whether the best may be named
    drivers: tuple[Driver, ...]  # the best group of each dimension, best first


def explain(segments: Mapping[str, Mapping[str, Part]], total: Part) -> Explanation:
    """Which values of which dimension explain the total's change against its past.

    `segments` maps dimension to value to (past period values, actual); `total` is (past values, actual) of
    the same periods. Segments may overlap, as users do: the rest is always the total less the segment.
    """
    whole = Group.of("", *total)
    if not whole.past:
        return Explanation([], False, ())
    groups = {
        dimension: [Group.of(value, *part) for value, part in parts.items()]
        for dimension, parts in segments.items()
        if parts
    }
    drivers = [best_driver(dimension, members, whole) for dimension, members in groups.items()]
    drivers.sort(key=lambda driver: -driver.sureness * (1.0 if driver.explains > 0 else AGAINST))
    ranked = [(driver.dimension, value) for driver in drivers for value in driver.values]
    others = [
        (-weighted(group, whole, 1.0), name, group) for name, members in groups.items() for group in members
    ]
    others.sort(key=lambda other: other[0])
    ranked += [(name, group.values[0]) for _, name, group in others]
    return Explanation(list(dict.fromkeys(ranked)), bool(drivers) and drivers[0].can_be_named, tuple(drivers))


def best_driver(dimension: str, groups: Sequence[Group], whole: Group) -> Driver:
    """The values of one dimension, up to three of them, that most surely moved on their own."""
    chi_squares = [share_chi_square(group, whole) for group in groups]
    pooled = pooled_dispersion(chi_squares, len(whole.past))
    gap = whole.actual - whole.expected
    large = [group for group in groups if abs(excess(group, whole)) >= LEAST_SHARE * abs(gap)] or list(groups)
    large.sort(key=lambda group: -weighted(group, whole, pooled))
    best = merged(large, whole, pooled)
    usual = counterfactual(best, whole)
    explains = share_explained(best, whole)
    return Driver(dimension, best.values, best.actual, usual, explains, sureness(best, whole, pooled))


def merged(groups: Sequence[Group], whole: Group, pooled: float) -> Group:
    """The first group, with those that moved the same way, make it surer and explain no less with it."""
    best, *rest = groups
    for other in rest:
        joined = best.joined(other)
        is_alike = excess(other, whole) * excess(best, whole) > 0
        is_surer = sureness(joined, whole, pooled) > sureness(best, whole, pooled) + MERGE_GAIN
        explains_it = share_explained(joined, whole) >= share_explained(best, whole)
        if is_alike and is_surer and explains_it and len(joined.values) <= MOST_VALUES:
            best = joined
    return best


def share_explained(group: Group, whole: Group) -> float:
    """The share of the total's change that goes away with the group put back."""
    return explained(excess(group, whole), whole.actual - whole.expected)


def excess(group: Group, whole: Group) -> float:
    """Actual less what it would be, had it moved like all others."""
    return group.actual - counterfactual(group, whole)


def weighted(group: Group, whole: Group, pooled: float) -> float:
    """Sureness, of which less counts where the group moved against the total."""
    goes_along = excess(group, whole) * (whole.actual - whole.expected) >= 0
    return sureness(group, whole, pooled) * (1.0 if goes_along else AGAINST)
