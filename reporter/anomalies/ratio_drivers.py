"""Which part of a product explains the change of a ratio: by its own rate, or by its share of the whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from reporter.anomalies.segment_shares import (
    SegmentGroup,
    counterfactual,
    deviance_of,
    deviance_ratio,
    dispersion,
    relative_noise,
    share_dispersion,
    share_noise,
    sureness,
)
from reporter.anomalies.segments import AGAINST, EXPLAINS, OVERSHOOTS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Periods: TypeAlias = "Sequence[float] | NDArray[np.float64]"
RatioPart: TypeAlias = "tuple[Periods, Periods, float, float]"  # past over and under, and the period's
Effect: TypeAlias = Literal["rate", "mix"]
RatioValue: TypeAlias = tuple[str, str, Effect]

RATE_SURE = (
    12.0  # sureness from which a value is unusual itself: rates and shares are twice as many as values
)


@dataclass(frozen=True, slots=True)
class RatioDriver:
    """A value whose own rate changed ("rate"), or that makes another share of the whole ("mix")."""

    dimension: str
    value: str
    effect: Effect
    actual: float  # its own rate; of "mix" its share of the denominators
    counterfactual: float  # what that would be, had it gone like the others
    moved: float  # by how much it moved the total's rate
    gap: float  # by how much that moved in all
    deviance_ratio: float  # deviance over dispersion
    sureness: float  # the same on the scale of chi square

    @property
    def values(self) -> tuple[str, ...]:
        return (self.value,)

    @property
    def reach(self) -> float:
        """How far it moved the total, in gaps: above 1 the others moved it back."""
        return self.moved / self.gap if self.gap else 0.0

    @property
    def explains(self) -> float:
        """The share of the change of the total's rate that it makes up."""
        return min(self.reach, 1.0)

    @property
    def weight(self) -> float:
        return 1.0 if self.reach >= 0 else AGAINST

    @property
    def can_be_named(self) -> bool:
        return self.sureness >= RATE_SURE and EXPLAINS <= self.reach <= OVERSHOOTS


@dataclass(frozen=True, slots=True)
class RatioExplanation:
    """What may be behind the change of a ratio."""

    ranked: list[RatioValue]  # best first
    claim: bool  # whether the best may be named
    drivers: tuple[RatioDriver, ...]  # in the order of `ranked`


@dataclass(frozen=True, slots=True)
class Rate:
    """Numerators and denominators of one value of a dimension, or of the whole."""

    over: SegmentGroup
    under: SegmentGroup

    @classmethod
    def of(cls, value: str, part: RatioPart) -> "Rate":
        past_over, past_under, over, under = part
        return cls(SegmentGroup.of(value, past_over, over), SegmentGroup.of(value, past_under, under))

    @property
    def actual(self) -> float:
        return divided(self.over.actual, self.under.actual)

    @property
    def expected(self) -> float:
        """The rate of the past periods together."""
        return divided(sum(self.over.past), sum(self.under.past))

    def without(self, part: "Rate") -> "Rate":
        """The rest of the whole."""
        return Rate(rest_of(self.over, part.over), rest_of(self.under, part.under))


def rest_of(whole: SegmentGroup, part: SegmentGroup) -> SegmentGroup:
    past = tuple(total - own for total, own in zip(whole.past, part.past, strict=True))
    return SegmentGroup((), past, whole.actual - part.actual)


def explain_ratio(segments: Mapping[str, Mapping[str, RatioPart]], total: RatioPart) -> RatioExplanation:
    """Which value's own rate ("rate"), or whose other share ("mix"), explains the change of a ratio.

    `segments` maps dimension to value to (past numerators, past denominators, numerator, denominator);
    `total` is such a tuple, too.
    """
    whole = Rate.of("", total)
    if not whole.under.actual or not whole.expected:
        return RatioExplanation([], False, ())
    rates: list[RatioDriver] = []
    mixes: list[RatioDriver] = []
    for dimension, parts in segments.items():
        members = {value: Rate.of(value, part) for value, part in parts.items()}
        rates += rate_drivers(dimension, members, whole)
        mixes += mix_drivers(dimension, members, whole)
    drivers = interleaved(rates, mixes)
    ranked: list[RatioValue] = [(driver.dimension, driver.value, driver.effect) for driver in drivers]
    return RatioExplanation(ranked, bool(drivers) and drivers[0].can_be_named, tuple(drivers))


def interleaved(rates: Sequence[RatioDriver], mixes: Sequence[RatioDriver]) -> list[RatioDriver]:
    """Rates by their sureness and mixes by theirs, merged by how far they moved the whole.

    Denominators are many more than numerators, so that the sureness of a mix and of a rate do not compare.
    """
    worst_rates = sorted(rates, key=lambda driver: driver.deviance_ratio * driver.weight)
    worst_mixes = sorted(mixes, key=lambda driver: driver.deviance_ratio * driver.weight)
    ranked: list[RatioDriver] = []
    while worst_rates and worst_mixes:
        is_rate = size(worst_rates[-1]) >= size(worst_mixes[-1])
        ranked.append((worst_rates if is_rate else worst_mixes).pop())
    return ranked + worst_rates[::-1] + worst_mixes[::-1]


def size(driver: RatioDriver) -> tuple[bool, float]:
    """The sure ones first, then those that moved the whole farthest."""
    return driver.sureness >= RATE_SURE, abs(driver.moved) * driver.weight


def rate_drivers(dimension: str, members: Mapping[str, Rate], whole: Rate) -> list[RatioDriver]:
    """How far each value's own rate moved the whole, beyond what the rest's rate did."""
    gap, periods = whole.actual - whole.expected, len(whole.under.past)
    chi_squares = [rate_chi_square(part, whole) for part in members.values()]
    noise = relative_noise(
        [(chi, part.over.expected) for part, chi in zip(members.values(), chi_squares, strict=True)], periods
    )
    found: list[RatioDriver] = []
    for (value, part), chi_square in zip(members.items(), chi_squares, strict=True):
        rest = whole.without(part)
        alike = part.expected * (divided(rest.actual, rest.expected) if rest.expected else 1.0)
        moved = part.under.actual * (part.actual - alike) / whole.under.actual
        own, others = usual_numerators(part, rest, part.under.actual, rest.under.actual, whole.over.actual)
        deviance = deviance_of(part.over.actual, own) + deviance_of(rest.over.actual, others)
        spread = dispersion(chi_square, periods, 1 + noise * part.over.expected)
        ratio = deviance / spread
        sure = sureness(ratio, spread, periods)
        found.append(RatioDriver(dimension, value, "rate", part.actual, alike, moved, gap, ratio, sure))
    return found


def mix_drivers(dimension: str, members: Mapping[str, Rate], whole: Rate) -> list[RatioDriver]:
    """How far each value's larger or smaller share of the denominators moved the whole."""
    gap, total = whole.actual - whole.expected, whole.under
    noise = share_noise([part.under for part in members.values()], total)
    found: list[RatioDriver] = []
    for value, part in members.items():
        surplus = part.under.actual - counterfactual(part.under, total)
        moved = whole.actual - divided(whole.over.actual - surplus * part.actual, total.actual - surplus)
        ratio = deviance_ratio(part.under, total, noise)
        sure = sureness(ratio, share_dispersion(part.under, total, noise), len(total.past))
        shares = part.under.actual / total.actual, divided(part.under.expected, total.expected)
        found.append(RatioDriver(dimension, value, "mix", *shares, moved, gap, ratio, sure))
    return found


def usual_numerators(
    part: Rate, rest: Rate, under: float, rest_under: float, over: float
) -> tuple[float, float]:
    """Numerators of part and rest, had both kept their usual rates up to one common factor."""
    own, others = part.expected * under, rest.expected * rest_under
    factor = divided(over, own + others)
    return own * factor, others * factor


def rate_chi_square(part: Rate, whole: Rate) -> float:
    """Squared departures of the part's rate from its usual one beside the rest's, over the past periods."""
    rest, total = whole.without(part), 0.0
    for over, under, rest_over, rest_under in zip(
        part.over.past, part.under.past, rest.over.past, rest.under.past, strict=True
    ):
        own, others = usual_numerators(part, rest, under, rest_under, over + rest_over)
        if own > 0 and others > 0:
            total += (over - own) ** 2 * (1 / own + 1 / others)
    return total


def divided(a: float, b: float) -> float:
    """A quotient; 0 where nothing can be divided by."""
    return a / b if b else 0.0
