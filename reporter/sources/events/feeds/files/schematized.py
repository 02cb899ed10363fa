"""Schematized exports, which have a column for each property: which columns those are, and their query.

Names become lower case with underscores; one that is taken then gets a number, and a second type of the same
property a column of its own, "amount_number" beside "amount" (Mixpanel, "Transformation Rules"). Beside the
data lies schema/events.json, which says what became of each name ("Property Mappings"). Its format is not
documented, so any JSON in which a property's name stands with its column's is understood.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import permutations
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

from reporter.reports.errors import Refused
from reporter.sources.events.columns import identifier, json_lines, literal, quoted_column, read_parquet
from reporter.sources.events.identities import FIELDS, JSON_FIELDS
from reporter.sources.raw_files import LONGEST_LINE

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Types: TypeAlias = Mapping[str, str]  # of columns
Schema: TypeAlias = Mapping[str, tuple[str, ...]]  # the columns of a property

FIELD_NAMES = ("event", "moment", "distinct_id", "insert_id", "processed")  # in the queries of all shapes
JSON_PATH_TYPES = ("VARCHAR", "JSON")  # of a Parquet column that holds JSON text
TYPES = ("string", "number", "int", "float", "boolean", "datetime", "timestamp", "list", "object")
LONGEST_NAME = 128  # of a column (Mixpanel, "Transformation Rules")
MOST_TEXTS = 10  # of an object that describes one property
MOST_NUMBERED = 20  # columns of names that became one
_FIELDS = ("mp_event_name", "time", "distinct_id", "mp_insert_id", "mp_processing_time_ms")
_SUFFIX = re.compile(rf"_(?:[0-9]+|{'|'.join(TYPES)})")


def rows_of(path: Path, types: Types | None, columns: Types) -> str:
    """The rows of a Parquet file, or of JSON lines (types: None) with these columns."""
    return json_lines(path, columns, LONGEST_LINE) if types is None else read_parquet([path])


def select(columns: Mapping[str, str], rows: str) -> str:
    """The query of these columns, each with what it is made of."""
    return f"SELECT {', '.join(f'{value} AS {name}' for name, value in columns.items())} FROM {rows}"


def as_text(name: str, types: Types | None) -> str:
    return f"{identifier(name)}::VARCHAR" if types is None or name in types else "NULL::VARCHAR"


def cleaned(name: str) -> str:
    """The column of a property (Mixpanel, "Transformation Rules").

    >>> cleaned("$city"), cleaned("Plan Name")
    ('mp_city', 'plan_name')
    """
    prefixed = f"mp_{name[1:]}" if name.startswith("$") else name
    return re.sub(r"[^0-9a-z_]", "_", prefixed.lower())[:LONGEST_NAME]


def flat_fields(path: Path, types: Types | None, places: Mapping[str, tuple[str, ...]]) -> str:
    """The query of the five fields, the properties by their columns, and what links users, as texts."""
    identities = {name: cleaned(field) for name, field in FIELDS.items()}
    inner = (*identities.values(), *(each for columns in places.values() for each in columns))
    read = {**dict.fromkeys(inner, "JSON"), **dict.fromkeys(_FIELDS, "VARCHAR")}
    fields = {name: as_text(place, types) for name, place in zip(FIELD_NAMES, _FIELDS, strict=True)}
    kept = {
        quoted_column(name): _first_of(each for each in columns if types is None or each in types)
        for name, columns in places.items()
    }
    links = {name: _link_text(name, place, types) for name, place in identities.items()}
    return select({**fields, **kept, **links}, rows_of(path, types, read))


def _link_text(field: str, place: str, types: Types | None) -> str:
    if types is None:
        return f"{place}::VARCHAR" if field in JSON_FIELDS else f"({place}->>'$')"
    is_list = field in JSON_FIELDS and not types.get(place, "VARCHAR").startswith(JSON_PATH_TYPES)
    return f"to_json({place})::VARCHAR" if is_list else as_text(place, types)


def _first_of(columns: Iterable[str]) -> str:
    """The JSON text of the first of these that has a value."""
    return f"coalesce({', '.join((*map(_value_of, columns), 'NULL::VARCHAR'))})"


def _value_of(place: str) -> str:
    return f"nullif(to_json({identifier(place)})::VARCHAR, 'null')"


def read_schema(text: bytes) -> Schema:
    """Raises ValueError where it is no JSON."""
    found: dict[str, dict[str, None]] = {}
    for one, other in _pairs(json.loads(text)):
        for name, place in ((one, other), (other, one)):
            if _may_be(name, place):
                found.setdefault(name, {})[place] = None
    return {name: tuple(places) for name, places in found.items()}


def places_of(
    connection: "DuckDBPyConnection",
    name: str,
    path: Path,
    types: Types | None,
    properties: Collection[str],
    schema: Schema,
) -> dict[str, tuple[str, ...]]:
    """The columns of each of these properties. Raises Refused where nothing tells which they are."""
    columns = _columns(
        connection, path, types, {one for each in properties for one in _candidates(each, schema)}
    )
    places = {one: _places(name, one, columns, schema) for one in properties}

    def is_another_type(place: str, other: str) -> bool:
        """Whether no event has a value in both, as an event has but one value of a property."""
        rows = rows_of(path, types, dict.fromkeys((place, other), "JSON"))
        both = f"{_value_of(place)} IS NOT NULL AND {_value_of(other)} IS NOT NULL"
        return connection.execute(f"SELECT 1 FROM {rows} WHERE {both} LIMIT 1").fetchone() is None

    return {
        one: (*found[:1], *(each for each in found[1:] if is_another_type(found[0], each)))
        for one, found in places.items()
    }


def _places(name: str, wanted: str, columns: Mapping[str, str], schema: Schema) -> tuple[str, ...]:
    """The property's columns as DuckDB calls them, that of its first type first."""
    if wanted in schema:
        return tuple(columns[place] for place in schema[wanted] if place in columns)
    base, other = cleaned(wanted), f"res_{cleaned(wanted)}"[:LONGEST_NAME]
    if numbered := [place for place in _numbered(base) if place in columns]:
        raise Refused(
            f"{name} has the columns {', '.join((base, *numbered))}, and nothing tells which of them is the "
            f"property {wanted!r}. Put Mixpanel's schema/events.json beside the data, or one such as "
            f"{json.dumps({wanted: numbered[0]})}"
        )
    folded = {place.lower(): found for place, found in columns.items()}
    plain = (
        [columns[wanted]] if wanted in columns else [folded[one] for one in (base, other) if one in folded]
    )
    typed = [columns[place] for kind in TYPES if plain and (place := f"{base}_{kind}") in columns]
    return (*plain, *typed)


def _candidates(wanted: str, schema: Schema) -> tuple[str, ...]:
    base = cleaned(wanted)
    typed = (f"{base}_{kind}" for kind in TYPES)
    return (base, f"res_{base}"[:LONGEST_NAME], *_numbered(base), *typed, *schema.get(wanted, ()))


def _numbered(base: str) -> list[str]:
    return [f"{base}_{number}" for number in range(1, MOST_NUMBERED + 1)]


def _columns(
    connection: "DuckDBPyConnection", path: Path, types: Types | None, candidates: Collection[str]
) -> Mapping[str, str]:
    """What each column is called in the file, and by DuckDB, which numbers twins in its own way."""
    if types is None:
        with path.open("rb") as lines, mmap(lines.fileno(), 0, access=ACCESS_READ) as content:
            return {name: name for name in candidates if content.find(f'"{name}"'.encode()) >= 0}
    query = f"SELECT name FROM parquet_schema({literal(str(path))}) OFFSET 1"
    names = [name for (name,) in cast(list[tuple[str]], connection.execute(query).fetchall())]
    if len(names) != len(types):
        return {name: name for name in types}  # some are nested
    return dict(zip(names, types, strict=True))


def _may_be(name: str, place: str) -> bool:
    base, plain = cleaned(name), place.removeprefix("res_")
    return plain == base or bool(plain.startswith(base) and _SUFFIX.fullmatch(plain[len(base) :]))


def _pairs(value: object) -> Iterator[tuple[str, str]]:
    """Every two texts that stand together: a key and what it holds, or two texts of one object."""
    if isinstance(value, list):
        for one in cast(list[object], value):
            yield from _pairs(one)
    if not isinstance(value, dict):
        return
    items = cast(dict[str, object], value).items()
    texts = {key: one for key, one in items if isinstance(one, str)}
    direct = [(one, other) for one, other in texts.items() if _may_be(one, other) or _may_be(other, one)]
    yield from direct
    if not direct and len(texts) <= MOST_TEXTS:
        yield from permutations(texts.values(), 2)
    for key, one in items:
        if isinstance(one, dict):
            below = cast(dict[str, object], one).values()
            yield from ((key, each) for each in below if isinstance(each, str))
        yield from _pairs(cast(object, one))
