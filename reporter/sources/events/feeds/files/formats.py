"""The shapes in which Mixpanel writes events into files, and the queries that make them one."""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias, assert_never

from reporter.sources.events.columns import column, identifier, literal
from reporter.sources.events.identities import FIELDS, JSON_FIELDS, field_columns, struct_of, with_links
from reporter.sources.events.time_rule import DAY_MS, milliseconds_in_sql

JSON_PATH_TYPES = ("VARCHAR", "JSON")  # of a Parquet column that holds JSON text
LONGEST_LINE = 2**24  # bytes; Mixpanel takes events of up to 1 MB (Mixpanel, "Import Events")
LONGEST_NAME = 128  # of a column (Mixpanel, "Transformation Rules")

Types: TypeAlias = Mapping[str, str]  # of the columns of a Parquet file


class Shape(StrEnum):
    """Named as people may know it."""

    EXPORT = "raw export"
    JSON_PIPELINE = "JSON pipeline"
    SCHEMATIZED = "schematized pipeline"
    IDENTITIES = "identity mappings"  # no events: which distinct_id became which


@dataclass(frozen=True, slots=True)
class EventFile:
    """A whole file on this machine, not packed."""

    path: Path
    shape: Shape
    types: Types | None  # None: it is JSON lines
    has_text: bool = False  # in JSON lines, the properties may be a text that holds JSON
    # Of a schematized export, the columns of each property, as DuckDB calls them.
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

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
    if {"distinct_id", "resolved_distinct_id"}.issubset(columns):
        return Shape.IDENTITIES
    return None


def events_of(file: EventFile, properties: Collection[str]) -> str:
    """The query of its events: event, "user", time, insert_id, ingested, the properties' columns and links.

    `time` is null where a row is no event.
    """
    columns = "".join(f", {name}" for name in (*(identifier(column(name)) for name in properties), *FIELDS))
    events = f"""
        SELECT event, distinct_id, md5_number(nullif(distinct_id, ''))::UUID AS "user",
            CASE WHEN event IS NOT NULL THEN {milliseconds_in_sql("moment")} END AS time,
            nullif(insert_id, '') AS insert_id,
            TRY_CAST(TRY_CAST(processed AS DOUBLE) AS BIGINT) AS ingested{columns}
        FROM ({_fields(file, properties)})"""
    return f"SELECT * EXCLUDE (distinct_id) FROM ({with_links(events)})"


def mappings_of(file: EventFile) -> str:
    """The query of its links (Mixpanel, "JSON Pipelines", identity mappings)."""
    names = ("distinct_id", "resolved_distinct_id")
    rows = (
        _json_lines(file.path, dict.fromkeys(names, "VARCHAR"))
        if file.types is None
        else f"read_parquet({literal(str(file.path))})"
    )
    member, target = (f"md5_number(nullif({name}::VARCHAR, ''))::UUID" for name in names)
    return f"""
        SELECT DISTINCT {member} AS member, {target} AS target, true AS is_merge, 0::BIGINT AS since
        FROM {rows} WHERE member <> target"""


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
            outer = ("event_name", "time", "distinct_id", "insert_id", "device_id", "user_id")
            given = ("event_name", "time", "distinct_id", "insert_id", "properties.mp_processing_time_ms")
            return _nested(file, outer, ("mp_processing_time_ms",), given, properties)
        case Shape.SCHEMATIZED:
            return _flat(file, properties)
        case Shape.IDENTITIES:
            raise AssertionError("a file of identity mappings has no events")
        case _:
            assert_never(file.shape)


def _nested(
    file: EventFile,
    outer: Iterable[str],
    inner: Iterable[str],
    given: tuple[str, ...],
    properties: Collection[str],
) -> str:
    """Of rows that have their properties in one column; `given` is where the five fields stand."""
    wanted = struct_of(dict.fromkeys(inner, "VARCHAR"), properties)
    fields = field_columns(properties)
    fields |= {name: f"coalesce({name}, {fields[name]})" for name in outer if name in fields}
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
    return f"SELECT {', '.join((*_named(given), *kept, *_as_named(fields)))} FROM {rows}"


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
    places = {name: file.places.get(name, ()) for name in properties}
    identities = {name: cleaned(field) for name, field in FIELDS.items()}
    if file.types is None:
        columns = dict.fromkeys(
            (*identities.values(), *(each for both in places.values() for each in both)), "JSON"
        )
        linked = {name: _json_as_text(name, place) for name, place in identities.items()}
        rows = _json_lines(file.path, {**columns, **dict.fromkeys(fields, "VARCHAR")})
        there = set(columns)
        given = [identifier(name) for name in fields]
    else:
        rows = f"read_parquet({literal(str(file.path))})"
        there = set(file.types)
        linked = {name: _as_text(name, place, file.types) for name, place in identities.items()}
        given = [_text(name, file.types) for name in fields]
    kept = [
        f"{_first_of(place for place in both if place in there)} AS {identifier(column(name))}"
        for name, both in places.items()
    ]
    event, user, moment, insert_id, processed = given
    named = (*_named((event, moment, user, insert_id, processed)), *kept, *_as_named(linked))
    return f"SELECT {', '.join(named)} FROM {rows}"


def _json_as_text(field: str, place: str) -> str:
    return f"{place}::VARCHAR" if field in JSON_FIELDS else f"({place}->>'$')"


def _as_text(field: str, place: str, types: Types) -> str:
    is_list = field in JSON_FIELDS and not types.get(place, "VARCHAR").startswith(JSON_PATH_TYPES)
    return f"to_json({place})::VARCHAR" if is_list else _text(place, types)


def _first_of(columns: Iterable[str]) -> str:
    """The JSON text of the first of these that has a value."""
    return f"coalesce({', '.join((*map(value_of, columns), 'NULL::VARCHAR'))})"


def value_of(place: str) -> str:
    return f"nullif(to_json({identifier(place)})::VARCHAR, 'null')"


def flat_rows(file: EventFile, columns: Iterable[str]) -> str:
    """The rows of a schematized export with these columns."""
    if file.types is None:
        return _json_lines(file.path, dict.fromkeys(columns, "JSON"))
    return f"read_parquet({literal(str(file.path))})"


def _named(given: tuple[str, ...]) -> list[str]:
    names = ("event", "moment", "distinct_id", "insert_id", "processed")
    return [f"{place} AS {name}" for place, name in zip(given, names, strict=True)]


def _as_named(columns: Mapping[str, str]) -> list[str]:
    return [f"{place} AS {name}" for name, place in columns.items()]


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
