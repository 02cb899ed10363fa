"""The shapes in which Mixpanel writes events into files: how they are recognized, and one query for all."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from reporter.reports.errors import Refused, ReporterError, Unavailable
from reporter.sources.events.columns import identifier, literal, quoted_column
from reporter.sources.events.feeds.files.schematized import (
    FIELD_NAMES,
    JSON_PATH_TYPES,
    Types,
    as_text,
    flat_fields,
    rows_of,
    select,
)
from reporter.sources.events.identities import field_columns, struct_of
from reporter.sources.events.ingest import events_in_sql
from reporter.sources.events.time_rule import milliseconds_in_sql
from reporter.sources.raw_files import LONGEST_LINE, Flaw, FlawKind, find_flaw, object_in, repaired

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PARQUET = b"PAR1"
EXAMINED_LINES = 100  # from the top, among which there must be an event
NO_JSON = (FlawKind.UTF_16, FlawKind.WEB_PAGE)
CUT_SHORT = (FlawKind.NO_GZIP_END, FlawKind.WITHIN_A_LINE)  # the file may still be on its way
FIXES: Mapping[FlawKind, str] = {
    FlawKind.NO_GZIP_END: "Put it there whole",
    FlawKind.BAD_GZIP: "Put it there again",
    FlawKind.TOO_LARGE: "Put the events there instead",
    FlawKind.UTF_16: (
        "Write it as UTF-8, such as by `iconv -f UTF-16 -t UTF-8`; in PowerShell, Out-File has -Encoding utf8"
    ),
    FlawKind.WEB_PAGE: "Put the events there instead",
    FlawKind.ERROR: "Export it again",
    FlawKind.ENDED_EARLY: "Export it again",
    FlawKind.WITHIN_A_LINE: "Put it there whole",
    FlawKind.LONG_LINE: "Write one event in each line",
}


class FileShape(StrEnum):
    """Named as people may know it."""

    EXPORT = "raw export"
    JSON_PIPELINE = "JSON pipeline"
    SCHEMATIZED = "schematized pipeline"
    IDENTITIES = "identity mappings"  # no events: which distinct_id became which


@dataclass(frozen=True, slots=True)
class EventFile:
    """A whole file on this machine, not packed."""

    path: Path
    shape: FileShape
    types: Types | None  # None: it is JSON lines
    has_text: bool = False  # in JSON lines, the properties may be a text that holds JSON
    # Of a schematized export, the columns of each property, as DuckDB calls them.
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    @property
    def kind(self) -> str:
        return "JSON lines" if self.types is None else "Parquet"


def recognize(connection: "DuckDBPyConnection", name: str, path: Path) -> EventFile | None:
    """What this file is; None for blank lines, as of a day without events.

    Raises Refused for one of something else, Unavailable for one that is cut short.
    """
    with path.open("rb") as file:
        is_parquet = file.read(len(PARQUET)) == PARQUET
    if is_parquet:
        types = _parquet_types(connection, name, path)
        columns = list(types)
    else:
        types, columns = None, _json_keys(name, path)
        if not columns:
            return None
    if (shape := shape_of(columns)) is None:
        raise Refused(
            f"{name} has no events in a known shape: its columns are {', '.join(columns[:8])}. Export all "
            "events into one table, and name the folder of the events only, such as …/mp_master_event/**"
        )
    return EventFile(path, shape, types, has_text=types is None and _has_text(path))


def shape_of(columns: Collection[str]) -> FileShape | None:
    """What has these columns, or these keys in each line."""
    if {"event", "properties"}.issubset(columns):
        return FileShape.EXPORT
    if {"event_name", "properties", "time"}.issubset(columns):
        return FileShape.JSON_PIPELINE
    if {"mp_event_name", "time"}.issubset(columns):
        return FileShape.SCHEMATIZED
    if {"distinct_id", "resolved_distinct_id"}.issubset(columns):
        return FileShape.IDENTITIES
    return None


def flaw_error(name: str, flaw: Flaw) -> ReporterError:
    """Unavailable where the file may still be on its way."""
    kind = Unavailable if flaw.kind in CUT_SHORT else Refused
    return kind(f"{name} {flaw}. {FIXES[flaw.kind]}")


def _parquet_types(connection: "DuckDBPyConnection", name: str, path: Path) -> dict[str, str]:
    import duckdb

    try:
        rows = connection.execute("DESCRIBE SELECT * FROM read_parquet($1)", [str(path)]).fetchall()
    except duckdb.Error:
        raise Refused(f"{name} is damaged: it cannot be read as Parquet. Put it there again") from None
    return {str(row[0]): str(row[1]) for row in rows}


def _json_keys(name: str, path: Path) -> list[str]:
    """The keys of the first line that has any; none where all lines are blank."""
    flaw = find_flaw(path)
    if flaw and flaw.kind in NO_JSON:
        raise flaw_error(name, flaw)
    keys = _first_keys(name, path)
    if flaw:
        raise flaw_error(name, flaw)
    return keys


def _first_keys(name: str, path: Path) -> list[str]:
    is_blank, line = True, b""
    with path.open("rb") as lines:
        for _ in range(EXAMINED_LINES):
            line = lines.readline(LONGEST_LINE)
            is_blank = is_blank and not line.strip()
            if (found := object_in(repaired(line))) is not None:
                return list(found)
    if is_blank and not line:
        return []
    raise Refused(f"{name}, line 1 and after: no JSON object in a line. Files are JSON lines or Parquet")


def _has_text(path: Path) -> bool:
    """Whether the properties of some events may be a text, as where JSON passed through a warehouse."""
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        return any(content.find(b'"properties":' + blank + b'"') >= 0 for blank in (b"", b" "))


def events_of(file: EventFile, properties: Collection[str]) -> str:
    """The query of its events: event, "user", time, insert_id, ingested, the properties' columns and links.

    `time` is null where a row is no event.
    """
    return events_in_sql(_fields(file, properties), milliseconds_in_sql("moment"), properties)


def mappings_of(file: EventFile) -> str:
    """The query of its links (Mixpanel, "JSON Pipelines", identity mappings)."""
    names = ("distinct_id", "resolved_distinct_id")
    rows = rows_of(file.path, file.types, dict.fromkeys(names, "VARCHAR"))
    member, target = (f"md5_number(nullif({name}::VARCHAR, ''))::UUID" for name in names)
    return f"""
        SELECT DISTINCT {member} AS member, {target} AS target, true AS is_merge, 0::BIGINT AS since
        FROM {rows} WHERE member <> target"""


def odd_times_of(file: EventFile) -> str:
    """The query of what stands for the time in events whose time cannot be read."""
    return (
        f"SELECT moment FROM ({_fields(file, ())}) "
        f"WHERE event IS NOT NULL AND moment IS NOT NULL AND {milliseconds_in_sql('moment')} IS NULL"
    )


def _fields(file: EventFile, properties: Collection[str]) -> str:
    """The query of what is needed, as texts, by the same names for each shape."""
    match file.shape:
        case FileShape.EXPORT:
            inner = ("time", "distinct_id", "$insert_id", "mp_processing_time_ms")
            moment, distinct_id, insert_id, processed = (f"properties.{identifier(name)}" for name in inner)
            fields = ("event", moment, distinct_id, insert_id, processed)
            return _nested(file, ("event",), inner, fields, properties)
        case FileShape.JSON_PIPELINE:
            outer = ("event_name", "time", "distinct_id", "insert_id", "device_id", "user_id")
            fields = ("event_name", "time", "distinct_id", "insert_id", "properties.mp_processing_time_ms")
            return _nested(file, outer, ("mp_processing_time_ms",), fields, properties)
        case FileShape.SCHEMATIZED:
            return flat_fields(
                file.path, file.types, {name: file.places.get(name, ()) for name in properties}
            )
        case FileShape.IDENTITIES:
            raise AssertionError("a file of identity mappings has no events")
        case _:
            assert_never(file.shape)


def _nested(
    file: EventFile,
    outer: Collection[str],
    inner: Collection[str],
    fields: tuple[str, ...],
    properties: Collection[str],
) -> str:
    """Of rows that have their properties in one column; `fields` says where the five fields stand."""
    links = field_columns(properties)
    links |= {name: f"coalesce({name}, {links[name]})" for name in outer if name in links}
    kept = {quoted_column(name): f"properties.{identifier(name)}::VARCHAR" for name in properties}
    rows = _rows_with_struct(file, outer, struct_of(dict.fromkeys(inner, "VARCHAR"), properties))
    return select({**dict(zip(FIELD_NAMES, fields, strict=True)), **kept, **links}, rows)


def _rows_with_struct(file: EventFile, outer: Collection[str], wanted: Types) -> str:
    """The rows with the outer columns, and with what is wanted of the properties, whatever their type."""
    as_texts = dict.fromkeys(outer, "VARCHAR")
    if file.types is None and not file.has_text:
        struct = f"STRUCT({', '.join(f'{identifier(name)} {kind}' for name, kind in wanted.items())})"
        return rows_of(file.path, None, {**as_texts, "properties": struct})
    if file.types is None:
        text = (
            "CASE WHEN json_type(properties) = 'VARCHAR' THEN properties->>'$' ELSE properties::VARCHAR END"
        )
        folded = f"CASE WHEN json_valid({text}) THEN ({text})::JSON END"
    else:
        is_text = file.types["properties"].startswith(JSON_PATH_TYPES)
        folded = "properties::JSON" if is_text else "to_json(properties)"
    columns = {identifier(name): as_text(name, file.types) for name in outer}
    columns["properties"] = f"from_json({folded}, {literal(json.dumps(wanted))})"
    return f"({select(columns, rows_of(file.path, file.types, {**as_texts, 'properties': 'JSON'}))})"
