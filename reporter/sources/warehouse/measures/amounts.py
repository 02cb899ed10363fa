"""Sums and quantiles of properties: exact sums by binary exponent, and the numbers at a few ranks."""

from itertools import groupby
from typing import TYPE_CHECKING, cast

from reporter.reports.periods import Period
from reporter.sources.events.measures.aggregates import Aggregates
from reporter.sources.events.measures.quantiles import OrderedNumbers
from reporter.sources.events.measures.sums import GroupedSums, Numbers, Sums
from reporter.sources.events.time_rule import day_of_number
from reporter.sources.warehouse.dialect import Dialect
from reporter.sources.warehouse.event_table import EventQuery, spans_of, tags, within_days
from reporter.sources.warehouse.measures.occurrences import name_of, named, whole
from reporter.sources.warehouse.measures.scan import Scan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reporter.sources.events.measures.quantiles import Floats, Integers


def count_sums(aggregates: Aggregates, scan: Scan) -> None:
    """By day, with how many values are no numbers; and by the values of a property."""
    if daily := aggregates.requested(Sums):
        every = [*daily.days.periods.items()]
        query = scan.query()
        tagged = tags([_chosen(query, numbers, period) for numbers, period in every])
        rows = _numbers(query, [numbers for numbers, _ in every], tagged)
        text = f"SELECT tag, day, shift, {_sums(query.dialect)} FROM ({_shifted(rows, 'day')}) AS shifted"
        for tag, day, shift, total, count in scan.rows(query, f"{text} GROUP BY tag, day, shift"):
            entry = daily.days.entries[every[whole(tag)][0], day_of_number(whole(day))]
            if shift is None:
                entry.skipped += whole(count)
            else:
                entry.add(whole(total), whole(shift), whole(count))
    grouped = aggregates.requested(GroupedSums)
    for property in dict.fromkeys(by for _, by in grouped.tables) if grouped else ():
        _count_grouped_sums(cast("GroupedSums", grouped), property, scan)


def _count_grouped_sums(grouped: GroupedSums, property: str, scan: Scan) -> None:
    every = [(numbers, table) for (numbers, by), table in grouped.tables.items() if by == property]
    query = scan.query()
    tagged = tags([query.filtered(numbers.occurrences) for numbers, _ in every])
    rows = _numbers(query, [numbers for numbers, _ in every], named(query, property, tagged))
    text = f"""SELECT tag, name, span, shift, {_sums(query.dialect)}
        FROM ({_shifted(rows, "name, day")}) AS shifted CROSS JOIN {spans_of([t.periods for _, t in every])}
        WHERE shift IS NOT NULL AND tag = of_tag AND day >= first AND day < upto
        GROUP BY tag, name, span, shift"""
    for tag, name, span, shift, total, count in scan.rows(query, text):
        table = every[whole(tag)][1]
        if not table.is_full:
            table.row(name_of(name))[whole(span)].add(whole(total), whole(shift), whole(count))


def _chosen(query: EventQuery, numbers: Numbers, period: Period) -> str:
    conditions = (within_days(period), query.is_set(numbers.property), query.filtered(numbers.occurrences))
    return " AND ".join(conditions)


def _numbers(query: EventQuery, every: "Sequence[Numbers]", rows: str) -> str:
    """The rows with the `number` of each tag's property."""
    cases = " ".join(
        f"WHEN {place} THEN {query.number(query.column(numbers.property))}"
        for place, numbers in enumerate(every)
    )
    return f"SELECT numbered.*, CASE tag {cases} END AS number FROM ({rows}) AS numbered"


def _shifted(rows: str, columns: str) -> str:
    """As `sums.py` of raw events: number = whole / 2**shift, with spare bits for rough logarithms."""
    # An engine may work out what is not chosen, so no branch may be of a number without a logarithm.
    shift = "54 - floor(ln(CASE WHEN number <> 0 THEN abs(number) ELSE 1 END) / ln(2))"
    return f"""SELECT tag, {columns}, number, CASE WHEN number IS NOT NULL THEN {shift} END AS shift
        FROM ({rows}) AS numbers"""


def _sums(dialect: Dialect) -> str:
    two = f"CAST(2 AS {dialect.double_type})"
    half = "floor(shift / 2)"
    number = f"number * power({two}, {half}) * power({two}, shift - {half})"
    return f"sum(CAST(CAST({number} AS {dialect.integer_type}) AS {dialect.exact_type})), count(*)"


def count_numbers(aggregates: Aggregates, scan: Scan) -> None:
    """The numbers that medians and percentiles are made of, each with how many there are up to it."""
    found = aggregates.requested(OrderedNumbers)
    if found is None:
        return
    if plain := [*found.plain.items()]:
        for tag, _, run in _picked(scan, [key for key, _ in plain], "tag", None):
            plain[tag][1].add_run(*run)
    if daily := [*found.daily.items()]:
        for tag, day, run in _picked(scan, [key for key, _ in daily], "day", None):
            daily[tag][1][day_of_number(whole(day))].add_run(*run)
    for property in dict.fromkeys(by for _, by, _ in found.grouped):
        tables = [(key, table) for key, table in found.grouped.items() if key[1] == property]
        wanted = [(numbers, period) for (numbers, _, period), _ in tables]
        for tag, name, run in _picked(scan, wanted, "name", property):
            if not tables[tag][1].is_full:
                tables[tag][1].row(name_of(name))[0].add_run(*run)


def _picked(
    scan: Scan, wanted: "Sequence[tuple[Numbers, Period]]", key: str, by: str | None
) -> "Iterator[tuple[int, object, tuple[Floats, Integers]]]":
    """Of each tag and key a sorted run: the numbers around 5 and 9 tenths, and the largest."""
    query = scan.query()
    tagged = tags([_chosen(query, numbers, period) for numbers, period in wanted])
    source = _numbers(
        query, [numbers for numbers, _ in wanted], tagged if by is None else named(query, by, tagged)
    )
    text = f"""SELECT tag, sorted_by, number, upto FROM (
            SELECT tag, sorted_by, number, occurrences,
                sum(occurrences) OVER (PARTITION BY tag, sorted_by ORDER BY number
                    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS upto,
                sum(occurrences) OVER (PARTITION BY tag, sorted_by) AS total
            FROM (SELECT tag, {key} AS sorted_by, number, count(*) AS occurrences
                FROM ({source}) AS numbers WHERE number IS NOT NULL GROUP BY tag, {key}, number) AS counted
        ) AS ordered
        WHERE upto = total OR {_has_rank(5)} OR {_has_rank(9)}
        ORDER BY tag, sorted_by, number"""
    import numpy as np  # heavy: a quarter of starting

    for (tag, name), picked in groupby(scan.rows(query, text), key=lambda row: (whole(row[0]), row[1])):
        numbers, upto = zip(
            *((float(cast("float", number)), whole(up)) for _, _, number, up in picked), strict=True
        )
        yield tag, name, (np.array(numbers), np.array(upto))


def _has_rank(tenths: int) -> str:
    """Whether a number is at the rank of so many tenths, or at the next one: without a division."""
    rank = f"{tenths} * (total - 1)"
    return f"(10 * (upto - 1) >= {rank} - 9 AND 10 * (upto - occurrences) <= {rank} + 10)"
