"""How a metric's numbers read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Format:
    """A plain number, a share of a whole (0.127 reads 12.7 %), or money."""

    is_percent: bool = False
    currency: str | None = None  # ISO 4217, such as EUR


NUMBER = Format()
PERCENT = Format(is_percent=True)
