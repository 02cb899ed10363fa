"""Values of a report as JSON has them."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeAlias

from reporter.reports.periods import Period
from reporter.reports.report import Change
from reporter.reports.subscriptions import Format

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
Object: TypeAlias = dict[str, Json]

_LARGEST_EXACT = 2**53  # above it a float skips whole numbers, and readers of JSON differ


def number(value: float | None) -> int | float | None:
    """Whole numbers as integers; null for what JSON has no number for."""
    if value is None or not math.isfinite(value):
        return None
    return int(value) if value == int(value) and abs(value) <= _LARGEST_EXACT else value


def moment(at: datetime) -> str:
    """A moment in UTC."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


def period(days: Period) -> Object:
    """Both dates are covered."""
    return {
        "from_date": days.start.isoformat(),
        "to_date": days.last.isoformat(),
        "days": days.length,
    }


def change(difference: Change | None) -> Object | None:
    """The difference; of a percentage the absolute one is what counts."""
    if difference is None:
        return None
    return {"absolute": number(difference.absolute), "relative": number(difference.relative)}


def reads(form: Format) -> Object:
    """How a number reads: plain, as a percentage (0.127 is 12.7%), or as money."""
    kind = "currency" if form.currency is not None else "percent" if form.is_percent else "number"
    return {"format": kind, "currency": form.currency}
