"""Events from files that a company already has, brought into the store's day files.

    feed = FilesFeed(("s3://acme-export/2195193/mp_master_event/**",), keeps, now)
    feed.bring(store, needed, history, properties)  # raises Unavailable, Refused
    store.buckets(needed, properties)

They may be what Mixpanel writes (Mixpanel, "Data Pipelines" and "Raw Event Export"), as JSON lines, plain or
packed by gzip, or as Parquet:

    event, properties {time, distinct_id, $insert_id, …}       the export API, and raw pipelines
    event_name, time, distinct_id, insert_id, properties {…}   JSON pipelines
    mp_event_name, time, distinct_id, mp_insert_id, …          schematized pipelines, one table for all events
    distinct_id, resolved_distinct_id                          identity mappings of pipelines

A file is read once, and again when it changes: what measures need of it is kept as an extract beside the day
files, with users as hashes. A day is made from all extracts that have events of it, so an event that is in
several files counts once, and a file that is removed takes its events with it.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from reporter.reports.errors import FailureCause, Refused, Unavailable
from reporter.reports.periods import ONE_DAY, Period
from reporter.sources.events.columns import check_properties
from reporter.sources.events.feed import Fetched
from reporter.sources.events.feeds.files.catalog import Catalog
from reporter.sources.events.feeds.files.formats import FileShape
from reporter.sources.events.feeds.files.importer import open_import
from reporter.sources.events.feeds.files.listing import Options, find_schema, list_files
from reporter.sources.events.ingest import Ingest
from reporter.sources.events.store import Store
from reporter.sources.events.time_rule import EPOCH, MILLISECOND, TimeRule, day_number, service_days, start_of

QUIET = timedelta(hours=12)  # in which a product may have no event, at either end of the files


@dataclass(frozen=True, slots=True)
class FilesFeed:
    """The files that match these patterns, for a store that has no other source."""

    patterns: tuple[str, ...] = field(repr=False)  # an address may hold a secret
    keeps: timedelta
    now: Callable[[], datetime]
    options: Options = field(default_factory=dict[str, object], repr=False)
    quiet: timedelta = QUIET

    def bring(self, store: Store, needed: Period, history: Period, properties: Collection[str]) -> None:
        """The needed days, without events before the first one; of the history what there is.

        Raises Refused where the files, or how they are reached, must be changed; Unavailable where files may
        not be there yet, or not whole.
        """
        for _ in self._stored(store, needed, _around(needed, history), properties, may_be_young=True):
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
        with open_import(store) as files:
            files.catalog.drop_before(limit)

    def _stored(
        self,
        store: Store,
        needed: Period,
        history: Period,
        properties: Collection[str],
        *,
        may_be_young: bool = False,
    ) -> Iterator[Fetched]:
        asked = check_properties(properties)
        found = list_files(self.patterns, self.options)
        with open_import(store) as files:
            kept = _kept_properties(files.catalog, store, needed, asked)
            schema = find_schema(self.patterns, self.options)
            received = files.read(found, kept, schema)
            if received:  # what was read may say that events that are alike are one person's
                files.catalog.mark_stale(facts.day for facts in store.days().values() if facts.ambiguous)
            store.drop_damaged(_around(needed, history))
            files.catalog.mark_stale(_not_stored(files.catalog, store, history, kept))
            if files.forget_damaged():
                received += files.read(found, kept, schema)
            coverage = _coverage(files.catalog, store, self.now().date())
            ingest = Ingest.of(store.folder, kept, self.now())
            for facts in files.make(ingest):
                yield Fetched(facts, received)
            since = needed.start if may_be_young else None
            for facts in files.make_empty(
                self._without_events(store, history, kept, coverage, since), ingest
            ):
                yield Fetched(facts, received)
        self._check_covered(store, needed, coverage, may_be_young=may_be_young)

    def _without_events(
        self,
        store: Store,
        history: Period,
        kept: Collection[str],
        coverage: "FileCoverage",
        since: date | None,
    ) -> list[date]:
        """The days that the files cover, or nearly, or from `since` on, and of which they have no event."""
        there = store.days(kept)
        first, last = (coverage.oldest - self.quiet).date(), (coverage.newest + self.quiet).date()
        if since is not None:
            first = min(first, since - ONE_DAY)  # of a project that lies ahead of UTC
        days = service_days(history, store.zone, store.time_rule())
        return [day for day in days if first <= day <= last and day not in there]

    def _check_covered(
        self, store: Store, needed: Period, coverage: "FileCoverage", *, may_be_young: bool
    ) -> None:
        """Raises Unavailable where the files surely do not hold all of these days.

        A young product has none of the first of them: so a report needs but some days.
        """
        rule = store.time_rule()
        start, end = (
            EPOCH + start_of(day, store.zone, rule) * MILLISECOND for day in (needed.start, needed.end)
        )
        if coverage.oldest > (end - ONE_DAY if may_be_young else start) + self.quiet:
            raise Unavailable(
                f"The files begin on {coverage.oldest:%Y-%m-%d}, but {needed} is needed. Add older files",
                None,
                FailureCause("files_begin_late", days=(needed.start,)),
            )
        if coverage.newest < end - self.quiet:
            raise Unavailable(
                f"The files end on {coverage.newest:%Y-%m-%d at %H:%M}, but {needed} is needed. Maybe the "
                "last of them are not there yet",
                None,
                FailureCause("files_end_early", days=(needed.last,)),
            )


def _around(one: Period, other: Period) -> Period:
    return Period(min(one.start, other.start), max(one.end, other.end))


def _kept_properties(
    catalog: Catalog, store: Store, needed: Period, asked: tuple[str, ...]
) -> tuple[str, ...]:
    """The properties to keep: those of other reports, too, so that files are read once for all."""
    if service_days(needed, store.zone, TimeRule.UTC).start < catalog.dropped_before:
        catalog.forget()
    try:
        kept = check_properties({*catalog.kept(), *asked})
    except Refused:
        kept = asked  # what was asked for earlier cannot stand beside it
    catalog.keep(kept)
    return kept


def _not_stored(catalog: Catalog, store: Store, days: Period, kept: Collection[str]) -> set[date]:
    """Days near these that have events, and no day file with all that is kept."""
    near = Period(days.start - ONE_DAY, days.end + ONE_DAY)
    return {day for day in catalog.events().keys() - store.days(kept).keys() if near.covers(day)}


@dataclass(frozen=True, slots=True)
class FileCoverage:
    """From when until when the files have the events."""

    oldest: datetime  # the beginning of the first day
    newest: datetime  # the last event of the last one


def _coverage(catalog: Catalog, store: Store, today: date) -> FileCoverage:
    """Raises Refused where the files have no events, or times of two kinds."""
    if not (events := catalog.events()):
        raise Refused("The files that match have no events. Name those of Mixpanel's events")
    shapes = catalog.shapes()
    if store.rule is None and len(shapes) > 1 and FileShape.EXPORT in shapes:
        # Pipelines write UTC for all projects, the export only for those made from 2023 on.
        kinds = " and ".join(sorted(shapes))
        raise Refused(
            f"The files are of more than one kind ({kinds}), whose times differ in projects made before "
            "2023. Name files of one kind, or set the time rule"
        )
    first, last = ordinary_days(events, today)
    return FileCoverage(EPOCH + day_number(first) * ONE_DAY, EPOCH + catalog.newest_on(last) * MILLISECOND)


# Phones with wrong clocks, and those that come online after weeks, put a few events on days that the files do
# not cover; the days between are not days without events.
WEEK = 7 * ONE_DAY
_FAR_BEFORE, _FAR_AFTER = WEEK, 4 * ONE_DAY  # a quiet weekend with a holiday is shorter
_FEW_BEFORE, _FEW_AFTER = 0.01, 0.001  # of all events; or of a usual day's:
_FEW_OF_A_DAY_BEFORE, _FEW_OF_A_DAY_AFTER = 0.5, 0.05
_SHARPLY = 10  # times as many events within a week


def ordinary_days(events: Mapping[date, int], today: date) -> tuple[date, date]:
    """The first and the last day that the files cover, by the events they have of each; of one at least."""
    counted = {day: count for day, count in events.items() if day <= today + ONE_DAY} or dict(events)
    ordered = sorted(counted)
    total, usual = sum(counted.values()), _usual_day(counted)
    few = max(_FEW_BEFORE * total, _FEW_OF_A_DAY_BEFORE * usual)
    first = _edge(counted, ordered, few, _FAR_BEFORE)
    few = max(_FEW_AFTER * total, _FEW_OF_A_DAY_AFTER * usual)
    last = _edge(counted, ordered[::-1], few, _FAR_AFTER)
    return (first, last) if first <= last else (ordered[0], ordered[-1])


def _edge(events: Mapping[date, int], ordered: list[date], few: float, far: timedelta) -> date:
    """The day from which on there are many, seen from the end at which the days begin."""
    edge, outside = ordered[0], 0
    sign = 1 if ordered[0] <= ordered[-1] else -1
    for day in ordered:
        if outside > few:
            break
        if abs(day - ordered[0]) >= far and _SHARPLY * _week(events, day - sign * ONE_DAY, -sign) <= _week(
            events, day, sign
        ):
            edge = day
        outside += events[day]
    return edge


def _week(events: Mapping[date, int], day: date, sign: int) -> int:
    """The events of seven days from this one on, forwards or backwards."""
    return sum(events.get(day + sign * number * ONE_DAY, 0) for number in range(7))


def _usual_day(events: Mapping[date, int]) -> int:
    """The events of the day on which half of all events lie on days with more."""
    half, seen = sum(events.values()) / 2, 0
    for count in sorted(events.values()):
        seen += count
        if seen >= half:
            return count
    return 0
