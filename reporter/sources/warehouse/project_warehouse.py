"""The warehouse of a project as the settings describe it, reached when it is first asked, within limits."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from reporter.reports.errors import Refused
from reporter.reports.figures import (
    Figures,
    Project,
    Question,
    SegmentAnswer,
    Segmentation,
    Unknown,
)
from reporter.reports.measures import Measure
from reporter.reports.periods import Period
from reporter.reports.references import Reference, nearest
from reporter.sources.events.question import plan_of
from reporter.sources.warehouse.connection import (
    EngineAccess,
    EngineConnection,
    QueryResult,
)
from reporter.sources.warehouse.dialect import Dialect
from reporter.sources.warehouse.engines import connect
from reporter.sources.warehouse.event_table import EventColumns, Partition, WarehouseEvents
from reporter.sources.warehouse.measures import measure_plan
from reporter.sources.warehouse.proof import Proof, prove
from reporter.sources.warehouse.reading import BoundedConnection, EstimatingConnection, Reading, check_size
from reporter.sources.warehouse.source import EventCounts, WarehouseSource
from reporter.sources.warehouse.table_shapes import TableNames, described, event_table
from reporter.sources.warehouse.warehouse_table import NO_TABLE, ColumnsTable, WarehouseSettings

LATELY = timedelta(days=28)


class ProjectWarehouse:
    """A source of figures: events where a company keeps them.

    Its methods raise Unavailable or Refused, and ConfigError where the engine cannot be reached as set.
    """

    def __init__(
        self,
        settings: WarehouseSettings,
        find_project: Callable[[], Project],
        clock: Callable[[], datetime],
    ) -> None:
        self.settings, self.clock = settings, clock
        self._find_project = find_project
        self._is_open = False

    def project(self) -> Project:
        return self._find_project()

    def measure(self, question: Question) -> Figures:
        """What was asked."""
        return self.source().measure(question)

    def segments(self, segmentation: Segmentation) -> SegmentAnswer:
        """How each part of the product did."""
        return self.source().segments(segmentation)

    def source(self) -> WarehouseSource:
        """What measures, with the columns that there are now."""
        table, bounded = self.table, BoundedConnection(self.connection, self.settings.table.max_bytes)
        return WarehouseSource(self.project(), bounded, described(table, self.connection), self.clock)

    def query(self, text: str) -> QueryResult:
        """What somebody asks in SQL; closing its rows ends the query."""
        if self.settings.table.max_bytes is not None:
            check_size(self.connection.estimate(text), self.settings.table.max_bytes)
        return self.connection.query(text)

    @property
    def zone(self) -> ZoneInfo:
        return self.project().zone

    def lately(self) -> EventCounts:
        """What the last weeks have."""
        today = self.clock().astimezone(self.zone).date()
        return self.source().event_counts(Period.of_days(today - LATELY, today))

    def look_up(self, references: Collection[Reference]) -> Mapping[Reference, Unknown]:
        """What the last weeks do not know of what measures name."""
        today = self.clock().astimezone(self.zone).date()
        return self.source().look_up(references, Period.of_days(today - LATELY, today))

    def prove(self, measures: Sequence[Measure]) -> Proof:
        """Takes a small day out, and measures it here, too; what was taken out is deleted again."""
        today = self.clock().astimezone(self.zone).date()
        return prove(self.source(), self.connection, Period(today - LATELY, today), measures, self.clock)

    def reading(self, question: Question) -> Reading:
        """What the engine would read for it, by what it says without running a query."""
        source, estimating = self.source(), EstimatingConnection(self.connection)
        measure_plan(plan_of(question, question.history), estimating, source.table)
        return Reading.of(estimating.found, self.settings.table.max_bytes)

    @property
    def connection(self) -> EngineConnection:
        return self._reached[1]

    @property
    def table(self) -> WarehouseEvents:
        """As the settings describe it."""
        set_table = self.settings.table
        names = TableNames(
            set_table.database,
            set_table.schema_,
            set_table.events,
            "" if set_table.identities == NO_TABLE else set_table.identities,
        )
        shape = _columns(set_table.columns) if set_table.columns else set_table.shape
        return event_table(set_table.engine, self._reached[0], self.project().zone, shape, names)

    def close(self) -> None:
        """Ends what runs; only where anything was asked."""
        if self._is_open:
            self.connection.close()

    @cached_property
    def _reached(self) -> tuple[Dialect, EngineConnection]:
        table = self.settings.table
        access = EngineAccess(
            self.settings.address, table.connection, table.timeout, max_bytes=table.max_bytes
        )
        found = connect(table.engine, access)
        self._is_open = True
        return found

    def verify(self) -> Mapping[str, tuple[str, ...]]:
        """The columns of each table that measures read. Raises Refused where one is missing."""
        table, columns = self.table, self.table.columns
        is_fixed = columns.named is None or self.settings.table.columns is not None
        partition = columns.partition and columns.partition.column
        insert_id = columns.insert_id if is_fixed else None  # where no event ever had one
        own = (columns.event, columns.time, columns.distinct_id, columns.properties, partition, insert_id)
        found = {table.events: self._columns_of(table.events, tuple(filter(None, own)))}
        if table.identities:
            needed = ("distinct_id", "resolved_distinct_id")
            found[table.identities] = self._columns_of(table.identities, needed)
        return found

    def _columns_of(self, name: str, needed: tuple[str, ...]) -> tuple[str, ...]:
        columns = self.connection.query(f"SELECT * FROM {name} WHERE 1 = 0").columns
        known = {column.casefold() for column in columns}
        for one in needed:
            if one.casefold() not in known and not one.startswith("_"):  # as of BigQuery's own columns
                raise Refused(
                    f"The table {name} has no column {one}{_meant(one, columns)}. Name its columns by "
                    f"`shape` or `columns` in [{self.settings.place}]"
                )
        return columns


def _columns(table: ColumnsTable) -> EventColumns:
    return EventColumns(
        event=table.event,
        time=table.time,
        distinct_id=table.distinct_id,
        insert_id=table.insert_id,
        properties=table.properties,
        partition=Partition(table.partition, table.partition_type) if table.partition else None,
        time_unit=table.time_unit,
        named=None if table.properties else _own_column,
    )


def _own_column(name: str) -> list[str]:
    return [name.lower()]


def _meant(word: str, names: Sequence[str]) -> str:
    found = nearest(word, names)
    return f"; did you mean {' or '.join(found)}?" if found else ""
