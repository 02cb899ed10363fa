"""What is worth saying about a period, as facts: a renderer puts them into words."""

from dataclasses import dataclass
from typing import TypeAlias


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
