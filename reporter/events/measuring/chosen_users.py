"""Users of an event: on each day, and of those that fulfil conditions."""

from collections import Counter
from collections.abc import Callable
from datetime import date

from reporter.events.measuring.bucket import Bucket, Occurrences
from reporter.events.measuring.day_bits import DayBits
from reporter.events.measuring.sql import HAS_USER, Given, count_of, span, within
from reporter.model.period import Period


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
        for event, day, count in bucket.rows(text, Given(), tuple[int, date, int]):
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
            days, given = DayBits.covering(counts), Given()
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
