"""The third made-up world, `eventful`: what happens to real products, and what then remains of it.

Launches with their tails, outages with a recovery, promotions that end, prices that change, days with bots or
half the data; noise that all metrics of a report share, and heavy tails. Written from descriptions of such
products, without a look at what judges them. What began before the window may last into it: the truth of the
window (`expected`) holds that part. What is loud has ended when the window begins, and was seen to end.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.random import Generator

from bench.insights_data import (
    LENGTHS,
    WEEKS,
    Days,
    Drawing,
    Floats,
    Incident,
    Noise,
    World,
    growing_level,
    log_uniform,
    sign,
    weekday_profile,
    weekdays,
)

Happening: TypeAlias = Literal["launch", "outage", "promotion", "price"]

LaunchShape: TypeAlias = Literal["tail", "ramp", "echo", "stays", "linear", "plateau"]
OutageShape: TypeAlias = Literal["at once", "catch-up", "slow return"]
PromotionShape: TypeAlias = Literal["ends", "dip after"]
PriceShape: TypeAlias = Literal["at once", "rush before"]

LEAD = 8  # days before the first one that may be touched, too
DAY = np.arange(-LEAD, WEEKS[1] * 7 + max(LENGTHS) + 1, dtype=np.float64)  # 0: its first day
SEEN = 2  # days at least from the end of what is loud to the window
RECENT = 0.25  # of the metrics, in worlds that show one happening shortly before the window


@dataclass(frozen=True, slots=True)
class Course:
    """What each day is multiplied with, from LEAD days before the first one on."""

    shape: str
    loud: int  # days from the first one on before it fades or ends
    factors: Floats

    def on(self, size: int, start: int) -> Floats:
        """The factors of `size` days, where the first one is at `start` (at least LEAD)."""
        return np.concatenate([np.ones(start - LEAD), self.factors[: size - start + LEAD]])


def launch(rng: Generator) -> Course:
    """Times 1.5 to 6 for 1 to 5 days, then back by half every 1 to 4 days, or otherwise."""
    shape: LaunchShape = "tail"
    if rng.random() < 0.5:
        shapes = get_args(LaunchShape)
        shape = shapes[int(rng.integers(1, len(shapes)))]
    height = log_uniform(rng, 1.5, 6.0) - 1
    loud, half_life = int(rng.integers(1, 6)), rng.uniform(1.0, 4.0)
    excess = burst(DAY, loud, half_life)
    match shape:
        case "tail":
            pass
        case "ramp":  # teasers and a beta before it
            lead = int(rng.integers(3, LEAD + 1))
            excess += np.where(DAY < 0, rng.uniform(0.2, 0.6) * np.clip(1 + DAY / lead, 0, 1), 0)
        case "echo":  # the press takes it up, some days later
            later, lasts = loud + int(rng.integers(3, 10)), int(rng.integers(1, 4))
            excess += rng.uniform(0.3, 0.7) * burst(DAY - later, lasts, half_life)
            loud = later + lasts
        case "stays":  # some of those who came remain
            stays = rng.uniform(0.05, 0.3)
            excess = np.where(DAY >= 0, stays + (1 - stays) * excess, 0)
        case "linear":
            fades = int(rng.integers(5, 15))
            excess = np.where(DAY >= 0, np.clip((loud + fades - 1 - DAY) / fades, 0, 1), 0)
        case "plateau":  # a campaign that is switched off
            loud = int(rng.integers(4, 10))
            excess = between(DAY, 0, loud)
    return Course(shape, loud, 1 + height * excess)


def burst(day: Floats, loud: int, half_life: float) -> Floats:
    """1 for so many days, then half of it every so many."""
    return between(day, 0, loud) + np.where(day >= loud, 0.5 ** ((day - loud + 1) / half_life), 0)


def between(day: Floats, first: int, end: int) -> Floats:
    return ((day >= first) & (day < end)).astype(np.float64)


def outage(rng: Generator) -> Course:
    """1 to 3 days with little or nothing; then what was lost is made up for, or people come back slowly."""
    shapes: tuple[OutageShape, ...] = get_args(OutageShape)
    shape = shapes[int(rng.integers(len(shapes)))]
    loud = int(rng.integers(1, 4))
    left = 0.0 if rng.random() < 0.5 else rng.uniform(0.05, 0.5)
    factors = 1 - (1 - left) * between(DAY, 0, loud)
    match shape:
        case "at once":
            pass
        case "catch-up":
            over = int(rng.integers(1, 4))
            made_up = rng.uniform(0.2, 0.8) * (1 - left) * loud / over
            factors += made_up * between(DAY, loud, loud + over)
            loud += over
        case "slow return":
            away, over = rng.uniform(0.1, 0.5), int(rng.integers(3, 9))
            factors -= np.where(loud <= DAY, away * np.clip((loud + over - DAY) / over, 0, 1), 0)
    return Course(shape, loud, factors)


def promotion(rng: Generator) -> Course:
    """A week or two with a fifth more to double; at times fewer afterwards, since people bought ahead."""
    shapes: tuple[PromotionShape, ...] = get_args(PromotionShape)
    shape = shapes[int(rng.integers(len(shapes)))]
    loud = int(rng.integers(7, 15))
    factors = 1 + rng.uniform(0.2, 1.0) * between(DAY, 0, loud)
    if shape == "dip after":
        less, over = rng.uniform(0.1, 0.35), int(rng.integers(4, 12))
        factors -= np.where(loud <= DAY, less * np.clip((loud + over - DAY) / over, 0, 1), 0)
    return Course(shape, loud, factors)


def price(rng: Generator) -> Course:
    """From one day on fewer buy, or more; before it gets dearer some hurry. Two weeks of it are seen."""
    shapes: tuple[PriceShape, ...] = get_args(PriceShape)
    shape = shapes[int(rng.integers(len(shapes)))]
    dearer = shape == "rush before" or rng.random() < 0.5
    factors = np.where(DAY >= 0, 1 + (-rng.uniform(0.1, 0.4) if dearer else rng.uniform(0.1, 0.5)), 1.0)
    if shape == "rush before":
        factors += rng.uniform(0.2, 0.6) * between(DAY, -int(rng.integers(3, LEAD)), 0)
    return Course(shape, 14 - SEEN, factors)


COURSES: dict[Happening, Callable[[Generator], Course]] = {
    "launch": launch,
    "outage": outage,
    "promotion": promotion,
    "price": price,
}
SHARES: dict[Happening, float] = {"launch": 0.25, "outage": 0.15, "promotion": 0.1, "price": 0.08}
AGO: dict[Happening, tuple[int, int]] = {  # days from the first one to the window, where it was recent
    "launch": (10, 30),
    "outage": (8, 30),
    "promotion": (16, 44),
    "price": (14, 42),
}


def eventful_drawing(rng: Generator, days: Days, window: int, recent: Happening | None = None) -> Drawing:
    """A level with growth, a shift and weekdays, and what happened to it (`recent`: to a quarter of them)."""
    size, history = days.size, days.size - window
    mean = growing_level(rng, size, history) * weekday_profile(rng)[weekdays(days)]
    past: list[Incident] = []
    if rng.random() < 0.2:
        shift = int(rng.integers(14, history - 13))
        mean[:shift] *= np.exp(sign(rng) * rng.uniform(0.2, 0.8))
        past.append(Incident("shift", "stays", history - shift, 0))
    for kind, course_of in COURSES.items():
        is_recent = kind == recent and rng.random() < RECENT
        if is_recent or rng.random() < SHARES[kind]:
            course = course_of(rng)
            latest = history - course.loud - SEEN
            start = min(latest, history - int(rng.integers(AGO[kind][0], AGO[kind][1] + 1)))
            if not is_recent:
                start = int(rng.integers(LEAD, latest + 1))
            mean *= course.on(size, start)
            past.append(Incident(kind, course.shape, history - start, course.loud))
    if rng.random() < 0.1:  # bots, or an upload that failed
        odd = rng.integers(0, history, int(rng.integers(1, 3)))
        mean[odd] *= log_uniform(rng, 0.3, 3.0)
    noise = heavy_noise(rng, 0.02, 0.12)
    return Drawing(mean, noise, past=tuple(past))


def heavy_noise(rng: Generator, least: float, most: float) -> Noise:
    sd, correlation = log_uniform(rng, least, most), rng.uniform(0.0, 0.7)
    return Noise(sd, correlation, degrees=rng.uniform(3.0, 5.0), is_symmetric=True)


def common_noise(rng: Generator) -> Noise:
    """Weather, news, a slow network: what all metrics of a product feel on the same day."""
    return heavy_noise(rng, 0.01, 0.05)


eventful = World("eventful", eventful_drawing, common_noise)


def eventful_with(recent: Happening) -> World:
    """The same, where a quarter of the metrics had this shortly before the window."""
    return World(f"eventful, recent {recent}", partial(eventful_drawing, recent=recent), common_noise)
