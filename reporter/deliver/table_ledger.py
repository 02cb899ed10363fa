"""What was delivered, remembered in a table of an Azure storage account.

    partition          row                              what it holds
    delivery:REPORT    FIRST_DAY:END_DAY:DESTINATION    a delivery, and what is known of it
    history            TIME:DELIVERY                    a hint: this delivery changed at that time
    first-seen         REPORT                           when this report was first seen

Rows come in the order of their keys, so the hints' time counts down: the newest are read first, and no more
than needed. A hint is written before the change it announces, and believed only while the delivery says the
same time: a crash between the two leaves the history true. (Not by transactions: Azurite lets them overlap,
so nothing would be proven.) Limits: old hints stay, some 400 bytes each; they share one partition, good for
2,000 rows a second (Microsoft, "Scalability and performance targets for Table storage"); each delivery that
is told costs a read of its own.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import NotRequired, TypedDict, cast
from urllib.parse import quote
from uuid import uuid4

from reporter.deliver.ledger import is_yet_to_come
from reporter.deliver.table_storage import Keys, Table, table_of
from reporter.model.delivery import Delivery, Entry, Receipt, Record, State
from reporter.model.period import Period

TABLE = "reporterledger"
HISTORY = "history"
END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)

# A key takes 1 KiB, a value 64 KiB, in UTF-16 (Microsoft, "Understanding the Table service data model").
LONGEST_KEY = 500
LONGEST_TEXT = 30_000


class HintRow(TypedDict):
    PartitionKey: str
    RowKey: str
    report: str
    first_day: str
    end_day: str
    destination: str
    at: str


class DeliveryRow(HintRow):
    state: str
    is_told: bool
    channel: NotRequired[str | None]
    ts: NotRequired[str | None]
    left_out: NotRequired[str | None]
    reason: NotRequired[str | None]
    said: NotRequired[str | None]
    claimant: NotRequired[str]  # whose claim it is


@dataclass(frozen=True, slots=True)
class TableLedger:
    """Remembers in one table, made when it is missing; any number of workers and threads may share it."""

    table: Table

    @classmethod
    def of(cls, environ: Mapping[str, str], name: str = TABLE) -> "TableLedger | None":
        """The ledger in the storage account of this Azure Functions app; None where it has none.

        Asks nothing of the network. Raises ConfigError.
        """
        table = table_of(environ, name)
        return cls(table) if table else None

    def close(self) -> None:
        self.table.client.close()

    def entry(self, delivery: Delivery, now: datetime) -> Entry | None:
        found = self._known(delivery)
        return found.seen_at(now) if found else None

    def claim(self, delivery: Delivery, now: datetime, over: Entry | None = None) -> bool:
        """Insert it, or replace what may be claimed if nobody else did: of many workers one gets it."""
        claim = _delivery_row(delivery, Entry(State.CLAIMED, now))
        claim["claimant"] = uuid4().hex
        self._hint(delivery, now)
        if self.table.insert(claim):
            return True
        standing = self.table.get(_keys(delivery))
        if _entry(cast("DeliveryRow", standing)).may_be_claimed(over):
            if self.table.replace(standing, claim):
                return True
            standing = self.table.get(_keys(delivery))
        # When an answer is lost the SDK asks again: what is in the way may be this very claim.
        return cast("DeliveryRow", standing).get("claimant") == claim["claimant"]

    def record(self, delivery: Delivery, entry: Entry) -> None:
        self._hint(delivery, entry.at)
        self.table.put(_delivery_row(delivery, entry))

    def forget(self, delivery: Delivery) -> None:
        self.table.remove(_keys(delivery))

    def history(self, most: int) -> Sequence[Record]:
        return list(islice(self._changes(), most))

    def first_seen(self, report: str, now: datetime) -> datetime:
        row = _seen_row(report, now)
        if self.table.insert(row):
            return now
        seen = _moment(cast("HintRow", self.table.get((row["PartitionKey"], row["RowKey"])))["at"])
        if is_yet_to_come(seen, now):
            self.mark(report, now)
            return now
        return seen

    def mark(self, report: str, moment: datetime) -> None:
        self.table.put(_seen_row(report, moment))

    def _known(self, delivery: Delivery) -> Entry | None:
        found = self.table.find(_keys(delivery))
        return _entry(cast("DeliveryRow", found)) if found is not None else None

    def _changes(self) -> Iterator[Record]:
        """What changed, the last first: the hints that still hold."""
        known: dict[Delivery, Entry | None] = {}
        for row in self.table.rows(HISTORY):
            hint = cast("HintRow", row)
            delivery = _delivery(hint)
            if delivery not in known:
                known[delivery] = self._known(delivery)
            entry = known[delivery]
            if entry is not None and entry.at == _moment(hint["at"]):
                yield Record(delivery, entry)

    def _hint(self, delivery: Delivery, at: datetime) -> None:
        left = (END_OF_TIME - at) // timedelta(microseconds=1)
        row_key = f"{left:018}:{_short('/'.join(_keys(delivery)))}"
        self.table.put(_hint_row((HISTORY, row_key), delivery, at))


def _seen_row(report: str, moment: datetime) -> Mapping[str, str]:
    keys = _key("first-seen"), _key(report)
    return {"PartitionKey": keys[0], "RowKey": keys[1], "report": report, "at": _text(moment)}


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


def _hint_row(keys: Keys, delivery: Delivery, at: datetime) -> HintRow:
    return {
        "PartitionKey": keys[0],
        "RowKey": keys[1],
        "report": delivery.report,
        "first_day": delivery.period.start.isoformat(),
        "end_day": delivery.period.end.isoformat(),
        "destination": delivery.destination,
        "at": _text(at),
    }


def _delivery_row(delivery: Delivery, entry: Entry) -> DeliveryRow:
    receipt = entry.receipt or Receipt()
    return {
        **_hint_row(_keys(delivery), delivery, entry.at),
        "state": entry.state.value,
        "is_told": entry.is_told,
        "channel": receipt.channel,
        "ts": receipt.ts,
        "left_out": json.dumps(receipt.left_out) if entry.receipt else None,
        "reason": entry.reason and entry.reason[:LONGEST_TEXT],
        "said": _said_text(entry),
    }


def _said_text(entry: Entry) -> str | None:
    """What was told, where it fits into a value: it serves a mere note, and the row must be written."""
    text = json.dumps(entry.said)
    return text if entry.said and len(text) <= LONGEST_TEXT else None


def _entry(row: DeliveryRow) -> Entry:
    """A value that is None comes back as none at all."""
    left_out = row.get("left_out")
    receipt = None
    if left_out is not None:
        receipt = Receipt(row.get("channel"), row.get("ts"), tuple(json.loads(left_out)))
    said = tuple((label, number) for label, number in json.loads(row.get("said") or "[]"))
    return Entry(State(row["state"]), _moment(row["at"]), receipt, row.get("reason"), row["is_told"], said)


def _delivery(row: HintRow) -> Delivery:
    period = Period(date.fromisoformat(row["first_day"]), date.fromisoformat(row["end_day"]))
    return Delivery(row["report"], period, row["destination"])


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
