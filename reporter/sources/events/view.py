"""The table `events` that measures and analysts see, over the day files."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from reporter.reports.periods import Period
from reporter.sources.events.columns import check_properties, quoted_column, read_parquet
from reporter.sources.events.day_file import DayFacts, name_of, write_parquet
from reporter.sources.events.engine import spill_folder
from reporter.sources.events.identities import create_identity_map
from reporter.sources.events.time_rule import TimeRule, day_in_sql, start_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_WIDTH = 32  # bits of a user by which buckets are cut


@dataclass(frozen=True, slots=True)
class Slice:
    """The events of some days of the project, a part of the users after the other.

    A part is a range of hashes, so that files sorted by user are read in part. Where a hash became another's,
    its events belong into another part: so they are copied into a file of their own, sorted anew.
    """

    connection: "DuckDBPyConnection"
    files: Sequence[Path]
    properties: Collection[str]
    days: Period
    zone: ZoneInfo
    rule: TimeRule
    is_joined: bool = False  # with the identities, as each event is read
    moved: Path | None = None  # the file of events whose users are other persons

    def create(self, number: int, of: int) -> None:
        """Makes `events` hold one of so many parts of the users."""
        self.connection.execute(
            f"""CREATE OR REPLACE TEMP VIEW events AS
            SELECT event, "user", time, {day_in_sql(self.days, self.zone, self.rule)} AS day{self._columns}
            FROM ({self._rows(_bucket(number, of))})"""
        )

    def gather_moved(self, links: Collection[Path], parts: int) -> "Slice":
        """The slice with each event its person's."""
        if not create_identity_map(self.connection, links):
            return self
        if parts == 1:
            return replace(self, is_joined=True)
        moved = spill_folder(self.connection) / "moved.parquet"
        query = f"""SELECT event, canonical AS "user", time{self._columns} FROM {self._read}
            JOIN identity ON "user" = member WHERE {self._within} ORDER BY canonical"""
        return replace(self, moved=moved) if write_parquet(self.connection, query, moved) else self

    def _rows(self, part: str) -> str:
        condition = f"WHERE {self._within} AND {part}"
        if self.is_joined:
            return f"""SELECT * REPLACE (coalesce(canonical, "user") AS "user")
                FROM {self._read} LEFT JOIN identity ON "user" = member {condition}"""
        if self.moved is None:
            return f"FROM {self._read} {condition}"
        columns = f'event, "user", time{self._columns}'
        return f"""SELECT {columns} FROM {self._read} ANTI JOIN identity ON "user" = member {condition}
            UNION ALL SELECT {columns} FROM {read_parquet([self.moved])} WHERE {part}"""

    @property
    def _read(self) -> str:
        return read_parquet(self.files)

    @property
    def _columns(self) -> str:
        return "".join(f", {quoted_column(name)}" for name in check_properties(self.properties))

    @property
    def _within(self) -> str:
        first, end = (start_of(day, self.zone, self.rule) for day in (self.days.start, self.days.end))
        return f"time >= {first} AND time < {end}"


def create_events(
    connection: "DuckDBPyConnection",
    folder: Path,
    there: Mapping[date, DayFacts],
    zone: ZoneInfo,
    rule: TimeRule,
    links: Collection[Path],
) -> None:
    """Makes `events` hold all that is there; a property that a day's file lacks is null on that day."""
    if not there:
        connection.execute(_NOTHING)
        return
    create_identity_map(connection, links)
    day = day_in_sql(Period.of_days(min(there), max(there)), zone, rule)
    connection.execute(
        f"""CREATE OR REPLACE TEMP VIEW events AS
        SELECT event, coalesce(canonical, "user") AS "user", time, {day} AS day,
            * EXCLUDE (event, "user", time, member, canonical)
        FROM {read_parquet((folder / name_of(day) for day in sorted(there)), "union_by_name = true")}
        LEFT JOIN identity ON "user" = member"""
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
