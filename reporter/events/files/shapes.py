"""The shapes in which Mixpanel writes events into files, and the queries that make them one."""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias, assert_never

from reporter.events.columns import column, identifier, literal
from reporter.events.moments import milliseconds_in_sql
from reporter.events.time_rule import DAY_MS

JSON_PATH_TYPES = ("VARCHAR", "JSON")  # of a Parquet column that holds JSON text
LONGEST_LINE = 2**24  # bytes; Mixpanel takes events of up to 1 MB (Mixpanel, "Import Events")
LONGEST_NAME = 128  # of a column (Mixpanel, "Transformation Rules")

Types: TypeAlias = Mapping[str, str]  # of the columns of a Parquet file


class Shape(StrEnum):
    """Named as people may know it."""

    EXPORT = "raw export"
    JSON_PIPELINE = "JSON pipeline"
    SCHEMATIZED = "schematized pipeline"


@dataclass(frozen=True, slots=True)
class EventFile:
    """A whole file on this machine, not packed."""

    path: Path
    shape: Shape
    types: Types | None  # None: it is JSON lines
    has_text: bool = False  # in JSON lines, the properties may be a text that holds JSON

    @property
    def kind(self) -> str:
        return "JSON lines" if self.types is None else "Parquet"


def shape_of(columns: Collection[str]) -> Shape | None:
    """What has these columns, or these keys in each line."""
    if {"event", "properties"}.issubset(columns):
        return Shape.EXPORT
    if {"event_name", "properties", "time"}.issubset(columns):
        return Shape.JSON_PIPELINE
    if {"mp_event_name", "time"}.issubset(columns):
        return Shape.SCHEMATIZED
    return None


def events_of(file: EventFile, properties: Collection[str]) -> str:
    """The query of its events: event, "user", time, insert_id, ingested and the properties' columns.

    `time` is null where a row is no event.
    """
    kept = "".join(f", {identifier(column(name))}" for name in properties)
    return f"""
        SELECT event, md5_number(nullif(distinct_id, ''))::UUID AS "user",
            CASE WHEN event IS NOT NULL THEN {milliseconds_in_sql("moment")} END AS time,
            nullif(insert_id, '') AS insert_id,
            TRY_CAST(TRY_CAST(processed AS DOUBLE) AS BIGINT) AS ingested{kept}
        FROM ({_fields(file, properties)})"""


def odd_times_of(file: EventFile) -> str:
    """The query of what stands for the time in events whose time is not understood."""
    return (
        f"SELECT moment FROM ({_fields(file, ())}) "
        f"WHERE event IS NOT NULL AND moment IS NOT NULL AND {milliseconds_in_sql('moment')} IS NULL"
    )


def cleaned(name: str) -> str:
    """The column of a property in a schematized export (Mixpanel, "Transformation Rules").

    >>> cleaned("$city"), cleaned("Plan Name")
    ('mp_city', 'plan_name')
    """
    prefixed = f"mp_{name[1:]}" if name.startswith("$") else name
    return re.sub(r"[^0-9a-z_]", "_", prefixed.lower())[:LONGEST_NAME]


def _fields(file: EventFile, properties: Collection[str]) -> str:
    """The query of what is needed, as texts, by the same names for each shape."""
    match file.shape:
        case Shape.EXPORT:
            inner = ("time", "distinct_id", "$insert_id", "mp_processing_time_ms")
            given = ("event", *(f"properties.{identifier(name)}" for name in inner))
            return _nested(file, ("event",), inner, given, properties)
        case Shape.JSON_PIPELINE:
            outer = ("event_name", "time", "distinct_id", "insert_id")
            given = ("event_name", "time", "distinct_id", "insert_id", "properties.mp_processing_time_ms")
            return _nested(file, outer, ("mp_processing_time_ms",), given, properties)
        case Shape.SCHEMATIZED:
            return _flat(file, properties)
        case _:
            assert_never(file.shape)


def _nested(
    file: EventFile,
    outer: Iterable[str],
    inner: Iterable[str],
    given: tuple[str, ...],
    properties: Iterable[str],
) -> str:
    """Of rows that have their properties in one column; `given` is where the five fields stand."""
    wanted = {**dict.fromkeys(properties, "JSON"), **dict.fromkeys(inner, "VARCHAR")}
    kept = [f"properties.{identifier(name)}::VARCHAR AS {identifier(column(name))}" for name in properties]
    if file.types is None and file.has_text:
        plain = _json_lines(file.path, {**dict.fromkeys(outer, "VARCHAR"), "properties": "JSON"})
        columns = [identifier(name) for name in outer]
        text = (
            "CASE WHEN json_type(properties) = 'VARCHAR' THEN properties->>'$' ELSE properties::VARCHAR END"
        )
        folded = f"CASE WHEN json_valid({text}) THEN ({text})::JSON END"
        rows = f"(SELECT {', '.join((*columns, _struct(folded, wanted)))} FROM {plain})"
    elif file.types is None:
        struct = f"STRUCT({', '.join(f'{identifier(name)} {kind}' for name, kind in wanted.items())})"
        rows = _json_lines(file.path, {**dict.fromkeys(outer, "VARCHAR"), "properties": struct})
    else:
        rows = _unfolded(file.path, file.types, outer, wanted)
    return f"SELECT {', '.join((*_named(given), *kept))} FROM {rows}"


def _unfolded(path: Path, types: Types, outer: Iterable[str], wanted: Mapping[str, str]) -> str:
    """A Parquet file whose column of properties, whatever its type, becomes a struct of those wanted."""
    is_text = types["properties"].startswith(JSON_PATH_TYPES)
    folded = "properties::JSON" if is_text else "to_json(properties)"
    columns = [f"{_text(name, types)} AS {identifier(name)}" for name in outer]
    rows = f"read_parquet({literal(str(path))})"
    return f"(SELECT {', '.join((*columns, _struct(folded, wanted)))} FROM {rows})"


def _struct(folded: str, wanted: Mapping[str, str]) -> str:
    return f"from_json({folded}, {literal(json.dumps(wanted))}) AS properties"


def _flat(file: EventFile, properties: Collection[str]) -> str:
    """Of rows that have a column for each property; names that are reserved words have a prefix there."""
    fields = ("mp_event_name", "distinct_id", "time", "mp_insert_id", "mp_processing_time_ms")
    places = {name: (cleaned(name), f"res_{cleaned(name)}"[:LONGEST_NAME]) for name in properties}
    if file.types is None:
        columns = {place: "JSON" for both in places.values() for place in both}
        rows = _json_lines(file.path, {**columns, **dict.fromkeys(fields, "VARCHAR")})
        there = set(columns)
        given = [identifier(name) for name in fields]
    else:
        rows = f"read_parquet({literal(str(file.path))})"
        there = set(file.types)
        given = [_text(name, file.types) for name in fields]
    kept = [
        f"{_first_of(place for place in both if place in there)} AS {identifier(column(name))}"
        for name, both in places.items()
    ]
    event, user, moment, insert_id, processed = given
    return f"SELECT {', '.join((*_named((event, moment, user, insert_id, processed)), *kept))} FROM {rows}"


def _first_of(columns: Iterable[str]) -> str:
    """The JSON text of the first of these that has a value."""
    values = [f"to_json({identifier(name)})::VARCHAR" for name in columns]
    return f"coalesce({', '.join((*values, 'NULL::VARCHAR'))})"


def _named(given: tuple[str, ...]) -> list[str]:
    names = ("event", "moment", "distinct_id", "insert_id", "processed")
    return [f"{place} AS {name}" for place, name in zip(given, names, strict=True)]


def _text(name: str, types: Types) -> str:
    return f"{identifier(name)}::VARCHAR" if name in types else "NULL::VARCHAR"


def _json_lines(path: Path, columns: Mapping[str, str]) -> str:
    """Only what is needed is taken out of a line; a line that is none gives nulls."""
    fields = ", ".join(f"{identifier(name)}: {literal(kind)}" for name, kind in columns.items())
    return (
        f"read_json({literal(str(path))}, format = 'newline_delimited', compression = 'uncompressed', "
        f"auto_detect = false, ignore_errors = true, maximum_object_size = {LONGEST_LINE}, "
        f"columns = {{{fields}}})"
    )


def day_of_time() -> str:
    """The day of the export that `time` is on, as a number of days since 1970."""
    return f"time // {DAY_MS}"
