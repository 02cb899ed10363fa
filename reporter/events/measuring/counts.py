"""How often events happened on each day."""

from collections import Counter
from collections.abc import Callable
from datetime import date

from reporter.events.measuring.bucket import Bucket, Occurrences
from reporter.events.measuring.sql import Given, span, within
from reporter.model.activity import is_activity
from reporter.model.figures import EventTotal, Ranking
from reporter.model.period import Period


class EventCounts:
    """Counts of every event by day."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, date]] = Counter()

    def add(self, bucket: Bucket) -> None:
        names = {number: name for name, number in bucket.numbers.items()}
        text = "SELECT event, day, count(*) FROM occurred GROUP BY event, day"
        for event, day, count in bucket.rows(text, Given(), tuple[int, date, int]):
            self._counts[names[event], day] += count

    def wish(self, event: str, period: Period) -> Callable[[], list[int]]:
        return lambda: [self._counts[event, day] for day in period]

    @property
    def events(self) -> int:
        return self._counts.total()

    def seen(self) -> dict[str, Period]:
        """The first and the last day of every event."""
        days: dict[str, list[date]] = {}
        for event, day in self._counts:
            days.setdefault(event, []).append(day)
        return {event: Period.of_days(min(those), max(those)) for event, those in sorted(days.items())}

    def ranking(self, period: Period, previous: Period) -> Ranking:
        """All activity that happened in either period, the busiest first."""
        names = {event for event, _ in self._counts if is_activity(event)}
        totals = (
            EventTotal(event, sum(self.wish(event, period)()), sum(self.wish(event, previous)()))
            for event in names
        )
        happened = (total for total in totals if total.count or total.previous)
        return Ranking(tuple(sorted(happened, key=lambda one: (-one.count, -one.previous, one.name))))


class ChosenCounts:
    """Counts by day of events that fulfil conditions."""

    def __init__(self) -> None:
        self._wanted: dict[Occurrences, Period] = {}
        self._counts: Counter[tuple[Occurrences, date]] = Counter()

    def wish(self, occurrences: Occurrences, period: Period) -> Callable[[], list[int]]:
        self._wanted[occurrences] = span((period, self._wanted.get(occurrences, period)))
        return lambda: [self._counts[occurrences, day] for day in period]

    def add(self, bucket: Bucket) -> None:
        for occurrences, period in self._wanted.items():
            given = Given()
            text = f"""
                SELECT day, count(*) FROM occurred
                WHERE {within(period)} AND {bucket.chosen(occurrences, given)}
                GROUP BY day
            """
            for day, count in bucket.rows(text, given, tuple[date, int]):
                self._counts[occurrences, day] += count
