"""What is behind an unusual number: which parts of the product moved it, and whether they moved together."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

PRIOR_PERIODS = 4.0  # how many past periods the dispersion of all parts of a dimension counts for
LEAST_MEAN = 0.5  # events; a value that never came before was expected to come hardly ever


@dataclass(frozen=True, slots=True)
class SegmentGroup:
    """Values of one dimension, summed: their past periods, and the period."""

    values: tuple[str, ...]
    past: tuple[float, ...]
    actual: float

    @classmethod
    def of(cls, value: str, past: Iterable[float], actual: float) -> "SegmentGroup":
        return cls((value,), tuple(map(float, past)), float(actual))

    @property
    def expected(self) -> float:
        """The mean of the past periods."""
        return sum(self.past) / len(self.past)

    def joined(self, other: "SegmentGroup") -> "SegmentGroup":
        past = tuple(mine + theirs for mine, theirs in zip(self.past, other.past, strict=True))
        return SegmentGroup(self.values + other.values, past, self.actual + other.actual)


def counterfactual(group: SegmentGroup, whole: SegmentGroup) -> float:
    """What the group would be had it moved like the rest of the whole."""
    rest = whole.expected - group.expected
    if rest <= 0:
        return group.expected
    return group.expected * (whole.actual - group.actual) / rest


def explained(moved: float, gap: float) -> float:
    """The share of a gap that goes away without this move; below 0 where it grows."""
    return 1 - abs(gap - moved) / abs(gap) if gap else 0.0


def deviance_ratio(group: SegmentGroup, whole: SegmentGroup, pooled: float) -> float:
    """Deviance of {group} against {rest} given the whole, over the dispersion of the group's share."""
    mean = whole.actual * group.expected / whole.expected if whole.expected else 0.0
    deviance = deviance_of(group.actual, mean) + deviance_of(whole.actual - group.actual, whole.actual - mean)
    return deviance / dispersion(share_chi_square(group, whole), len(whole.past), pooled)


def deviance_of(count: float, mean: float) -> float:
    """Twice the log likelihood ratio of a count, without the part that cancels over group and rest."""
    return 2 * count * (math.log(count) - math.log(max(mean, LEAST_MEAN))) if count > 0 else 0.0


def share_chi_square(group: SegmentGroup, whole: SegmentGroup) -> float:
    """Squared departures of the group's share from its mean, in binomial variances, over the past periods."""
    share = sum(group.past) / max(sum(whole.past), 1e-9)
    unit = max(share * (1 - share), 1e-9)
    pairs = zip(group.past, whole.past, strict=True)
    return sum((part - share * total) ** 2 / (total * unit) for part, total in pairs if total)


def pooled_dispersion(chi_squares: Sequence[float], periods: int) -> float:
    """The overdispersion of all parts of a dimension together, at least 1."""
    if periods < 2 or not chi_squares:
        return 1.0
    return max(1.0, sum(chi_squares) / ((periods - 1) * len(chi_squares)))


def dispersion(chi_square: float, periods: int, pooled: float) -> float:
    """A part's own overdispersion, shrunk to that of its dimension; wider for a mean of few periods."""
    own = (chi_square + PRIOR_PERIODS * pooled) / (periods - 1 + PRIOR_PERIODS)
    return max(1.0, own) * (1 + 1 / periods)


SegmentHistory: TypeAlias = tuple[Iterable[float], float]  # past periods, and the period
Value: TypeAlias = tuple[str, str]  # dimension, value

LEAST_SHARE = 0.10  # of the total change; a part with less explains nothing
MOST_VALUES = 3  # that are told together; more is not a cause but a list
AGAINST = 0.25  # how much a part that moved against the total counts: halves of a product mirror each other
MERGE_GAIN = 6.0  # that another value must add to the ratio: AIC asks for 2, and we rather name one
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
    deviance_ratio: float  # deviance over dispersion

    @property
    def excess(self) -> float:
        """By how much they moved on their own, in units of the metric."""
        return self.actual - self.counterfactual

    @property
    def can_be_named(self) -> bool:
        return self.deviance_ratio >= SURE and self.explains >= EXPLAINS


@dataclass(frozen=True, slots=True)
class Explanation:
    """Who may be behind a change. Without `claim` nobody is known to be, which is no proof that nobody is."""

    ranked: list[Value]  # best first
    claim: bool  # whether the best may be named
    drivers: tuple[Driver, ...]  # the best group of each dimension, best first


def explain(segments: Mapping[str, Mapping[str, SegmentHistory]], total: SegmentHistory) -> Explanation:
    """Which values of which dimension explain the total's change against its past.

    `segments` maps dimension to value to (past period values, actual); `total` is (past values, actual) of
    the same periods. Segments may overlap, as users do: the rest is always the total less the segment.
    """
    whole = SegmentGroup.of("", *total)
    if not whole.past:
        return Explanation([], False, ())
    groups = {
        dimension: [SegmentGroup.of(value, *part) for value, part in parts.items()]
        for dimension, parts in segments.items()
        if parts
    }
    drivers = [best_driver(dimension, members, whole) for dimension, members in groups.items()]
    drivers.sort(key=lambda driver: -driver.deviance_ratio * (1.0 if driver.explains > 0 else AGAINST))
    ranked = [(driver.dimension, value) for driver in drivers for value in driver.values]
    others = [
        (-weighted(group, whole, 1.0), name, group) for name, members in groups.items() for group in members
    ]
    others.sort(key=lambda other: other[0])
    ranked += [(name, group.values[0]) for _, name, group in others]
    return Explanation(list(dict.fromkeys(ranked)), bool(drivers) and drivers[0].can_be_named, tuple(drivers))


def best_driver(dimension: str, groups: Sequence[SegmentGroup], whole: SegmentGroup) -> Driver:
    """The values of one dimension, up to three of them, that most surely moved on their own."""
    chi_squares = [share_chi_square(group, whole) for group in groups]
    pooled = pooled_dispersion(chi_squares, len(whole.past))
    gap = whole.actual - whole.expected
    large = [group for group in groups if abs(excess(group, whole)) >= LEAST_SHARE * abs(gap)] or list(groups)
    large.sort(key=lambda group: -weighted(group, whole, pooled))
    best = merged(large, whole, pooled)
    usual = counterfactual(best, whole)
    explains = share_explained(best, whole)
    return Driver(dimension, best.values, best.actual, usual, explains, deviance_ratio(best, whole, pooled))


def merged(groups: Sequence[SegmentGroup], whole: SegmentGroup, pooled: float) -> SegmentGroup:
    """The first group, with those that moved the same way, make it surer and explain no less with it."""
    best, *rest = groups
    for other in rest:
        joined = best.joined(other)
        is_alike = excess(other, whole) * excess(best, whole) > 0
        is_surer = deviance_ratio(joined, whole, pooled) > deviance_ratio(best, whole, pooled) + MERGE_GAIN
        explains_it = share_explained(joined, whole) >= share_explained(best, whole)
        if is_alike and is_surer and explains_it and len(joined.values) <= MOST_VALUES:
            best = joined
    return best


def share_explained(group: SegmentGroup, whole: SegmentGroup) -> float:
    """The share of the total's change that goes away with the group put back."""
    return explained(excess(group, whole), whole.actual - whole.expected)


def excess(group: SegmentGroup, whole: SegmentGroup) -> float:
    """Actual less what it would be, had it moved like all others."""
    return group.actual - counterfactual(group, whole)


def weighted(group: SegmentGroup, whole: SegmentGroup, pooled: float) -> float:
    """The deviance ratio, of which less counts where the group moved against the total."""
    goes_along = excess(group, whole) * (whole.actual - whole.expected) >= 0
    return deviance_ratio(group, whole, pooled) * (1.0 if goes_along else AGAINST)
