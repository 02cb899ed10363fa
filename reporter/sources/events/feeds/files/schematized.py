"""Where a schematized export keeps a property: its column, and those of its other types.

Names become lower case with underscores; one that is taken then gets a number, and a second type of the same
property a column of its own, "amount_number" beside "amount" (Mixpanel, "Transformation Rules"). Beside the
data lies schema/events.json, which says what became of each name ("Property Mappings"). Its format is not
documented, so any JSON in which a property's name stands with its column's is understood.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import permutations
from mmap import ACCESS_READ, mmap
from typing import TYPE_CHECKING, cast

from reporter.reports.errors import Refused
from reporter.sources.events.columns import literal
from reporter.sources.events.feeds.files.formats import (
    LONGEST_NAME,
    EventFile,
    Shape,
    cleaned,
    flat_rows,
    value_of,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Schema = Mapping[str, tuple[str, ...]]  # the columns of a property
TYPES = ("string", "number", "int", "float", "boolean", "datetime", "timestamp", "list", "object")
MOST_TEXTS = 10  # of an object that describes one property
MOST_NUMBERED = 20  # columns of names that became one
_SUFFIX = re.compile(rf"_(?:[0-9]+|{'|'.join(TYPES)})")


def read_schema(text: bytes) -> Schema:
    """Raises ValueError where it is no JSON."""
    found: dict[str, dict[str, None]] = {}
    for one, other in _pairs(json.loads(text)):
        for name, place in ((one, other), (other, one)):
            if _may_be(name, place):
                found.setdefault(name, {})[place] = None
    return {name: tuple(places) for name, places in found.items()}


def located(
    connection: "DuckDBPyConnection", name: str, file: EventFile, properties: Iterable[str], schema: Schema
) -> EventFile:
    """The file with the columns of these properties. Raises Refused where nothing tells which they are."""
    if file.shape is not Shape.SCHEMATIZED:
        return file
    wanted = tuple(properties)
    columns = _columns(connection, file, {each for one in wanted for each in _candidates(one, schema)})
    places = {one: _places(name, one, columns, schema) for one in wanted}
    return replace(
        file,
        places={
            one: (
                *found[:1],
                *(each for each in found[1:] if _is_another_type(connection, file, found[0], each)),
            )
            for one, found in places.items()
        },
    )


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


def _is_another_type(connection: "DuckDBPyConnection", file: EventFile, place: str, other: str) -> bool:
    """Whether no event has a value in both, as an event has but one value of a property."""
    both = " AND ".join(f"{value_of(each)} IS NOT NULL" for each in (place, other))
    query = f"SELECT 1 FROM {flat_rows(file, (place, other))} WHERE {both} LIMIT 1"
    return connection.execute(query).fetchone() is None


def _candidates(wanted: str, schema: Schema) -> tuple[str, ...]:
    base = cleaned(wanted)
    typed = (f"{base}_{kind}" for kind in TYPES)
    return (base, f"res_{base}"[:LONGEST_NAME], *_numbered(base), *typed, *schema.get(wanted, ()))


def _numbered(base: str) -> list[str]:
    return [f"{base}_{number}" for number in range(1, MOST_NUMBERED + 1)]


def _columns(connection: "DuckDBPyConnection", file: EventFile, asked: Collection[str]) -> Mapping[str, str]:
    """What each column is called in the file, and by DuckDB, which numbers twins in its own way."""
    if file.types is None:
        with file.path.open("rb") as lines, mmap(lines.fileno(), 0, access=ACCESS_READ) as content:
            return {name: name for name in asked if content.find(f'"{name}"'.encode()) >= 0}
    query = f"SELECT name FROM parquet_schema({literal(str(file.path))}) OFFSET 1"
    names = [name for (name,) in cast(list[tuple[str]], connection.execute(query).fetchall())]
    if len(names) != len(file.types):
        return {name: name for name in file.types}  # some are nested
    return dict(zip(names, file.types, strict=True))


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
