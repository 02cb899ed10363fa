"""Reports of real daily series (sources: real_series.md), as they were or with one thing planted."""

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from bench.insights_data import METRICS, WEEKS, Planted, SyntheticMetric, SyntheticReport
from bench.noise import Floats

FILE = Path(__file__).with_name("real_series.json.gz")
AMERICAN = ("bikes", "chicago", "births", "flights", "stops", "pets", "deaths")  # sources

Place: TypeAlias = tuple["RealSeries", int]  # and the first day of the window


@dataclass(frozen=True, slots=True)
class RealSeries:
    source: str
    name: str
    first: date
    values: Floats

    def day(self, place: int) -> date:
        return self.first + timedelta(days=place)


@dataclass(frozen=True, slots=True)
class RealTable:
    """Rows a week by three dimensions, and for how many of them something is true."""

    name: str
    values: dict[str, list[str]]
    rows: Floats  # (weeks, values of the first dimension, of the second, of the third)
    true: Floats


@cache
def content() -> dict[str, list[dict[str, Any]]]:
    return json.loads(gzip.decompress(FILE.read_bytes()))


@cache
def real_series() -> tuple[RealSeries, ...]:
    return tuple(
        RealSeries(
            one["source"],
            one["name"],
            date.fromisoformat(one["first"]),
            np.array(one["values"], dtype=np.float64),
        )
        for one in content()["series"]
    )


@cache
def real_tables() -> tuple[RealTable, ...]:
    tables: list[RealTable] = []
    for one in content()["tables"]:
        values: dict[str, list[str]] = one["dimensions"]
        cells = np.array(one["cells"], dtype=np.int64)
        shape = (one["weeks"], *map(len, values.values()))
        rows, true = np.zeros(shape), np.zeros(shape)
        rows[tuple(cells[:, :4].T)] = cells[:, 4]
        true[tuple(cells[:, :4].T)] = cells[:, 5]
        tables.append(RealTable(one["name"], values, rows, true))
    return tuple(tables)


def plain_report(seed: int, length: int) -> SyntheticReport:
    """Twenty series, each at a time of its own, with no public holiday of the US in the window."""
    rng = np.random.default_rng(seed)
    history = history_of(rng)

    def place_of(one: RealSeries) -> int | None:
        before = np.concatenate([[0], np.cumsum(holidays_of(one.first, one.values.size))])
        ordinary = np.flatnonzero(before[history + length :] == before[history:-length])
        return history + int(rng.choice(ordinary)) if ordinary.size else None

    return made_of(rng, real_series(), history, length, place_of)


def holiday_report(seed: int, length: int) -> SyntheticReport:
    """Twenty American series with the same holiday on the same day of the window, each in its own year."""
    rng = np.random.default_rng(seed)
    history, holiday = history_of(rng), HOLIDAYS[int(rng.integers(len(HOLIDAYS)))]
    before = int(rng.integers(length))

    def place_of(one: RealSeries) -> int | None:
        years = range(one.first.year, one.day(one.values.size - 1).year + 1)
        places = [(holiday(year) - one.first).days - before for year in years]
        places = [place for place in places if history <= place <= one.values.size - length]
        return places[int(rng.integers(len(places)))] if places else None

    american = tuple(one for one in real_series() if one.source in AMERICAN)
    return made_of(rng, american, history, length, place_of)


def history_of(rng: Generator) -> int:
    return int(rng.integers(WEEKS[0] * 7, WEEKS[1] * 7 + 1))


def made_of(
    rng: Generator,
    series: tuple[RealSeries, ...],
    history: int,
    length: int,
    place_of: Callable[[RealSeries], int | None],
) -> SyntheticReport:
    """A report of series that have a place, in an order of chance. Nothing is known of what was expected."""
    metrics: list[SyntheticMetric] = []
    order: list[int] = rng.permutation(len(series)).tolist()
    for one in (series[number] for number in order):
        place = place_of(one)
        if place is not None and len(metrics) < METRICS:
            values = one.values[place - history : place + length]
            volume = float(np.nanmean(values[history - 28 : history]))
            metrics.append(SyntheticMetric(values, np.nan, volume, None))
    days = np.datetime64("2000-01-03", "D") + np.arange(history + length).astype("timedelta64[D]")
    return SyntheticReport(days, (history, history + length), tuple(metrics))


def with_fall(made: SyntheticReport, left: float, changed: int = 2) -> SyntheticReport:
    """The same, where each event of the first metrics' windows is kept with this chance."""
    rng = np.random.default_rng(made.days.size)
    first, _ = made.window
    metrics = list(made.metrics)
    for place, metric in enumerate(metrics[:changed]):
        values = metric.values.copy()
        values[first:] = rng.binomial(values[first:].astype(np.int64), left)
        kind = "drop" if left else "dead"
        metrics[place] = SyntheticMetric(values, np.nan, metric.volume, Planted(kind, np.nan))
    return SyntheticReport(made.days, made.window, tuple(metrics))


@cache
def holidays_of(first: date, days: int) -> NDArray[np.bool_]:
    """Which days are one of the US' public holidays on which most things close."""
    years = range(first.year, first.year + days // 365 + 2)
    public = {holiday(year) for year in years for holiday in (*HOLIDAYS, new_year, memorial_day)}
    return np.array([first + timedelta(days=day) in public for day in range(days)])


def new_year(year: int) -> date:
    return date(year, 1, 1)


def memorial_day(year: int) -> date:
    return date(year, 5, 31) - timedelta(days=date(year, 5, 31).weekday())


def independence_day(year: int) -> date:
    return date(year, 7, 4)


def labor_day(year: int) -> date:
    return date(year, 9, 1) + timedelta(days=-date(year, 9, 1).weekday() % 7)


def thanksgiving(year: int) -> date:
    return date(year, 11, 22) + timedelta(days=(3 - date(year, 11, 22).weekday()) % 7)


def christmas(year: int) -> date:
    return date(year, 12, 25)


HOLIDAYS = (independence_day, labor_day, thanksgiving, christmas)
