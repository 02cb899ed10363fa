"""A made-up product and everything its users did, drawn from a seed.

People sign up on the web or a phone, are onboarded, come back less and less often, and some of them buy. In
its last week the sign-up form of the Android app is broken in India, and nobody has noticed. What an
analytics service receives from such a product is never clean, so neither is this: events arrive late, or
twice, or carry no user, or are mere bookkeeping of identities; of some visitors only Autocapture tells.
"""

import random
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from reporter.local.product.recorder import Recorder
from reporter.local.product.sdk_events import (
    DAY,
    HOUR,
    SECOND,
    Incident,
    ProductEvent,
    days_between,
    start_of,
)
from reporter.local.product.story import Story
from reporter.local.product.visitors import Visitors

__all__ = [
    "DAY",
    "HOUR",
    "SECOND",
    "Incident",
    "Product",
    "ProductEvent",
    "days_between",
    "make_product",
    "start_of",
]


@dataclass(frozen=True)
class Product:
    zone: ZoneInfo
    first_day: date
    last_day: date
    incident: Incident
    events: Sequence[ProductEvent] = field(repr=False)  # as received, so with duplicates; by time

    @cached_property
    def _times(self) -> list[int]:
        return [event.time for event in self.events]

    def between(self, start: int, end: int) -> Sequence[ProductEvent]:
        """What happened from `start` up to, but not at, `end`, as received."""
        return self.events[bisect_left(self._times, start) : bisect_left(self._times, end)]

    def on(self, day: date) -> Sequence[ProductEvent]:
        """What happened on a day of the project's zone, as received."""
        return self.between(start_of(day, self.zone), start_of(day + timedelta(days=1), self.zone))


def make_product(
    until: date,
    *,
    seed: int = 7,
    zone: str = "Europe/Berlin",
    days: int = 200,
    scale: float = 1.0,
    newcomers: int = 40,
) -> Product:
    """The product with this seed, whose last day with events is `until`.

    `scale` multiplies the number of people; 1.0 makes about 200,000 events in 200 days. `newcomers` are
    those of an ordinary day; each of them leaves about 20 events.
    """
    project_zone = ZoneInfo(zone)
    first = until - timedelta(days=days - 1)
    incident = Incident(until - timedelta(days=6), until, "Android", "IN", share_lost=0.95)
    dice = random.Random(seed)
    recorder = Recorder(dice, project_zone, first)
    story = Story(dice, recorder, incident, first, days, scale, newcomers)
    others = random.Random(f"visitors {seed}")
    website = Recorder(others, project_zone, first)
    visitors = Visitors(others, website, scale)
    for number, day in enumerate(days_between(first, until)):
        story.live(day)
        visitors.live(day, number)
    events = sorted((*recorder.events, *website.events), key=_by_time)
    return Product(project_zone, first, until, incident, tuple(events))


def _by_time(event: ProductEvent) -> tuple[int, int]:
    return event.time, event.ingested_at
