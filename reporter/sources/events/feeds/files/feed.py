"""The store's days come from files: what changed is read, and the days it touches are made anew."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from reporter.reports.errors import Refused, Unavailable
from reporter.reports.periods import ONE_DAY, Period
from reporter.sources.events.columns import check_properties
from reporter.sources.events.feed import Fetched
from reporter.sources.events.feeds.files.catalog import Catalog, Totals
from reporter.sources.events.feeds.files.formats import Shape
from reporter.sources.events.feeds.files.importer import opened_workshop
from reporter.sources.events.feeds.files.listing import Options, find, find_schema
from reporter.sources.events.ingest import Ingest
from reporter.sources.events.store import Store
from reporter.sources.events.time_rule import EPOCH, MILLISECOND, TimeRule, service_days, start_of

QUIET = timedelta(hours=12)  # in which a product may have no event, at either end of the files


@dataclass(frozen=True, slots=True)
class FilesFeed:
    """The files that match these patterns, for a store that has no other source."""

    patterns: tuple[str, ...] = field(repr=False)  # an address may hold a secret
    keeps: timedelta
    now: Callable[[], datetime]
    options: Options = field(default_factory=dict[str, object], repr=False)
    quiet: timedelta = QUIET

    def bring(self, store: Store, needed: Period, wished: Period, properties: Collection[str]) -> None:
        """The needed days, without events before the first one; of the wished ones what there is.

        Raises Refused where the files, or how they are reached, must be changed; Unavailable where files may
        not be there yet, or not whole.
        """
        for _ in self._stored(store, needed, _around(needed, wished), properties, may_be_young=True):
            pass

    def fetch(self, store: Store, days: Period, properties: Collection[str]) -> Iterator[Fetched]:
        """Each day as it is stored. Raises Unavailable or Refused, when all that could be had is stored."""
        return self._stored(store, days, days, properties)

    def missing(self, store: Store, days: Period, properties: Collection[str]) -> list[date]:
        """Which days no files have been read for yet."""
        return store.lacking(days, properties)

    def drop_old(self, store: Store, needed: Period) -> None:
        """Deletes the days that have been kept long enough, and their part of what was read of the files."""
        limit = min(self.now().astimezone(store.zone).date() - self.keeps, needed.start - ONE_DAY)
        store.drop_before(limit)
        with opened_workshop(store) as workshop:
            workshop.catalog.drop_before(limit)

    def _stored(
        self,
        store: Store,
        needed: Period,
        wished: Period,
        properties: Collection[str],
        *,
        may_be_young: bool = False,
    ) -> Iterator[Fetched]:
        asked = check_properties(properties)
        found = find(self.patterns, self.options)
        received = 0
        with opened_workshop(store) as workshop:
            kept = _prepared(workshop.catalog, store, needed, asked)
            schema = find_schema(self.patterns, self.options)
            for file in workshop.read(found, kept, schema):
                received += file.size
            if received:  # what was read may say that events that are alike are one person's
                days = store.days().values()
                workshop.catalog.mark_stale(facts.day for facts in days if facts.ambiguous)
            store.drop_damaged(_around(needed, wished))
            workshop.catalog.mark_stale(_lost(workshop.catalog, store, wished, kept))
            if workshop.forget_damaged():
                for file in workshop.read(found, kept, schema):
                    received += file.size
            totals = _checked_totals(workshop.catalog, store, self.now().date())
            ingest = Ingest.of(store.folder, kept, self.now())
            for facts in workshop.make(ingest):
                yield Fetched(facts, received)
            since = needed.start if may_be_young else None
            for facts in workshop.make_empty(
                self._without_events(store, wished, kept, totals, since), ingest
            ):
                yield Fetched(facts, received)
        self._check_reach(store, needed, totals, may_be_young=may_be_young)

    def _without_events(
        self, store: Store, wished: Period, kept: Collection[str], totals: Totals, since: date | None
    ) -> list[date]:
        """The days that the files go over, or nearly, or `since` then, and of which they have no event."""
        there = store.days(kept)
        first, last = (totals.oldest - self.quiet).date(), (totals.newest + self.quiet).date()
        if since is not None:
            first = min(first, since - ONE_DAY)  # of a project that lies ahead of UTC
        days = service_days(wished, store.zone, store.time_rule())
        return [day for day in days if first <= day <= last and day not in there]

    def _check_reach(self, store: Store, needed: Period, totals: Totals, *, may_be_young: bool) -> None:
        """Raises Unavailable where the files surely do not hold all of these days.

        A young product has none of the first of them: so a report needs but some days.
        """
        rule = store.time_rule()
        start, end = (
            EPOCH + start_of(day, store.zone, rule) * MILLISECOND for day in (needed.start, needed.end)
        )
        if totals.oldest > (end - ONE_DAY if may_be_young else start) + self.quiet:
            raise Unavailable(
                f"The files begin on {totals.oldest:%Y-%m-%d}, but {needed} is needed. Add older files"
            )
        if totals.newest < end - self.quiet:
            raise Unavailable(
                f"The files end on {totals.newest:%Y-%m-%d at %H:%M}, but {needed} is needed. Maybe the last "
                "of them are not there yet"
            )


def _around(one: Period, other: Period) -> Period:
    return Period(min(one.start, other.start), max(one.end, other.end))


def _prepared(catalog: Catalog, store: Store, needed: Period, asked: tuple[str, ...]) -> tuple[str, ...]:
    """The properties to keep: those of other reports, too, so that files are read once for all."""
    if service_days(needed, store.zone, TimeRule.UTC).start < catalog.dropped_before:
        catalog.forget()
    try:
        kept = check_properties({*catalog.kept(), *asked})
    except Refused:
        kept = asked  # what was asked for earlier cannot stand beside it
    catalog.keep(kept)
    return kept


def _checked_totals(catalog: Catalog, store: Store, today: date) -> Totals:
    """Raises Refused where the files have no events, or times of two kinds."""
    totals = catalog.totals(today)
    if totals is None:
        raise Refused("The files that match have no events. Name those of Mixpanel's events")
    if store.rule is None and len(totals.shapes) > 1 and Shape.EXPORT in totals.shapes:
        # Pipelines write UTC for all projects, the export only for those made from 2023 on.
        kinds = " and ".join(sorted(totals.shapes))
        raise Refused(
            f"The files are of more than one kind ({kinds}), whose times differ in projects made before "
            "2023. Name files of one kind, or set the time rule"
        )
    return totals


def _lost(catalog: Catalog, store: Store, days: Period, kept: Collection[str]) -> set[date]:
    """Days near these that have events, and no day file with all that is kept."""
    near = Period(days.start - ONE_DAY, days.end + ONE_DAY)
    return {day for day in catalog.days() - store.days(kept).keys() if near.covers(day)}
