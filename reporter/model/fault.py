"""A fault of the tracking: what it is, of which metric, and since when."""

from dataclasses import dataclass
from enum import StrEnum


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
