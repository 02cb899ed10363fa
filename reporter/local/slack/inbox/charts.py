"""Where the parts of a chart go: lines, areas, bars and slices in px."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from reporter.local.slack.inbox.axis import AxisScale, Label, fit_labels, round_ticks, tick_words, width_of
from reporter.local.slack.shapes import PieChart, SeriesChart

_RADIUS: Final = 80.0


@dataclass(frozen=True, slots=True)
class AxisTick:
    y: float
    words: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A bar (with its outline) or a point of a line."""

    x: float
    y: float
    words: str
    outline: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One series."""

    marks: tuple[Mark, ...]
    line: str = ""  # a path
    area: str = ""  # a path


@dataclass(frozen=True, slots=True)
class Plot:
    width: float
    height: float
    left: float
    bottom: float
    zero: float
    dot: float  # radius of a point
    ticks: tuple[AxisTick, ...]
    labels: tuple[Label, ...]
    series: tuple[Drawn, ...]


@dataclass(frozen=True, slots=True)
class PieSlice:
    outline: str
    label: str
    share: str


def lay_out(chart: SeriesChart, width: float, bottom: float) -> Plot:
    """A chart with axes in a drawing of this width, with its labels below `bottom`."""
    categories = chart.axis_config.categories
    ticks = round_ticks([point.value for series in chart.series for point in series.data])
    words = tick_words(ticks)
    left = max(map(width_of, words)) + 10
    slot = (width - left - 4) / len(categories)
    centres = [left + slot * (number + 0.5) for number in range(len(categories))]
    labels = fit_labels(categories, centres, slot, may_skip=chart.type != "bar")
    scale = AxisScale(ticks[0], ticks[-1], 8, bottom)
    return Plot(
        width=width,
        height=bottom + 8 + max(label.height for label in labels),
        left=left,
        bottom=bottom,
        zero=scale.y(0),
        dot=3.5 if slot > 20 else 1.5,
        ticks=tuple(AxisTick(scale.y(tick), word) for tick, word in zip(ticks, words, strict=True)),
        labels=tuple(labels),
        series=tuple(_series(chart, scale, centres, slot)),
    )


def _series(chart: SeriesChart, scale: AxisScale, centres: Sequence[float], slot: float) -> Iterator[Drawn]:
    for number, series in enumerate(chart.series):
        values = {point.label: point.value for point in series.data}
        points = [
            Mark(x, scale.y(values[name]), f"{name}, {series.name}: {values[name]:,.10g}")
            for x, name in zip(centres, chart.axis_config.categories, strict=True)
        ]
        if chart.type == "bar":
            yield Drawn(tuple(_bars(points, scale.y(0), slot, number, len(chart.series))))
        else:
            yield _line(points, scale.y(0), filled=chart.type == "area")


def _line(points: Sequence[Mark], zero: float, *, filled: bool) -> Drawn:
    line = "M" + "L".join(f"{point.x:.1f} {point.y:.1f}" for point in points)
    area = f"{line}L{points[-1].x:.1f} {zero:.1f}L{points[0].x:.1f} {zero:.1f}Z"
    return Drawn(tuple(points), line, area if filled else "")


def _bars(points: Sequence[Mark], zero: float, slot: float, number: int, of: int) -> Iterator[Mark]:
    wide = min(slot * 0.72 / of, 44.0)
    for point in points:
        x = point.x + (number - of / 2) * wide
        yield Mark(x, point.y, point.words, _bar(x + 0.75, wide - 1.5, zero, point.y))


def _bar(x: float, wide: float, zero: float, end: float) -> str:
    """A bar from the zero line to `end`, with the two corners there rounded."""
    wide = max(wide, 1.0)
    round_by = min(3.0, wide / 2, abs(end - zero))
    corner = end + math.copysign(round_by, zero - end)
    return (
        f"M{x:.1f} {zero:.1f}V{corner:.1f}Q{x:.1f} {end:.1f} {x + round_by:.1f} {end:.1f}"
        f"H{x + wide - round_by:.1f}Q{x + wide:.1f} {end:.1f} {x + wide:.1f} {corner:.1f}V{zero:.1f}Z"
    )


def slices(chart: PieChart) -> list[PieSlice]:
    """The pie around (0, 0), clockwise from the top."""
    most = max(segment.value for segment in chart.segments)
    weights = [segment.value / most for segment in chart.segments]
    ends = [end / sum(weights) for end in accumulate(weights)]
    return [
        PieSlice(_wedge(start, end), segment.label, f"{end - start:.1%}")
        for segment, start, end in zip(chart.segments, [0.0, *ends], ends, strict=False)
    ]


def _wedge(start: float, end: float) -> str:
    if end - start > 0.9999:
        return f"M0 {-_RADIUS}A{_RADIUS} {_RADIUS} 0 1 1 -0.01 {-_RADIUS}Z"
    large = int(end - start > 0.5)
    return f"M0 0L{_rim(start)}A{_RADIUS} {_RADIUS} 0 {large} 1 {_rim(end)}Z"


def _rim(turn: float) -> str:
    angle = turn * math.tau
    return f"{_RADIUS * math.sin(angle):.2f} {-_RADIUS * math.cos(angle):.2f}"
