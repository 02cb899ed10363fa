"""The days on which somebody was there, as bits of a few numbers: one word for each 64 days."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from reporter.events.measuring.sql import within
from reporter.model.period import Period

WORD = 64  # days


@dataclass(frozen=True, slots=True)
class DayBits:
    """Which words hold which days, and how SQL gathers and reads them."""

    words: tuple[Period, ...]

    @classmethod
    def covering(cls, periods: Iterable[Period]) -> "DayBits":
        """Words for all days of the periods, and none for longer gaps between them."""
        return cls(tuple(words_of(sorted({day for period in periods for day in period}))))

    @property
    def covered(self) -> str:
        """The condition that an event is on one of these days."""
        return "(" + " OR ".join(f"{within(word)}" for word in self.words) + ")"

    def gathered(self, condition: str) -> Iterator[str]:
        """The columns of a GROUP BY that hold the days of those of a group that fulfil a condition."""
        for place, word in enumerate(self.words):
            yield (
                f"bit_or(CASE WHEN {within(word)} AND {condition} "
                f"THEN 1::UBIGINT << (day - DATE '{word.start}') ELSE 0::UBIGINT END) AS days_{place}"
            )

    def on_any_of(self, period: Period) -> str:
        """The condition that a group has an event in the period."""
        masks = ((place, mask(word, period)) for place, word in enumerate(self.words))
        tests = (f"(days_{place} & {bits}::UBIGINT) <> 0" for place, bits in masks if bits)
        return "(" + " OR ".join(tests) + ")"


def words_of(days: Iterable[date]) -> Iterator[Period]:
    """Stretches of at most 64 days that together hold the days, which are in order."""
    first = last = None
    for day in days:
        if first is not None and last is not None and (day - first).days >= WORD:
            yield Period.of_days(first, last)
            first = None
        first, last = first or day, day
    if first is not None and last is not None:
        yield Period.of_days(first, last)


def mask(word: Period, period: Period) -> int:
    """The bits of a word that stand for days of the period."""
    first, end = max(word.start, period.start), min(word.end, period.end)
    length = max((end - first) // timedelta(days=1), 0)
    return ((1 << length) - 1) << (first - word.start).days if length else 0
