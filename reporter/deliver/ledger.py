"""What was delivered, remembered in memory or in a SQLite file."""

import json
import sqlite3
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeAlias

from reporter.model.delivery import CLOCKS_DIFFER, Delivery, Entry, Receipt, Record, State
from reporter.model.errors import Unavailable
from reporter.model.period import Period


@dataclass(frozen=True, slots=True)
class MemoryLedger:
    """Remembers as long as the process lives: for tests."""

    entries: dict[Delivery, Entry] = field(default_factory=dict[Delivery, Entry])
    reports: dict[str, datetime] = field(default_factory=dict[str, datetime])

    def entry(self, delivery: Delivery, now: datetime) -> Entry | None:
        found = self.entries.get(delivery)
        return found.seen_at(now) if found else None

    def claim(self, delivery: Delivery, now: datetime, over: Entry | None = None) -> bool:
        found = self.entries.get(delivery)
        if found is not None and not found.may_be_claimed(over):
            return False
        self.entries[delivery] = Entry(State.CLAIMED, now)
        return True

    def record(self, delivery: Delivery, entry: Entry) -> None:
        self.entries[delivery] = entry

    def forget(self, delivery: Delivery) -> None:
        self.entries.pop(delivery, None)

    def history(self, most: int) -> Sequence[Record]:
        records = (Record(delivery, entry) for delivery, entry in self.entries.items())
        return sorted(records, key=lambda record: record.entry.at, reverse=True)[:most]

    def first_seen(self, report: str, now: datetime) -> datetime:
        seen = self.reports.setdefault(report, now)
        if is_yet_to_come(seen, now):
            self.mark(report, now)
        return self.reports[report]

    def mark(self, report: str, moment: datetime) -> None:
        self.reports[report] = moment

    def close(self) -> None:
        """Nothing is held open."""


_TABLES = """
create table if not exists deliveries (
    report text not null, first_day text not null, end_day text not null, destination text not null,
    state text not null, at text not null, is_told integer not null default 0,
    channel text, ts text, left_out text, reason text, said text,
    primary key (report, first_day, end_day, destination));
create table if not exists reports (report text primary key, first_seen text not null);
"""
_KEY = "report = ? and first_day = ? and end_day = ? and destination = ?"
_COLUMNS = "report, first_day, end_day, destination, state, at, is_told, channel, ts, left_out, reason, said"


@dataclass(frozen=True, slots=True)
class SQLiteLedger:
    """Remembers in one file; several processes may share it."""

    path: Path

    def entry(self, delivery: Delivery, now: datetime) -> Entry | None:
        with self._open() as database:
            query = f"select {_COLUMNS} from deliveries where {_KEY}"  # noqa: S608  (constants)
            row = database.execute(query, _key(delivery)).fetchone()
        return _record(row).entry.seen_at(now) if row else None

    def claim(self, delivery: Delivery, now: datetime, over: Entry | None = None) -> bool:
        """One statement, so that of two processes one gets it."""
        with self._open() as database:
            claimed = database.execute(
                "insert into deliveries (report, first_day, end_day, destination, state, at)"
                " values (?, ?, ?, ?, ?, ?) on conflict do update"
                " set state = excluded.state, at = excluded.at, reason = null, is_told = 0, said = null"
                " where state = ? or (state not in (?, ?) and at = ?)",  # as Entry.may_be_claimed
                (
                    *(*_key(delivery), State.CLAIMED, _text(now)),
                    *(State.FAILED, State.DELIVERED, State.QUIET, _text(over.at) if over else None),
                ),
            )
        return claimed.rowcount == 1

    def record(self, delivery: Delivery, entry: Entry) -> None:
        receipt = entry.receipt or Receipt()
        left_out = json.dumps(receipt.left_out) if entry.receipt else None
        values = (
            entry.state,
            _text(entry.at),
            entry.is_told,
            receipt.channel,
            receipt.ts,
            left_out,
            entry.reason,
            json.dumps(entry.said) if entry.said else None,
        )
        with self._open() as database:
            database.execute(
                f"insert or replace into deliveries ({_COLUMNS})"  # noqa: S608
                " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*_key(delivery), *values),
            )

    def forget(self, delivery: Delivery) -> None:
        with self._open() as database:
            database.execute(f"delete from deliveries where {_KEY}", _key(delivery))  # noqa: S608

    def history(self, most: int) -> Sequence[Record]:
        with self._open() as database:
            query = f"select {_COLUMNS} from deliveries order by at desc limit ?"  # noqa: S608
            rows = database.execute(query, (most,)).fetchall()
        return [_record(row) for row in rows]

    def first_seen(self, report: str, now: datetime) -> datetime:
        with self._open() as database:
            database.execute("insert or ignore into reports values (?, ?)", (report, _text(now)))
            row = database.execute("select first_seen from reports where report = ?", (report,)).fetchone()
        seen = datetime.fromisoformat(row[0])
        if is_yet_to_come(seen, now):
            self.mark(report, now)
            return now
        return seen

    def mark(self, report: str, moment: datetime) -> None:
        with self._open() as database:
            database.execute("insert or replace into reports values (?, ?)", (report, _text(moment)))

    def close(self) -> None:
        """Nothing is held open: each call has a connection of its own."""

    @contextmanager
    def _open(self) -> Generator[sqlite3.Connection]:
        """A connection for one transaction. Raises Unavailable when the file cannot be used."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=30)) as database:
                database.executescript(_TABLES)
                with database:
                    _grow(database)
                    yield database
        except (OSError, sqlite3.Error) as error:
            raise Unavailable(f"The ledger {self.path} cannot be used: {error}.") from None


def is_yet_to_come(seen: datetime, now: datetime) -> bool:
    """Whether a moment was written down by a clock that was wrong."""
    return seen - now > CLOCKS_DIFFER


def _key(delivery: Delivery) -> tuple[str, str, str, str]:
    period = delivery.period
    return delivery.report, period.start.isoformat(), period.end.isoformat(), delivery.destination


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _grow(database: sqlite3.Connection) -> None:
    """Give a file of an earlier version the column that it lacks; of two processes one does."""
    if _has_said(database):
        return
    database.execute("begin immediate")
    if not _has_said(database):
        database.execute("alter table deliveries add column said text")


def _has_said(database: sqlite3.Connection) -> bool:
    return any(row[1] == "said" for row in database.execute("pragma table_info(deliveries)"))


Row: TypeAlias = tuple[
    str, str, str, str, str, str, int, str | None, str | None, str | None, str | None, str | None
]


def _record(row: Row) -> Record:
    report, first, end, destination, state, at, is_told, channel, ts, left_out, reason, said = row
    period = Period(date.fromisoformat(first), date.fromisoformat(end))
    receipt = Receipt(channel, ts, tuple(json.loads(left_out))) if left_out is not None else None
    told = tuple((label, number) for label, number in json.loads(said or "[]"))
    entry = Entry(State(state), datetime.fromisoformat(at), receipt, reason, bool(is_told), told)
    return Record(Delivery(report, period, destination), entry)
