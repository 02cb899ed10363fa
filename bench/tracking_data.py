"""Made-up reports of events and their users: a tracking fault, a change of the business, or nothing."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from bench.insights_data import (
    LENGTHS,
    WEEKS,
    Days,
    Drawing,
    World,
    consecutive_days,
    log_uniform,
    planted_factors,
    shared_by_all,
    steady,
)
from bench.noise import Floats, autoregressive

Planted: TypeAlias = Literal["STOPPED", "GAP", "INCOMPLETE", "DUPLICATES", "business", "nothing"]

EVENTS = 10  # each with its users: 20 series
LEAST_VOLUME = 30.0  # events a day of the one with a fault: middle or high


@dataclass(frozen=True, slots=True)
class TrackingReport:
    """Series, window and users as `check` takes them; where the fault is, `metric` None for all."""

    series: list[tuple[Days, Floats]]
    window: tuple[int, int]
    users: dict[int, int]
    planted: Planted
    metric: int | None
    day: int


@dataclass(frozen=True, slots=True)
class Rates:
    events: Floats  # (days,), what is usual of an event
    persons: Floats


def tracking_report(seed: int, planted: Planted, world: World = steady) -> TrackingReport:
    """One report with what is asked for."""
    rng = np.random.default_rng(seed)
    window = int(rng.choice(LENGTHS))
    history = int(rng.integers(WEEKS[0] * 7, WEEKS[1] * 7 + 1))
    days = consecutive_days(rng, history + window)
    common = shared_by_all(rng, world, days, window).factors
    rates = [event_and_users(rng, world.drawing(rng, days, window), common) for _ in range(EVENTS)]
    metric = loud_event(rates, history)
    if metric is None:
        return tracking_report(seed + 1_000_000, planted, world)
    day = fault_day(rng, planted, window)
    for place, one in enumerate(rates):
        change = factors(rng, planted, window, day)
        if planted == "INCOMPLETE" or place == metric:
            one.events[history:] *= change
            if planted != "DUPLICATES":
                one.persons[history:] *= change
    series: list[tuple[Days, Floats]] = []
    for one in rates:
        persons = rng.poisson(one.persons)
        extra = rng.poisson(
            np.where(one.persons > 0, persons * (one.events / np.maximum(one.persons, 1e-9) - 1), 0)
        )
        series += [(days, (persons + extra).astype(np.float64)), (days, persons.astype(np.float64))]
    users = {2 * place: 2 * place + 1 for place in range(EVENTS)}
    where = None if planted in ("INCOMPLETE", "nothing") else 2 * metric
    return TrackingReport(series, (history, history + window), users, planted, where, history + day)


def event_and_users(rng: Generator, drawing: Drawing, common: Floats) -> Rates:
    size, degrees = common.size, drawing.noise.degrees
    noise = drawing.noise.factors(rng, size)
    each = log_uniform(rng, 1.05, 6.0)
    each_noise = autoregressive(rng, size, rng.uniform(0.01, 0.05), 0.3, degrees)
    persons = drawing.mean * noise * common / each
    return Rates(persons * np.maximum(each * np.exp(each_noise), 1.0), persons)


def loud_event(rates: list[Rates], history: int) -> int | None:
    """The place of an event that is loud enough for its silence to be heard."""
    loud = [place for place, one in enumerate(rates) if one.events[history - 28 :].min() >= LEAST_VOLUME]
    return loud[0] if loud else None


def fault_day(rng: Generator, planted: Planted, window: int) -> int:
    """The first day of the fault, counted from the start of the window."""
    match planted:
        case "INCOMPLETE":
            return window - int(rng.integers(1, min(2, window) + 1))
        case "GAP":
            return int(rng.integers(0, max(1, window - 1)))
        case _:
            return int(rng.integers(0, window))


def factors(rng: Generator, planted: Planted, window: int, day: int) -> NDArray[np.float64]:
    """What each day of the window is multiplied with."""
    change = np.ones(window)
    match planted:
        case "STOPPED":
            change[day:] = 0.0
        case "GAP":
            change[day] = 0.0
        case "INCOMPLETE":
            change[day:] = 0.55 * np.exp(rng.normal(0, 0.05))
        case "DUPLICATES":
            change[day : day + int(rng.integers(1, 8))] = rng.uniform(1.6, 2.2)
        case "business":
            return planted_factors(rng, "drop" if rng.random() < 0.5 else "rise", window)
        case "nothing":
            pass
    return change
