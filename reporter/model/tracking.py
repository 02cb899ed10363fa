"""Faults of the tracking itself: they come before the numbers, and are never told as business."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reporter.model.statistics.days import Series


class Code(StrEnum):
    """What is wrong."""

    STOPPED = "STOPPED"  # nothing came from some day to the end
    GAP = "GAP"  # nothing came for a day or more, then it came again
    INCOMPLETE = "INCOMPLETE"  # all metrics lack a part of one of the last two days
    DUPLICATES = "DUPLICATES"  # many more events for each user than usual, of as many users as usual
    ALL_ZERO = "ALL_ZERO"  # nothing at all came


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of one metric, or of all of them.

    `metric` is the index of its series, None for all; `day` the index of its first day in that series, which
    for a silence may lie before the period. `actual` is what came that day, `expected` what was usual (of a
    silence: a day of it; of DUPLICATES: for that day's users). For INCOMPLETE they are shares of a day.
    """

    code: Code
    metric: int | None
    day: int
    expected: float
    actual: float


def check(
    series: "Sequence[Series]", window: tuple[int, int], users: Mapping[int, int] | None = None
) -> tuple[Fault, ...]:
    """Faults in the period, the widest first; none where there is too little history to tell.

    `series` and `window` are those of `assess`; `users` maps the index of an event's series to the index of
    the series of its users. numpy is loaded with the first call.
    """
    from reporter.model.statistics.faults import faults

    return faults(series, window, users or {})
