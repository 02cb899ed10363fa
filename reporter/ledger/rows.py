"""A delivery, and what is known of it, as a row of plain values: the same in every ledger."""

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any, TypeAlias

from reporter.reports.deliveries import (
    CLOCKS_DIFFER,
    Delivery,
    DeliveryRecord,
    Earlier,
    LedgerEntry,
    Notice,
    Receipt,
    ReportedNumbers,
    State,
)
from reporter.reports.periods import Period

FORMAT = 3  # 1: of version 0.1.0, without tries and revisions; 2: the same as this one, without its number

# Rows of earlier versions lack some of `row_of`, and a ledger may leave out what is None.
LedgerRow: TypeAlias = Mapping[str, Any]


def key_of(delivery: Delivery) -> LedgerRow:
    return {
        "report": delivery.report,
        "first_day": delivery.period.start.isoformat(),
        "end_day": delivery.period.end.isoformat(),
        "destination": delivery.destination,
    }


def row_of(delivery: Delivery, entry: LedgerEntry) -> LedgerRow:
    receipt = entry.receipt or Receipt()
    return {
        **key_of(delivery),
        "state": entry.state.value,
        "at": moment_text(entry.at),
        "is_told": entry.is_told,
        "is_delay_told": entry.is_delay_told,
        "channel": receipt.channel,
        "ts": receipt.message,
        "left_out": json.dumps(receipt.left_out) if entry.receipt else None,
        "reason": entry.reason,
        "said": json.dumps(entry.said) if entry.said else None,
        "notice": _notice_text(entry.notice),
        "earlier": _earlier_text(entry.earlier),
        "id": entry.id,
        "revision": entry.revision,
    }


class UnreadableRow(ValueError):
    """A row that says what this version does not know: it is damaged, or another program wrote it."""


def delivery_of(row: LedgerRow) -> Delivery:
    """Raises UnreadableRow."""
    with _reading():
        return _delivery_of(row)


def entry_of(row: LedgerRow) -> LedgerEntry:
    """Raises UnreadableRow."""
    with _reading():
        return _entry_of(row)


def moment_of(row: LedgerRow) -> datetime:
    """Raises UnreadableRow."""
    with _reading():
        return datetime.fromisoformat(row["at"])


@contextmanager
def _reading() -> Generator[None]:
    try:
        yield
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise UnreadableRow(str(error)) from None


def _delivery_of(row: LedgerRow) -> Delivery:
    period = Period(date.fromisoformat(row["first_day"]), date.fromisoformat(row["end_day"]))
    return Delivery(row["report"], period, row["destination"])


def _entry_of(row: LedgerRow) -> LedgerEntry:
    return LedgerEntry(
        state=State(row["state"]),
        at=datetime.fromisoformat(row["at"]),
        receipt=_receipt_of(row),
        reason=row.get("reason"),
        is_told=row["is_told"],
        said=_said_of(row.get("said")),
        is_delay_told=row.get("is_delay_told", False),
        notice=_notice_of(row.get("notice")),
        earlier=_earlier_of(row.get("earlier")),
        id=row.get("id") or "",
        revision=row.get("revision") or "",
    )


def record_of(row: LedgerRow) -> DeliveryRecord:
    return DeliveryRecord(delivery_of(row), entry_of(row))


def moment_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def is_yet_to_come(seen: datetime, now: datetime) -> bool:
    """Whether a moment was written down by a clock that was wrong."""
    return seen - now > CLOCKS_DIFFER


def _receipt_of(row: LedgerRow) -> Receipt | None:
    left_out = row.get("left_out")
    if left_out is None:
        return None
    return Receipt(row.get("channel"), row.get("ts"), tuple(json.loads(left_out)))


def _said_of(text: str | None) -> ReportedNumbers:
    return tuple((str(label), float(number)) for label, number in json.loads(text or "[]"))


def _notice_text(notice: Notice | None) -> str | None:
    if notice is None:
        return None
    days = notice.period and (notice.period.start.isoformat(), notice.period.end.isoformat())
    return json.dumps({**asdict(notice), "period": days}, ensure_ascii=False)


def _notice_of(text: str | None) -> Notice | None:
    if text is None:
        return None
    values: dict[str, Any] = json.loads(text)
    days = values.pop("period")
    period = Period(*map(date.fromisoformat, days)) if days else None
    facts = tuple((str(name), str(fact)) for name, fact in values.pop("facts", ()))
    return Notice(period=period, reasons=tuple(values.pop("reasons")), facts=facts, **values)


def _earlier_text(earlier: Earlier | None) -> str | None:
    if earlier is None:
        return None
    notice = _notice_text(earlier.notice)
    return json.dumps((earlier.state, moment_text(earlier.at), earlier.id, earlier.is_told, notice))


def _earlier_of(text: str | None) -> Earlier | None:
    if text is None:
        return None
    state, at, id, is_told, notice = json.loads(text)
    return Earlier(State(state), datetime.fromisoformat(at), id, is_told, _notice_of(notice))
