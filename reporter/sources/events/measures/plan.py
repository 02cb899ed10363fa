"""What is asked of the events, and what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from reporter.reports.figures import Daily, Figure, Ranking, Segmentation, Segments
from reporter.reports.measures import (
    ActiveUsers,
    Breakdown,
    ByDay,
    EventMeasure,
    Funnel,
    Lifecycle,
    Measure,
    Retention,
    Sessions,
    Stickiness,
    has_days,
    is_groupable,
)
from reporter.reports.periods import Period

Askable: TypeAlias = (
    EventMeasure | ActiveUsers | Breakdown | Stickiness | Funnel | Retention | Lifecycle | Sessions
)


@dataclass(frozen=True, slots=True)
class Ask:
    """A measure over a period. Ratios are asked by their parts, and put together outside."""

    measure: Askable
    period: Period


@dataclass(frozen=True, slots=True)
class EventsPlan:
    """All that is asked of the events at once."""

    asks: frozenset[Ask]
    daily: frozenset[ByDay] = frozenset()  # over the history
    history: Period | None = None
    ranking: tuple[Period, Period] | None = None  # the period, and the one it is compared with
    segments: Segmentation | None = None

    def __post_init__(self) -> None:
        if self.daily and self.history is None:
            raise ValueError("daily numbers need a history")
        if odd := [measure for measure in self.daily if not has_days(measure)]:
            raise ValueError(f"no number of a single day: {odd}")
        if self.segments and (odd := [one for one in self.segments.measures if not is_groupable(one)]):
            raise ValueError(f"no segments: {odd}")


@dataclass(frozen=True, slots=True)
class EventsAnswer:
    """What the events say."""

    figures: Mapping[Ask, Figure]
    daily: Mapping[ByDay, Daily]
    ranking: Ranking | None
    segments: Mapping[Measure, Segments]  # values of a property that is not set are left out
    seen: Mapping[str, Period]  # every event's first to last day, identity events as well
    events: int  # that were measured
