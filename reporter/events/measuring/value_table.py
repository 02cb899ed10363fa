"""Something for each value of a property, as far as there are not too many."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from reporter.events.measuring.bucket import Occurrences
from reporter.model.errors import Refused
from reporter.model.parts import Name
from reporter.model.period import Period

Entry = TypeVar("Entry")

MOST_VALUES = 50_000  # of a property that can be told apart in little memory; Mixpanel itself tells 10,000


@dataclass(frozen=True, slots=True)
class Dimension:
    """Which events, and by which property."""

    occurrences: Occurrences
    property: str


@dataclass(slots=True)
class ValueTable(Generic[Entry]):
    """One entry for each value and period."""

    property: str
    empty: Callable[[], Entry]
    periods: list[Period] = field(default_factory=list[Period])
    is_full: bool = False
    _rows: dict[Name, list[Entry]] = field(default_factory=dict[Name, "list[Entry]"])

    def wish(self, period: Period) -> Callable[[], dict[Name, Entry]]:
        if period not in self.periods:
            self.periods.append(period)
        return lambda: self._over(period)

    def row(self, name: Name) -> list[Entry]:
        """The entries of a value, for each period; of no value once there are too many."""
        if name not in self._rows and len(self._rows) >= MOST_VALUES:
            self.is_full = True
            self._rows.clear()
        return self._rows.setdefault(name, [self.empty() for _ in self.periods])

    def _over(self, period: Period) -> dict[Name, Entry]:
        if self.is_full:
            raise Refused(
                f"{self.property[:80]} has more than {MOST_VALUES:,} values, too many to tell apart; "
                "choose a property with fewer"
            )
        place = self.periods.index(period)
        return {name: entries[place] for name, entries in self._rows.items()}
