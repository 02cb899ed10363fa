"""What is worth saying about a period, as facts: a renderer puts them into words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from reporter.model.expectation import Expectation
    from reporter.model.statistics.days import Series


@dataclass(frozen=True, slots=True)
class Moved:
    """A metric's value, and its previous one where it can be compared. `sentence` begins the words."""

    label: str
    sentence: str | None
    value: float
    previous: float | None


@dataclass(frozen=True, slots=True)
class Busiest:
    """The event that happened most, and its share of all ranked events."""

    event: str
    count: float
    share: float  # 0..1


@dataclass(frozen=True, slots=True)
class NothingHappened:
    """Everything that was measured is zero."""


@dataclass(frozen=True, slots=True)
class NotMeasured:
    """Metrics that have no number, by their labels."""

    labels: tuple[str, ...]


Finding: TypeAlias = Moved | Busiest | NothingHappened | NotMeasured


def assess(series: "Sequence[Series]", window: tuple[int, int]) -> "tuple[Expectation, ...]":
    """What was to be expected of each metric of a report, and which are unusual: one expectation a metric.

    `series` are (days as datetime64[D], values a day, nan for missing) of all metrics of a report; `window`
    is the half-open index range of the period. numpy is loaded with the first call.
    """
    from reporter.model import expectation

    return expectation.assess(series, window)
