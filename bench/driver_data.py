"""Made-up breakdowns with a known cause, or none: counts, users and ratios by country, device and source."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from bench.insights_data import log_uniform, sign
from reporter.anomalies.ratio_drivers import RatioPart
from reporter.anomalies.segments import SegmentHistory

Floats: TypeAlias = NDArray[np.float64]

DIMENSIONS = {"country": (8, 13), "device": (3, 6), "source": (5, 9)}
PERIODS = (4, 13)  # past periods, at least and below


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Segments and total as `explain` takes them; no `causes` (dimension, value) where all moved alike."""

    segments: dict[str, dict[str, SegmentHistory]]
    total: SegmentHistory
    causes: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class RatioBreakdown:
    segments: Mapping[str, Mapping[str, RatioPart]]
    total: RatioPart
    causes: frozenset[tuple[str, str, str]]


def shape_and_rates(rng: Generator) -> Floats:
    """Shares of country × device × source; in a third of the products the dimensions hang together."""
    sizes = [int(rng.integers(*span)) for span in DIMENSIONS.values()]
    shares = [rng.dirichlet(np.ones(size)) * 0.4 + 0.6 * zipf(size) for size in sizes]
    cells = np.einsum("i,j,k->ijk", *shares)
    if rng.random() < 1 / 3:
        cells = cells * np.exp(rng.normal(0, 0.6, (1, *cells.shape[1:])))
    return cells / cells.sum()


def zipf(size: int) -> Floats:
    weights = 1 / np.arange(1, size + 1)
    return weights / weights.sum()


def wobble(rng: Generator, cells: Floats, sd: float) -> Floats:
    """How far one period's cells depart from their shares: a factor of its own for each value."""
    factors = np.exp(rng.normal(0, 0.06))
    for axis in range(3):
        shape = [1, 1, 1]
        shape[axis] = cells.shape[axis]
        factors = factors * np.exp(rng.normal(0, sd, shape))
    return factors * np.ones(cells.shape)


def at_places(cells: Floats, axis: int, places: tuple[int, ...]) -> NDArray[np.bool_]:
    """Which cells belong to these values of one dimension."""
    chosen = np.zeros(cells.shape, dtype=np.bool_)
    np.moveaxis(chosen, axis, 0)[list(places)] = True
    return chosen


def choose_cause(rng: Generator, cells: Floats) -> tuple[int, tuple[int, ...]]:
    """A dimension and one value of it (sometimes two) that hold at least 6 % of everything, but not all."""
    axis = int(rng.integers(3))
    margins = cells.sum(axis=tuple(other for other in range(3) if other != axis))
    able = np.flatnonzero((margins > 0.06) & (margins < 0.6))
    if not able.size:
        return choose_cause(rng, cells)
    number = 2 if able.size > 2 and rng.random() < 0.2 else 1
    return axis, tuple(int(place) for place in rng.choice(able, number, replace=False).tolist())


def breakdown(seed: int, users: bool = False, blame: bool = True) -> Breakdown:
    """One change of a count, with a cause or (without `blame`) of everything alike."""
    rng = np.random.default_rng(seed)
    cells = shape_and_rates(rng)
    volume = log_uniform(rng, 500, 200_000)
    sd = rng.uniform(0.0, 0.05)
    periods = int(rng.integers(*PERIODS))
    factors, causes = np.ones(cells.shape), frozenset[tuple[str, str]]()
    if blame:
        axis, places = choose_cause(rng, cells)
        share = float(cells[at_places(cells, axis, places)].sum())
        least = min(0.9, max(0.3, 0.08 / share))
        factors[at_places(cells, axis, places)] = (
            1 - rng.uniform(least, 0.95) if rng.random() < 0.6 else 1 + rng.uniform(least, 2.0)
        )
        causes = frozenset((list(DIMENSIONS)[axis], str(place)) for place in places)
    else:
        factors *= 1 + sign(rng) * rng.uniform(0.15, 0.6)
    drawn = [rng.poisson(volume * cells * wobble(rng, cells, sd)) for _ in range(periods)]
    drawn.append(rng.poisson(volume * cells * wobble(rng, cells, sd) * factors))
    tables = np.stack(drawn).astype(np.float64)
    return breakdown_of(tables, numbered(cells), causes, rng if users else None)


def numbered(cells: Floats) -> dict[str, list[str]]:
    """Values of each dimension, by their places."""
    return {
        dimension: [str(place) for place in range(size)]
        for dimension, size in zip(DIMENSIONS, cells.shape, strict=True)
    }


def breakdown_of(
    tables: Floats,
    dimensions: dict[str, list[str]],
    causes: frozenset[tuple[str, str]],
    users: Generator | None = None,
) -> Breakdown:
    """Of counts (periods, …cells), of which the last moved; `users` count in several values at once."""
    totals = tables.reshape(tables.shape[0], -1).sum(axis=1)
    segments: dict[str, dict[str, SegmentHistory]] = {}
    for axis, (dimension, values) in enumerate(dimensions.items()):
        margins = margin(tables, axis)
        if users is not None:
            usual = margins[:-1].sum(axis=0) / totals[:-1].sum()
            elsewhere: Floats = (totals[:, None] - margins) * usual
            margins = np.minimum(margins + users.poisson(0.15 * elsewhere), totals[:, None])
        segments[dimension] = {
            value: (margins[:-1, place], float(margins[-1, place])) for place, value in enumerate(values)
        }
    return Breakdown(segments, (totals[:-1], float(totals[-1])), causes)


def margin(tables: Floats, axis: int) -> Floats:
    """(periods, values of one dimension)."""
    return tables.sum(axis=tuple(other for other in range(1, tables.ndim) if other != axis + 1))


def cells_margin(cells: Floats, axis: int) -> Floats:
    return cells.sum(axis=tuple(other for other in range(3) if other != axis))


def ratio_breakdown(seed: int, blame: bool = True) -> RatioBreakdown:
    """One change of a conversion rate: of one value's rate, of one value's share, or of all rates alike."""
    rng = np.random.default_rng(seed)
    cells = shape_and_rates(rng)
    rates = np.ones(cells.shape) * rng.uniform(0.05, 0.4)
    for axis in range(3):
        shape = [1, 1, 1]
        shape[axis] = cells.shape[axis]
        rates = rates * np.exp(rng.normal(0, 0.35, shape))
    rates = np.minimum(rates, 0.8)
    volume = log_uniform(rng, 3_000, 200_000)
    periods, sd = int(rng.integers(*PERIODS)), rng.uniform(0.0, 0.03)
    share_factors, rate_factors = np.ones(cells.shape), np.ones(cells.shape)
    causes = frozenset[tuple[str, str, str]]()
    if blame:
        axis, (place, *_) = choose_cause(rng, cells)
        at = at_places(cells, axis, (place,))
        share = float(cells[at].sum())
        whole = float((cells * rates).sum())
        own = float((cells * rates)[at].sum()) / share
        if rng.random() < 0.3 and abs(own / whole - 1) > 0.25:
            share_factors[at] = rng.uniform(2.0, 4.0)
            effect = "mix"
        else:
            rate_factors[at] = 1 - rng.uniform(min(0.9, max(0.25, 0.06 / share)), 0.95)
            effect = "rate"
        causes = frozenset({(list(DIMENSIONS)[axis], str(place), effect)})
    else:
        rate_factors *= 1 + sign(rng) * rng.uniform(0.1, 0.25)
    numerators: list[Floats] = []
    denominators: list[Floats] = []
    for period in range(periods + 1):
        last = period == periods
        tries = rng.poisson(volume * cells * wobble(rng, cells, sd) * (share_factors if last else 1.0))
        chance = rates * wobble(rng, cells, sd / 2) * (rate_factors if last else 1.0)
        denominators.append(tries.astype(np.float64))
        numerators.append(rng.binomial(tries, np.minimum(chance, 0.95)).astype(np.float64))
    return ratio_breakdown_of(np.stack(numerators), np.stack(denominators), numbered(cells), causes)


def ratio_breakdown_of(
    over: Floats,
    under: Floats,
    dimensions: dict[str, list[str]],
    causes: frozenset[tuple[str, str, str]],
) -> RatioBreakdown:
    """Of numerators and denominators (periods, …cells)."""
    segments: dict[str, dict[str, RatioPart]] = {}
    for axis, (dimension, values) in enumerate(dimensions.items()):
        top, bottom = margin(over, axis), margin(under, axis)
        segments[dimension] = {
            value: (top[:-1, place], bottom[:-1, place], float(top[-1, place]), float(bottom[-1, place]))
            for place, value in enumerate(values)
        }
    a, b = (one.reshape(one.shape[0], -1).sum(axis=1) for one in (over, under))
    return RatioBreakdown(segments, (a[:-1], b[:-1], float(a[-1]), float(b[-1])), causes)
