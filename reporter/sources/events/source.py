"""A source of figures: raw events, fetched where they are missing and measured here."""

import logging
import threading
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from reporter.folders import check_writable
from reporter.reports.errors import Refused
from reporter.reports.figures import (
    Figures,
    Project,
    Question,
    RawEvents,
    RawReason,
    SegmentAnswer,
    Segmentation,
    Unknown,
)
from reporter.reports.periods import ONE_DAY, Period
from reporter.reports.references import Reference
from reporter.sources.events.day_file import DayFacts, is_unlinked
from reporter.sources.events.engine import resource_errors
from reporter.sources.events.feed import Fetched, reach
from reporter.sources.events.measures import EventsPlan, EventsResult, PlanRun
from reporter.sources.events.question import QuestionReader, counts_users, look_up, plan_of
from reporter.sources.events.store import Store
from reporter.sources.events.time_rule import real_delays, service_days

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LOG = logging.getLogger("reporter.sources.events")
A_DAY = 96  # quarters of an hour


class Feed(Protocol):
    """Where the store's days come from."""

    def drop_old(self, store: Store, needed: Period) -> None:
        """Deletes the days that have been kept long enough, but for those that a report needs just now."""
        ...

    def bring(self, store: Store, needed: Period, history: Period, properties: Collection[str]) -> None:
        """The needed days, and the history as far as available. Raises Unavailable or Refused."""
        ...

    def missing(self, store: Store, days: Period, properties: Collection[str]) -> list[date]:
        """Which days would be fetched."""
        ...

    def fetch(self, store: Store, days: Period, properties: Collection[str]) -> Iterator[Fetched]:
        """Each day as it is stored. Raises Unavailable or Refused, when all that could be had is stored."""
        ...


@dataclass(frozen=True, slots=True)
class StoreSummary:
    """What is stored of a project's events; `size` in bytes, the most common names first."""

    folder: Path
    days: int
    period: Period | None
    size: int
    names: tuple[str, ...]
    unlinked_from: date | None = None  # the first day of which nothing tells who signed in since


@dataclass(frozen=True, slots=True)
class EventSource:
    """Answers questions about one project from its raw events.

    `properties` are those that any report looks at, so that a day is fetched once for all of them.
    """

    find_project: Callable[[], Project]
    open_store: Callable[[Project], Store]
    feed: Feed
    properties: frozenset[str]
    zone: ZoneInfo | None = None  # of the settings; else Mixpanel tells it
    because: RawReason = RawReason.SETTING
    # DuckDB takes most of the memory that a small machine has, so reports take turns.
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def project(self) -> Project:
        """The project and its zone. Raises Unavailable or Refused."""
        return self.find_project()

    def measure(self, question: Question, because: RawReason | None = None) -> Figures:
        """What was asked. Raises Unavailable or Refused where the days of the period cannot be had."""
        project = self.project()
        needed = plan_of(question, None).days
        if needed is None:
            raise Refused("A report of saved Mixpanel reports alone cannot be measured from raw events")
        with self._turn, resource_errors():
            store = self.open_store(project)
            properties = self.properties | plan_of(question, question.history).columns.properties
            self.feed.bring(store, needed, question.history, properties)
            store.remember_zone()
            history = _part(question.history, reach(store, question.period, properties))
            result = self._run(store, plan_of(question, history), properties)
            reader = QuestionReader(question, history, result)
            reader = replace(reader, unknown=self._look_up(store, reader.doubtful()))
            figures = Figures(
                project=project,
                question=question,
                now=reader.now,
                before=reader.before,
                daily=reader.daily,
                ranking=result.ranking,
                computed_at=_fetched_at(store, question.period),
                queries=0,
                raw=_raw_events(store, question, because or self.because, needed, reader.coverage.first_day),
                begins=reader.coverage.begins,
                earlier=reader.earlier,
            )
            self.feed.drop_old(store, needed)
            return figures

    def segments(self, segmentation: Segmentation) -> SegmentAnswer:
        """How each part of the product did; users as sums of daily users. Raises Unavailable or Refused."""
        by_day = replace(segmentation, periods=each_day(segmentation.periods))
        plan = EventsPlan(frozenset(), segmentation=by_day)
        needed = plan.days
        if needed is None:
            return SegmentAnswer({})
        with self._turn, resource_errors():
            store = self.open_store(self.project())
            properties = self.properties | plan.columns.properties
            self.feed.bring(store, needed, needed, properties)
            found = self._run(store, plan, properties).segments
        return SegmentAnswer(
            {
                measure: {
                    name: summed(values, by_day.periods, segmentation.periods) for name, values in one.items()
                }
                for measure, one in found.items()
            }
        )

    def look_up(self, references: Collection[Reference]) -> Mapping[Reference, Unknown]:
        """Which of these no stored day knows. Raises Unavailable or Refused."""
        with self._turn, resource_errors():
            return self._look_up(self._store(), references)

    def missing(self, days: Period) -> list[date]:
        """The days, as the export cuts them, that are to be fetched for these."""
        with resource_errors():
            return self.feed.missing(replace(self._store(), needs_links=True), days, self.properties)

    def fetch(self, days: Period) -> Iterator[Fetched]:
        """Each day that is fetched, as it is stored. Raises Unavailable or Refused."""
        store = replace(self._store(), needs_links=True)
        with resource_errors():
            for fetched in self.feed.fetch(store, days, self.properties):
                store.remember_zone()
                yield fetched

    def check(self) -> None:
        """Nothing where days can be stored. Raises Unavailable or Refused."""
        check_writable(self._store().folder)

    def stock(self) -> StoreSummary:
        """What is stored. Raises Unavailable or Refused."""
        with resource_errors():
            return self._stock(self._store())

    def _stock(self, store: Store) -> StoreSummary:
        for path in store.drop_damaged():
            LOG.warning("day-file-damaged: %s was damaged, so it was deleted", path)
        there = store.days()
        period = Period.of_days(min(there), max(there)) if there else None
        names: tuple[str, ...] = ()
        if there:
            with store.opened_for_sql() as connection:
                rows = connection.execute("SELECT event FROM events GROUP BY 1 ORDER BY count(*) DESC, 1")
                names = tuple(str(row[0]) for row in rows.fetchall())
        return StoreSummary(
            store.folder, len(there), period, store.size, names, _unlinked_from(there, sorted(there))
        )

    @contextmanager
    def opened_for_sql(self) -> "Generator[DuckDBPyConnection]":
        """All that is stored in a view `events`. Raises Refused where that is nothing."""
        store = self._stored()
        with resource_errors():
            there = store.days()
        if not there:
            raise Refused(f"No raw events are stored in {store.folder} yet. Run `reporter fetch --from DATE`")
        with store.opened_for_sql() as connection:
            yield connection

    def _store(self) -> Store:
        return self.open_store(self.project())

    def _stored(self) -> Store:
        """The store as it is; Mixpanel is asked for the zone only where nothing says it."""
        store = self.open_store(Project("", "", ZoneInfo("UTC")))
        zone = self.zone or store.remembered_zone()
        return replace(store, zone=zone) if zone else self._store()

    def _look_up(self, store: Store, references: Collection[Reference]) -> Mapping[Reference, Unknown]:
        """Each property in the days that hold it; of one that no day holds yet, nothing is known."""
        found: dict[Reference, Unknown] = {}
        for name in sorted({reference.property for reference in references}):
            own = [reference for reference in references if reference.property == name]
            if there := store.days({name}):
                with store.opened_for_sql({name}) as connection:
                    found |= look_up(connection, own, min(there), store.names_of)
        return found

    def _run(self, store: Store, plan: EventsPlan, properties: frozenset[str]) -> EventsResult:
        run = PlanRun(plan, store.folder)
        for bucket in store.buckets(plan.days, properties) if plan.days else ():
            run.add(bucket)
        return run.result()


def each_day(periods: Iterable[Period]) -> tuple[Period, ...]:
    """The days of all the periods, each once."""
    days = sorted({day for period in periods for day in period})
    return tuple(Period(day, day + ONE_DAY) for day in days)


def summed(
    values: Mapping[str, tuple[float, ...]], days: Sequence[Period], periods: Sequence[Period]
) -> dict[str, tuple[float, ...]]:
    """The numbers of days, added up over each period."""
    place = {day.start: number for number, day in enumerate(days)}
    return {
        value: tuple(sum(numbers[place[day]] for day in period) for period in periods)
        for value, numbers in values.items()
    }


def _part(history: Period, there: Period) -> Period:
    return Period(max(history.start, there.start), history.end)


def _fetched_at(store: Store, period: Period) -> datetime:
    """How fresh the numbers are: when the period's last day was fetched."""
    there = store.days()
    return there[service_days(period, store.zone, store.time_rule(there)).last].fetched_at


def _raw_events(
    store: Store, question: Question, because: RawReason, needed: Period, first: date | None
) -> RawEvents:
    """What was found in the days of the period; of files also where they begin too late for the measures."""
    there = store.days()
    users = any(map(counts_users, question.measures))
    rule = store.time_rule(there)
    days = [there[day] for day in service_days(question.period, store.zone, rule)]
    delays = [real_delays(facts.delays, facts.day, store.zone, rule) for facts in days]
    is_short = because is RawReason.FILES and first is not None and first > needed.start
    return RawEvents(
        because=because,
        measures=frozenset(question.measures),
        is_all=because not in (RawReason.REFUSED, RawReason.NOT_OFFERED),
        events=sum(facts.events for facts in days),
        duplicates=sum(facts.duplicates for facts in days),
        late=sum(count for delay in delays for quarter, count in delay.items() if quarter >= A_DAY),
        unreadable=sum(facts.unreadable for facts in days),
        unlinked_from=_unlinked_from(there, service_days(needed, store.zone, rule)) if users else None,
        begins=first if is_short else None,
    )


def _unlinked_from(there: Mapping[date, DayFacts], days: Iterable[date]) -> date | None:
    """The first of these days of which nothing tells who signed in since."""
    return next((day for day in days if day in there and is_unlinked(there[day])), None)
