"""The events that somebody did in a period, as bits of a few numbers: one word for each 64 events."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reporter.events.measuring.sql import within
from reporter.model.period import Period

WORD = 64  # events


@dataclass(frozen=True, slots=True)
class EventBits:
    """Which bit of which word stands for an event, by its number, in a period."""

    words: tuple[int, ...]
    periods: tuple[Period, ...]

    @classmethod
    def covering(cls, events: Iterable[int], periods: Iterable[Period]) -> "EventBits":
        return cls(tuple(sorted({event // WORD for event in events})), tuple(dict.fromkeys(periods)))

    @property
    def gathered(self) -> Iterator[str]:
        """The columns of a GROUP BY that hold the events of a group."""
        for place, period in enumerate(self.periods):
            for word in self.words:
                first = word * WORD
                yield (
                    f"bit_or(CASE WHEN event >= {first} AND event < {first + WORD} AND {within(period)} "
                    f"THEN 1::UBIGINT << (event - {first}) END) AS events_{place}_{word}"
                )

    def has(self, event: int, period: Period) -> str:
        """The condition that a group has the event in the period."""
        word, bit = divmod(event, WORD)
        return f"(events_{self.periods.index(period)}_{word} & {1 << bit}::UBIGINT) <> 0"
