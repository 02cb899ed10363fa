"""What a breakdown shows of all its values: the largest, and the rest where there is one. Pure."""

from collections.abc import Mapping, Sequence
from math import fsum
from typing import TypeAlias

from reporter.model.figures import Part

Name: TypeAlias = str | None  # None: the property is not set

_ROUNDING = 1e-9  # of a sum of many numbers


def parts(
    values: Mapping[Name, float], whole: float, top: int, *, adds_up: bool, is_complete: bool
) -> tuple[Part, ...]:
    """The largest values by number, then by name; what is beyond them is one part more, where values add up.

    They do not where an occurrence has several values, as each item of a list is one. `is_complete` says that
    these are all values there are.
    """
    ranked = sorted(values, key=lambda name: (-values[name], name is None, name or ""))
    told = tuple(Part(name, values[name]) for name in ranked[:top])
    numbers = [*values.values()]
    untold, rounding = whole - fsum(numbers), _ROUNDING * fsum(map(abs, numbers))
    if not adds_up or _overlap(numbers, untold, rounding, is_complete=is_complete):
        return told
    untold = 0 if abs(untold) <= rounding else untold
    if len(ranked) <= top and not untold:
        return told
    rest = fsum((*(values[name] for name in ranked[top:]), untold))
    return (*told, Part(None, int(rest) if rest == int(rest) else rest, is_rest=True))


def _overlap(numbers: Sequence[float], untold: float, rounding: float, *, is_complete: bool) -> bool:
    """Whether the values make more than the whole; with numbers below zero, whether they make another."""
    if any(number < 0 for number in numbers):
        return is_complete and abs(untold) > rounding
    return untold < -rounding
