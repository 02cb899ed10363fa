"""How often an event happened."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from reporter.reports.conditions import Where
from reporter.reports.definitions import is_activity
from reporter.reports.figures import EventTotal, Figure, Measured, Name, Ranking
from reporter.reports.measures import EventCount
from reporter.reports.periods import Period
from reporter.sources.events.measures.aggregates import (
    Aggregates,
    DailyCounts,
    DailyDefinition,
    GroupedCounts,
    GroupedDefinition,
    Reader,
)
from reporter.sources.events.measures.bucket import Bucket, Occurrences
from reporter.sources.events.measures.sql import Parameters, count_of, holds, span, within


@dataclass(frozen=True, slots=True)
class EventCountDefinition(DailyDefinition, GroupedDefinition):
    """Occurrences, by day."""

    measure: EventCount

    def figure(self, period: Period, aggregates: Aggregates) -> Reader[Figure]:
        days = self.daily(period, aggregates)
        return lambda: Measured(sum(days()))

    def daily(self, period: Period, aggregates: Aggregates) -> Reader[list[int]]:
        if self.measure.where:
            return aggregates.of(DailyCounts).request(self, period)
        return aggregates.of(AllEventCounts).request(self.measure.event, period)

    def grouped(self, property: str, period: Period, aggregates: Aggregates) -> Reader[Mapping[Name, int]]:
        return aggregates.of(GroupedCounts).request(self, property, period)

    def daily_sql(self, period: Period, bucket: Bucket, parameters: Parameters) -> str:
        return f"""
            SELECT day, count(*) FROM occurred
            WHERE {within(period)} AND {bucket.filtered(Occurrences.of(self.measure), parameters)}
            GROUP BY day
        """

    def grouped_sql(
        self, property: str, periods: list[Period], bucket: Bucket, parameters: Parameters
    ) -> str:
        counts = ", ".join(count_of(within(period)) for period in periods)
        condition = f"{within(span(periods))} AND {bucket.filtered(Occurrences.of(self.measure), parameters)}"
        return f"SELECT name, {counts} FROM ({bucket.named(property, condition)}) GROUP BY name"


class AllEventCounts:
    """Counts of every event by day."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, date]] = Counter()

    def add(self, bucket: Bucket) -> None:
        names = {number: name for name, number in bucket.numbers.items()}
        text = "SELECT event, day, count(*) FROM occurred GROUP BY event, day"
        for event, day, count in bucket.rows(text, Parameters(), tuple[int, date, int]):
            self.counts[names[event], day] += count

    def request(self, event: str, period: Period) -> Reader[list[int]]:
        return lambda: [self.counts[event, day] for day in period]

    @property
    def events(self) -> int:
        return self.counts.total()

    def seen(self) -> dict[str, Period]:
        """The first and the last day of every event."""
        days: dict[str, list[date]] = {}
        for event, day in self.counts:
            days.setdefault(event, []).append(day)
        return {event: Period.of_days(min(those), max(those)) for event, those in sorted(days.items())}

    def ranking(self, period: Period, previous: Period, users: Counter[str]) -> Ranking:
        """All activity that happened in either period, the busiest first."""
        return ranking_of(self.counts, period, previous, users)


class FilteredEventCounts:
    """Counts of every event by day, of those that fulfil conditions."""

    def __init__(self) -> None:
        self.counts: dict[tuple[Where, Period], Counter[tuple[str, date]]] = {}

    def ranking(
        self, where: Where, period: Period, previous: Period, users: Reader[Counter[str]]
    ) -> Reader[Ranking]:
        counts = self.counts.setdefault((where, span((period, previous))), Counter())
        return lambda: ranking_of(counts, period, previous, users())

    def add(self, bucket: Bucket) -> None:
        names = {number: name for name, number in bucket.numbers.items()}
        for (where, days), counts in self.counts.items():
            parameters = Parameters()
            conditions = " AND ".join((within(days), *holds(where, parameters)))
            text = f"SELECT event, day, count(*) FROM occurred WHERE {conditions} GROUP BY event, day"
            for event, day, count in bucket.rows(text, parameters, tuple[int, date, int]):
                counts[names[event], day] += count


def ranking_of(
    counts: Counter[tuple[str, date]], period: Period, previous: Period, users: Counter[str]
) -> Ranking:
    names = {event for event, _ in counts if is_activity(event)}
    totals = (
        EventTotal(
            event,
            sum(counts[event, day] for day in period),
            sum(counts[event, day] for day in previous),
            users[event],
        )
        for event in names
    )
    return Ranking.of(totals)
