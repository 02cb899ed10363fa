"""Distinct users by period and by day, as bit sets."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from reporter.reports.periods import Period
from reporter.sources.events.measures.bucket import Bucket, Occurrences
from reporter.sources.events.measures.sql import HAS_USER, Parameters, count_of, span, within

WORD_SIZE = 64  # events


@dataclass(frozen=True, slots=True)
class EventBits:
    """Which bit of which word stands for an event, by its number, in a period."""

    words: tuple[int, ...]
    periods: tuple[Period, ...]

    @classmethod
    def covering(cls, events: Iterable[int], periods: Iterable[Period]) -> "EventBits":
        return cls(tuple(sorted({event // WORD_SIZE for event in events})), tuple(dict.fromkeys(periods)))

    @property
    def gathered(self) -> Iterator[str]:
        """The columns of a GROUP BY that hold the events of a group."""
        for place, period in enumerate(self.periods):
            for word in self.words:
                first = word * WORD_SIZE
                yield (
                    f"bit_or(CASE WHEN event >= {first} AND event < {first + WORD_SIZE} AND {within(period)} "
                    f"THEN 1::UBIGINT << (event - {first}) END) AS events_{place}_{word}"
                )

    def has(self, event: int, period: Period) -> str:
        """The condition that a group has the event in the period."""
        word, bit = divmod(event, WORD_SIZE)
        return f"(events_{self.periods.index(period)}_{word} & {1 << bit}::UBIGINT) <> 0"


DAYS_IN_A_WORD = 64  # days


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
        if first is not None and last is not None and (day - first).days >= DAYS_IN_A_WORD:
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


class DailyUsers:
    """Users of each event on each day, without conditions: one pass for all of them."""

    def __init__(self) -> None:
        self._wanted: dict[str, Period] = {}
        self._counts: Counter[tuple[str, date]] = Counter()

    def wish(self, event: str, period: Period) -> Callable[[], list[int]]:
        self._wanted[event] = span((period, self._wanted.get(event, period)))
        return lambda: [self._counts[event, day] for day in period]

    def add(self, bucket: Bucket) -> None:
        if not self._wanted:
            return
        names = {bucket.number(event): event for event in self._wanted}
        text = f"""
            SELECT event, day, count(DISTINCT "user") FROM occurred
            WHERE {within(span(self._wanted.values()))} AND event IN ({", ".join(map(str, names))})
            GROUP BY event, day
        """
        for event, day, count in bucket.rows(text, Parameters(), tuple[int, date, int]):
            self._counts[names[event], day] += count


class ChosenUsers:
    """Users of events with conditions, over any periods: one pass for each set of conditions."""

    def __init__(self) -> None:
        self._wanted: dict[Occurrences, dict[Period, int]] = {}

    def wish(self, occurrences: Occurrences, period: Period) -> Callable[[], int]:
        counts = self._wanted.setdefault(occurrences, {})
        counts[period] = 0
        return lambda: counts[period]

    def add(self, bucket: Bucket) -> None:
        for occurrences, counts in self._wanted.items():
            days, given = DayBits.covering(counts), Parameters()
            tests = (count_of(days.on_any_of(period)) for period in counts)
            text = f"""
                SELECT {", ".join(tests)} FROM (
                    SELECT {", ".join(days.gathered("true"))} FROM occurred
                    WHERE {HAS_USER} AND {days.covered} AND {bucket.chosen(occurrences, given)}
                    GROUP BY "user"
                )
            """
            for found in bucket.rows(text, given, tuple[int, ...]):
                for period, count in zip(counts, found, strict=True):
                    counts[period] += count


@dataclass(frozen=True, slots=True)
class Presence:
    """A user was there in each of these periods, and in none of those."""

    there: tuple[Period, ...]
    not_there: tuple[Period, ...] = ()

    @property
    def periods(self) -> tuple[Period, ...]:
        return (*self.there, *self.not_there)

    def test(self, bits: DayBits) -> str:
        """The condition on a user's days."""
        there = (bits.on_any_of(period) for period in self.there)
        not_there = (f"NOT {bits.on_any_of(period)}" for period in self.not_there)
        return " AND ".join((*there, *not_there))


@dataclass(frozen=True, slots=True)
class Did:
    """A user did the event in the period."""

    event: str
    period: Period


class Users:
    """Users by the days of any activity, and by the events they did in a period: one pass tells all."""

    def __init__(self) -> None:
        self._active: dict[Presence, None] = {}  # in the order in which they were wished
        self._did: dict[Did, None] = {}
        self._counts: Counter[Presence | Did] = Counter()

    def wish_active(self, presence: Presence) -> Callable[[], int]:
        self._active[presence] = None
        return lambda: self._counts[presence]

    def wish(self, event: str, period: Period) -> Callable[[], int]:
        did = Did(event, period)
        self._did[did] = None
        return lambda: self._counts[did]

    def add(self, bucket: Bucket) -> None:
        did = [did for did in self._did if did.event in bucket.numbers]
        if not self._active and not did:
            return
        for counts in bucket.rows(self._query(bucket, did), Parameters(), tuple[int, ...]):
            for wish, count in zip((*self._active, *did), counts, strict=True):
                self._counts[wish] += count

    def _query(self, bucket: Bucket, did: list[Did]) -> str:
        periods = [period for presence in self._active for period in presence.periods]
        days = DayBits.covering((*periods, *(one.period for one in did)))
        done = EventBits.covering((bucket.number(one.event) for one in did), (one.period for one in did))
        tests = (
            *(presence.test(days) for presence in self._active),
            *(done.has(bucket.number(one.event), one.period) for one in did),
        )
        return f"""
            SELECT {", ".join(map(count_of, tests))} FROM (
                SELECT {", ".join((*days.gathered(bucket.activity), *done.gathered))} FROM occurred
                WHERE {HAS_USER} AND {days.covered}
                GROUP BY "user"
            )
        """
