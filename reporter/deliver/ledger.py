"""What was delivered, remembered in memory or in a SQLite file."""

import json
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from reporter.model.delivery import Delivery, Entry, Receipt, State
from reporter.model.errors import Unavailable


@dataclass(frozen=True, slots=True)
class MemoryLedger:
    """Remembers as long as the process lives: for tests."""

    entries: dict[str, Entry] = field(default_factory=dict[str, Entry])

    def entry(self, delivery: Delivery, now: datetime) -> Entry | None:
        found = self.entries.get(delivery.key)
        return found.seen_at(now) if found else None

    def claim(self, delivery: Delivery, now: datetime) -> bool:
        found = self.entries.get(delivery.key)
        if found is not None and not found.is_open:
            return False
        self.entries[delivery.key] = Entry(State.CLAIMED, now)
        return True

    def record(self, delivery: Delivery, entry: Entry) -> None:
        self.entries[delivery.key] = entry

    def forget(self, delivery: Delivery) -> None:
        self.entries.pop(delivery.key, None)


@dataclass(frozen=True, slots=True)
class SQLiteLedger:
    """Remembers in one file; several processes may share it."""

    path: Path

    def entry(self, delivery: Delivery, now: datetime) -> Entry | None:
        with self._open() as database:
            row = database.execute(
                "select state, at, channel, ts, left_out, reason from deliveries where key = ?",
                (delivery.key,),
            ).fetchone()
        return _entry(row).seen_at(now) if row else None

    def claim(self, delivery: Delivery, now: datetime) -> bool:
        """One statement, so that of two processes one gets it."""
        with self._open() as database:
            claimed = database.execute(
                "insert into deliveries (key, state, at) values (?, ?, ?) on conflict (key) do update"
                " set state = excluded.state, at = excluded.at, reason = null where state = ?",
                (delivery.key, State.CLAIMED, _text(now), State.FAILED),
            )
        return claimed.rowcount == 1

    def record(self, delivery: Delivery, entry: Entry) -> None:
        receipt = entry.receipt or Receipt()
        with self._open() as database:
            database.execute(
                "insert or replace into deliveries (key, state, at, channel, ts, left_out, reason)"
                " values (?, ?, ?, ?, ?, ?, ?)",
                (
                    delivery.key,
                    entry.state,
                    _text(entry.at),
                    receipt.channel,
                    receipt.ts,
                    json.dumps(receipt.left_out) if entry.receipt else None,
                    entry.reason,
                ),
            )

    def forget(self, delivery: Delivery) -> None:
        with self._open() as database:
            database.execute("delete from deliveries where key = ?", (delivery.key,))

    @contextmanager
    def _open(self) -> Generator[sqlite3.Connection]:
        """A connection for one transaction. Raises Unavailable when the file cannot be used."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            database = sqlite3.connect(self.path, timeout=30)
            try:
                with database:
                    database.execute(
                        "create table if not exists deliveries (key text primary key, state text not null,"
                        " at text not null, channel text, ts text, left_out text, reason text)"
                    )
                    yield database
            finally:
                database.close()
        except (OSError, sqlite3.Error) as error:
            raise Unavailable(f"The ledger {self.path} cannot be used: {error}.") from None


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _entry(row: tuple[str, str, str | None, str | None, str | None, str | None]) -> Entry:
    state, at, channel, ts, left_out, reason = row
    receipt = Receipt(channel, ts, tuple(json.loads(left_out))) if left_out is not None else None
    return Entry(State(state), datetime.fromisoformat(at), receipt, reason)
