"""Made-up reports of ratios, averages and sums of money with known truth: half a year of days, and a window.

A ratio has a numerator and a denominator a day, by country, device and source, whose values have rates of
their own. Days are overdispersed, weekdays differ, launches bring many who buy less. Planted are moves of one
value's rate, of all rates, of the mix (more visits from where the rate is lower), of the mean amount, of how
many amounts there are; or only the denominator grows, which moves no ratio; or nothing.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.random import Generator

from bench.driver_data import at_places, cells_margin, margin, zipf
from bench.eventful_data import LEAD, SEEN, heavy_noise, launch
from bench.insights_data import Days, consecutive_days, log_uniform, weekday_profile, weekdays
from bench.noise import Floats, Noise, true_sd

Kind: TypeAlias = Literal["ratio", "average", "sum"]
Move: TypeAlias = Literal["rate", "all rates", "mix", "mean", "number"]

KINDS: tuple[Kind, ...] = ("ratio", "ratio", "ratio", "ratio", "average", "average", "sum", "sum")
LENGTHS = (1, 7, 14, 28)
HISTORY = 182
DIMENSIONS = {"country": 6, "device": 3, "source": 5}

Part: TypeAlias = tuple[Floats, Floats, float, float]  # past numerators, denominators; the window's two
Cause: TypeAlias = tuple[str, str, str]  # dimension, value, "rate" or "mix"


@dataclass(frozen=True, slots=True)
class Moved:
    """What was planted, and by how many true standard deviations of the window's figure."""

    move: Move
    size: float  # its absolute value


@dataclass(frozen=True, slots=True)
class KindMetric:
    """A figure of two daily series: numerator by denominator (of an average: amounts by number), or a sum."""

    kind: Kind
    numerator: Floats  # (days,); of averages and sums the amounts of a day
    denominator: Floats  # (days,); of averages and sums how many
    squares: Floats  # (days,), of amounts; of a ratio the numerator
    expected: float  # the true figure of the window, had nothing been planted
    sd: float  # and its true standard deviation
    moved: Moved | None
    segments: dict[str, dict[str, Part]]  # of ratios
    total: Part | None
    causes: frozenset[Cause] = frozenset()

    def figure(self, first: int, end: int) -> float:
        """Of these days; nan where nothing can be divided by."""
        top, bottom = self.numerator[first:end].sum(), self.denominator[first:end].sum()
        if self.kind == "sum":
            return float(top)
        return float(top / bottom) if bottom else float("nan")


@dataclass(frozen=True, slots=True)
class KindReport:
    days: Days
    window: tuple[int, int]
    metrics: tuple[KindMetric, ...]

    @property
    def is_quiet(self) -> bool:
        return all(metric.moved is None for metric in self.metrics)


def kind_report(seed: int, length: int | None = None, *, is_quiet: bool = False) -> KindReport:
    """Four ratios, two averages, two sums; two reports in five are quiet, else one or two are moved."""
    rng = np.random.default_rng(seed)
    window = int(rng.choice(LENGTHS)) if length is None else length
    days = consecutive_days(rng, HISTORY + window)
    changed = 0 if rng.random() < 0.4 or is_quiet else int(rng.integers(1, 3))
    order: list[int] = rng.permutation(len(KINDS)).tolist()
    metrics = [
        ratio(rng, days, window, place < changed)
        if KINDS[number] == "ratio"
        else amounts(rng, days, window, KINDS[number], place < changed)
        for place, number in enumerate(order)
    ]
    return KindReport(days, (HISTORY, HISTORY + window), tuple(metrics))


@dataclass(frozen=True, slots=True)
class Visits:
    """What a ratio is drawn from."""

    numbers: Floats  # (days,) expected denominators
    shares: Floats  # (countries, devices, sources), together 1
    rates: Floats  # likewise
    course: Floats  # (days,), what all rates are multiplied with
    noise: Noise  # of all rates

    @property
    def rate(self) -> float:
        return float((self.shares * self.rates).sum())


def visits(rng: Generator, days: Days, window: int) -> Visits:
    size = days.size
    numbers = log_uniform(rng, 30, 20_000) * weekday_profile(rng)[weekdays(days)]
    numbers = numbers * heavy_noise(rng, 0.03, 0.15).factors(rng, size)
    course = np.exp(rng.normal(0, 0.03, 7))[weekdays(days)]  # on some weekdays more is bought
    if rng.random() < 0.25:
        made = launch(rng)
        start = int(rng.integers(LEAD, HISTORY - made.loud - SEEN + 1))
        more = made.on(size, start)
        numbers = numbers * more
        if rng.random() < 0.5:  # those who come for the launch buy less
            course *= (1 + rng.uniform(0.2, 0.9) * (more - 1)) / more
    if rng.random() < 0.2:  # a new checkout
        course[: int(rng.integers(28, HISTORY - 41))] *= 1 + rng.uniform(-0.25, 0.25)
    sizes = [*DIMENSIONS.values()]
    shares = [rng.dirichlet(np.ones(number)) * 0.4 + 0.6 * zipf(number) for number in sizes]
    rates = [np.exp(rng.normal(0, 0.4, number)) for number in sizes]
    cells = np.einsum("i,j,k->ijk", *shares)
    rate = np.einsum("i,j,k->ijk", *rates)
    rate *= log_uniform(rng, 0.01, 0.5) / float((cells * rate).sum())
    noise = heavy_noise(rng, 0.005, 0.05)
    most = 0.8 / (course.max() * 1.95)  # so that no chance of a day is more than it can be
    return Visits(numbers, cells / cells.sum(), np.minimum(rate, most), course, noise)


def ratio(rng: Generator, days: Days, window: int, is_moved: bool) -> KindMetric:
    made, size = visits(rng, days, window), days.size
    numbers, shares, rates = made.numbers.copy(), made.shares, made.rates
    ahead = numbers[HISTORY:] * made.course[HISTORY:]
    expected = made.rate * float(ahead.sum() / numbers[HISTORY:].sum())
    move, causes = None, frozenset[Cause]()
    if is_moved:
        move, share_factors, rate_factors, causes = planted_move(rng, made)
        shares, rates = shares * share_factors, rates * rate_factors
        numbers[HISTORY:] *= shares.sum()
    elif rng.random() < 0.2:  # everybody comes, and does as usual
        numbers[HISTORY:] *= rng.uniform(1.4, 4.0)
    sd = ratio_sd(made, expected, numbers[HISTORY:])
    change = abs(float((shares * rates).sum() / shares.sum()) / made.rate - 1) * expected
    moved = Moved(move, change / sd) if move else None
    chances = made.course * made.noise.factors(rng, size)
    past = np.arange(size, dtype=np.int64) < HISTORY
    tries = rng.poisson(
        numbers[:, None, None, None] * np.where(past[:, None, None, None], made.shares, shares / shares.sum())
    )
    chance = chances[:, None, None, None] * np.where(past[:, None, None, None], made.rates, rates)
    hits = rng.binomial(tries, np.clip(chance, 0, 0.95))
    top, bottom = hits.astype(np.float64), tries.astype(np.float64)
    segments = {
        dimension: {
            str(place): part(margin(top, axis)[:, place], margin(bottom, axis)[:, place], window)
            for place in range(number)
        }
        for axis, (dimension, number) in enumerate(DIMENSIONS.items())
    }
    over, under = top.sum(axis=(1, 2, 3)), bottom.sum(axis=(1, 2, 3))
    whole = part(over, under, window)
    return KindMetric("ratio", over, under, over, expected, sd, moved, segments, whole, causes)


def ratio_sd(made: Visits, expected: float, numbers: Floats) -> float:
    """Of the window's ratio: binomial, and the noise of days that all rates share."""
    weights = numbers / numbers.sum()
    of_days = true_sd(weights, (made.noise,), 0.0) ** 2 - float(weights.sum())
    return float(np.sqrt(expected * (1 - expected) / numbers.sum() + expected**2 * of_days))


def planted_move(rng: Generator, made: Visits) -> tuple[Move, Floats, Floats, frozenset[Cause]]:
    """What the cells' shares and rates are multiplied with, and who is the cause."""
    shares, rates = np.ones(made.shares.shape), np.ones(made.shares.shape)
    chance = rng.random()
    if chance < 0.2:
        return "all rates", shares, rates * (1 - rng.uniform(0.1, 0.5)), frozenset()
    if chance < 0.5 and (lower := lower_values(made)):
        axis, place = lower[int(rng.integers(len(lower)))]
        shares[at_places(shares, axis, (place,))] = rng.uniform(2.0, 6.0)
        return "mix", shares, rates, frozenset({(list(DIMENSIONS)[axis], str(place), "mix")})
    axis, place = large_value(rng, made)
    at = at_places(rates, axis, (place,))
    least = min(0.8, max(0.25, 0.06 / float(made.shares[at].sum())))
    down = rng.random() < 0.7
    rates[at] = 1 - rng.uniform(least, 0.95) if down else 1 + rng.uniform(least, 0.95)
    return "rate", shares, rates, frozenset({(list(DIMENSIONS)[axis], str(place), "rate")})


def lower_values(made: Visits) -> list[tuple[int, int]]:
    """Values with 4 to 40 % of the visits, whose rate is at most three quarters of the whole."""
    found: list[tuple[int, int]] = []
    for axis in range(3):
        shares = cells_margin(made.shares, axis)
        rates = cells_margin(made.shares * made.rates, axis) / shares
        able = (shares > 0.04) & (shares < 0.4) & (rates < 0.75 * made.rate)
        places: list[int] = np.flatnonzero(able).tolist()
        found += [(axis, place) for place in places]
    return found


def large_value(rng: Generator, made: Visits) -> tuple[int, int]:
    axis = int(rng.integers(3))
    shares = cells_margin(made.shares, axis)
    able = np.flatnonzero((shares > 0.08) & (shares < 0.7))
    return (axis, int(rng.choice(able))) if able.size else large_value(rng, made)


def part(top: Floats, bottom: Floats, window: int) -> Part:
    """Of spans as long as the window, at most twelve of them before it."""
    spans = min(12, HISTORY // window)
    first = HISTORY - spans * window
    past = [one[first:HISTORY].reshape(spans, window).sum(axis=1) for one in (top, bottom)]
    return past[0], past[1], float(top[HISTORY:].sum()), float(bottom[HISTORY:].sum())


def amounts(rng: Generator, days: Days, window: int, kind: Kind, is_moved: bool) -> KindMetric:
    """Amounts of money, log-normal: of an average many, of a sum few that differ much."""
    size = days.size
    spread = rng.uniform(0.4, 1.4) if kind == "average" else rng.uniform(1.2, 2.0)
    numbers = log_uniform(rng, 20, 3_000) if kind == "average" else log_uniform(rng, 4, 60)
    numbers = numbers * weekday_profile(rng)[weekdays(days)]
    of_number, of_mean = heavy_noise(rng, 0.02, 0.12), heavy_noise(rng, 0.003, 0.03)
    mean = log_uniform(rng, 5, 500)
    means = np.full(size, mean)
    expected = mean if kind == "average" else mean * float(numbers[HISTORY:].sum())
    usual = amount_sd(kind, spread, numbers[HISTORY:], of_number, of_mean)
    moved = None
    if is_moved:
        factor = moved_by(rng, kind)
        move: Move = "mean" if kind == "average" or rng.random() < 0.4 else "number"
        (means if move == "mean" else numbers)[HISTORY:] *= factor
        moved = Moved(move, abs(factor - 1) / usual)
    elif kind == "average" and rng.random() < 0.2:  # many more, of the usual amounts
        numbers[HISTORY:] *= rng.uniform(1.4, 4.0)
    sd = amount_sd(kind, spread, numbers[HISTORY:], of_number, of_mean) * expected
    drawn = rng.poisson(numbers * of_number.factors(rng, size))
    means = means * of_mean.factors(rng, size)
    day = np.repeat(np.arange(size, dtype=np.int64), drawn)
    money = means[day] * np.exp(rng.normal(-(spread**2) / 2, spread, day.size))
    sums = np.bincount(day, money, size).astype(np.float64)
    squares = np.bincount(day, money**2, size).astype(np.float64)
    many = drawn.astype(np.float64)
    return KindMetric(kind, sums, many, squares, expected, sd, moved, {}, None)


def moved_by(rng: Generator, kind: Kind) -> float:
    down = rng.random() < 0.6
    if kind == "average":
        return 1 - rng.uniform(0.15, 0.7) if down else 1 + rng.uniform(0.2, 1.5)
    return 1 - rng.uniform(0.4, 0.95) if down else 1 + rng.uniform(1.0, 4.0)


def amount_sd(kind: Kind, spread: float, numbers: Floats, of_number: Noise, of_mean: Noise) -> float:
    """Of the window's mean or sum, as a part of it."""
    whole, weights = float(numbers.sum()), numbers / numbers.sum()
    noises = (of_mean,) if kind == "average" else (of_mean, of_number)
    of_days = true_sd(weights, noises, 0.0) ** 2 - float(weights.sum())
    of_grains = np.exp(spread**2) - (1 if kind == "average" else 0)
    return float(np.sqrt(of_grains / whole + of_days))
