"""What can be asked about a period."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class EventCount:
    """How often an event happened."""

    event: str


@dataclass(frozen=True, slots=True)
class EventUsers:
    """How many distinct users did an event, each counted once over the whole period."""

    event: str


@dataclass(frozen=True, slots=True)
class ActiveUsers:
    """How many distinct users did any event, each counted once over the whole period."""


Measure: TypeAlias = EventCount | EventUsers | ActiveUsers


def event_of(measure: Measure) -> str | None:
    """The one event a measure is about; None for a measure of all events."""
    return None if isinstance(measure, ActiveUsers) else measure.event
