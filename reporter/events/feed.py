"""Sees to it that the store has the days that are to be measured, from Mixpanel's raw export."""

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Protocol

from reporter.events.day_file import DayFacts, day_of, name_of
from reporter.events.fetching import days_a_request, due, requests
from reporter.events.identities import link_day
from reporter.events.pipeline import RawDays
from reporter.events.store import Store
from reporter.events.time_rule import service_days
from reporter.model.errors import Refused, ReporterError, TooLong, Unavailable
from reporter.model.period import ONE_DAY, Period

MOST_REQUESTS = 30  # of the 60 an hour that Mixpanel allows a project, for the days that are needed
MOST_FOR_HISTORY = 15  # more, for those that are wished for; others have some, too
ENOUGH_TIME = timedelta(minutes=4)  # for the days of the history, which can wait for the next report
INCOMING = "incoming"  # the folder of raw days, until they are stored

LOG = logging.getLogger("reporter.events")


class Received(RawDays, Protocol):
    """Raw days, and how many bytes of the network they were."""

    @property
    def received(self) -> int: ...


class Export(Protocol):
    """Mixpanel's raw export."""

    def fetch(self, periods: Sequence[Period], folder: Path) -> Iterator[Received]:
        """Whole days, as they come. Raises Unavailable or Refused when all that could be had is given."""
        ...


class Backup(Protocol):
    """Where day files are kept for good, if this machine is not there for good."""

    def agree(self, wanted: Callable[[str], bool]) -> object: ...

    def put(self, names: Collection[str]) -> object: ...

    def drop(self, names: Collection[str]) -> None: ...


@dataclass(frozen=True, slots=True)
class Fetched:
    """A day that is stored now, and how many bytes came over the network until then."""

    facts: DayFacts
    received: int


@dataclass(frozen=True, slots=True)
class ExportFeed:
    """Fetches the days that are missing, and the last ones again: events arrive late."""

    export: Export
    open_backup: Callable[[], Backup] | None
    settles: timedelta  # after a day's end
    keeps: timedelta
    now: Callable[[], datetime]

    def bring(self, store: Store, needed: Period, wished: Period, properties: Collection[str]) -> None:
        """The needed days for sure; of the wished ones before them, what can be had in a few minutes.

        Raises Unavailable or Refused where a needed day cannot be had.
        """
        for _ in self.fetch(store, needed, properties):
            pass
        kept = _from(
            self._kept_from(store) + ONE_DAY, wished
        )  # one more: a zone's day may begin the day before
        if kept is None:
            return
        until = self.now() + ENOUGH_TIME
        try:
            for _ in self.fetch(store, kept, properties, MOST_FOR_HISTORY):
                if self.now() > until:
                    break
        except (Unavailable, Refused) as error:
            LOG.info("history-not-whole: %s", error)

    def fetch(
        self, store: Store, days: Period, properties: Collection[str], most: int = MOST_REQUESTS
    ) -> Iterator[Fetched]:
        """Each day that is fetched, in about so many requests, as it is stored; what is there is not.

        Raises Unavailable or Refused, when all that could be had is stored.
        """
        asked = service_days(days, store.zone, store.time_rule())
        damaged = self._agreed(store, asked)
        try:
            yield from self._missing_days(store, days, properties, most)
        except ReporterError as error:
            for path in damaged:
                error.add_note(f"{path} was damaged, so it was deleted.")
            raise

    def _agreed(self, store: Store, asked: Period) -> list[Path]:
        """Deletes the damaged files of these days, here and as the backup has them, and says which."""
        damaged = store.drop_damaged(asked)
        if self.open_backup is not None:
            # What is damaged here is gone by now, and so is never put up in place of what is whole.
            self.open_backup().agree(
                lambda name: (
                    link_day(name) is not None or ((day := day_of(name)) is not None and asked.covers(day))
                )
            )
            damaged += store.drop_damaged(asked)
        for path in damaged:
            LOG.warning("day-file-damaged: %s was damaged, so it was deleted and is fetched again", path)
        return damaged

    def _missing_days(
        self, store: Store, days: Period, properties: Collection[str], most: int
    ) -> Iterator[Fetched]:
        missing = self.missing(store, days, properties)
        length = days_a_request([facts.events for facts in store.days().values()])
        try:
            yield from self._stored(store, requests(missing, most, length), properties)
        except TooLong:  # a day at a time, then
            yield from self._stored(
                store, requests(self.missing(store, days, properties), len(missing)), properties
            )

    def missing(self, store: Store, days: Period, properties: Collection[str]) -> list[date]:
        """Which days are to be fetched, so that these days of the project can be measured."""
        there = store.days(properties)
        asked = service_days(days, store.zone, store.time_rule())
        end = datetime.combine(days.end, time.min, store.zone).astimezone(UTC)
        fetched = {day: facts.fetched_at for day, facts in there.items()}
        return due(asked, fetched, self.now(), whole_at=end, settles=self.settles)

    def drop_old(self, store: Store, needed: Period) -> None:
        """Deletes the days that have been kept long enough, here and for good."""
        old = store.drop_before(min(self._kept_from(store), needed.start - ONE_DAY))
        if self.open_backup is not None and old:
            self.open_backup().drop(old)

    def _kept_from(self, store: Store) -> date:
        return self.now().astimezone(store.zone).date() - self.keeps

    def _stored(
        self, store: Store, periods: Sequence[Period], properties: Collection[str]
    ) -> Iterator[Fetched]:
        """The newest days first, so that the history is whole up to now, however far it reaches back."""
        received = 0

        def counted() -> Iterator[RawDays]:
            nonlocal received
            for raw in self.export.fetch(periods[::-1], store.folder / INCOMING):
                received += raw.received
                yield raw

        if not periods:
            return
        for facts in store.add(counted(), properties, self.now()):
            self._replaced(store, facts)
            yield Fetched(facts, received)

    def _replaced(self, store: Store, facts: DayFacts) -> None:
        """Puts a day up, after what it says of its users; removes what its earlier version said."""
        former = store.links_of(facts.day) - {facts.links}
        for name in former:
            (store.folder / name).unlink(missing_ok=True)
        if self.open_backup is not None:
            self.open_backup().put([name for name in (facts.links, name_of(facts.day)) if name])
            self.open_backup().drop(former)


def _from(first: date, days: Period) -> Period | None:
    """The days from the first on, if there are any."""
    return Period(max(first, days.start), days.end) if first < days.end else None


def reach(store: Store, days: Period, properties: Collection[str]) -> Period:
    """The days up to the end of these that are there without a gap, and `days` at least."""
    there = store.days(properties)
    rule = store.time_rule(there)
    start = days.start
    while all(day in there for day in service_days(Period(start - ONE_DAY, start), store.zone, rule)):
        start -= ONE_DAY
    return Period(start, days.end)
