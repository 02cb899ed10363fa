"""Which days are asked of the raw export, in which requests, and how they come into the store.

Mixpanel allows 60 export requests an hour, so days that are there are not asked for again, but for the last
ones: events arrive up to 5 days late (Mixpanel, "Late data"). `identities` knows who signed up since.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from reporter.reports.errors import Refused, ReporterError, TooLong, Unavailable
from reporter.reports.periods import ONE_DAY, Period
from reporter.sources.events.day_file import DayFacts, day_of, name_of
from reporter.sources.events.identities import link_day
from reporter.sources.events.store import RawDays, Store
from reporter.sources.events.time_rule import service_days

if TYPE_CHECKING:
    from reporter.sources.events.cloud import Mirror

FRESH = timedelta(minutes=30)  # reports that are due together share what one of them fetched
MOST_DAYS = 31  # of one request: a longer one may time out at Mixpanel
WELL_SIZED = 100_000  # events of a request: fewer take long to ask for, more are a large file
AROUND = timedelta(hours=14)  # no zone is farther from UTC


def due(
    days: Iterable[date],
    fetched: Mapping[date, datetime],
    now: datetime,
    *,
    whole_at: datetime,
    settles: timedelta,
) -> list[date]:
    """The days to fetch: those that are not there, and those that may have changed since they were fetched.

    `whole_at` is when the last of the days that are measured was over; a day's events come until `settles`
    after its end.
    """

    def is_due(day: date) -> bool:
        ended = datetime.combine(day + ONE_DAY, time.min, UTC) + AROUND
        then = fetched.get(day)
        if then is None or then < min(ended, whole_at):
            return True
        return then < ended + settles and now - then >= FRESH

    return [day for day in days if is_due(day)]


def requests(days: Collection[date], most: int, at_least: int = 1) -> list[Period]:
    """The days in periods of neighbours, in at most so many requests if that can be.

    A period has `at_least` so many days where there are as many, and no more than that needs.
    """
    ordered = sorted(days)
    for length in range(min(at_least, MOST_DAYS), MOST_DAYS + 1):
        periods = _runs(ordered, length)
        if len(periods) <= most:
            return periods
    return _runs(ordered, MOST_DAYS)


def days_a_request(events: Collection[int]) -> int:
    """How many days a request may well be of, as far as the days that are there tell."""
    busiest = max(events, default=WELL_SIZED)
    return max(1, min(MOST_DAYS, WELL_SIZED // max(busiest, 1)))


def _runs(ordered: list[date], length: int) -> list[Period]:
    """Stretches of neighbouring days, none longer than so many days."""
    runs: list[Period] = []
    for day in ordered:
        if runs and runs[-1].end == day and runs[-1].length < length:
            runs[-1] = Period(runs[-1].start, day + ONE_DAY)
        else:
            runs.append(Period(day, day + ONE_DAY))
    return runs


MOST_REQUESTS = 30  # of the 60 an hour that Mixpanel allows a project, for the days that are needed
MOST_FOR_HISTORY = 15  # more, for the history; other reports need some, too
ENOUGH_TIME = timedelta(minutes=4)  # for the days of the history, which can wait for the next report
INCOMING = "incoming"  # the folder of raw days, until they are stored

LOG = logging.getLogger("reporter.sources.events")


class Export(Protocol):
    """Mixpanel's raw export."""

    def fetch(self, periods: Sequence[Period], folder: Path) -> Iterator[RawDays]:
        """Whole days, as they come. Raises Unavailable or Refused once all that is available was given."""
        ...


@dataclass(frozen=True, slots=True)
class Fetched:
    """A day that is stored now, and how many bytes came over the network until then."""

    facts: DayFacts
    received: int


@dataclass(frozen=True, slots=True)
class ExportFeed:
    """Fetches the days that are missing, and the last ones again: events arrive late."""

    export: Export
    open_backup: "Callable[[], Mirror] | None"
    settles: timedelta  # after a day's end
    keeps: timedelta
    now: Callable[[], datetime]

    def bring(self, store: Store, needed: Period, history: Period, properties: Collection[str]) -> None:
        """The needed days in any case; of the history before them, what can be fetched in a few minutes.

        Raises Unavailable or Refused where a needed day is not available.
        """
        for _ in self.fetch(store, needed, properties):
            pass
        first = self._kept_from(store) + ONE_DAY  # one more: a zone's day may begin the day before
        if first >= history.end:
            return
        kept, until = Period(max(first, history.start), history.end), self.now() + ENOUGH_TIME
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

        Raises Unavailable or Refused, once all that is available is stored.
        """
        asked = service_days(days, store.zone, store.time_rule())
        damaged = self._drop_damaged(store, asked)
        try:
            yield from self._missing_days(store, days, properties, most)
        except ReporterError as error:
            for path in damaged:
                error.add_note(f"{path} was damaged, so it was deleted.")
            raise

    def _drop_damaged(self, store: Store, asked: Period) -> list[Path]:
        """Deletes the damaged files of these days, here and as the backup has them, and says which."""
        damaged = store.drop_damaged(asked)
        if self.open_backup is not None:
            # What is damaged here is gone by now, and so is never uploaded in place of what is whole.
            self.open_backup().sync(
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
            yield from self._store(store, requests(missing, most, length), properties)
        except TooLong:  # a day at a time, then
            missing = self.missing(store, days, properties)
            yield from self._store(store, requests(missing, len(missing)), properties)

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
            self.open_backup().delete(old)

    def _kept_from(self, store: Store) -> date:
        return self.now().astimezone(store.zone).date() - self.keeps

    def _store(
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
            self._replace(store, facts)
            yield Fetched(facts, received)

    def _replace(self, store: Store, facts: DayFacts) -> None:
        """Uploads a day, after what it says of its users; removes what its earlier version said."""
        former = store.links_of(facts.day) - {facts.links}
        for name in former:
            (store.folder / name).unlink(missing_ok=True)
        if self.open_backup is not None:
            self.open_backup().upload([name for name in (facts.links, name_of(facts.day)) if name])
            self.open_backup().delete(former)


def reach(store: Store, days: Period, properties: Collection[str]) -> Period:
    """The days up to the end of these that are there without a gap, and `days` at least."""
    there = store.days(properties)
    rule = store.time_rule(there)
    start = days.start
    while all(day in there for day in service_days(Period(start - ONE_DAY, start), store.zone, rule)):
        start -= ONE_DAY
    return Period(start, days.end)
