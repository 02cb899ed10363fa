"""A part of a whole against the rest of it: whether it moved alike, and how sure that is.

Plain Python: a breakdown has a few dozen values.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

PRIOR_PERIODS = 4.0  # how many past periods the dispersion of all parts of a dimension counts for
LEAST_MEAN = 0.5  # events; a value that never came before was expected to come hardly ever


@dataclass(frozen=True, slots=True)
class Group:
    """Values of one dimension, summed: their past periods, and the period."""

    values: tuple[str, ...]
    past: tuple[float, ...]
    actual: float

    @classmethod
    def of(cls, value: str, past: Iterable[float], actual: float) -> "Group":
        return cls((value,), tuple(map(float, past)), float(actual))

    @property
    def expected(self) -> float:
        """The mean of the past periods."""
        return sum(self.past) / len(self.past)

    def joined(self, other: "Group") -> "Group":
        past = tuple(mine + theirs for mine, theirs in zip(self.past, other.past, strict=True))
        return Group(self.values + other.values, past, self.actual + other.actual)


def counterfactual(group: Group, whole: Group) -> float:
    """What the group would be had it moved like the rest of the whole."""
    rest = whole.expected - group.expected
    if rest <= 0:
        return group.expected
    return group.expected * (whole.actual - group.actual) / rest


def explained(moved: float, gap: float) -> float:
    """The share of a gap that goes away without this move; below 0 where it grows."""
    return 1 - abs(gap - moved) / abs(gap) if gap else 0.0


def sureness(group: Group, whole: Group, pooled: float) -> float:
    """Deviance of {group} against {rest} given the whole, over the dispersion of the group's share."""
    mean = whole.actual * group.expected / whole.expected if whole.expected else 0.0
    deviance = deviance_of(group.actual, mean) + deviance_of(whole.actual - group.actual, whole.actual - mean)
    return deviance / dispersion(share_chi_square(group, whole), len(whole.past), pooled)


def deviance_of(count: float, mean: float) -> float:
    """Twice the log likelihood ratio of a count, without the part that cancels over group and rest."""
    return 2 * count * (math.log(count) - math.log(max(mean, LEAST_MEAN))) if count > 0 else 0.0


def share_chi_square(group: Group, whole: Group) -> float:
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
