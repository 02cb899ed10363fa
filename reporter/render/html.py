"""A report as one page of HTML that needs nothing else: no script, no font, no network; and its line charts.

What others wrote reaches the page only through Jinja's escaping. Charts stand across in percent of the width
and down in pixels: so they fill a phone and a desk alike, and their letters keep their size.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from reporter.render import numbers, sanitize
from reporter.render.chart_text import ChartText
from reporter.render.page import page_of
from reporter.render.phrases import words
from reporter.reports.report import Report, Span

if TYPE_CHECKING:
    from jinja2 import Environment, Template

TOP = 10
PLOT = 160
HEIGHT = TOP + PLOT + 28

_GRIDLINES = 4
_NARROWEST = 300  # pixels that a plot has on a phone
_LETTER = 5.8  # pixels that a letter of an axis takes there
_AIR = 5  # pixels between two labels
_OVERHANG = 10  # pixels that a label may reach into the margin of its card
MOST_TITLE = 150


def draw(report: Report) -> str:
    """The page of a report."""
    page = page_of(report)
    return template("report.html.jinja").render(
        page=page,
        title=sanitize.shown(page.title, "", MOST_TITLE),
        charts=[line_chart(chart, page.locale) for chart in page.charts],
        say=words(page.locale),
        lang=page.locale.replace("_", "-"),
        plot={"HEIGHT": HEIGHT, "TOP": TOP, "PLOT": PLOT},
    )


def template(name: str) -> "Template":
    """The template of a page or a picture; whatever is put into it is escaped."""
    return _environment().get_template(name)


@lru_cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


@dataclass(frozen=True, slots=True)
class Scale:
    """Round numbers from zero over the highest value, for the gridlines.

    >>> Scale.over((305.0, 345.0, 167.0)).grid
    (0.0, 100.0, 200.0, 300.0, 400.0)
    """

    grid: tuple[float, ...]

    @classmethod
    def over(cls, values: Iterable[float]) -> "Scale":
        drawn = tuple(map(float, values))
        low, high = min(0.0, *drawn), max(0.0, *drawn)
        step = _step((high - low) / _GRIDLINES)
        if all(value.is_integer() for value in drawn):
            step = max(step, 1.0)  # half an event is no event
        places = range(math.floor(low / step), math.ceil(high / step) + 1)
        return cls(tuple(place * step for place in places))

    def depth(self, value: float) -> float:
        """How far below the highest gridline a value stands, 0..1."""
        height = self.grid[-1] - self.grid[0]
        return (self.grid[-1] - value) / height if height else 1.0


def _step(rough: float) -> float:
    """The next number at or above `rough` that is 1, 2, 2.5 or 5 times a power of ten."""
    if rough < 1e-300:
        return 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * round_one for round_one in (1, 2, 2.5, 5, 10, 20) if power * round_one >= rough)


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
    title: str


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
    description: str  # all its numbers, for those who hear it
    margin: int  # pixels that the gridlines' numbers take at the left
    gridlines: tuple[Gridline, ...]
    ticks: tuple[Tick, ...]
    points: tuple[Point, ...]
    now: tuple[Curve, ...]  # a day without a number breaks a line
    before: tuple[Curve, ...]
    usual: str  # the normal range, as a closed list of points; empty where none is known
    usual_name: str


def line_chart(chart: ChartText, locale: str) -> LineChart | None:
    """The chart laid out; None where its numbers cannot be drawn."""
    if chart.remark:
        return None
    drawn = chart.chart
    scale = Scale.over(drawn.numbers)
    gridlines = tuple(
        Gridline(_down(value, scale), numbers.amount(value, drawn.format, locale)) for value in scale.grid
    )
    points = _points(chart, scale, words(locale).usual_range)
    return LineChart(
        heading=chart.heading,
        lines=chart.lines,
        description=". ".join(point.title for point in points) + ".",
        margin=round(max(len(line.label) for line in gridlines) * (_LETTER + 1) + 2 * _AIR),
        gridlines=gridlines,
        ticks=_ticks(chart.ticks),
        points=points,
        now=_curves(drawn.values, scale),
        before=_curves(drawn.previous, scale),
        usual=_band(drawn.usual, scale),
        usual_name=words(locale).usual_range if chart.usual else "",
    )


def _down(value: float, scale: Scale) -> float:
    """How far below the top of the drawing a value stands, in pixels."""
    return round(TOP + PLOT * scale.depth(value), 2)


def _across(place: int, count: int) -> float:
    """The middle of a span's band, in percent of the width."""
    return round((place + 0.5) * 100 / count, 3)


def _curves(values: tuple[float | None, ...], scale: Scale) -> tuple[Curve, ...]:
    """A line for each run of numbers."""
    spots = [
        None if value is None else (_across(place, len(values)), round(100 * scale.depth(value), 3))
        for place, value in enumerate(values)
    ]
    runs = (list(run) for has_number, run in groupby(spots, lambda spot: spot is not None) if has_number)
    return tuple(_curve([spot for spot in run if spot]) for run in runs)


def _curve(spots: list[tuple[float, float]]) -> Curve:
    line = " ".join(f"{x},{y}" for x, y in spots)
    return Curve(line, f"{spots[0][0]},100 {line} {spots[-1][0]},100")


def _band(usual: tuple[Span | None, ...], scale: Scale) -> str:
    """Along the upper edge and back along the lower one; a single day's over its whole width."""
    known = [(place, span) for place, span in enumerate(usual) if span]
    if not known:
        return ""
    reach = 50 / len(usual) if len(known) == 1 else 0.0
    edges: list[list[str]] = []
    for edge in (1, 0):
        line = [
            (_across(place, len(usual)), round(100 * scale.depth(span[edge]), 3)) for place, span in known
        ]
        line = [(x + side, y) for x, y in line for side in ((-reach, reach) if reach else (0.0,))]
        edges.append([f"{round(x, 3)},{y}" for x, y in line])
    return " ".join((*edges[0], *reversed(edges[1])))


def _points(chart: ChartText, scale: Scale, usual_name: str) -> tuple[Point, ...]:
    count = len(chart.values)
    return tuple(
        Point(
            x=_across(place, count),
            y=_down(value, scale),
            left=round(100 * place / count, 3),
            width=round(100 / count, 3),
            title=_point_title(chart, place, usual_name),
        )
        for place, value in enumerate(chart.chart.values)
        if value is not None
    )


def _ticks(labels: tuple[str, ...]) -> tuple[Tick, ...]:
    """As many labels as a phone has room for, the last span always among them."""
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


def _point_title(chart: ChartText, place: int, usual_name: str) -> str:
    """Mon 16: 305; 9–15 Nov: 280; usual: 250–310."""
    title = f"{chart.ticks[place]}: {chart.values[place]}"
    before = f"{chart.lines[1]}: {chart.previous[place]}" if chart.previous else ""
    usual = f"{usual_name}: {chart.usual[place]}" if chart.usual and chart.usual[place] else ""
    return "; ".join(filter(None, (title, before, usual)))
