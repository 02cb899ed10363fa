"""Which try of a delivery this is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attempt:
    """Which try this is, and how many there are. `pause` is what lies between two, in words."""

    number: int = 1
    of: int = 1
    pause: str = ""

    @property
    def is_last(self) -> bool:
        return self.number >= self.of


ONCE = Attempt()
