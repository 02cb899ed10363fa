"""Parts of the product that a finding is about, or that are behind it."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class MetricPart:
    """The part of a metric that has one value of a property."""

    property: str
    value: str


class CauseEffect(StrEnum):
    """What happened to the part of the product that explains a change."""

    MOVED = "moved"  # it rose or fell on its own; of a ratio: its own rate did
    NEW = "new"  # it was not there before
    GONE = "gone"  # it is not there any more
    MIX = "mix"  # of a ratio: it makes a larger or smaller share of the whole, and its rate is another


@dataclass(frozen=True, slots=True)
class Cause:
    """A part of the product that moved on its own, and how much of the change that explains.

    `moved` and `of` are in units of the metric, of users in those of its daily numbers: 61 of 80 more.
    Of MIX they are by how much the part's share of the whole moved, and the whole: 0.12 of 1.
    """

    property: str
    values: tuple[str, ...]
    explains: float  # the share of the change that goes away with the part put back: 0.8
    effect: CauseEffect = CauseEffect.MOVED
    moved: float | None = None  # by how much it moved on its own
    of: float | None = None  # by how much everything did, against what was expected
