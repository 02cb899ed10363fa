"""The table `events` that measures and analysts see, over the day files."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from reporter.events.columns import checked, column, identifier, literal
from reporter.events.day_file import DayFacts, name_of
from reporter.events.time_rule import TimeRule, day_in_sql, start_of
from reporter.model.period import Period

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_WIDTH = 32  # bits of a user by which buckets are cut


def create_bucket(
    connection: "DuckDBPyConnection",
    files: Iterable[Path],
    properties: Collection[str],
    days: Period,
    zone: ZoneInfo,
    rule: TimeRule,
    number: int,
    of: int,
) -> None:
    """Makes `events` hold the events of these days by one of so many parts of the users."""
    columns = "".join(f", {identifier(column(name))}" for name in checked(properties))
    first, end = start_of(days.start, zone, rule), start_of(days.end, zone, rule)
    connection.execute(
        f"""CREATE OR REPLACE TEMP VIEW events AS
        SELECT event, "user", time, {day_in_sql(days, zone, rule)} AS day{columns}
        FROM read_parquet([{", ".join(literal(str(path)) for path in files)}])
        WHERE time >= {first} AND time < {end} AND {_bucket(number, of)}"""
    )


def create_events(
    connection: "DuckDBPyConnection",
    folder: Path,
    there: Mapping[date, DayFacts],
    zone: ZoneInfo,
    rule: TimeRule,
) -> None:
    """Makes `events` hold all that is there; a property that a day's file lacks is null on that day."""
    if not there:
        connection.execute(_NOTHING)
        return
    files = ", ".join(literal(str(folder / name_of(day))) for day in sorted(there))
    day = day_in_sql(Period.of_days(min(there), max(there)), zone, rule)
    connection.execute(
        f"""CREATE OR REPLACE TEMP VIEW events AS
        SELECT event, "user", time, {day} AS day, * EXCLUDE (event, "user", time)
        FROM read_parquet([{files}], union_by_name = true)"""
    )


_NOTHING = """CREATE OR REPLACE TEMP VIEW events AS
    SELECT NULL::VARCHAR AS event, NULL::UUID AS "user", NULL::BIGINT AS time, NULL::DATE AS day
    WHERE false"""


def _bucket(number: int, of: int) -> str:
    """The condition that a user is in the bucket: a range, so that files sorted by user are read in part."""
    if of == 1:
        return "true"
    bounds = [f"{(part << _WIDTH) // of:08x}-0000-0000-0000-000000000000" for part in range(of)]
    within = [f"\"user\" >= '{bounds[number]}'::UUID"] if number else []
    if number + 1 < of:
        within.append(f"\"user\" < '{bounds[number + 1]}'::UUID")
    condition = " AND ".join(within)
    return condition if number else f'({condition} OR "user" IS NULL)'
