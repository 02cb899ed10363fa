"""How often events happened on each day of a stretch, and what follows from it. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from reporter.reports.figures import Daily, EventTotal, Failed, Figure, Measured, Ranking
from reporter.reports.periods import Period
from reporter.sources.mixpanel.decoding import EventCounts
from reporter.sources.mixpanel.queries import CountsQuery


@dataclass(frozen=True, slots=True)
class EventHistory:
    """The counts that were asked for, as they came."""

    query: CountsQuery
    counts: EventCounts

    def daily(self, event: str) -> Daily:
        """The event's count on each day; None on a day that the answer leaves out."""
        counts = self.counts.events.get(event, {})
        return Daily(
            self.query.period.start,
            tuple(counts.get(day, 0) if self._knows(day) else None for day in self.query.period),
        )

    def figure(self, event: str, period: Period) -> Figure:
        """How often the event happened in the period."""
        if not self.covers(event):
            return Failed(
                f"{event[:80]} does not fit into one Mixpanel query beside the report's other events"
            )
        if gap := self._gap(period):
            return gap
        return Measured(self._total(event, period), self.counts.sampled)

    def ranking(self, period: Period, previous: Period, *, is_partial: bool) -> Ranking | Failed:
        """All events that happened in either period."""
        if gap := self._gap(period) or self._gap(previous):
            return gap
        totals = (
            EventTotal(event, self._total(event, period), self._total(event, previous))
            for event in self.query.events
        )
        happened = (total for total in totals if total.count or total.previous)
        busiest = sorted(happened, key=lambda total: (-total.count, -total.previous, total.name))
        return Ranking(tuple(busiest), is_partial)

    def covers(self, event: str) -> bool:
        """Whether the event was asked for."""
        return event in self.query.events

    def happened(self, event: str) -> bool:
        """Whether the event happened at all."""
        return any(self.counts.events.get(event, {}).values())

    @property
    def first_day(self) -> date | None:
        """The first day on which anything happened."""
        return min(self._busy_days(), default=None)

    def _busy_days(self) -> Iterator[date]:
        return (day for counts in self.counts.events.values() for day, number in counts.items() if number)

    def _gap(self, period: Period) -> Failed | None:
        missing = (day for day in period if not self._knows(day))
        return next((Failed(f"Mixpanel's answer has no numbers for {day}") for day in missing), None)

    def _total(self, event: str, period: Period) -> float:
        counts = self.counts.events.get(event, {})
        return sum(counts.get(day, 0) for day in period)

    def _knows(self, day: date) -> bool:
        """Whether the answer is about the day. What comes before all of it is before the project began."""
        days = self.counts.days
        return self.query.period.covers(day) and (day in days or (bool(days) and day < min(days)))
