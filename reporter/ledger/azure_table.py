"""What was delivered, remembered in a table of an Azure storage account.

    partition          row                              what it holds
    delivery:REPORT    FIRST_DAY:END_DAY:DESTINATION    a delivery, and what is known of it
    history            TIME:TRY                         a hint: this try of a delivery became so at that time
    open               TRY                              a hint: this delivery may be under way, or untold
    first-seen         REPORT                           when this report was first seen
    format             ledger                           the format of all rows, and the version that wrote it

Rows come in the order of their keys, so the history's time counts down: the newest are read first, and no
more than needed. A hint is written before the change it announces, and what the delivery says itself goes
first: a crash between the two leaves the history true. (Not by transactions: Azurite lets them overlap, so
nothing would be proven.) Every change is made over the row that was read, by its ETag. Limits: hints, of
some 500 bytes each, share one partition, good for 2,000 rows a second (Microsoft, "Scalability and
performance targets for Table storage"); each delivery that is listed costs a read of its own.
"""

from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice
from threading import Event
from typing import cast
from urllib.parse import quote
from uuid import uuid4

from reporter.ledger.rows import (
    FORMAT,
    LedgerRow,
    UnreadableRow,
    delivery_of,
    entry_of,
    is_yet_to_come,
    key_of,
    moment_of,
    moment_text,
    row_of,
)
from reporter.network.storage_account import Keys, Table
from reporter.reports.deliveries import Delivery, DeliveryRecord, LedgerEntry, State
from reporter.reports.errors import Unavailable
from reporter.versions import is_later, later_version, program_version

TABLE = "reporterledger"
HISTORY, OPEN = "history", "open"
FORMAT_KEYS = "format", "ledger"
FIX = "Nothing is sent. Deploy that version again."
END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)

# A key takes 1 KiB, a value 64 KiB, in UTF-16 (Microsoft, "Understanding the Table service data model").
LONGEST_KEY = 500
LONGEST_TEXT = 30_000


@dataclass(frozen=True, slots=True)
class TableLedger:
    """Remembers in one table, made when it is missing; any number of workers and threads may share it."""

    table: Table
    _is_ours: Event = field(default_factory=Event)  # whether the table's format was looked at

    @classmethod
    def of(cls, environ: Mapping[str, str], name: str = TABLE) -> "TableLedger | None":
        """None where the Azure Functions app has no storage account; see `Table.of`."""
        table = Table.of(environ, name)
        return cls(table) if table else None

    def close(self) -> None:
        self.table.client.close()

    def entry(self, delivery: Delivery, now: datetime) -> LedgerEntry | None:
        found = self._known(delivery)
        return found.seen_at(now) if found else None

    def record(
        self,
        delivery: Delivery,
        entry: LedgerEntry,
        over: LedgerEntry | None = None,
        tried: LedgerEntry | None = None,
    ) -> LedgerEntry | None:
        """Insert it, or replace what was read if nobody else did: of many workers one gets it."""
        self._require_format()
        written = replace(entry, revision=uuid4().hex)
        is_new = over is None or over.id != entry.id
        self._announce(delivery, written, tried or written)
        if not self._write(delivery, written, over):
            if is_new:
                self.table.remove(_open_keys(delivery, entry.id))
            return None
        if over is not None and (is_new or written.is_settled):
            self.table.remove(_open_keys(delivery, over.id))
        return written

    def _write(self, delivery: Delivery, entry: LedgerEntry, over: LedgerEntry | None) -> bool:
        row = _delivery_row(delivery, entry)
        if over is None:
            if self.table.insert(row):
                return True
        else:
            found = self.table.find(_keys(delivery))
            if found is None or not entry.follows(self._entry_of(found), over):
                return False
            if self.table.replace(found, row):
                return True
        # When an answer is lost the SDK asks again: what is in the way may be this very row.
        known = self._known(delivery)
        return known is not None and known.revision == entry.revision

    def history(self, most: int) -> Sequence[DeliveryRecord]:
        return list(islice(self._changes(), most))

    def unsettled(self) -> Sequence[DeliveryRecord]:
        hints = list(self.table.rows(OPEN))
        deliveries = dict.fromkeys(map(self._delivery_of, hints))
        known = [(delivery, self._known(delivery)) for delivery in deliveries]
        return [
            DeliveryRecord(one, entry) for one, entry in known if entry is not None and not entry.is_settled
        ]

    def first_seen(self, report: str, now: datetime) -> datetime:
        self._require_format()
        row = _seen_row(report, now)
        if self.table.insert(row):
            return now
        seen = self._moment_of(self.table.get((row["PartitionKey"], row["RowKey"])))
        if is_yet_to_come(seen, now):
            self.mark(report, now)
            return now
        return seen

    def mark(self, report: str, moment: datetime) -> None:
        self._require_format()
        self.table.put(_seen_row(report, moment))

    def forget(self, before: datetime, kept: Collection[str]) -> None:
        """The oldest hints lead to what is to be forgotten, and go last."""
        self._require_format()
        for hint in list(self.table.rows(HISTORY, f"RowKey gt '{_time_left(before)}'")):
            delivery = self._delivery_of(hint)
            entry = self._known(delivery)
            if entry is not None and entry.at < before and entry.is_settled:
                self.table.remove(_keys(delivery))
            self.table.remove((HISTORY, hint["RowKey"]))
        for row in list(self.table.rows(_key("first-seen"), f"at lt '{moment_text(before)}'")):
            if row["report"] not in kept:
                self.table.remove((row["PartitionKey"], row["RowKey"]))

    def _known(self, delivery: Delivery) -> LedgerEntry | None:
        found = self.table.find(_keys(delivery))
        return self._entry_of(found) if found is not None else None

    def _changes(self) -> Iterator[DeliveryRecord]:
        """The tries, the one that changed last first."""
        known: dict[Delivery, LedgerEntry | None] = {}
        shown: set[tuple[Delivery, str]] = set()
        for hint in self.table.rows(HISTORY):
            delivery, id = self._delivery_of(hint), hint.get("id", "")
            if delivery not in known:
                known[delivery] = self._known(delivery)
            entry = self._became(hint, known[delivery])
            if entry is not None and (delivery, id) not in shown:
                shown.add((delivery, id))
                yield DeliveryRecord(delivery, entry)

    def _announce(self, delivery: Delivery, entry: LedgerEntry, tried: LedgerEntry) -> None:
        if not entry.is_settled:
            hint = {**key_of(delivery), "at": moment_text(entry.at)}
            self.table.put(_keyed(_open_keys(delivery, entry.id), hint))
        keys = HISTORY, f"{_time_left(tried.at)}:{_short('/'.join((*_keys(delivery), tried.id)))}"
        self.table.put(_keyed(keys, _delivery_row(delivery, tried)))

    def _became(self, hint: LedgerRow, known: LedgerEntry | None) -> LedgerEntry | None:
        """What a try came to, as the delivery says, if it was the last; None where it never was one."""
        if known is not None and known.id == hint.get("id", ""):
            return known if known.id or known.at == self._moment_of(hint) else None
        # A claim that the delivery does not have was another worker's to get.
        return self._entry_of(hint) if hint.get("id") and hint["state"] != State.CLAIMED else None

    def _require_format(self) -> None:
        """Before the first write: a table that a later version has taken over stays as it is.

        Raises LaterVersion.
        """
        if self._is_ours.is_set():
            return
        found = cast("LedgerRow | None", self.table.find(FORMAT_KEYS))
        if found is not None:
            self._require_known(found)
        if found is None or found.get("format") != FORMAT:
            self.table.put(_keyed(FORMAT_KEYS, {"reporter": program_version()}))
        self._is_ours.set()

    def _require_known(self, row: LedgerRow) -> None:
        """Raises LaterVersion for a row of one."""
        if is_later(row.get("format"), FORMAT):
            what = f"The ledger in the table {self.table.client.table_name} cannot be used: it"
            raise later_version(what, row["format"], FORMAT, FIX, row.get("reporter", ""))

    def _entry_of(self, row: LedgerRow) -> LedgerEntry:
        with self._reading(row):
            return entry_of(row)

    def _delivery_of(self, row: LedgerRow) -> Delivery:
        with self._reading(row):
            return delivery_of(row)

    def _moment_of(self, row: LedgerRow) -> datetime:
        with self._reading(row):
            return moment_of(row)

    @contextmanager
    def _reading(self, row: LedgerRow) -> Generator[None]:
        """Raises LaterVersion for a row of one, Unavailable for one that cannot be read at all."""
        self._require_known(row)
        try:
            yield
        except UnreadableRow as error:
            place = f"{row.get('PartitionKey')} / {row.get('RowKey')}"
            raise Unavailable(
                f"The ledger in the table {self.table.client.table_name} cannot be used: the row {place} is "
                f"damaged, or of another program ({error}). Nothing is sent, so that nothing is sent twice. "
                "Correct or remove that row, after you have looked into the channel."
            ) from None


def _time_left(moment: datetime) -> str:
    """So that the latest comes first."""
    return f"{(END_OF_TIME - moment) // timedelta(microseconds=1):018}"


def _seen_row(report: str, moment: datetime) -> LedgerRow:
    keys = _key("first-seen"), _key(report)
    return _keyed(keys, {"report": report, "at": moment_text(moment)})


def _key(*parts: str) -> str:
    """A key without a character that Azure forbids, or that an address would have to escape.

    >>> _key("delivery", "täglich/1")
    'delivery:t=C3=A4glich=2F1'
    """
    key = ":".join(quote(part, safe="").replace("%", "=") for part in parts)
    return key if len(key) <= LONGEST_KEY else _short(key)


def _short(key: str) -> str:
    return sha256(key.encode()).hexdigest()


def _keys(delivery: Delivery) -> Keys:
    period = delivery.period
    days = period.start.isoformat(), period.end.isoformat()
    return _key("delivery", delivery.report), _key(*days, delivery.destination)


def _open_keys(delivery: Delivery, id: str) -> Keys:
    return OPEN, _short("/".join((*_keys(delivery), id)))


def _delivery_row(delivery: Delivery, entry: LedgerEntry) -> LedgerRow:
    """The reason is cut where it does not fit, and the numbers are left out: they serve a mere note."""
    row = row_of(delivery, entry)
    said, reason = row["said"], row["reason"]
    fitting = {
        "said": said if len(said or "") <= LONGEST_TEXT else None,
        "reason": reason and reason[:LONGEST_TEXT],
    }
    return _keyed(_keys(delivery), {**row, **fitting})


def _keyed(keys: Keys, row: LedgerRow) -> LedgerRow:
    return {**row, "PartitionKey": keys[0], "RowKey": keys[1], "format": FORMAT}
