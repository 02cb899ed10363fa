"""Whether properties hold what measures expect of them, on all days that are stored."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import TYPE_CHECKING, cast

from reporter.reports.figures import Unknown, UnknownProperty
from reporter.reports.measures import Condition, Scalar
from reporter.reports.references import Content, Reference, unknown, with_nearest
from reporter.sources.events.measures.sql import Parameters, column, count_of, expression, is_set, number

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_VALUES = 255  # the most common ones, among which the likely meant one is looked for


def look_up(
    connection: "DuckDBPyConnection",
    references: Iterable[Reference],
    since: date,
    names_of: Callable[[str], Sequence[str]],
) -> Mapping[Reference, Unknown]:
    """What is not known in the view `events`; `names_of` tells which properties an event has."""
    found: dict[Reference, Unknown] = {}
    for reference in references:
        problem = unknown(reference, _content(connection, reference, since))
        if problem is None:
            continue
        known: Sequence[Scalar] = (
            names_of(reference.event)
            if isinstance(problem, UnknownProperty)
            else _values(connection, reference)
        )
        if (explained := with_nearest(reference, problem, known)) is not None:
            found[reference] = explained
    return found


def _content(connection: "DuckDBPyConnection", reference: Reference, since: date) -> Content:
    parameters, value = Parameters(), column(reference.property)
    tests = (
        is_set(value),
        f"{number(value)} IS NOT NULL",
        f"{value} IN ('true', 'false')",
        *(expression(condition, parameters) for condition in reference.conditions),
    )
    text = f"""
        SELECT count(*), {", ".join(count_of(test) for test in tests)} FROM events
        WHERE event = {parameters(reference.event)}
    """
    row = connection.execute(text, parameters.values).fetchone()
    total, there, numbers, truths, *held = cast("tuple[int, ...]", row)
    return Content(
        since=since,
        occurrences=total > 0,
        is_set=there > 0,
        has_numbers=numbers > 0,
        has_truths=truths > 0,
        held=_held(reference.conditions, held),
    )


def _held(conditions: Collection[Condition], counts: Iterable[int]) -> frozenset[Condition]:
    return frozenset(one for one, count in zip(conditions, counts, strict=True) if count)


def _values(connection: "DuckDBPyConnection", reference: Reference) -> list[Scalar]:
    """The most common values of the property; of a list, its items."""
    parameters, value = Parameters(), column(reference.property)
    text = f"""
        SELECT {value} FROM events WHERE event = {parameters(reference.event)} AND {is_set(value)}
        GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {MOST_VALUES}
    """
    rows = cast("list[tuple[str]]", connection.execute(text, parameters.values).fetchall())
    return [*dict.fromkeys(chain.from_iterable(_scalars(written) for (written,) in rows))]


def _scalars(written: str) -> list[Scalar]:
    value = cast("object", json.loads(written))
    items = cast("list[object]", value) if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str | float | int)]
