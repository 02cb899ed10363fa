"""What was delivered, remembered in memory or in a SQLite file."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from threading import Lock
from typing import TypeAlias
from uuid import uuid4

from reporter.ledger.entry_text import (
    earlier_of,
    earlier_text,
    moment_text,
    notice_of,
    notice_text,
    said_of,
    said_text,
)
from reporter.ledger.sqlite_file import transaction
from reporter.reports.deliveries import CLOCKS_DIFFER, Delivery, DeliveryRecord, LedgerEntry, Receipt, State
from reporter.reports.periods import Period


@dataclass(frozen=True, slots=True)
class MemoryLedger:
    """Remembers as long as the process lives: for tests."""

    entries: dict[Delivery, LedgerEntry] = field(default_factory=dict[Delivery, LedgerEntry])
    tries: dict[tuple[Delivery, str], LedgerEntry] = field(
        default_factory=dict[tuple[Delivery, str], LedgerEntry]
    )
    reports: dict[str, datetime] = field(default_factory=dict[str, datetime])
    _lock: Lock = field(default_factory=Lock)

    def entry(self, delivery: Delivery, now: datetime) -> LedgerEntry | None:
        found = self.entries.get(delivery)
        return found.seen_at(now) if found else None

    def record(
        self,
        delivery: Delivery,
        entry: LedgerEntry,
        over: LedgerEntry | None = None,
        tried: LedgerEntry | None = None,
    ) -> LedgerEntry | None:
        with self._lock:
            if not entry.follows(self.entries.get(delivery), over):
                return None
            written = replace(entry, revision=uuid4().hex)
            self.entries[delivery] = written
            self.tries[delivery, (tried or entry).id] = tried or entry
        return written

    def history(self, most: int) -> Sequence[DeliveryRecord]:
        records = (DeliveryRecord(delivery, entry) for (delivery, _), entry in self.tries.items())
        return sorted(records, key=lambda record: record.entry.at, reverse=True)[:most]

    def unsettled(self) -> Sequence[DeliveryRecord]:
        return [DeliveryRecord(one, entry) for one, entry in self.entries.items() if not entry.is_settled]

    def first_seen(self, report: str, now: datetime) -> datetime:
        seen = self.reports.setdefault(report, now)
        if is_yet_to_come(seen, now):
            self.mark(report, now)
        return self.reports[report]

    def mark(self, report: str, moment: datetime) -> None:
        self.reports[report] = moment

    def close(self) -> None:
        """Nothing is held open."""


_KEY = "report = ? and first_day = ? and end_day = ? and destination = ?"
_PLACES = ", ".join("?" * 16)


@dataclass(frozen=True, slots=True)
class SQLiteLedger:
    """Remembers in one file; several processes may share it."""

    path: Path

    def entry(self, delivery: Delivery, now: datetime) -> LedgerEntry | None:
        with transaction(self.path, writes=False) as database:
            found = _standing(database, delivery)
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
            if not entry.follows(_standing(database, delivery), over):
                return None
            for table, values in (("deliveries", written), ("tries", tried or written)):
                statement = f"insert or replace into {table} values ({_PLACES})"  # noqa: S608 - constants
                database.execute(statement, _row(delivery, values))
        return written

    def history(self, most: int) -> Sequence[DeliveryRecord]:
        with transaction(self.path, writes=False) as database:
            rows = database.execute("select * from tries order by at desc limit ?", (most,))
            return [_record(row) for row in rows.fetchall()]

    def unsettled(self) -> Sequence[DeliveryRecord]:
        with transaction(self.path, writes=False) as database:
            states = (State.DELIVERED, State.QUIET, State.CLAIMED)
            query = (
                "select * from deliveries where notice is not null"
                " or (state not in (?, ?) and (is_told in (0, 2) or state = ?))"  # as Entry.is_settled
            )
            return [_record(row) for row in database.execute(query, states).fetchall()]

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
            database.execute("insert or replace into reports values (?, ?)", (report, moment_text(moment)))

    def close(self) -> None:
        """Nothing is held open: each call has a connection of its own."""


LedgerRow: TypeAlias = tuple[
    str, str, str, str, str, str, int, str | None, str | None, str | None, str | None, str | None, str | None,
    str | None, str, str,
]  # fmt: skip


def _standing(database: sqlite3.Connection, delivery: Delivery) -> LedgerEntry | None:
    query = f"select * from deliveries where {_KEY}"  # noqa: S608 - constants
    rows = database.execute(query, _key(delivery)).fetchall()
    return _record(rows[0]).entry if rows else None


def is_yet_to_come(seen: datetime, now: datetime) -> bool:
    """Whether a moment was written down by a clock that was wrong."""
    return seen - now > CLOCKS_DIFFER


def _key(delivery: Delivery) -> tuple[str, str, str, str]:
    period = delivery.period
    return delivery.report, period.start.isoformat(), period.end.isoformat(), delivery.destination


def _row(delivery: Delivery, entry: LedgerEntry) -> LedgerRow:
    receipt = entry.receipt or Receipt()
    return (
        *_key(delivery),
        entry.state,
        moment_text(entry.at),
        entry.is_told + 2 * entry.is_delay_told,
        receipt.channel,
        receipt.ts,
        json.dumps(receipt.left_out) if entry.receipt else None,
        entry.reason,
        said_text(entry.said),
        notice_text(entry.notice),
        earlier_text(entry.earlier),
        entry.id,
        entry.revision,
    )


def _record(row: LedgerRow) -> DeliveryRecord:
    report, first, end, destination, state, at, is_told, channel, ts, left_out, reason, *others = row
    said, notice, earlier, id, revision = others
    period = Period(date.fromisoformat(first), date.fromisoformat(end))
    receipt = Receipt(channel, ts, tuple(json.loads(left_out))) if left_out is not None else None
    entry = LedgerEntry(
        State(state),
        datetime.fromisoformat(at),
        receipt,
        reason,
        is_told in (1, 3),
        said_of(said),
        is_told in (2, 3),
        notice_of(notice),
        earlier_of(earlier),
        id or "",
        revision or "",
    )
    return DeliveryRecord(Delivery(report, period, destination), entry)
