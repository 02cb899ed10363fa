"""Tails of Student's and of normal distributions, and how false alarms are controlled over many tests."""

import math
from collections.abc import Sequence
from typing import Literal, TypeAlias

Side: TypeAlias = Literal["above", "below"]

MOST_TERMS = 300  # of the continued fraction; it needs about sqrt(max(a, b))
LARGEST_CLUMP = 4.0  # events; what one user sends in one go, seldom more
SMALLEST = 1e-300  # keeps divisions of the continued fraction finite


def incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function I_x(a, b), for a, b > 0 and 0 <= x <= 1.

    Lentz's method for the continued fraction (DLMF 8.17.22); good to about 1e-12.
    """
    if x <= 0.0 or x >= 1.0:
        return 0.0 if x <= 0.0 else 1.0
    if x > (a + 1.0) / (a + b + 2.0):
        return 1.0 - incomplete_beta(b, a, 1.0 - x)
    front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(front) * _continued_fraction(a, b, x) / a


def _continued_fraction(a: float, b: float, x: float) -> float:
    c, d = 1.0, 1.0 / _not_zero(1.0 - (a + b) * x / (a + 1.0))
    value = d
    for m in range(1, MOST_TERMS):
        for factor in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1.0 / _not_zero(1.0 + factor * d)
            c = _not_zero(1.0 + factor / c)
            value *= c * d
        if abs(c * d - 1.0) < 1e-13:
            break
    return value


def _not_zero(value: float) -> float:
    return value if abs(value) > SMALLEST else SMALLEST


def student(t: float, degrees: float) -> float:
    """P(|T| >= |t|) of Student's t: two-sided."""
    return incomplete_beta(degrees / 2, 0.5, degrees / (degrees + t * t))


def student_quantile(p: float, degrees: float) -> float:
    """The t > 0 with two-sided tail probability p, by bisection."""
    low, high = 0.0, 200.0
    while high - low > 1e-6 * (1.0 + high):
        middle = (low + high) / 2
        low, high = (middle, high) if student(middle, degrees) > p else (low, middle)
    return (low + high) / 2


def negative_binomial(count: float, mean: float, variance: float, side: Side) -> float:
    """P(X >= count) above, P(X <= count) below, for counts with this mean and this variance of the log rate.

    The Poisson rate is mean times a gamma factor of mean 1 and variance `variance`.
    """
    size = 1.0 / max(variance, 1e-9)
    chance = size / (size + mean)
    if side == "below":
        return incomplete_beta(size, count + 1.0, chance)
    return 1.0 if count <= 0 else incomplete_beta(count, size, 1.0 - chance)


def no_events(mean: float, variance: float) -> float:
    """P(X = 0), for the same counts or, if that is likelier, for events that come in clumps of one user's.

    Clumps: quasi-Poisson, whose dispersion explains the same variance, of up to 4 events.
    """
    size = 1.0 / max(variance, 1e-9)
    clump = min(1.0 + variance * mean, LARGEST_CLUMP)
    return max(math.exp(-size * math.log1p(mean / size)), math.exp(-mean / clump))


def benjamini_hochberg(chances: Sequence[float], rate: float) -> float:
    """The largest p-value that may be called unusual so that at most `rate` of those called are false.

    Benjamini and Hochberg (1995), for tests that are independent or positively dependent; 0 when none may be.
    """
    ordered = sorted(chances)
    passing = [p for rank, p in enumerate(ordered, 1) if p <= rate * rank / len(ordered)]
    return passing[-1] if passing else 0.0


def critical_chance(others: Sequence[float], rate: float) -> float:
    """The largest p-value that one more test beside the others may have, and be called unusual."""
    tests = len(others) + 1
    bounds = [rate * rank / tests for rank in range(1, tests + 1)]
    return max(bound for rank, bound in enumerate(bounds, 1) if 1 + sum(p <= bound for p in others) >= rank)
