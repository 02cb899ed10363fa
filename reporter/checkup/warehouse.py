"""Whether a warehouse has what reports read there, and how much of it they would read."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from reporter.checkup.due_dates import never_due
from reporter.checkup.names import CheckLine, CheckMark, name_lines, unknown_event
from reporter.reports.figures import Figure, Measured, Question, Unknown
from reporter.reports.measures import (
    Breakdown,
    EventCount,
    EventUsers,
    Funnel,
    Lifecycle,
    Measure,
    PropertyStatistic,
    Ratio,
    Retention,
)
from reporter.reports.periods import ONE_DAY, Period, moment_text
from reporter.reports.references import Reference, events_of, nearest
from reporter.reports.subscriptions import Order, ReportSpec, Subscription

MEGABYTE = 1_000_000
FRESH = 2 * ONE_DAY  # pipelines are up to a day late, and each day counts once the next has begun
REPORT_IT = "Please report it, with the engine and its version."


class LoadedEvents(Protocol):
    """What is in the table of events lately."""

    @property
    def days(self) -> Period:
        """Those that were looked at, up to today."""
        ...

    @property
    def last_complete(self) -> date | None: ...

    @property
    def counts(self) -> Mapping[str, int]:
        """By the event's name, the most common first."""
        ...


class PlannedReading(Protocol):
    """What a question would have the engine read; None of what it does not say."""

    @property
    def queries(self) -> int: ...

    @property
    def bytes(self) -> int | None: ...

    @property
    def rows(self) -> int | None: ...

    @property
    def largest(self) -> int | None:
        """The bytes of the query that reads most."""
        ...

    @property
    def allowed(self) -> int | None:
        """The bytes that a query may read."""
        ...


class MeasureProof(Protocol):
    """A measure of the day, and what either found."""

    @property
    def measure(self) -> Measure: ...

    @property
    def there(self) -> Figure: ...

    @property
    def here(self) -> Figure: ...

    @property
    def agrees(self) -> bool: ...


class DayProof(Protocol):
    """What was found in a day that was taken out of the warehouse."""

    @property
    def day(self) -> date: ...

    @property
    def rows(self) -> int: ...

    @property
    def measures(self) -> Sequence[MeasureProof]: ...

    @property
    def ranks_alike(self) -> bool: ...


class CheckedWarehouse(Protocol):
    """What a checkup asks of a warehouse. All raise Unavailable, Refused or ConfigError."""

    @property
    def zone(self) -> ZoneInfo: ...

    def verify(self) -> Mapping[str, tuple[str, ...]]:
        """The columns of each table that is read."""
        ...

    def lately(self) -> LoadedEvents: ...

    def look_up(self, references: Collection[Reference]) -> Mapping[Reference, Unknown]: ...

    def prove(self, measures: Sequence[Measure]) -> DayProof:
        """Takes a small day out, and measures it here, too."""
        ...

    def reading(self, question: Question) -> PlannedReading: ...


def warehouse_lines(
    subscriptions: Mapping[str, Subscription],
    warehouse: CheckedWarehouse,
    measured_there: Callable[[ReportSpec], ReportSpec],
    now: datetime,
) -> Iterator[CheckLine]:
    """One thing after the other. `measured_there` is the part of a report that the warehouse measures."""
    specs = [measured_there(one.spec) for one in subscriptions.values()]
    for table, columns in warehouse.verify().items():
        text = f"the table {table} can be read, with {len(columns)} columns"
        yield CheckLine(CheckMark.GOOD, "Warehouse", text)
    loaded = warehouse.lately()
    yield _loaded(loaded)
    names = [*loaded.counts]
    used = dict.fromkeys(
        event for spec in specs for metric in spec.metrics for event in events_of(metric.measure)
    )
    for event in used if names else ():
        if event in loaded.counts:
            yield CheckLine(CheckMark.GOOD, "Event", f"“{event}”")
        else:
            yield unknown_event(event, nearest(event, names), f"since {loaded.days.start} the warehouse has")
    yield from name_lines(specs, names, warehouse.look_up)
    yield from _readings(subscriptions, specs, warehouse, loaded, now)


def _loaded(loaded: LoadedEvents) -> CheckLine:
    """A table of which nothing new has come for days is mostly an old one."""
    last, today = loaded.last_complete, loaded.days.last
    if last is None:
        text = f"no event has come since {loaded.days.start}"
        return CheckLine(CheckMark.BAD, "Warehouse", text, "Look whether the pipeline still runs.")
    text = (
        f"{sum(loaded.counts.values()):,} events since {loaded.days.start}; the last complete day is {last}"
    )
    if today - last > FRESH:
        fix = "A report waits for its days. Look whether the pipeline still runs."
        return CheckLine(CheckMark.DOUBTFUL, "Warehouse", text, fix)
    return CheckLine(CheckMark.GOOD, "Warehouse", text)


def _readings(
    subscriptions: Mapping[str, Subscription],
    specs: Sequence[ReportSpec],
    warehouse: CheckedWarehouse,
    loaded: LoadedEvents,
    now: datetime,
) -> Iterator[CheckLine]:
    """What the next report of each would read."""
    for (name, one), spec in zip(subscriptions.items(), specs, strict=True):
        due = one.schedule.next_due(now)
        if due is None:
            yield never_due(name)
        elif spec.metrics or spec.top_events:
            question = Order(spec).edition(now, warehouse.zone).question
            found = warehouse.reading(question)
            text = f"{_amount(found)}; next due {moment_text(due)}"
            if found.largest and found.allowed and found.largest > found.allowed:
                most = f"{found.largest / MEGABYTE:,.1f} MB, more than max_bytes allows"
                fix = "Allow more, or report fewer days."
                yield CheckLine(CheckMark.BAD, f"Report {name}", f"a query reads about {most}; {text}", fix)
            else:
                yield CheckLine(CheckMark.GOOD, f"Report {name}", text)


def _amount(reading: PlannedReading) -> str:
    queries = f"takes {reading.queries} queries"
    if reading.bytes is not None:
        return f"{queries}, which read about {reading.bytes / MEGABYTE:,.1f} MB together"
    if reading.rows is not None:
        return f"{queries}, which read about {reading.rows:,} rows together"
    return f"{queries}; the engine does not say what they read"


def proof_lines(
    subscriptions: Mapping[str, Subscription],
    warehouse: CheckedWarehouse,
    measured_there: Callable[[ReportSpec], ReportSpec],
) -> Iterator[CheckLine]:
    """Which measures the engine and DuckDB agree on, of the reports and of all kinds."""
    specs = [measured_there(one.spec) for one in subscriptions.values()]
    proof = warehouse.prove([metric.measure for spec in specs for metric in spec.metrics])
    text = f"{proof.rows:,} rows of {proof.day} were taken out, measured here as well, and deleted again"
    yield CheckLine(CheckMark.GOOD, "Proof", text)
    for one in proof.measures:
        name, here = _named(one.measure), _found(one.here)
        if one.agrees:
            yield CheckLine(CheckMark.GOOD, "Proof", f"{name}: {here}")
        else:
            text = f"{name}: {_found(one.there)} by the warehouse, {here} by DuckDB"
            yield CheckLine(
                CheckMark.BAD, "Proof", text, "Please report it, with the engine and its version."
            )
    if not proof.ranks_alike:
        yield CheckLine(CheckMark.BAD, "Proof", "the ranking of events differs", REPORT_IT)
    agreed = sum(one.agrees for one in proof.measures)
    yield CheckLine(CheckMark.GOOD, "Proof", f"{agreed} of {len(proof.measures)} measures agree")


def _named(measure: Measure) -> str:
    """What is measured, short."""
    match measure:
        case EventCount(event):
            return f"“{event}”"
        case EventUsers(event):
            return f"users of “{event}”"
        case PropertyStatistic(event, property, statistic):
            return f"{statistic} of “{property}” of “{event}”"
        case Breakdown(of, property):
            return f"{_named(of)} by “{property}”"
        case Ratio(numerator, denominator):
            return f"{_named(numerator)} / {_named(denominator)}"
        case Lifecycle(group):
            return f"{group} users"
        case Retention(born):
            return f"retention of “{born}”"
        case Funnel(steps):
            return f"funnel of {len(steps)} steps"
        case _:
            return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(measure).__name__).lower()


def _found(figure: Figure) -> str:
    match figure:
        case Measured(value=value, parts=parts):
            shown = f"{value:,.10g}"
            return f"{shown} in {len(parts)} parts" if parts else shown
        case _:
            return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(figure).__name__).lower()
