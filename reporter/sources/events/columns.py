"""How an event's properties are called in the store, and how names stand in SQL."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, cast

from reporter.folders import part_file
from reporter.reports.conditions import ALL_EVENTS
from reporter.reports.errors import Refused

PREFIX = "p:"
NOT_PROPERTIES = frozenset({"time", "distinct_id", "$insert_id", "mp_processing_time_ms"})  # the event itself


def column(property_name: str) -> str:
    """The column that holds a property's values, as JSON text.

    >>> column("$city")
    'p:$city'
    """
    return PREFIX + property_name


def quoted_column(property_name: str) -> str:
    """The same, as SQL takes it."""
    return identifier(column(property_name))


def identifier(name: str) -> str:
    """A name as SQL takes it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL takes it."""
    return "'" + text.replace("'", "''") + "'"


def json_lines(path: Path, columns: Mapping[str, str], longest: int) -> str:
    """The rows of a file, with columns of these types; no line may be longer than so many bytes.

    Only what is needed is taken out of a line; a line that is none gives nulls.
    """
    fields = ", ".join(f"{identifier(name)}: {literal(kind)}" for name, kind in columns.items())
    return (
        f"read_json({literal(str(path))}, format = 'newline_delimited', compression = 'uncompressed', "
        f"auto_detect = false, ignore_errors = true, maximum_object_size = {longest}, columns = {{{fields}}})"
    )


def read_parquet(files: Iterable[Path], *options: str) -> str:
    """The rows of these files."""
    named = f"[{', '.join(literal(str(path)) for path in files)}]"
    return f"read_parquet({', '.join((named, *options))})"


def check_properties(properties: Iterable[str]) -> tuple[str, ...]:
    """The properties to keep, in order. Raises Refused for those a table cannot hold side by side."""
    ordered = sorted(set(properties))
    seen: dict[str, str] = {}
    for name in ordered:
        if name.casefold() in NOT_PROPERTIES or not name or "\0" in name:
            raise Refused(f"{name!r} is no property that events can be measured by. Choose another one")
        if (other := seen.setdefault(name.casefold(), name)) != name:
            raise Refused(
                f"The properties {other!r} and {name!r} differ in upper and lower case only, so raw "
                "events cannot be measured by both. Measure by one of them"
            )
    return tuple(ordered)


FILE = "property-names.json"
PLACES = 8  # of a file that are looked at, spread over it
WINDOW = 16 * 1024  # bytes at each place: together far less work than storing the lines
MOST_EVENTS = 2_000
MOST_NAMES = 500  # of one event; Mixpanel takes 255 with an event

Names: TypeAlias = dict[str, set[str]]  # of properties, by event


@dataclass(frozen=True, slots=True)
class PropertyNames:
    """What was seen so far in a folder's raw lines. It is for hints, so what is lost does no harm."""

    folder: Path

    def of(self, event: str) -> tuple[str, ...]:
        """Those of one event, or of all."""
        known = self._read()
        events = known if event == ALL_EVENTS else (event,)
        return tuple(sorted({name for one in events for name in known.get(one, ())}))

    def add(self, found: Mapping[str, Iterable[str]]) -> None:
        """Remembers what is new."""
        known = self._read()
        merged = {event: set(names) for event, names in known.items()}
        for event, names in found.items():
            if event in merged or len(merged) < MOST_EVENTS:
                own = merged.setdefault(event, set())
                own.update(sorted(set(names) - own)[: MOST_NAMES - len(own)])
        if merged != known:
            self._write({event: sorted(names) for event, names in sorted(merged.items())})

    def _read(self) -> Names:
        with suppress(OSError, ValueError, AttributeError, TypeError):
            written = cast("dict[str, list[str]]", json.loads((self.folder / FILE).read_bytes()))
            return {event: set(names) for event, names in written.items()}
        return {}

    def _write(self, names: Mapping[str, list[str]]) -> None:
        with part_file(self.folder, FILE) as part:
            part.write_text(json.dumps(names, separators=(",", ":")), encoding="utf-8")
            part.replace(self.folder / FILE)


def sample(path: Path) -> Names:
    """The properties of some of a file's JSON lines, by event."""
    return sample_rows(_lines(path))


def sample_rows(lines: Iterable[bytes]) -> Names:
    """The properties of those that are whole JSON objects."""
    found: Names = {}
    for line in lines:
        with suppress(ValueError, RecursionError):
            value = cast("object", json.loads(line))
            if isinstance(value, dict):
                _add(cast("dict[str, object]", value), found)
    return found


def _lines(path: Path) -> Iterator[bytes]:
    """Whole lines from several places of the file, and what is cut at their edges."""
    size = path.stat().st_size
    with path.open("rb") as file:
        for start in range(0, size, max(size // PLACES, WINDOW)):
            file.seek(start)
            yield from file.read(WINDOW).split(b"\n")


def _add(line: Mapping[str, object], found: Names) -> None:
    event = next((line[key] for key in ("event", "event_name", "mp_event_name") if key in line), None)
    properties = line.get("properties", line)
    if isinstance(properties, str):
        properties = cast("object", json.loads(properties))
    if isinstance(event, str) and isinstance(properties, dict):
        names = cast("dict[str, object]", properties).keys() - NOT_PROPERTIES
        found.setdefault(event, set()).update(names)
