"""What the parts of an entry look like as texts, the same in all ledgers that store them."""

import json
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

from reporter.reports.deliveries import Earlier, Notice, ReportedNumbers, State
from reporter.reports.periods import Period


def moment_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def said_text(said: ReportedNumbers) -> str | None:
    return json.dumps(said) if said else None


def said_of(text: str | None) -> ReportedNumbers:
    return tuple((str(label), float(number)) for label, number in json.loads(text or "[]"))


def notice_text(notice: Notice | None) -> str | None:
    if notice is None:
        return None
    days = notice.period and (notice.period.start.isoformat(), notice.period.end.isoformat())
    return json.dumps({**asdict(notice), "period": days}, ensure_ascii=False)


def notice_of(text: str | None) -> Notice | None:
    if text is None:
        return None
    values: dict[str, Any] = json.loads(text)
    days = values.pop("period")
    period = Period(*map(date.fromisoformat, days)) if days else None
    return Notice(period=period, reasons=tuple(values.pop("reasons")), **values)


def earlier_text(earlier: Earlier | None) -> str | None:
    if earlier is None:
        return None
    notice = notice_text(earlier.notice)
    return json.dumps((earlier.state, moment_text(earlier.at), earlier.id, earlier.is_told, notice))


def earlier_of(text: str | None) -> Earlier | None:
    if text is None:
        return None
    state, at, id, is_told, notice = json.loads(text)
    return Earlier(State(state), datetime.fromisoformat(at), id, is_told, notice_of(notice))
