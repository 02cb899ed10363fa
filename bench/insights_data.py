"""Made-up reports with known truth: daily counts of 20 metrics, their past, and what was planted.

Three worlds. `steady`: a level with growth and shifts, a weekday profile, AR(1) noise, Poisson counts.
`rough` is built differently, so that nobody tunes to one generator: the level walks at random, noise has
heavy tails, counts are negative binomial, weekdays drift, and public holidays bite. `eventful` is in
eventful_data.py.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from bench.noise import NO_NOISE, Floats, Noise, true_sd

Days: TypeAlias = NDArray[np.datetime64]
Kind: TypeAlias = Literal["drop", "rise", "spike", "dip", "shift", "dead"]

METRICS = 20
LENGTHS = (1, 7, 14, 28)  # days of a window
WEEKS = (8, 26)  # of history, at least and at most
MONDAY = np.datetime64("2026-01-05", "D")
VOLUMES = (0.1, 50_000.0)  # events a day
PROFILES = {
    "flat": (1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0),
    "office": (1.15, 1.2, 1.2, 1.15, 1.0, 0.35, 0.3),
    "leisure": (0.85, 0.85, 0.9, 0.95, 1.1, 1.3, 1.25),
    "mild": (1.05, 1.05, 1.0, 1.0, 1.0, 0.95, 0.95),
}


@dataclass(frozen=True, slots=True)
class Planted:
    """What was planted, and its size in true standard deviations of what it touches."""

    kind: Kind
    size: float


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that happened to a metric before the window: a launch, say, of some shape."""

    kind: str
    shape: str
    days_ago: int  # from its first day to the first of the window
    loud: int  # days before it faded or ended


@dataclass(frozen=True, slots=True)
class SyntheticMetric:
    """Counts a day (nan: missing), and what is true of the window."""

    values: Floats
    expected: float  # the true mean of the window's total, had nothing been planted
    volume: float  # events a day
    planted: Planted | None
    holidays: tuple[int, ...] = ()  # places of days on which people stayed away
    past: tuple[Incident, ...] = ()


@dataclass(frozen=True, slots=True)
class SyntheticReport:
    days: Days
    window: tuple[int, int]
    metrics: tuple[SyntheticMetric, ...]

    @property
    def series(self) -> list[tuple[Days, Floats]]:
        return [(self.days, metric.values) for metric in self.metrics]

    @property
    def is_quiet(self) -> bool:
        return all(metric.planted is None for metric in self.metrics)


@dataclass(frozen=True, slots=True)
class Drawing:
    """The parts a metric is drawn from, before counts are drawn."""

    mean: Floats  # (days,) events a day, without noise
    noise: Noise
    dispersion: float = 0.0  # variance of counts = mean + dispersion · mean²
    holidays: tuple[int, ...] = ()
    past: tuple[Incident, ...] = ()


@dataclass(frozen=True, slots=True)
class World:
    """How metrics are drawn (for days, so many of them the window), and what noise they share."""

    name: str
    drawing: Callable[[Generator, Days, int], Drawing]
    common: Callable[[Generator], Noise] | None = None


@dataclass(frozen=True, slots=True)
class Shared:
    """The days of one report, and what moves all its metrics on each of them."""

    days: Days
    window: int  # days at the end
    noise: Noise
    factors: Floats


def report(seed: int, world: World, length: int | None = None, *, is_quiet: bool = False) -> SyntheticReport:
    """Two reports in five are quiet (with `is_quiet` all), the others hold one to three planted changes."""
    rng = np.random.default_rng(seed)
    window = int(rng.choice(LENGTHS)) if length is None else length
    history = int(rng.integers(WEEKS[0] * 7, WEEKS[1] * 7 + 1))
    days = consecutive_days(rng, history + window)
    changed = 0 if rng.random() < 0.4 or is_quiet else int(rng.integers(1, 4))
    shared = shared_by_all(rng, world, days, window)
    metrics = [drawn(rng, world.drawing(rng, days, window), shared) for _ in range(METRICS - changed)]
    metrics += [planted(rng, world, shared) for _ in range(changed)]
    order = rng.permutation(METRICS)
    return SyntheticReport(
        days, (history, history + window), tuple(metrics[int(place)] for place in order.tolist())
    )


def shared_by_all(rng: Generator, world: World, days: Days, window: int) -> Shared:
    if world.common is None:
        return Shared(days, window, NO_NOISE, np.ones(days.size))
    noise = world.common(rng)
    return Shared(days, window, noise, noise.factors(rng, days.size))


def consecutive_days(rng: Generator, number: int) -> Days:
    """Whole days from a first one that may be any weekday."""
    first = MONDAY + int(rng.integers(0, 700))
    return first + np.arange(number, dtype=np.int64).astype("timedelta64[D]")


def steady_drawing(rng: Generator, days: Days, window: int) -> Drawing:
    """A level with growth and shifts, launches and outages."""
    history = days.size - window
    level = growing_level(rng, days.size, history)
    if rng.random() < 0.25:
        level[: int(rng.integers(14, history - 13))] *= math.exp(sign(rng) * rng.uniform(0.2, 0.8))
    mean = level * weekday_profile(rng)[weekdays(days)]
    if rng.random() < 0.25:
        launch = int(rng.integers(7, history - 1))
        tail = np.arange(min(6, history - launch), dtype=np.float64)
        mean[launch : launch + tail.size] *= 1 + rng.uniform(0.5, 3.0) * 0.5**tail
    if rng.random() < 0.2:
        outage = int(rng.integers(7, history - 3))
        mean[outage : outage + int(rng.integers(1, 4))] *= (
            rng.uniform(0.0, 0.4) if rng.random() < 0.5 else 0.0
        )
    return Drawing(mean, Noise(log_uniform(rng, 0.02, 0.15), rng.uniform(0.0, 0.7)))


def growing_level(rng: Generator, size: int, history: int) -> Floats:
    """Events a day of some volume at the window's start, mostly with growth of some percent a week."""
    volume = log_uniform(rng, *VOLUMES)
    growth = np.clip(rng.normal(0.003, 0.012), -0.03, 0.04) if rng.random() < 0.7 else 0.0
    return volume * np.exp(growth / 7 * (np.arange(size, dtype=np.float64) - history))


def rough_drawing(rng: Generator, days: Days, window: int) -> Drawing:
    """A level that walks, weekdays that drift, holidays, a slow season, overdispersed counts."""
    size, history = days.size, days.size - window
    volume = log_uniform(rng, *VOLUMES)
    steps = rng.normal(0, rng.uniform(0.002, 0.012), size)
    steps[history:] = 0.0  # in the window the level is the last one: the truth can be told
    season = rng.uniform(0, 0.08) * np.sin(
        2 * np.pi * (np.arange(size, dtype=np.float64) / 365 + rng.random())
    )
    level = volume * np.exp(np.cumsum(steps) - steps.sum() + season - season[-1])
    start, end = weekday_profile(rng), weekday_profile(rng)
    drift = (np.arange(size, dtype=np.float64) / size * rng.uniform(0, 0.25))[:, None]
    mean = level * ((1 - drift) * start + drift * end)[np.arange(size, dtype=np.int64), weekdays(days)]
    holidays: list[int] = rng.integers(7, history, rng.poisson(history / 60)).tolist()
    for holiday in holidays:
        mean[holiday] *= rng.uniform(0.4, 0.9)
    if rng.random() < 0.15:
        incident = int(rng.integers(7, history - 9))
        mean[incident : incident + int(rng.integers(2, 9))] *= rng.uniform(0.3, 1.8)
    noise = Noise(rng.uniform(0.02, 0.12), rng.uniform(0.0, 0.5), degrees=4)
    dispersion = float(rng.choice([0.0, 0.002, 0.01]))
    return Drawing(mean, noise, dispersion, tuple(holidays))


steady = World("steady", steady_drawing)
rough = World("rough", rough_drawing)


def planted(rng: Generator, world: World, shared: Shared) -> SyntheticMetric:
    """A metric with a change in the window that is worth finding in principle."""
    kinds: list[Kind] = (
        ["drop", "rise", "dead"] if shared.window == 1 else ["drop", "rise", "spike", "dip", "shift", "dead"]
    )
    kind = kinds[int(rng.integers(len(kinds)))]
    return drawn(rng, world.drawing(rng, shared.days, shared.window), shared, kind)


def drawn(rng: Generator, drawing: Drawing, shared: Shared, kind: Kind | None = None) -> SyntheticMetric:
    """Counts for a drawing; with `kind`, the window is changed."""
    mean, size = drawing.mean.copy(), drawing.mean.size
    start = size - shared.window
    expected = float(mean[start:].sum())
    change = None
    if kind is not None:
        factors = planted_factors(rng, kind, shared.window)
        touched = mean[start:] * (factors != 1)
        moved = abs(float((mean[start:] * (factors - 1)).sum()))
        change = Planted(kind, moved / true_sd(touched, (drawing.noise, shared.noise), drawing.dispersion))
        mean[start:] *= factors
    rate = mean * drawing.noise.factors(rng, size) * shared.factors
    if drawing.dispersion:
        rate = rate * rng.gamma(1 / drawing.dispersion, drawing.dispersion, size)
    values = rng.poisson(rate).astype(np.float64)
    if rng.random() < 0.2:
        values[rng.integers(0, start, int(rng.integers(1, 6)))] = np.nan
    volume = float(np.mean(drawing.mean[start - 28 : start]))
    return SyntheticMetric(values, expected, volume, change, drawing.holidays, drawing.past)


def planted_factors(rng: Generator, kind: Kind, window: int) -> Floats:
    """What each day of the window is multiplied with."""
    factors = np.ones(window)
    day = int(rng.integers(0, window))
    match kind:
        case "drop":
            factors[:] = 1 - rng.uniform(0.12, 0.8)
        case "rise":
            factors[:] = 1 + rng.uniform(0.15, 1.5)
        case "spike":
            factors[day] = 1 + rng.uniform(0.5, 3.0)
        case "dip":
            factors[day] = 1 - rng.uniform(0.4, 1.0)
        case "shift":
            factors[int(rng.integers(0, max(1, window * 2 // 3))) :] = math.exp(
                sign(rng) * rng.uniform(0.2, 1.0)
            )
        case "dead":
            factors[int(rng.integers(0, max(1, window * 2 // 3))) :] = 0.0
    return factors


def log_uniform(rng: Generator, low: float, high: float) -> float:
    """A number whose logarithm is uniform."""
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def weekdays(days: Days) -> NDArray[np.int64]:
    """0 for Monday."""
    return (days.astype(np.int64) + 3) % 7


def sign(rng: Generator) -> int:
    return 1 if rng.random() < 0.5 else -1


def weekday_profile(rng: Generator) -> Floats:
    base = np.array(list(PROFILES.values())[int(rng.integers(len(PROFILES)))])
    profile = base * np.exp(rng.normal(0, 0.04, 7))
    return profile / profile.mean()
