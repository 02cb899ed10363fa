"""Noise of days with known mean and deviation."""

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Noise:
    """AR(1) noise of days: factors of mean 1, by Student's t (infinite degrees: normal)."""

    sd: float
    correlation: float  # of neighbouring days
    degrees: float = math.inf
    is_symmetric: bool = (
        False  # 1 + noise, whose mean is exactly 1 with heavy tails, too; else e to the noise
    )

    def factors(self, rng: Generator, size: int) -> Floats:
        noise = autoregressive(rng, size, self.sd, self.correlation, self.degrees)
        return 1 + np.clip(noise, -0.95, 0.95) if self.is_symmetric else np.exp(noise - self.sd**2 / 2)


NO_NOISE = Noise(0.0, 0.0)


def autoregressive(
    rng: Generator, size: int, sd: float, correlation: float, degrees: float = math.inf
) -> Floats:
    """AR(1) noise of the given standard deviation; by Student's t where degrees are finite."""
    if math.isinf(degrees):
        draws = rng.standard_normal(size)
    else:
        draws = rng.standard_t(degrees, size) / math.sqrt(degrees / (degrees - 2))
    noise: list[float] = draws[:1].tolist()
    for draw in (math.sqrt(1 - correlation**2) * draws[1:]).tolist():
        noise.append(correlation * noise[-1] + draw)
    return sd * np.array(noise)


def true_sd(means: Floats, noises: tuple[Noise, ...], dispersion: float) -> float:
    """Standard deviation of the total of days with these means: counts, dispersion, correlated noise."""
    places = np.arange(means.size, dtype=np.float64)
    lag = np.abs(places[:, None] - places)
    together = np.prod([1 + noise.sd**2 * noise.correlation**lag for noise in noises], axis=0)
    counts = means.sum() + dispersion * float((means**2).sum())
    return float(np.sqrt(counts + (np.outer(means, means) * (together - 1)).sum()))
