"""A ledger in memory."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock
from uuid import uuid4

from reporter.ledger.rows import is_yet_to_come
from reporter.reports.deliveries import Delivery, DeliveryRecord, LedgerEntry


@dataclass(frozen=True, slots=True)
class MemoryLedger:
    """Remembers as long as the process lives."""

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

    def forget(self, before: datetime, kept: Collection[str]) -> None:
        with self._lock:
            for delivery, entry in tuple(self.entries.items()):
                if entry.at < before and entry.is_settled:
                    del self.entries[delivery]
            for (delivery, id), entry in tuple(self.tries.items()):
                if entry.at < before:
                    del self.tries[delivery, id]
            for report, moment in tuple(self.reports.items()):
                if moment < before and report not in kept:
                    del self.reports[report]

    def close(self) -> None:
        """Nothing is held open."""
