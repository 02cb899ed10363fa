"""Whether the raw events that are stored have what reports read."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

from reporter.checkup.names import CheckLine, CheckMark, unknown_event
from reporter.reports.figures import Project, Unknown
from reporter.reports.periods import Period
from reporter.reports.references import Reference, nearest

MEGABYTE = 1_000_000


class StoredDays(Protocol):
    """What is stored of the raw events."""

    @property
    def days(self) -> int: ...

    @property
    def period(self) -> Period | None:
        """From the first to the last day; None where nothing is stored."""
        ...

    @property
    def size(self) -> int:
        """Bytes."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """Of all events, the most common first."""
        ...


class CheckedEvents(Protocol):
    """What a checkup asks of the raw events."""

    def project(self) -> Project: ...

    def stock(self) -> StoredDays: ...

    def look_up(self, references: Collection[Reference]) -> Mapping[Reference, Unknown]: ...

    def check(self) -> None:
        """Nothing where days can be stored. Raises Unavailable or Refused."""
        ...


def stored_lines(events: Sequence[str], stock: StoredDays) -> Iterator[CheckLine]:
    """Whether the raw events that are there have every event of every report."""
    if stock.period is None:
        text = "none are stored yet; the first report fetches what it needs"
        fix = "`reporter fetch --from DATE` does it beforehand, and gives the insights their 26 weeks."
        yield CheckLine(CheckMark.DOUBTFUL, "Raw events", text, fix)
        return
    text = f"{stock.days} days are stored, {stock.period}, in {stock.size / MEGABYTE:,.1f} MB"
    yield CheckLine(CheckMark.GOOD, "Raw events", text)
    for event in events:
        if event in stock.names:
            yield CheckLine(CheckMark.GOOD, "Event", f"“{event}”")
        else:
            yield unknown_event(event, nearest(event, stock.names), "the stored days have")
