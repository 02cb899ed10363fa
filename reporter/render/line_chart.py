"""Where everything of a line chart stands: across in percent of its width, down in pixels.

A drawing in percents fills a phone and a desk alike, and its letters keep their size.
"""

import math
from dataclasses import dataclass

from reporter.render import chart_words, dates, numbers
from reporter.reports.report import Chart, Report

TOP = 10
PLOT = 160
HEIGHT = TOP + PLOT + 28

_GRIDLINES = 4
_NARROWEST = 300  # pixels that a plot has on a phone
_LETTER = 5.8  # pixels that a letter of an axis takes there
_AIR = 5  # pixels between two labels
_OVERHANG = 10  # pixels that a label may reach into the margin of its card


@dataclass(frozen=True, slots=True)
class Gridline:
    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A label below the plot; `anchor` is SVG's text-anchor."""

    x: float
    anchor: str
    label: str


@dataclass(frozen=True, slots=True)
class Point:
    """One span: its dot, and the band of the plot that tells its numbers."""

    x: float
    y: float
    left: float
    width: float
    told: str


@dataclass(frozen=True, slots=True)
class Curve:
    """A line as SVG's list of points, in a box of 100 by 100; `area` is closed along the bottom."""

    line: str
    area: str


@dataclass(frozen=True, slots=True)
class LineChart:
    """A chart, ready to be drawn."""

    heading: str
    lines: tuple[str, ...]  # what the lines are called
    told: str  # all its numbers, for those who hear it
    margin: int  # pixels that the gridlines' numbers take at the left
    gridlines: tuple[Gridline, ...]
    ticks: tuple[Tick, ...]
    points: tuple[Point, ...]
    now: Curve
    before: Curve | None


def line_chart(chart: Chart, report: Report) -> LineChart | None:
    """The chart laid out; None where its numbers can not be drawn."""
    if not chart_words.is_drawable(chart):
        return None
    grid, locale = scale((*chart.values, *chart.previous)), report.locale
    gridlines = tuple(
        Gridline(_down(value, grid), numbers.amount(value, chart.format, locale)) for value in grid
    )
    lines = chart_words.line_names(chart, report)
    points = _points(chart, grid, lines, locale)
    return LineChart(
        heading=chart_words.heading(chart, locale),
        lines=lines,
        told=". ".join(point.told for point in points) + ".",
        margin=round(max(len(line.label) for line in gridlines) * (_LETTER + 1) + 2 * _AIR),
        gridlines=gridlines,
        ticks=_ticks(chart, locale),
        points=points,
        now=_curve(chart.values, grid),
        before=_curve(chart.previous, grid) if chart.previous else None,
    )


def scale(values: tuple[float, ...]) -> tuple[float, ...]:
    """Round numbers from zero over the highest value, for the gridlines.

    >>> scale((305.0, 345.0, 167.0))
    (0.0, 100.0, 200.0, 300.0, 400.0)
    """
    low, high = min(0.0, *values), max(0.0, *values)
    step = _step((high - low) / _GRIDLINES)
    if all(value.is_integer() for value in map(float, values)):
        step = max(step, 1.0)  # half an event is no event
    return tuple(number * step for number in range(math.floor(low / step), math.ceil(high / step) + 1))


def _step(rough: float) -> float:
    """The next number at or above `rough` that is 1, 2, 2.5 or 5 times a power of ten."""
    if rough < 1e-300:
        return 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * round_one for round_one in (1, 2, 2.5, 5, 10, 20) if power * round_one >= rough)


def _down(value: float, grid: tuple[float, ...]) -> float:
    """How far below the top of the drawing a value stands, in pixels."""
    return round(TOP + PLOT * _part(value, grid), 2)


def _part(value: float, grid: tuple[float, ...]) -> float:
    """How far below the highest gridline a value stands, 0..1."""
    height = grid[-1] - grid[0]
    return (grid[-1] - value) / height if height else 1.0


def _across(place: int, count: int) -> float:
    """The middle of a span's band, in percent of the width."""
    return round((place + 0.5) * 100 / count, 3)


def _curve(values: tuple[float, ...], grid: tuple[float, ...]) -> Curve:
    spots = [
        (_across(place, len(values)), round(100 * _part(value, grid), 3))
        for place, value in enumerate(values)
    ]
    line = " ".join(f"{x},{y}" for x, y in spots)
    return Curve(line, f"{spots[0][0]},100 {line} {spots[-1][0]},100")


def _points(chart: Chart, grid: tuple[float, ...], lines: tuple[str, ...], locale: str) -> tuple[Point, ...]:
    count = len(chart.values)
    return tuple(
        Point(
            x=_across(place, count),
            y=_down(value, grid),
            left=round(100 * place / count, 3),
            width=round(100 / count, 3),
            told=_told(chart, place, lines, locale),
        )
        for place, value in enumerate(chart.values)
    )


def _ticks(chart: Chart, locale: str) -> tuple[Tick, ...]:
    """As many labels as a phone has room for, the last span always among them."""
    labels = [dates.tick(span, locale) for span in chart.spans]
    width = max(map(len, labels)) * _LETTER
    count = len(labels)
    every = math.ceil((width + _AIR) * count / _NARROWEST)
    places = range((count - 1) % every, count, every)
    return tuple(_tick(_across(place, count), width, labels[place]) for place in places)


def _tick(x: float, width: float, label: str) -> Tick:
    """A label in the middle of its band, or at the edge that it would cross."""
    reach = 100 * (width / 2 - _OVERHANG) / _NARROWEST
    if x < reach:
        return Tick(0.0, "start", label)
    return Tick(100.0, "end", label) if x > 100 - reach else Tick(x, "middle", label)


def _told(chart: Chart, place: int, lines: tuple[str, ...], locale: str) -> str:
    """Mon 16: 305; 9–15 Nov: 280."""
    value = numbers.amount(chart.values[place], chart.format, locale)
    told = f"{dates.tick(chart.spans[place], locale)}: {value}"
    if not chart.previous:
        return told
    return f"{told}; {lines[1]}: {numbers.amount(chart.previous[place], chart.format, locale)}"
