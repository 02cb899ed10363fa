"""The warehouse of a project as the settings describe it, reached when it is first asked, within limits."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from reporter.reports.errors import Refused, ReporterError
from reporter.reports.figures import Figures, Project, Question, RawReason, SegmentAnswer, Segmentation
from reporter.reports.references import nearest
from reporter.sources.warehouse.connection import (
    EngineAccess,
    EngineConnection,
    Estimate,
    NameMissing,
    QueryResult,
    Values,
)
from reporter.sources.warehouse.dialect import Dialect, literal
from reporter.sources.warehouse.engines import connect
from reporter.sources.warehouse.event_table import EventColumns, Partition, SqlRow, WarehouseEvents
from reporter.sources.warehouse.source import WarehouseSource
from reporter.sources.warehouse.table_shapes import TableNames, described, event_table
from reporter.sources.warehouse.warehouse_table import NO_TABLE, ColumnsTable, WarehouseSettings

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class BoundedConnection:
    """Refuses a query before it runs, where it would read more than the settings allow."""

    connection: EngineConnection
    max_bytes: int | None

    def rows(self, text: str, values: Values) -> Iterator[SqlRow]:
        """What a query finds. Raises Unavailable or Refused."""
        if self.max_bytes is not None:
            check_size(self.connection.estimate(text, values), self.max_bytes)
        return self.connection.rows(text, values)


def check_size(estimate: Estimate | None, most: int) -> None:
    """Raises Refused where so much may not be read."""
    if estimate is not None and estimate.bytes is not None and estimate.bytes > most:
        raise Refused(
            f"A query would read about {estimate.bytes / MEGABYTE:,.1f} MB, and `max_bytes` in [warehouse] "
            f"allows {most / MEGABYTE:,.1f}. Allow more, or report fewer days"
        )


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

    def measure(self, question: Question, because: RawReason = RawReason.WAREHOUSE) -> Figures:
        """What was asked."""
        with self._naming():
            figures = self.source().measure(question)
            return replace(figures, raw=figures.raw and replace(figures.raw, because=because))

    def segments(self, segmentation: Segmentation) -> SegmentAnswer:
        """How each part of the product did."""
        with self._naming():
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
        try:
            columns = self.connection.query(f"SELECT * FROM {name} WHERE 1 = 0").columns
        except NameMissing:
            raise self._no_table(name) from None
        known = {column.casefold() for column in columns}
        for one in needed:
            if one.casefold() not in known and not one.startswith("_"):  # as of BigQuery's own columns
                raise Refused(
                    f"The table {name} has no column {one}{_meant(one, columns)}. Name its columns by "
                    f"`shape` or `columns` in [{self.settings.place}]"
                )
        return columns

    def _no_table(self, name: str) -> Refused:
        alone = name.strip("`").split(".")[-1]
        fix = f"Check database, schema, events and identities in [{self.settings.place}]"
        return Refused(f"There is no table {name}{_meant(alone, [*self._tables()])}. {fix}")

    def _tables(self) -> Iterator[str]:
        """The names of the tables that the user may read; none where the engine does not tell."""
        schema = self.settings.table.schema_
        where = f" WHERE lower(table_schema) = lower({literal(schema)})" if schema else ""
        text = f"SELECT table_name FROM information_schema.tables{where}"
        with suppress(ReporterError):
            yield from (str(name) for (name,) in self.connection.query(text).rows)

    @contextmanager
    def _naming(self) -> Generator[None]:
        """Where a name is missing, says which, and what may be meant."""
        try:
            yield
        except NameMissing:
            self.verify()
            raise


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
