"""The axes of a chart: round ticks for values, and labels that fit below."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

LINE_HEIGHT: Final = 15.0

_CHARACTER: Final = 6.4  # mean width of a character at 12 px
_GAP: Final = 6.0
_TILT: Final = math.sqrt(0.5)  # 45 degrees
_HUGE: Final = 1e290
_UNITS: Final = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K"))


@dataclass(frozen=True, slots=True)
class AxisScale:
    """From values to heights in px."""

    low: float
    high: float
    top: float
    bottom: float

    def y(self, value: float) -> float:
        span = self.high - self.low
        return self.bottom - (value / span - self.low / span) * (self.bottom - self.top)


def round_ticks(values: Sequence[float], about: int = 4) -> tuple[float, ...]:
    """Round numbers from the lowest value, or zero, to the highest or beyond."""
    low, high = max(min(0.0, *values), -_HUGE), min(max(0.0, *values), _HUGE)
    if high - low < 1 / _HUGE:
        high = 1.0
    step = _round_step((high - low) / about, whole=all(value.is_integer() for value in values))
    return tuple(number * step for number in range(math.floor(low / step), math.ceil(high / step) + 1))


def _round_step(least: float, *, whole: bool) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    times = (1, 2, 5, 10) if whole and power < 10 else (1, 2, 2.5, 5, 10)
    step = next(power * one for one in times if power * one >= least * 0.999 or one == 10)
    return max(step, 1.0) if whole else step


def tick_words(ticks: Sequence[float]) -> list[str]:
    """The ticks in one unit, as short as they can be: 0, 5K, 10K."""
    most = max(map(abs, ticks))
    if most >= 1e15:
        return [f"{tick:.3g}" for tick in ticks]
    size, unit = next(((size, unit) for size, unit in _UNITS if most >= max(size, 1e4)), (1.0, ""))
    return [f"{tick / size:,.6g}{unit}" if tick else "0" for tick in ticks]


def width_of(words: str) -> float:
    return len(words) * _CHARACTER


@dataclass(frozen=True, slots=True)
class Label:
    x: float
    lines: tuple[str, ...]
    tilted: bool = False

    @property
    def height(self) -> float:
        if not self.tilted:
            return LINE_HEIGHT * len(self.lines)
        return (LINE_HEIGHT + width_of(self.lines[0])) * _TILT


def fit_labels(names: Sequence[str], centres: Sequence[float], slot: float, *, may_skip: bool) -> list[Label]:
    """The labels as they fit side by side: in a line, in two, not all of them, or tilted and cut."""
    places = list(zip(centres, names, strict=True))
    room = slot - _GAP
    if all(width_of(name) <= room for name in names):
        return [Label(x, (name,)) for x, name in places]
    folded = [Label(x, _fold(name)) for x, name in places]
    widest = max(width_of(line) for label in folded for line in label.lines)
    if widest <= room:
        return folded
    every = math.ceil((widest + _GAP) / slot)
    if may_skip and every <= max(2, len(names) // 3):
        return folded[::every]
    every = math.ceil(LINE_HEIGHT / slot)
    return [Label(x, (_shorten(name, x / _TILT),), tilted=True) for x, name in places[::every]]


def _fold(label: str) -> tuple[str, ...]:
    """In two lines of like length, where there is a space."""
    spaces = [place for place, character in enumerate(label) if character == " "]
    if not spaces:
        return (label,)
    middle = min(spaces, key=lambda place: abs(place - len(label) / 2))
    return label[:middle], label[middle + 1 :]


def _shorten(line: str, room: float) -> str:
    fits = max(int(room / _CHARACTER), 1)
    return line if len(line) <= fits else line[: max(fits - 1, 1)] + "…"
