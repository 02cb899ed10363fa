"""Whether an engine measures as DuckDB does: one small day is taken out, and measured here, too.

The properties are read here from the whole column of them: so what the engine makes of it is proved, too.
"""

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from math import isclose
from pathlib import Path
from typing import cast

from reporter.reports.definitions import BOOKKEEPING
from reporter.reports.errors import Refused
from reporter.reports.figures import Figure, Figures, Measured, Project, Question
from reporter.reports.measures import (
    ActiveUsers,
    Breakdown,
    EventCount,
    EventUsers,
    Funnel,
    Lifecycle,
    Measure,
    PropertyStatistic,
    SavedFunnel,
    SavedInsights,
    Sessions,
    Statistic,
    Step,
    Stickiness,
    UserGroup,
    parts_of,
)
from reporter.reports.periods import Period
from reporter.reports.references import needed_properties
from reporter.sources.events.feeds.files import FilesFeed
from reporter.sources.events.source import EventSource
from reporter.sources.events.store import Store
from reporter.sources.warehouse.connection import EngineConnection
from reporter.sources.warehouse.event_table import RECEIVED, SqlRow, WarehouseEvents
from reporter.sources.warehouse.source import WarehouseSource

MOST_EVENTS = 1_000_000  # that are taken out
ENOUGH = 100  # events of a day that is worth measuring, where there is one
ALWAYS = timedelta(days=2)  # a day that is taken out may begin late and end early


@dataclass(frozen=True, slots=True)
class ProvedMeasure:
    """A measure, and what either found."""

    measure: Measure
    there: Figure
    here: Figure

    @property
    def agrees(self) -> bool:
        """Whether both are the same, but for how an engine rounds."""
        if self.there == self.here:
            return True
        if not (isinstance(self.there, Measured) and isinstance(self.here, Measured)):
            return False
        rounded = replace(self.there, value=self.here.value)
        return rounded == self.here and isclose(self.there.value, self.here.value, rel_tol=1e-12)


@dataclass(frozen=True, slots=True)
class Proof:
    """The day that was taken out, and what was found in it."""

    day: date
    rows: int
    measures: tuple[ProvedMeasure, ...]
    ranks_alike: bool


def prove(
    source: WarehouseSource,
    connection: EngineConnection,
    days: Period,
    measures: Sequence[Measure],
    clock: Callable[[], datetime],
) -> Proof:
    """Of the smallest of these days. Raises Unavailable or Refused."""
    day = _smallest(source.daily_counts(days))
    period = Period.of_days(day, day)
    with tempfile.TemporaryDirectory(prefix="reporter-proof-") as name:
        taken = TakenDay(Path(name), source.table, connection, period)
        rows = taken.write(needed_properties(measures))
        chosen = tuple(dict.fromkeys((*filter(_is_raw, measures), *taken.seen.measures())))
        question = Question(chosen, period, period.previous)
        there = replace(source, table=taken.alone).figures(question)
        here = taken.store(source.described, clock).measure(question)
    return Proof(day, rows, tuple(_held(there, here)), there.ranking == here.ranking)


def _smallest(counts: Mapping[date, int]) -> date:
    """Raises Refused where there is none."""
    worth = {day: count for day, count in counts.items() if count >= ENOUGH} or counts
    day = min(worth, key=lambda one: worth[one], default=None)
    if day is None:
        raise Refused("The warehouse has no event of the last weeks, so there is no day to take out")
    if worth[day] > MOST_EVENTS:
        much = f"{worth[day]:,} events; {MOST_EVENTS:,} are taken out at most"
        raise Refused(f"The smallest day, {day}, has {much}")
    return day


def _is_raw(measure: Measure) -> bool:
    return not any(isinstance(part, SavedFunnel | SavedInsights) for part in parts_of(measure))


def _held(there: Figures, here: Figures) -> Iterator[ProvedMeasure]:
    return (ProvedMeasure(one, there.now[one], here.now[one]) for one in there.question.measures)


@dataclass(slots=True)
class _Seen:
    """What the events of the day have, by which measures of all kinds are made for them."""

    events: Counter[str] = field(default_factory=Counter[str])
    texts: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])  # event, property
    numbers: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])

    def add(self, event: str, properties: Mapping[str, object]) -> None:
        if event in BOOKKEEPING:
            return
        self.events[event] += 1
        for name, value in properties.items():
            if isinstance(value, str):
                self.texts[event, name] += 1
            elif isinstance(value, int | float) and not isinstance(value, bool) and name != RECEIVED:
                self.numbers[event, name] += 1

    def measures(self) -> Iterator[Measure]:
        """One of each kind, as far as there are events for it; nobody comes back on another day."""
        yield from (ActiveUsers(), Sessions(), Stickiness(), *(Lifecycle(group) for group in UserGroup))
        names = [name for name, _ in self.events.most_common(3)]
        for name in names:
            yield from (EventCount(name), EventUsers(name))
        if len(names) > 1:
            yield Funnel(tuple(map(Step, names)), 1)
        for (event, name), _ in self.texts.most_common(2):
            yield from (Breakdown(EventCount(event), name), Breakdown(EventUsers(event), name))
        for (event, name), _ in self.numbers.most_common(2):
            yield from (PropertyStatistic(event, name, statistic) for statistic in Statistic)


@dataclass(slots=True)
class TakenDay:
    """The rows of a day in a folder, as Mixpanel's Data Pipelines write them into files."""

    folder: Path
    table: WarehouseEvents
    connection: EngineConnection
    period: Period
    seen: _Seen = field(default_factory=_Seen)

    @property
    def alone(self) -> WarehouseEvents:
        """The table with this day, as if there were no other."""
        table = self.table
        only = f"(SELECT events.* FROM {table.events} AS events WHERE {table.within(self.period)})"
        return replace(table, events=only)

    def write(self, properties: frozenset[str]) -> int:
        """How many rows were taken. Raises Unavailable or Refused."""
        rows = 0
        with (self.folder / "events.json").open("w", encoding="utf-8") as file:
            for line in self._events(sorted(properties | {RECEIVED})):
                rows += 1
                file.write(json.dumps(line) + "\n")
        with (self.folder / "identities.json").open("w", encoding="utf-8") as file:
            for alias, person in self._identities():
                file.write(json.dumps({"distinct_id": alias, "resolved_distinct_id": person}) + "\n")
        return rows

    def store(self, project: Project, clock: Callable[[], datetime]) -> EventSource:
        """What measures the day here."""
        files = [file for file in self.folder.glob("*.json") if file.stat().st_size]
        return EventSource(
            find_project=lambda: project,
            open_store=lambda found: Store(self.folder / "store", found.zone, self.table.rule),
            feed=FilesFeed(tuple(map(str, files)), timedelta(days=400), clock, quiet=ALWAYS),
            properties=frozenset(),
            zone=project.zone,
        )

    def _events(self, properties: Sequence[str]) -> Iterator[Mapping[str, object]]:
        table, columns = self.table, self.table.columns
        whole = columns.properties and f"events.{columns.properties}"
        bound = {f"p{number}": name for number, name in enumerate(properties, 1)} if not whole else {}
        placeholders = (table.dialect.placeholder(number, name) for number, name in enumerate(properties, 1))
        named = (table.property_json(name, own) for name, own in zip(properties, placeholders, strict=True))
        insertion = f"events.{columns.insert_id}" if columns.insert_id else "NULL"
        text = f"""SELECT events.{columns.event}, events.{columns.distinct_id}, {table.milliseconds()},
            {insertion}, {whole or ", ".join(named)}
            FROM {table.events} AS events WHERE {table.within(self.period)}"""
        for event, distinct_id, moment, insert_id, *values in self.connection.rows(text, bound):
            found = _decoded(values[0]) if whole else _by_name(properties, values)
            self.seen.add(str(event), found)
            yield {
                "event_name": event,
                "distinct_id": distinct_id,
                "insert_id": insert_id,
                "time": datetime.fromtimestamp(int(cast("int", moment)) / 1_000, UTC).isoformat(),
                "properties": found,
            }

    def _identities(self) -> Iterator[SqlRow]:
        """Of the ids that the day has."""
        table = self.table
        if not table.identities:
            return iter(())
        ids = f"SELECT events.{table.columns.distinct_id} FROM {table.events} AS events"
        text = f"""SELECT distinct_id, min(resolved_distinct_id) FROM {table.identities}
            WHERE distinct_id IN ({ids} WHERE {table.within(self.period)}) GROUP BY distinct_id"""
        return self.connection.rows(text, {})


def _decoded(value: object) -> Mapping[str, object]:
    """The properties: as JSON, or as a client has decoded them."""
    found = json.loads(value) if isinstance(value, str | bytes) else value
    return cast("Mapping[str, object]", found) if isinstance(found, dict) else {}


def _by_name(names: Sequence[str], values: Sequence[object]) -> Mapping[str, object]:
    pairs = zip(names, values, strict=True)
    return {name: json.loads(str(value)) for name, value in pairs if value is not None}
