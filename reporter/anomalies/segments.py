"""What is behind an unusual number: which parts of the product moved it, and whether they moved together."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from reporter.anomalies.segment_shares import (
    SegmentGroup,
    counterfactual,
    deviance_ratio,
    excess,
    share_dispersion,
    share_noise,
    sureness,
)

SegmentHistory: TypeAlias = tuple[Iterable[float], float]  # past periods, and the period
Value: TypeAlias = tuple[str, str]  # dimension, value

LEAST_SHARE = 0.10  # of the total change; a part with less explains nothing
MOST_VALUES = 3  # that are told together; more is not a cause but a list
MOST_TRIED = 5  # values of a dimension that may be the first of those told
AGAINST = 0.25  # how much a part that moved against the total counts: halves of a product mirror each other
ADDS_UP = 1.25  # times the whole: values that sum to more are items of lists, and come together
MERGE_GAIN = 6.0  # that another value must add to the ratio: AIC asks for 2, and we rather name one
SURE = 11.0  # from which a part is unusual itself: p = 0.001
EXPLAINS = 0.35  # of the gap that a part makes up
OVERSHOOTS = 3.5  # times the gap: with more, it is an accident that the rest left a gap on the same side
NEAR_SUREST = 0.5  # of the ratio of the surest; a weaker one may be but its mirror
LARGE = 0.10  # of everything, from which a value must move like the others for all to be said to move alike
LIKE = 3.8  # sureness up to which it does: p = 0.05
AT_MOST = 0.5  # of what it would have moved with all others may be its own
LEAST_RENAMED = 5.0  # events; less may come and go
MOSTLY = 0.6  # of everything that large values must make up


@dataclass(frozen=True, slots=True)
class Driver:
    """Values of one dimension that moved together, and the whole's change that they may explain."""

    dimension: str
    group: SegmentGroup
    counterfactual: float  # what they would be, had they moved like all others
    gap: float  # the whole's change against its past
    deviance_ratio: float  # deviance over dispersion
    sureness: float  # the same on the scale of chi square

    @property
    def values(self) -> tuple[str, ...]:
        return self.group.values

    @property
    def actual(self) -> float:
        return self.group.actual

    @property
    def excess(self) -> float:
        """By how much they moved on their own, in units of the metric."""
        return self.actual - self.counterfactual

    @property
    def reach(self) -> float:
        """How far they moved on their own, in gaps: above 1 the others moved against them."""
        return self.excess / self.gap if self.gap else 0.0

    @property
    def explains(self) -> float:
        """The share of the change that they make up: 0.8 is "about 80 %", 1 is all of it, or more."""
        return min(self.reach, 1.0)

    @property
    def can_be_named(self) -> bool:
        return self.sureness >= SURE and EXPLAINS <= self.reach <= OVERSHOOTS

    @property
    def weight(self) -> float:
        return self.deviance_ratio * (1.0 if 0 < self.reach <= OVERSHOOTS else AGAINST)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Who may be behind a change. Without `claim` nobody is known to be, which is no proof that nobody is."""

    ranked: list[Value]  # best first
    claim: bool  # whether the best may be named
    drivers: tuple[Driver, ...]  # the best group of each dimension, best first
    alike: tuple[str, ...] = ()  # dimensions of which it is shown that all large values moved together


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
    drivers.sort(key=lambda driver: -driver.weight)
    ranked = [(driver.dimension, value) for driver in drivers for value in driver.values]
    others = [
        (-weighted(group, whole, 0.0), name, group) for name, members in groups.items() for group in members
    ]
    others.sort(key=lambda other: other[0])
    ranked += [(name, group.values[0]) for _, name, group in others]
    return Explanation(
        list(dict.fromkeys(ranked)),
        bool(drivers) and drivers[0].can_be_named,
        tuple(drivers),
        tuple(name for name, members in groups.items() if moved_alike(members, whole)),
    )


def best_driver(dimension: str, groups: Sequence[SegmentGroup], whole: SegmentGroup) -> Driver:
    """The values of one dimension, up to three of them, that most surely moved on their own.

    One that explains the change comes before one that is surer by a little and does not.
    """
    noise = share_noise(groups, whole)
    gap = whole.actual - whole.expected
    members = list(renamed_as_one(groups, whole, noise))
    large = [group for group in members if abs(excess(group, whole)) >= LEAST_SHARE * abs(gap)] or members
    large.sort(key=lambda group: -weighted(group, whole, noise))
    adds_up = sum(group.expected for group in members) <= ADDS_UP * whole.expected
    others = members if adds_up else []
    drivers = [
        driver_of(dimension, merged(first, others, whole, noise), whole, noise)
        for first in large[:MOST_TRIED]
    ]
    surest = max(driver.deviance_ratio for driver in drivers)
    able = (driver for driver in drivers if driver.can_be_named)
    return next((driver for driver in able if driver.deviance_ratio >= NEAR_SUREST * surest), drivers[0])


def driver_of(dimension: str, group: SegmentGroup, whole: SegmentGroup, noise: float) -> Driver:
    ratio, spread = deviance_ratio(group, whole, noise), share_dispersion(group, whole, noise)
    return Driver(
        dimension,
        group,
        counterfactual(group, whole),
        whole.actual - whole.expected,
        ratio,
        sureness(ratio, spread, len(whole.past)),
    )


def merged(
    first: SegmentGroup, groups: Iterable[SegmentGroup], whole: SegmentGroup, noise: float
) -> SegmentGroup:
    """The first group, with the surest of those that moved on their own the same way; up to three values.

    What another did on its own is told by what is left of the whole without the first, which would hide it.
    """
    best, others = first, [group for group in groups if group is not first]
    while able := [other for other in others if belongs(other, best, whole, noise)]:
        rest = without(whole, best)
        surest = max(able, key=lambda other: driver_of("", other, rest, noise).sureness)
        others.remove(surest)
        best = best.joined(surest)
    return best


def belongs(other: SegmentGroup, best: SegmentGroup, whole: SegmentGroup, noise: float) -> bool:
    """Whether another group surely moved on its own, too, and both explain no less than the first alone."""
    joined, gap = best.joined(other), whole.actual - whole.expected
    if not gap or len(joined.values) > MOST_VALUES:
        return False
    alone = driver_of("", other, without(whole, best), noise)
    both, one = (driver_of("", group, whole, noise) for group in (joined, best))
    moved = alone.excess * math.copysign(1.0, one.excess) / abs(gap)
    reach = both.reach * math.copysign(1.0, one.reach)
    explains_it = min(abs(one.reach), 1.0) <= reach <= OVERSHOOTS
    is_surer = both.deviance_ratio > one.deviance_ratio + MERGE_GAIN
    return alone.sureness >= SURE and moved >= LEAST_SHARE and is_surer and explains_it


def without(whole: SegmentGroup, group: SegmentGroup) -> SegmentGroup:
    """What is left of the whole."""
    past = tuple(max(total - part, 0.0) for total, part in zip(whole.past, group.past, strict=True))
    return SegmentGroup(whole.values, past, max(whole.actual - group.actual, 0.0))


def weighted(group: SegmentGroup, whole: SegmentGroup, noise: float) -> float:
    """The deviance ratio, of which less counts where the group moved against the total."""
    goes_along = excess(group, whole) * (whole.actual - whole.expected) >= 0
    return deviance_ratio(group, whole, noise) * (1.0 if goes_along else AGAINST)


def renamed_as_one(
    groups: Sequence[SegmentGroup], whole: SegmentGroup, noise: float
) -> Iterator[SegmentGroup]:
    """The groups; a value that is gone and a new one that makes up for it are one, under both names."""
    new = [group for group in groups if group.is_new]
    for group in groups:
        if group.is_gone and new:
            pairs = [(driver_of("", group.joined(one), whole, noise).sureness, one) for one in new]
            sure, heir = min(pairs, key=lambda pair: pair[0])
            if sure <= LIKE and group.expected >= LEAST_RENAMED:
                new.remove(heir)
                yield group.joined(heir)
                continue
        if not group.is_new:
            yield group
    yield from new


def moved_alike(groups: Sequence[SegmentGroup], whole: SegmentGroup) -> bool:
    """Whether all large values moved together, where one that had not would have been seen."""
    noise, gap = share_noise(groups, whole), whole.actual - whole.expected
    large = [group for group in groups if group.expected >= LARGE * whole.expected]
    if len(large) < 2 or sum(group.expected for group in large) < MOSTLY * whole.expected:
        return False
    return all(
        driver_of("", group, whole, noise).sureness <= LIKE
        and abs(excess(group, whole)) <= AT_MOST * abs(gap) * group.expected / whole.expected
        and driver_of("", with_excess(group, whole, gap / 2), whole, noise).sureness >= SURE
        for group in large
    )


def with_excess(group: SegmentGroup, whole: SegmentGroup, moved: float) -> SegmentGroup:
    """The group had it moved by so much on its own, the whole being what it is."""
    share = group.expected / whole.expected
    return replace(group, actual=max(share * whole.actual + (1 - share) * moved, 0.0))
