"""What tables of events look like, by who loads them; or as the settings describe a table of one's own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol
from zoneinfo import ZoneInfo

from reporter.sources.events.time_rule import TimeRule
from reporter.sources.warehouse.dialect import Dialect
from reporter.sources.warehouse.event_table import EventColumns, Partition, WarehouseEvents
from reporter.sources.warehouse.warehouse_table import EngineName, ShapeName

# How Mixpanel's pipelines cut the days of a table (the documentation of each destination).
PARTITIONS: dict[EngineName, Partition] = {
    "bigquery": Partition("_PARTITIONTIME", "timestamp"),
    "databricks": Partition("event_date"),
    "spark": Partition("event_date"),
    "redshift": Partition("mp_date", "text"),
    "trino": Partition("mp_date", "text"),
}
VIEWS = {"bigquery": "mp_identity_mappings_data_view"}  # elsewhere it is a table


class _Described(Protocol):
    @property
    def columns(self) -> tuple[str, ...]: ...


class Describes(Protocol):
    """What can say which columns an answer has."""

    def query(self, text: str) -> _Described: ...


@dataclass(frozen=True, slots=True)
class TableNames:
    """What the settings call the tables; None is what the shape calls them, "" none at all."""

    database: str | None = None
    schema: str | None = None
    events: str | None = None
    identities: str | None = None

    def qualified(self, table: str, engine: EngineName) -> str:
        """As SQL takes it; the settings allow plain names only, of BigQuery's projects with dashes."""
        name = ".".join(part for part in (self.database, self.schema, table) if part)
        return f"`{name}`" if engine == "bigquery" else name


def event_table(
    engine: EngineName,
    dialect: Dialect,
    zone: ZoneInfo,
    shape: ShapeName | EventColumns,
    names: TableNames,
    rule: TimeRule = TimeRule.UTC,
) -> WarehouseEvents:
    """The table of events, its columns, and where there is one the mapping of identities."""
    columns = columns_of(engine, shape) if isinstance(shape, str) else shape
    events = names.events or ("event" if shape == "fivetran" else "mp_master_event")
    identities = names.identities
    if identities is None and shape in ("mixpanel", "schematized"):
        identities = VIEWS.get(engine, "mp_identity_mappings_data")
    mapping = names.qualified(identities, engine) if identities else None
    return WarehouseEvents(dialect, zone, names.qualified(events, engine), mapping, columns, rule)


def columns_of(engine: EngineName, shape: ShapeName) -> EventColumns:
    """Where such a table keeps what an event is."""
    match shape:
        case "mixpanel":
            return EventColumns(partition=PARTITIONS.get(engine))
        case (
            "schematized"
        ):  # https://docs.mixpanel.com/docs/data-pipelines/old-pipelines/schematized-export-pipeline
            of_day = PARTITIONS.get(engine) if engine == "bigquery" else None
            return EventColumns(
                event="mp_event_name",
                insert_id="mp_insert_id",
                properties=None,
                partition=of_day,
                named=lambda name: [*_schematized(name)],
            )
        case "fivetran":  # https://fivetran.com/docs/connectors/applications/mixpanel/connector-schema
            return EventColumns(event="name", named=lambda name: [_plain(name.removeprefix("$"))])


def described(table: WarehouseEvents, connection: Describes) -> WarehouseEvents:
    """The table with the columns that it has, where properties have columns of their own."""
    if table.columns.named is None:
        return table
    names = (name.lower() for name in connection.query(table.probe).columns if _PLAIN.fullmatch(name))
    present, columns = frozenset(names), table.columns
    if columns.insert_id not in present:  # where no event ever had one
        columns = replace(columns, insert_id=None)
    return replace(table, present=present, columns=columns)


_PLAIN = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def _schematized(name: str) -> Iterator[str]:
    """By Mixpanel's rules; where a property had values of several types each type has a column."""
    column = ("mp_" if name.startswith("$") else "") + _plain(name.removeprefix("$"))[:128]
    yield column
    yield f"res_{column}"
    yield from (f"{column}_{kind}" for kind in ("string", "number", "boolean", "list", "object", "datetime"))


def _plain(name: str) -> str:
    return re.sub(r"[^0-9A-Za-z_]", "_", name).lower()
