"""Counting a plan, one bucket of users after the other."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from reporter.reports.figures import Daily, Segments
from reporter.reports.measures import Measure, is_groupable
from reporter.sources.events.measures.aggregates import Aggregates
from reporter.sources.events.measures.breakdowns import segments
from reporter.sources.events.measures.by_day import by_day
from reporter.sources.events.measures.needs import details
from reporter.sources.events.measures.plan import EventsAnswer, EventsPlan
from reporter.sources.events.measures.readings import reading

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class PlanRun:
    """Adds up what buckets of users say; each user must be in one bucket only, in any order.

    >>> tally = Tally(plan)
    >>> for connection in buckets:
    ...     tally.add(connection)
    >>> tally.answer().figures[Ask(EventCount("Sign Up"), week)]
    Measured(value=12)
    """

    def __init__(self, plan: EventsPlan, folder: Path | None = None) -> None:
        """Numbers that do not fit in memory go to the folder."""
        self._plan = plan
        self._details = details(plan)
        self._families = families = Aggregates(folder)
        self._figures = {ask: reading(ask.measure, ask.period, families) for ask in plan.asks}
        history = plan.history
        self._daily = {one: by_day(one, history, families) for one in plan.daily} if history else {}
        self._segments = self._read_segments()

    def add(self, connection: "DuckDBPyConnection") -> None:
        """Count the table `events` of a bucket; leaves nothing behind in it."""
        self._families.add(connection, self._details)

    def answer(self) -> EventsAnswer:
        plan, counts = self._plan, self._families.counts
        start = plan.history.start if plan.history else None
        return EventsAnswer(
            figures={ask: read() for ask, read in self._figures.items()},
            daily={one: Daily(start, tuple(read())) for one, read in self._daily.items() if start},
            ranking=counts.ranking(*plan.ranking) if plan.ranking else None,
            segments={measure: read() for measure, read in self._segments.items()},
            seen=counts.seen(),
            events=counts.events,
        )

    def _read_segments(self) -> Mapping[Measure, Callable[[], Segments]]:
        asked = self._plan.segments
        if asked is None:
            return {}
        return {
            measure: segments(measure, asked, self._families)
            for measure in asked.measures
            if is_groupable(measure)
        }
