"""The table [warehouse] of reports.toml: where raw events are that a company's own engine measures.

The address is a secret, so the table names the setting that holds it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from reporter.validation import Between, Environment, Invalid, SettingsTable, setting_name

EngineName: TypeAlias = Literal[
    "clickhouse", "databricks", "spark", "postgres", "bigquery", "snowflake", "redshift", "trino"
]
ShapeName: TypeAlias = Literal["mixpanel", "schematized", "fivetran"]

NO_TABLE: Final = "none"  # where ids are not mapped
USUAL_SETTING: Final = "WAREHOUSE_URL"
_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_")
_DIGITS = frozenset("0123456789$")


def is_plain(name: str, more: str = "") -> bool:
    """Whether SQL takes a name as it is, and takes nothing else for it."""
    return name[:1] in _LETTERS and _LETTERS.union(_DIGITS, more).issuperset(name)


def _plain(name: str) -> str:
    if is_plain(name):
        return name
    raise Invalid("this is not a plain name", "Use letters, digits, _ and $; begin with a letter or _.")


def _database(name: str, info: ValidationInfo) -> str:
    """BigQuery's projects have dashes in their names."""
    return name if info.data.get("engine") == "bigquery" and is_plain(name, "-") else _plain(name)


PlainName: TypeAlias = Annotated[str, AfterValidator(_plain)]


class ColumnsTable(SettingsTable):
    """The columns of a table that none of the shapes describes."""

    event: PlainName = Field(description="The column of the event's name.")
    time: PlainName = Field(description="The column of the moment at which it happened.")
    distinct_id: PlainName = Field(description="The column of who did it.")
    insert_id: PlainName | None = Field(
        default=None,
        description="The column that is the same in copies of an event. When left out, every row counts.",
    )
    properties: PlainName | None = Field(
        default=None,
        description="The column of all properties, as JSON. When left out, each property has a column of its "
        "own, of its name.",
    )
    time_unit: Literal["timestamp", "milliseconds", "seconds"] = Field(
        default="timestamp",
        description="What the column of time holds: timestamps, or milliseconds or seconds since 1970.",
    )
    partition: PlainName | None = Field(
        default=None, description="The column by which the table's days lie apart; every query names it."
    )
    partition_type: Literal["date", "timestamp", "text"] = Field(
        default="date", description="What the partition's column holds; of text, days as 2026-01-31."
    )


class WarehouseTable(SettingsTable):
    """A warehouse with raw events in reports.toml."""

    engine: EngineName = Field(description="What answers queries there.")
    connection: Annotated[str, setting_name(USUAL_SETTING, "the warehouse")] = Field(
        description="The name of the setting that holds its address, with user and password: WAREHOUSE_URL."
    )
    database: Annotated[str, AfterValidator(_database)] | None = Field(
        default=None, description="The database, catalog or project. That of the address when left out."
    )
    schema_: PlainName | None = Field(
        default=None, alias="schema", description="The schema or dataset. The usual one when left out."
    )
    shape: ShapeName = Field(
        default="mixpanel",
        description="Who fills the table: Mixpanel's pipelines (mixpanel; schematized where each property "
        "has a column), or Fivetran.",
    )
    columns: ColumnsTable | None = Field(
        default=None, description="The columns of a table of your own, instead of a shape."
    )
    events: PlainName | None = Field(
        default=None,
        validate_default=True,
        description="The table of events. As the shape calls it, when left out.",
    )
    identities: PlainName | None = Field(
        default=None,
        description='The table that says which ids are one person; "none" where there is none. As the shape '
        "calls it when left out.",
    )
    max_bytes: Annotated[int, Between(1_000_000, 1_000_000_000_000_000)] | None = Field(
        default=None, description="A query that would read more bytes is refused. No limit when left out."
    )
    timeout: Annotated[int, Between(10, 3_600)] = Field(
        default=600, description="After how many seconds a query is given up."
    )

    @field_validator("columns")
    @classmethod
    def _instead_of_a_shape(cls, columns: ColumnsTable | None, info: ValidationInfo) -> ColumnsTable | None:
        if columns is not None and info.data.get("shape", "mixpanel") != "mixpanel":
            raise Invalid("a shape has columns of its own", "Remove shape, or columns.")
        return columns

    @field_validator("events")
    @classmethod
    def _is_named(cls, events: str | None, info: ValidationInfo) -> str | None:
        if events is None and info.data.get("columns") is not None:
            raise Invalid("a table of your own has no usual name", 'Write it: events = "my_events".')
        return events

    def settings(self, place: str) -> Mapping[str, str]:
        """The environment variable it names, and what a person has to do for it."""
        fix = f"Take the address of the warehouse, with user and password; [{place}] needs it."
        return {self.connection: fix}

    def warehouse(self, place: str, environment: Environment) -> "WarehouseSettings | None":
        """None where its setting has a fault."""
        address = environment.required(self.connection, str)
        return WarehouseSettings(self, address, place) if address else None


@dataclass(frozen=True, slots=True)
class WarehouseSettings:
    """A warehouse, as the settings describe it."""

    table: WarehouseTable
    address: str = field(repr=False)
    place: str = "warehouse"  # the table's name in reports.toml
