"""A source of figures: raw events where a company keeps them, measured by its own engine."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import chain

from reporter.reports.errors import Refused, Unavailable
from reporter.reports.figures import (
    Figures,
    Project,
    Question,
    RawEvents,
    RawReason,
    SegmentAnswer,
    Segmentation,
    Unknown,
    UnknownValue,
)
from reporter.reports.periods import ONE_DAY, Period
from reporter.reports.references import Content, Reference, unknown, with_nearest
from reporter.sources.events.measures import EventsPlan
from reporter.sources.events.question import MOST_SUGGESTED, QuestionReader, held_of, plan_of, scalars_of
from reporter.sources.events.source import each_day, summed
from reporter.sources.events.time_rule import day_of_number
from reporter.sources.warehouse.event_table import WarehouseConnection, WarehouseEvents
from reporter.sources.warehouse.measures import measure_plan
from reporter.sources.warehouse.measures.occurrences import whole
from reporter.sources.warehouse.measures.scan import Scan


@dataclass(frozen=True, slots=True)
class EventCounts:
    """What some days have, up to today."""

    days: Period
    counts: Mapping[str, int]  # by the event's name, the most common first
    last: date | None  # that has any

    @property
    def last_complete(self) -> date | None:
        """A day is complete once there are events of the next one."""
        return self.last - ONE_DAY if self.last else None


@dataclass(frozen=True, slots=True)
class WarehouseSource:
    """Answers questions about one project from the events in its warehouse."""

    described: Project
    connection: WarehouseConnection
    table: WarehouseEvents
    clock: Callable[[], datetime]

    def project(self) -> Project:
        return self.described

    def measure(self, question: Question) -> Figures:
        """What was asked. Raises Unavailable where the period is not loaded yet, or Refused."""
        if plan_of(question, None).days is None:
            raise Refused("A report of saved Mixpanel reports alone cannot be measured from raw events")
        self._check_loaded(question.period)
        return self.figures(question)

    def figures(self, question: Question) -> Figures:
        """The same of days that are loaded, or not. Raises Unavailable or Refused."""
        plan = plan_of(question, question.history)
        result, _ = measure_plan(plan, self.connection, self.table)
        reader = QuestionReader(question, question.history, result)
        reader = replace(reader, unknown=dict(self._unknown(reader.doubtful(), question.history)))
        return Figures(
            project=self.described,
            question=question,
            now=reader.now,
            before=reader.before,
            daily=reader.daily,
            ranking=result.ranking,
            computed_at=self.clock(),
            queries=0,
            raw=RawEvents(
                because=RawReason.WAREHOUSE,
                measures=frozenset(question.measures),
                is_all=True,
                events=result.events,
            ),
            begins=reader.coverage.begins,
            earlier=reader.earlier,
        )

    def segments(self, segmentation: Segmentation) -> SegmentAnswer:
        """How each part of the product did; users as sums of daily users. Raises Unavailable or Refused."""
        by_day = replace(segmentation, periods=each_day(segmentation.periods))
        plan = EventsPlan(frozenset(), segmentation=by_day)
        found = measure_plan(plan, self.connection, self.table)[0].segments
        return SegmentAnswer(
            {
                measure: {
                    name: summed(values, by_day.periods, segmentation.periods) for name, values in one.items()
                }
                for measure, one in found.items()
            }
        )

    def event_counts(self, days: Period) -> EventCounts:
        """How often each event happened, and until when. Raises Unavailable or Refused."""
        scan = Scan(self.connection, self.table, days)
        text = "SELECT event, count(*), max(day) FROM occurred GROUP BY event ORDER BY count(*) DESC, event"
        found = [
            (str(event), whole(count), whole(day)) for event, count, day in scan.rows(scan.query(), text)
        ]
        last = max((day for _, _, day in found), default=None)
        counts = {event: count for event, count, _ in found}
        return EventCounts(days, counts, None if last is None else day_of_number(last))

    def look_up(self, references: Iterable[Reference], days: Period) -> Mapping[Reference, Unknown]:
        """What these days do not know of what measures name. Raises Unavailable or Refused."""
        return dict(self._unknown(references, days))

    def daily_counts(self, days: Period) -> Mapping[date, int]:
        """How many events each day has that has any. Raises Unavailable or Refused."""
        scan = Scan(self.connection, self.table, days)
        rows = scan.rows(scan.query(), "SELECT day, count(*) FROM occurred GROUP BY day")
        return {day_of_number(whole(day)): whole(count) for day, count in rows}

    def _check_loaded(self, period: Period) -> None:
        """Raises Unavailable where nothing later than it is there: its last day may be half loaded."""
        today = self.clock().astimezone(self.table.zone).date()
        scan = Scan(self.connection, self.table, Period.of_days(period.last, max(today, period.last)))
        (row,) = scan.rows(scan.query(), "SELECT max(day), count(*) FROM occurred")
        last = day_of_number(whole(row[0])) if whole(row[1]) else None
        if last is None or last < period.end:
            until = f"the last event is of {last}" if last else f"it has no event since {period.last}"
            raise Unavailable(
                f"The warehouse has not loaded {period.last} wholly: {until}. "
                "A day counts as loaded once there are events of the next one"
            )

    def _unknown(self, references: Iterable[Reference], days: Period) -> Iterator[tuple[Reference, Unknown]]:
        """What these days do not know of what measures name."""
        for reference in references:
            problem = unknown(reference, self._content(reference, days))
            if problem is None:
                continue
            known = self._values(reference, days) if isinstance(problem, UnknownValue) else ()
            if (explained := with_nearest(reference, problem, [*known])) is not None:
                yield reference, explained

    def _content(self, reference: Reference, days: Period) -> Content:
        scan = Scan(self.connection, self.table, days)
        query = scan.query()
        tests = query.tests_of(reference)
        sums = ", ".join(f"coalesce(sum(CASE WHEN {one} THEN 1 ELSE 0 END), 0)" for one in tests)
        text = f"SELECT count(*), {sums} FROM occurred WHERE {query.is_of(reference)}"
        total, there, numbers, truths, *held = map(whole, next(iter(scan.rows(query, text))))
        return Content(
            since=days.start,
            occurrences=total > 0,
            is_set=there > 0,
            has_numbers=numbers > 0,
            has_truths=truths > 0,
            held=held_of(reference.conditions, held),
        )

    def _values(self, reference: Reference, days: Period) -> Iterator[str | float | bool]:
        """The most common values of the property; of a list, its items."""
        scan = Scan(self.connection, self.table, days)
        query = scan.query()
        value = query.column(reference.property)
        text = f"""SELECT {value}, count(*) FROM occurred
            WHERE {query.is_of(reference)} AND {query.is_set(reference.property)}
            GROUP BY {value} ORDER BY count(*) DESC, {value} LIMIT {MOST_SUGGESTED}"""
        rows = (scalars_of(str(written)) for written, _ in scan.rows(query, text))
        yield from dict.fromkeys(chain.from_iterable(rows))
