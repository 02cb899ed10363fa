"""How an event's properties are called in the store, and how names stand in SQL."""

from collections.abc import Iterable

from reporter.model.errors import Refused

PREFIX = "p:"
NOT_PROPERTIES = frozenset({"time", "distinct_id", "$insert_id", "mp_processing_time_ms"})  # the event itself


def column(property_name: str) -> str:
    """The column that holds a property's values, as JSON text.

    >>> column("$city")
    'p:$city'
    """
    return PREFIX + property_name


def identifier(name: str) -> str:
    """A name as SQL takes it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL takes it."""
    return "'" + text.replace("'", "''") + "'"


def checked(properties: Iterable[str]) -> tuple[str, ...]:
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
