"""Faults of the tracking itself: they come before the numbers, and are never told as business."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from reporter.model.fault import Fault

if TYPE_CHECKING:
    from reporter.model.statistics.days import Series


def check(
    series: "Sequence[Series]", window: tuple[int, int], users: Mapping[int, int] | None = None
) -> tuple[Fault, ...]:
    """Faults in the period, the widest first; none where there is too little history to tell.

    `series` and `window` are those of `assess`; `users` maps the index of an event's series to the index of
    the series of its users. numpy is loaded with the first call.
    """
    from reporter.model.statistics.faults import faults

    return faults(series, window, users or {})
