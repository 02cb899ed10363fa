"""More breakdowns with a known cause, or none: of four dimensions, and real weekly tables (real_series.md).

Drawn otherwise than driver_data.py, and without a look at what explains them: long tails of countries,
dimensions that hang together, small values that are rougher than large ones, heavy tails, a trend.
"""

from typing import Literal, TypeAlias

import numpy as np
from numpy.random import Generator

from bench.driver_data import Breakdown, RatioBreakdown, breakdown_of, ratio_breakdown_of
from bench.insights_data import log_uniform, sign
from bench.noise import Floats
from bench.real_data import RealTable, real_tables

Case: TypeAlias = Literal["one", "two", "one, and chance", "none"]
Movement: TypeAlias = tuple[int, tuple[int, ...], Floats]  # dimension, values to blame, factors of all cells
CASES: tuple[Case, ...] = ("one", "two", "one, and chance")  # those with somebody to blame

DIMENSIONS = {"country": (10, 21), "system": (3, 5), "source": (4, 9), "plan": (2, 4)}
PERIODS = (8, 13)
SPAN = (0.08, 0.4)  # by which part the whole moves
CHOSEN = (0.06, 0.6)  # shares of values that are made to move
SMALL = (0.01, 0.05)  # and of one that moves along by chance


def counts(seed: int, case: Case, users: bool = False) -> Breakdown:
    """A count that moved by what the case says."""
    rng = np.random.default_rng(seed)
    shares, (axis, places, factors) = product_that_moves(rng, case)
    periods = drawn_periods(rng, shares, log_uniform(rng, 300, 100_000), factors)
    names = [[str(place) for place in range(size)] for size in shares.shape]
    dimensions = dict(zip(DIMENSIONS, names, strict=True))
    causes = frozenset((list(DIMENSIONS)[axis], str(place)) for place in places)
    return breakdown_of(periods, dimensions, causes, rng if users else None)


def real_counts(seed: int, case: Case) -> Breakdown:
    """Eight or more real weeks, and one of which so much was taken that there are fewer than in any."""
    rng = np.random.default_rng(seed)
    while True:
        table, (rows, _) = real_weeks(rng)
        if (moved := moved_values(rng, usual_shares(rows), case, only_down=True)) is None:
            continue
        axis, places, factors = moved
        rows[-1] = rng.binomial(rows[-1].astype(np.int64), factors)
        if is_lowest(rows.sum(axis=(1, 2, 3))):
            return breakdown_of(rows, table.values, named(table, axis, places))


def real_ratio(seed: int, blame: bool) -> RatioBreakdown:
    """Real weeks, and one in which so few rows of one value, or of all, are true that no rate was lower."""
    rng = np.random.default_rng(seed)
    while True:
        table, (rows, true) = real_weeks(rng)
        moved = moved_values(rng, usual_shares(true), "one" if blame else "none", only_down=True)
        if moved is None:
            continue
        axis, places, factors = moved
        true[-1] = rng.binomial(true[-1].astype(np.int64), factors)
        if is_lowest(true.sum(axis=(1, 2, 3)) / rows.sum(axis=(1, 2, 3))):
            causes = frozenset((*cause, "rate") for cause in named(table, axis, places))
            return ratio_breakdown_of(true, rows, table.values, causes)


def real_weeks(rng: Generator) -> tuple[RealTable, tuple[Floats, Floats]]:
    """Some weeks of a table: its rows, and how many are true."""
    tables = real_tables()
    table = tables[int(rng.integers(len(tables)))]
    weeks = int(rng.integers(*PERIODS)) + 1
    first = int(rng.integers(len(table.rows) - weeks + 1))
    return table, (table.rows[first : first + weeks].copy(), table.true[first : first + weeks].copy())


def usual_shares(periods: Floats) -> Floats:
    return periods[:-1].sum(axis=0) / periods[:-1].sum()


def is_lowest(figures: Floats) -> bool:
    """Only what is unusual is explained."""
    return float(figures[-1]) < 0.95 * float(figures[:-1].min())


def named(table: RealTable, axis: int, places: tuple[int, ...]) -> frozenset[tuple[str, str]]:
    dimension, values = list(table.values.items())[axis]
    return frozenset((dimension, values[place]) for place in places)


def product_that_moves(rng: Generator, case: Case) -> tuple[Floats, Movement]:
    shares = product(rng)
    moved = moved_values(rng, shares, case)
    return (shares, moved) if moved else product_that_moves(rng, case)


def product(rng: Generator) -> Floats:
    """Shares of all combinations; often two dimensions hang together."""
    shares: Floats = np.ones(())
    for span in DIMENSIONS.values():
        weights: Floats = np.arange(1.0, int(rng.integers(*span)) + 1) ** -rng.uniform(0.7, 1.5)
        shares = np.multiply.outer(shares, rng.permutation(weights))
    if rng.random() < 0.5:
        apart: list[int] = rng.permutation(shares.ndim)[2:].tolist()
        sizes = [1 if axis in apart else size for axis, size in enumerate(shares.shape)]
        shares = shares * np.exp(rng.normal(0, 0.7, sizes))
    return shares / shares.sum()


def drawn_periods(rng: Generator, shares: Floats, volume: float, factors: Floats) -> Floats:
    """(periods, …cells), the last one with the factors."""
    number = int(rng.integers(*PERIODS))
    roughness, trend = rng.uniform(0.005, 0.03), rng.normal(0, 0.015)
    drawn: list[Floats] = []
    for period in range(number + 1):
        mean: Floats = volume * shares * np.exp(trend * (period - number) + rng.normal(0, 0.04))
        for axis in range(shares.ndim):
            margins = margin_of(shares, axis)
            sd = np.minimum(roughness * margins**-0.25, 0.3)
            wobble = np.exp(sd * rng.standard_t(4, margins.size) / np.sqrt(2))
            mean = np.moveaxis(np.moveaxis(mean, axis, -1) * wobble, -1, axis)
        counts = rng.poisson(mean * factors if period == number else mean)
        drawn.append(np.asarray(counts, dtype=np.float64))
    return np.stack(drawn)


def moved_values(rng: Generator, shares: Floats, case: Case, only_down: bool = False) -> Movement | None:
    """Who is to blame, and what each cell is multiplied with; None where nobody is fit for it."""
    factors = np.ones(shares.shape)
    direction = -1 if only_down else sign(rng)
    if case == "none":
        return 0, (), factors * (1 + direction * rng.uniform(0.1, 0.5))
    axis = int(rng.integers(shares.ndim))
    margins = margin_of(shares, axis)
    able: list[int] = rng.permutation(np.flatnonzero((margins > CHOSEN[0]) & (margins < CHOSEN[1]))).tolist()
    small = np.flatnonzero((margins > SMALL[0]) & (margins < SMALL[1]))
    places = tuple(able[: 2 if case == "two" else 1])
    if len(places) < (2 if case == "two" else 1) or (case == "one, and chance" and not small.size):
        return None
    by = direction * rng.uniform(*SPAN) / float(margins[list(places)].sum())
    along = np.moveaxis(factors, axis, 0)
    along[list(places)] = max(0.05, 1 + by)
    if case == "one, and chance":
        along[int(rng.choice(small))] = 1 + direction * rng.uniform(0.2, 0.5)
    return axis, places, factors


def margin_of(shares: Floats, axis: int) -> Floats:
    return shares.sum(axis=tuple(other for other in range(shares.ndim) if other != axis))
