"""Which part of a product explains a change: a value of a dimension that did not move like all others.

The counterfactual of a part is what it would be, had it moved like the rest, and so a change of all
of it blames nobody.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Past: TypeAlias = Sequence[float] | NDArray[np.float64]
else:
    Past = Sequence

Part: TypeAlias = tuple[Past, float]  # past periods, and the period
RatioPart: TypeAlias = tuple[Past, Past, float, float]  # past numerators and denominators, and the period's
Effect: TypeAlias = Literal["rate", "mix"]
Value: TypeAlias = tuple[str, str]  # dimension, value
RatioValue: TypeAlias = tuple[str, str, Effect]

LEAST_SHARE = 0.10  # of the total change; a part with less explains nothing
MOST_VALUES = 3  # that are told together; more is not a cause but a list
AGAINST = (
    0.25  # how much a part that moved against the total counts: two halves of a product mirror each other
)
MERGE_GAIN = 6.0  # deviance that another value must add: two parameters' worth of AIC, and some caution
SURE = 12.0  # deviance over dispersion from which a part is unusual itself: p = 0.0005
EXPLAINS = 0.35  # of the gap that goes away with the part put back
PRIOR_PERIODS = 4.0  # how many past periods the dispersion of all parts of a dimension counts for


@dataclass(frozen=True, slots=True)
class Driver:
    """Values of one dimension that moved together. `excess` is actual less counterfactual, in units of
    the metric.

    `explains` is the share of the total's change that goes away with the part put back: 0.8 is "about 80 %".
    """

    dimension: str
    values: tuple[str, ...]
    actual: float
    counterfactual: float
    explains: float
    sureness: float  # deviance over dispersion

    @property
    def excess(self) -> float:
        return self.actual - self.counterfactual


@dataclass(frozen=True, slots=True)
class Explanation:
    """Who may be behind a change. Without `claim` it is "across all countries, devices and sources"."""

    ranked: list[Value]  # best first
    claim: bool  # whether the best may be named
    drivers: tuple[Driver, ...]  # the best group of each dimension, best first


@dataclass(frozen=True, slots=True)
class RatioDriver:
    """A value whose own rate changed ("rate"), or that makes another share of the whole ("mix")."""

    dimension: str
    value: str
    effect: Effect
    moved: float  # by how much it moved the total's rate
    explains: float
    sureness: float
    towards: bool  # it moved the total the way the total went


@dataclass(frozen=True, slots=True)
class RatioExplanation:
    ranked: list[RatioValue]  # best first
    claim: bool
    drivers: tuple[RatioDriver, ...]


@dataclass(frozen=True, slots=True)
class _Group:
    """Values of one dimension, summed, with their past."""

    dimension: str
    values: tuple[str, ...]
    past: tuple[float, ...]
    actual: float

    def joined(self, other: "_Group") -> "_Group":
        past = tuple(mine + theirs for mine, theirs in zip(self.past, other.past, strict=True))
        return _Group(self.dimension, self.values + other.values, past, self.actual + other.actual)

    @property
    def expected(self) -> float:
        return sum(self.past) / len(self.past)


def explain(segments: Mapping[str, Mapping[str, Part]], total: Part) -> Explanation:
    """Which values of which dimension explain the total's change against its past.

    `segments` maps dimension to value to (past period values, actual); `total` is (past values, actual) of
    the same periods. Segments may overlap, as users do: the rest is always the total less the segment.
    """
    whole = _Group("", (), tuple(map(float, total[0])), float(total[1]))
    if not whole.past:
        return Explanation([], False, ())
    found: list[tuple[Driver, list[_Group]]] = []
    for dimension, parts in segments.items():
        groups = [
            _Group(dimension, (v,), tuple(map(float, past)), float(a)) for v, (past, a) in parts.items()
        ]
        if groups:
            found.append(_best_of_dimension(groups, whole))
    found.sort(key=lambda one: -one[0].sureness * (1.0 if one[0].explains > 0 else AGAINST))
    ranked: list[Value] = []
    for driver, _ in found:
        ranked += [(driver.dimension, value) for value in driver.values]
    others = [group for _, groups in found for group in groups]
    others.sort(key=lambda group: -_sureness(group, whole, 1.0) * _weight(group, whole))
    ranked += [(g.dimension, g.values[0]) for g in others if (g.dimension, g.values[0]) not in ranked]
    drivers = tuple(driver for driver, _ in found)
    best = drivers[0] if drivers else None
    return Explanation(
        ranked, best is not None and best.sureness >= SURE and best.explains >= EXPLAINS, drivers
    )


def _best_of_dimension(groups: list[_Group], whole: _Group) -> tuple[Driver, list[_Group]]:
    pooled = _pooled_dispersion(groups, whole)
    change = abs(whole.actual - whole.expected)
    large = [group for group in groups if abs(_excess(group, whole)) >= LEAST_SHARE * change] or groups
    large.sort(key=lambda group: -_sureness(group, whole, pooled) * _weight(group, whole))
    best = large[0]
    for other in large[1:]:
        if len(best.values) == MOST_VALUES:
            break
        if _excess(other, whole) * _excess(best, whole) < 0:
            continue
        joined = best.joined(other)
        if _sureness(joined, whole, pooled) > _sureness(best, whole, pooled) + MERGE_GAIN:
            best = joined
    return _driver(best, whole, pooled), groups


def _driver(group: _Group, whole: _Group, pooled: float) -> Driver:
    excess = _excess(group, whole)
    gap = whole.actual - whole.expected
    left = abs(gap - excess)
    explains = 1 - left / abs(gap) if gap else 0.0
    return Driver(
        group.dimension,
        group.values,
        group.actual,
        group.actual - excess,
        explains,
        _sureness(group, whole, pooled),
    )


def _excess(group: _Group, whole: _Group) -> float:
    """Actual less what it would be had it moved like all others."""
    rest_expected = whole.expected - group.expected
    if rest_expected <= 0:
        return group.actual - group.expected
    return group.actual - group.expected * (whole.actual - group.actual) / rest_expected


def _weight(group: _Group, whole: _Group) -> float:
    """1 where the excess goes the way of the total; less where it goes against it."""
    return 1.0 if _excess(group, whole) * (whole.actual - whole.expected) >= 0 else AGAINST


def _sureness(group: _Group, whole: _Group, pooled: float) -> float:
    """Deviance of {group} against {rest} given the total, over the dispersion of the group's share."""
    mean = whole.actual * group.expected / whole.expected if whole.expected else 0.0
    deviance = _deviance(group.actual, mean) + _deviance(whole.actual - group.actual, whole.actual - mean)
    return deviance / (_dispersion(group, whole, pooled) * (1 + 1 / len(whole.past)))


def _deviance(count: float, mean: float) -> float:
    """Twice the log likelihood ratio of a count, without the part that cancels over group and rest."""
    return 2 * count * math.log(count / max(mean, 0.5)) if count > 0 else 0.0


def _chi_square(group: _Group, whole: _Group) -> float:
    """Departures of the group's share from its mean, in binomial variances, summed over the past periods."""
    share = sum(group.past) / max(sum(whole.past), 1e-9)
    unit = max(share * (1 - share), 1e-9)
    return sum(
        (part - share * total) ** 2 / (total * unit)
        for part, total in zip(group.past, whole.past, strict=True)
        if total
    )


def _pooled_dispersion(groups: list[_Group], whole: _Group) -> float:
    periods = len(whole.past) - 1
    if periods < 1:
        return 1.0
    return max(1.0, sum(_chi_square(group, whole) for group in groups) / (periods * len(groups)))


def _dispersion(group: _Group, whole: _Group, pooled: float) -> float:
    periods = len(whole.past) - 1
    own = _chi_square(group, whole)
    return max(1.0, (own + PRIOR_PERIODS * pooled) / (periods + PRIOR_PERIODS))


def explain_ratio(segments: Mapping[str, Mapping[str, RatioPart]], total: RatioPart) -> RatioExplanation:
    """Which value's own rate ("rate"), or whose other share ("mix"), explains the change of a ratio.

    `segments` maps dimension to value to (past numerators, past denominators, numerator, denominator);
    `total` is such a tuple, too.
    """
    whole = _Rate(
        "", "", tuple(map(float, total[0])), tuple(map(float, total[1])), float(total[2]), float(total[3])
    )
    if not whole.past_under or not whole.under or not whole.expected:
        return RatioExplanation([], False, ())
    found: list[RatioDriver] = []
    for dimension, parts in segments.items():
        rates = [
            _Rate(dimension, value, tuple(map(float, a)), tuple(map(float, b)), float(over), float(under))
            for value, (a, b, over, under) in parts.items()
        ]
        found += _ratio_drivers(rates, whole)
    found = _ratio_ranked(found)
    best = found[0] if found else None
    claim = best is not None and best.sureness >= SURE and best.explains >= EXPLAINS
    return RatioExplanation([(one.dimension, one.value, one.effect) for one in found], claim, tuple(found))


@dataclass(frozen=True, slots=True)
class _Rate:
    """The numerators and denominators of one value of a dimension."""

    dimension: str
    value: str
    past_over: tuple[float, ...]
    past_under: tuple[float, ...]
    over: float
    under: float

    @property
    def rate(self) -> float:
        return self.over / self.under if self.under else 0.0

    @property
    def expected(self) -> float:
        under = sum(self.past_under)
        return sum(self.past_over) / under if under else 0.0


def _ratio_ranked(found: list[RatioDriver]) -> list[RatioDriver]:
    """Rates by their sureness and mixes by theirs, merged by how far they moved the whole.

    Denominators are many more than numerators, so that the sureness of a mix and of a rate do not compare.
    """
    rates = sorted((one for one in found if one.effect == "rate"), key=_against_weighted)
    mixes = sorted((one for one in found if one.effect == "mix"), key=_against_weighted)
    ranked: list[RatioDriver] = []
    while rates and mixes:
        better = rates if _size(rates[-1]) >= _size(mixes[-1]) else mixes
        ranked.append(better.pop())
    return ranked + rates[::-1] + mixes[::-1]


def _against_weighted(one: RatioDriver) -> float:
    return one.sureness * (1.0 if one.towards else AGAINST)


def _size(one: RatioDriver) -> tuple[bool, float]:
    return one.sureness >= SURE, abs(one.moved) * (1.0 if one.towards else AGAINST)


def _ratio_drivers(rates: list[_Rate], whole: _Rate) -> list[RatioDriver]:
    gap = whole.rate - whole.expected
    shares = [_Group(one.dimension, (one.value,), one.past_under, one.under) for one in rates]
    total = _Group("", (), whole.past_under, whole.under)
    pooled_share = _pooled_dispersion(shares, total)
    pooled_rate = _pooled_rate_dispersion(rates, whole)
    found: list[RatioDriver] = []
    for one, share in zip(rates, shares, strict=True):
        rest_before = _over(
            sum(whole.past_over) - sum(one.past_over), sum(whole.past_under) - sum(one.past_under)
        )
        rest_now = _over(whole.over - one.over, whole.under - one.under)
        alike = one.expected * _over(rest_now, rest_before) if rest_before else one.expected
        moved = one.under * (one.rate - alike) / whole.under
        found.append(
            RatioDriver(
                one.dimension,
                one.value,
                "rate",
                moved,
                _explains(moved, gap),
                _rate_sureness(one, whole, pooled_rate),
                moved * gap >= 0,
            )
        )
        excess = _excess(share, total)
        left = whole.under - excess
        without = (whole.over - excess * one.rate) / left if left > 0 else whole.rate
        moved = whole.rate - without
        found.append(
            RatioDriver(
                one.dimension,
                one.value,
                "mix",
                moved,
                _explains(moved, gap),
                _sureness(share, total, pooled_share),
                moved * gap >= 0,
            )
        )
    return found


def _over(a: float, b: float) -> float:
    return a / b if b else 0.0


def _explains(moved: float, gap: float) -> float:
    return 1 - abs(gap - moved) / abs(gap) if gap else 0.0


def _expected_over(
    one: _Rate, whole: _Rate, over: float, under: float, whole_over: float, whole_under: float
) -> tuple[float, float]:
    """Numerators of value and rest, had both kept their usual rates up to one common factor."""
    rest_rate = _over(sum(whole.past_over) - sum(one.past_over), sum(whole.past_under) - sum(one.past_under))
    own, rest = one.expected * under, rest_rate * (whole_under - under)
    factor = _over(whole_over, own + rest)
    return own * factor, rest * factor


def _rate_chi(one: _Rate, whole: _Rate) -> float:
    total = 0.0
    for over, under, whole_over, whole_under in zip(
        one.past_over, one.past_under, whole.past_over, whole.past_under, strict=True
    ):
        own, rest = _expected_over(one, whole, over, under, whole_over, whole_under)
        if own > 0 and rest > 0:
            total += (over - own) ** 2 * (1 / own + 1 / rest)
    return total


def _pooled_rate_dispersion(rates: list[_Rate], whole: _Rate) -> float:
    periods = len(whole.past_over) - 1
    return (
        max(1.0, sum(_rate_chi(one, whole) for one in rates) / (periods * len(rates))) if periods > 0 else 1.0
    )


def _rate_sureness(one: _Rate, whole: _Rate, pooled: float) -> float:
    own, rest = _expected_over(one, whole, one.over, one.under, whole.over, whole.under)
    deviance = _deviance(one.over, own) + _deviance(whole.over - one.over, rest)
    periods = len(whole.past_over) - 1
    dispersion = max(1.0, (_rate_chi(one, whole) + PRIOR_PERIODS * pooled) / (periods + PRIOR_PERIODS))
    return deviance / (dispersion * (1 + 1 / len(whole.past_over)))
