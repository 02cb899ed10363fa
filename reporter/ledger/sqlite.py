"""What was delivered, remembered in a SQLite file."""

import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from reporter.ledger.rows import LedgerRow, entry_of, is_yet_to_come, key_of, moment_text, record_of, row_of
from reporter.ledger.sqlite_file import DELIVERY_KEY, column_names, same_columns, transaction
from reporter.reports.deliveries import Delivery, DeliveryRecord, LedgerEntry, State


@dataclass(frozen=True, slots=True)
class SQLiteLedger:
    """Remembers in one file; several processes may share it."""

    path: Path

    def entry(self, delivery: Delivery, now: datetime) -> LedgerEntry | None:
        with transaction(self.path, writes=False) as database:
            found = _find(database, delivery)
        return found.seen_at(now) if found else None

    def record(
        self,
        delivery: Delivery,
        entry: LedgerEntry,
        over: LedgerEntry | None = None,
        tried: LedgerEntry | None = None,
    ) -> LedgerEntry | None:
        """One transaction, so that of two processes one gets it."""
        written = replace(entry, revision=uuid4().hex)
        with transaction(self.path) as database:
            if not entry.follows(_find(database, delivery), over):
                return None
            for table, values in (("deliveries", written), ("tries", tried or written)):
                _put(database, table, _written(row_of(delivery, values)))
        return written

    def history(self, most: int) -> Sequence[DeliveryRecord]:
        with transaction(self.path, writes=False) as database:
            rows = database.execute("select * from tries order by at desc limit ?", (most,))
            return [record_of(_row(values)) for values in rows]

    def unsettled(self) -> Sequence[DeliveryRecord]:
        states = (State.DELIVERED, State.QUIET, State.CLAIMED, State.WAITING)
        query = (
            "select * from deliveries where notice is not null"
            " or (state not in (?, ?) and (is_told in (0, 2) or state in (?, ?)))"  # LedgerEntry.is_settled
        )
        with transaction(self.path, writes=False) as database:
            return [record_of(_row(values)) for values in database.execute(query, states)]

    def first_seen(self, report: str, now: datetime) -> datetime:
        with transaction(self.path) as database:
            database.execute("insert or ignore into reports values (?, ?)", (report, moment_text(now)))
            row = database.execute("select first_seen from reports where report = ?", (report,)).fetchone()
            seen = datetime.fromisoformat(row[0])
        if is_yet_to_come(seen, now):
            self.mark(report, now)
            return now
        return seen

    def mark(self, report: str, moment: datetime) -> None:
        with transaction(self.path) as database:
            _put(database, "reports", {"report": report, "first_seen": moment_text(moment)})

    def forget(self, before: datetime, kept: Collection[str]) -> None:
        limit = (moment_text(before),)
        open_states = (State.CLAIMED, State.WAITING)
        settled = "at < ? and notice is null and state not in (?, ?)"
        with transaction(self.path) as database:
            database.execute("delete from tries where at < ?", limit)
            database.execute(f"delete from deliveries where {settled}", (*limit, *open_states))  # noqa: S608
            old = database.execute("select report from reports where first_seen < ?", limit).fetchall()
            database.executemany(
                "delete from reports where report = ?", [row for row in old if row[0] not in kept]
            )

    def close(self) -> None:
        """Nothing is held open: each call has a connection of its own."""


def _find(database: sqlite3.Connection, delivery: Delivery) -> LedgerEntry | None:
    query = f"select * from deliveries where {same_columns(DELIVERY_KEY, ':')}"  # noqa: S608 - constants
    found = database.execute(query, key_of(delivery)).fetchone()
    return entry_of(_row(found)) if found else None


def _put(database: sqlite3.Connection, table: str, row: LedgerRow) -> None:
    places = ", ".join(f":{name}" for name in column_names(table))
    database.execute(f"insert or replace into {table} values ({places})", row)  # noqa: S608 - constants


def _written(row: LedgerRow) -> LedgerRow:
    return {**row, "is_told": row["is_told"] + 2 * row["is_delay_told"]}


def _row(values: Sequence[Any]) -> LedgerRow:
    row = dict(zip(column_names("deliveries"), values, strict=True))
    told: int = row["is_told"]
    return {**row, "is_told": told in (1, 3), "is_delay_told": told in (2, 3)}
