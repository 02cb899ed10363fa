"""A part of the product beside the whole: what it would be like the rest, and how surely it is not."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

PRIOR_PERIODS = 12.0  # how many past periods the noise of all parts of a dimension counts for
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

    @property
    def is_new(self) -> bool:
        return self.actual > 0 and not any(self.past)

    @property
    def is_gone(self) -> bool:
        """Whether nothing is left of what came in every period."""
        return not self.actual and all(self.past)

    def joined(self, other: "SegmentGroup") -> "SegmentGroup":
        past = tuple(mine + theirs for mine, theirs in zip(self.past, other.past, strict=True))
        return SegmentGroup(self.values + other.values, past, self.actual + other.actual)


def counterfactual(group: SegmentGroup, whole: SegmentGroup) -> float:
    """What the group would be had it moved like the rest of the whole."""
    rest = whole.expected - group.expected
    if rest <= 0:
        return group.expected
    return group.expected * (whole.actual - group.actual) / rest


def excess(group: SegmentGroup, whole: SegmentGroup) -> float:
    """Actual less what it would be, had it moved like all others."""
    return group.actual - counterfactual(group, whole)


def deviance_ratio(group: SegmentGroup, whole: SegmentGroup, noise: float) -> float:
    """Deviance of {group} against {rest} given the whole, over the dispersion of the group's share."""
    mean = whole.actual * group.expected / whole.expected if whole.expected else 0.0
    deviance = deviance_of(group.actual, mean) + deviance_of(whole.actual - group.actual, whole.actual - mean)
    return deviance / share_dispersion(group, whole, noise)


def deviance_of(count: float, mean: float) -> float:
    """Twice the log likelihood ratio of a count, without the part that cancels over group and rest."""
    return 2 * count * (math.log(count) - math.log(max(mean, LEAST_MEAN))) if count > 0 else 0.0


def share_chi_square(group: SegmentGroup, whole: SegmentGroup) -> float:
    """Squared departures of the group's share from its mean, in binomial variances, over the past periods."""
    share = sum(group.past) / max(sum(whole.past), 1e-9)
    unit = max(share * (1 - share), 1e-9)
    pairs = zip(group.past, whole.past, strict=True)
    return sum((part - share * total) ** 2 / (total * unit) for part, total in pairs if total)


def share_noise(groups: Iterable[SegmentGroup], whole: SegmentGroup) -> float:
    """The variance of the shares of all values of a dimension beyond chance, in squares of the shares."""
    parts = ((share_chi_square(group, whole), binomial_size(group, whole)) for group in groups)
    return relative_noise(parts, len(whole.past))


def share_dispersion(group: SegmentGroup, whole: SegmentGroup, noise: float) -> float:
    """How many times as much the group's share varies as by chance."""
    size = binomial_size(group, whole)
    return dispersion(share_chi_square(group, whole), len(whole.past), 1 + noise * size)


def binomial_size(group: SegmentGroup, whole: SegmentGroup) -> float:
    """How much the relative noise of a group's share counts beside chance."""
    return group.expected * max(1 - group.expected / whole.expected, 0.0) if whole.expected else 0.0


def relative_noise(parts: Iterable[tuple[float, float]], periods: int) -> float:
    """From chi squares and sizes: what all parts vary by beyond chance, as a relative variance."""
    chi_squares, sizes = zip(*parts, strict=True)
    beyond = sum(chi_squares) - (periods - 1) * len(chi_squares)
    return max(0.0, beyond / ((periods - 1) * sum(sizes))) if periods > 1 and sum(sizes) else 0.0


def dispersion(chi_square: float, periods: int, usual: float) -> float:
    """A part's own overdispersion, shrunk to the usual one of its size; wider for a mean of few periods."""
    own = (chi_square + PRIOR_PERIODS * usual) / (periods - 1 + PRIOR_PERIODS)
    return max(1.0, own) * (1 + 1 / periods)


def sureness(ratio: float, spread: float, periods: int) -> float:
    """A deviance ratio on the scale of chi square.

    Noise beyond chance, a spread above 1, has Student's tails with the freedom by which it is known.
    """
    freedom = (periods - 1 + PRIOR_PERIODS) / max(1 - 1 / spread, 1e-9)
    return freedom * math.log1p(max(ratio, 0.0) / freedom)
