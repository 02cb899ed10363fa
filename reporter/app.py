"""The composition root: the one place that chooses parts and puts them together."""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, assert_never
from zoneinfo import ZoneInfo

import httpx2

from reporter.config import Settings
from reporter.config.reports_file import EventsTable
from reporter.destinations.alarm import ChannelAlarm
from reporter.destinations.table import MessageChannel
from reporter.health import due_of
from reporter.ledger.sqlite import SQLiteLedger
from reporter.publishing.heartbeat import beat
from reporter.publishing.make import explain, make
from reporter.publishing.publish import Alarm, Ledger, Publisher
from reporter.reports.deliveries import Delivery
from reporter.reports.edition import Edition, Order
from reporter.reports.errors import Unavailable
from reporter.reports.figures import Project, RawReason
from reporter.reports.references import events_of, needed_properties
from reporter.reports.report import Report
from reporter.reports.source import Origin, Source
from reporter.reports.subscriptions import MetricSpec, Subscription
from reporter.sources.complete_days import CompleteDays
from reporter.sources.events.feed import ExportFeed
from reporter.sources.events.feeds.files import FilesFeed
from reporter.sources.events.source import EventSource
from reporter.sources.events.store import Store
from reporter.sources.events.time_rule import TimeRule
from reporter.sources.fallback import Fallback
from reporter.sources.mixpanel.export import Exporter
from reporter.sources.mixpanel.http import MixpanelClient
from reporter.sources.mixpanel.settings import MixpanelAccess
from reporter.sources.mixpanel.source import QuerySource

if TYPE_CHECKING:
    from reporter.anomalies.explanation import Examination
    from reporter.checkup.names import CheckLine
    from reporter.sources.events.cloud import Mirror

STORAGE = "AzureWebJobsStorage"  # the app setting, or the prefix of those that say it without a key
EVENTS_CONTAINER = "reporter-events"
TIME_RULES: Mapping[str, TimeRule | None] = {
    "auto": None,
    "utc": TimeRule.UTC,
    "project": TimeRule.PROJECT_ZONE,
}


@dataclass(frozen=True, slots=True)
class ProjectSources:
    """Where the numbers of one Mixpanel project come from."""

    source: Source  # what the settings choose
    query: QuerySource | None  # None: Mixpanel is not asked, as the events are in files
    events: EventSource
    server_now: Callable[[], datetime | None]  # by Mixpanel's clock; None until it has answered


@dataclass(frozen=True, slots=True)
class App:
    """Everything put together; only the network and the clock are outside."""

    settings: Settings
    destinations: Mapping[str, MessageChannel]
    ledger: Ledger
    alarm: Alarm
    clock: Callable[[], datetime]
    close: Callable[[], None]  # hangs up; for programs that end
    _sources: Mapping[str, ProjectSources]  # of each report's project, by the report's name

    @property
    def subscriptions(self) -> Mapping[str, Subscription]:
        return self.settings.subscriptions

    @property
    def company(self) -> str:
        return self.settings.company

    @property
    def raw_events(self) -> EventSource:
        """The raw events that are stored, or can be."""
        return self._project.events

    def zone(self) -> ZoneInfo:
        """The project's zone. Raises Unavailable or Refused."""
        return self._project.source.project().zone

    def edition(self, order: Order) -> Edition:
        """The report that is ordered, with its days. Raises Unavailable, Refused or DaysRefused."""
        return order.edition(self.clock(), self._sources[order.spec.name].source.project().zone)

    def preview(self, order: Order) -> Report:
        """The report that is ordered, without sending it anywhere. Raises Unavailable or Refused."""
        return make(self.edition(order), self._sources[order.spec.name].source, self.clock, waits=False)

    def explain(self, order: Order, metric: MetricSpec) -> "Examination":
        """Why the metric is called unusual in the ordered report, or not. Raises Unavailable or Refused."""
        return explain(self.edition(order), self._sources[order.spec.name].source, metric)

    def publisher(self, report: str, destination: str) -> Publisher:
        """What delivers this report to this destination."""
        source, channel = self._sources[report].source, self.destinations[destination]
        return Publisher(source, channel, self.ledger, self.alarm, self.clock, self.due_of)

    def due_of(self, delivery: Delivery, zone: ZoneInfo) -> datetime | None:
        """The last due moment whose report this delivery is."""
        return due_of(delivery, self.subscriptions, zone, self.clock())

    def check(self, folder: Path | None) -> "Iterator[CheckLine]":
        """Whether all is ready to run unattended; `folder` is where things are kept on this machine."""
        from reporter.checkup.checks import Checkup

        settings, project = self.settings, self._project
        return Checkup(
            subscriptions=settings.subscriptions,
            origin=settings.source,
            query=project.query,
            events=project.events,
            destinations=self.destinations,
            ledger=self.ledger,
            unready=settings.unready,
            notes=settings.notes,
            heartbeat=settings.heartbeat,
            folder=folder,
            now=self.clock(),
            server_now=project.server_now,
        ).lines()

    @property
    def _project(self) -> ProjectSources:
        return next(iter(self._sources.values()))

    def beat(self) -> str | None:
        """Tell the watcher outside that a report was made; why that failed, in words for people."""
        return beat(self.settings.heartbeat)


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class EventStorage:
    """Where raw events are kept: a folder; on Azure one that may go, with a backup that stays."""

    folder: Path
    open_backup: "Callable[[str, Path], Mirror] | None" = None  # under this name, of this folder

    @classmethod
    def of(cls, environ: Mapping[str, str], folder: Path) -> "EventStorage":
        """The storage account of the app where it has one, else the folder."""
        if not has_storage(environ):
            return cls(folder)

        def open_backup(name: str, folder: Path) -> "Mirror":
            from reporter.sources.events.cloud import AzureBlobs, Mirror  # heavy, and only Azure needs it

            blobs = AzureBlobs.of(environ, EVENTS_CONTAINER, name)
            if blobs is None:
                raise Unavailable(f"{STORAGE} names no Blob Storage, where raw events would be kept")
            return Mirror(blobs, folder)

        return cls(Path(tempfile.gettempdir()) / "reporter", open_backup)


def open_ledger(environ: Mapping[str, str], folder: Path) -> Ledger:
    """The ledger of this place: Azure's storage where the app has one, else a file in the folder."""
    table = None
    if has_storage(environ):
        from reporter.ledger.azure_table import TableLedger  # heavy, and only Azure needs it

        table = TableLedger.of(environ)
    return table or SQLiteLedger(folder / "ledger.sqlite")


def has_storage(environ: Mapping[str, str]) -> bool:
    """Whether the ledger and the raw events are in Azure's storage."""
    return any(name.startswith(STORAGE) and value for name, value in environ.items())


def assemble(
    settings: Settings,
    ledger: Ledger,
    place: EventStorage,
    *,
    transport: httpx2.BaseTransport | None = None,
    clock: Callable[[], datetime] = utc_now,
    sleep: Callable[[float], None] = time.sleep,
) -> App:
    """The app these settings describe, with this memory."""
    held = ExitStack()
    held.callback(ledger.close)
    destinations = {name: one.over(transport, sleep) for name, one in settings.destinations.items()}
    errors = settings.errors.over(transport, sleep) if settings.errors else None
    project = _project_sources(settings, place, held, transport, clock, sleep)
    return App(
        settings=settings,
        destinations=destinations,
        ledger=ledger,
        alarm=ChannelAlarm(destinations, errors),
        clock=clock,
        close=held.close,
        _sources=dict.fromkeys(settings.subscriptions, project),
    )


def _project_sources(
    settings: Settings,
    place: EventStorage,
    held: ExitStack,
    transport: httpx2.BaseTransport | None,
    clock: Callable[[], datetime],
    sleep: Callable[[float], None],
) -> ProjectSources:
    access = settings.mixpanel
    if access is None:  # Mixpanel is not asked
        zone = settings.project_zone or settings.zone
        project = Project(settings.project_id, settings.company or "Files", zone)
        events = _event_source(settings, lambda: project, place, held, clock, sleep)
        return ProjectSources(events, None, events, lambda: None)
    client = MixpanelClient(
        username=access.username,
        secret=access.secret,
        project_id=access.project_id,
        region=access.region,
        base_url=access.base_url,
        transport=transport,
        sleep=sleep,
    )
    held.callback(client.close)
    query = QuerySource(
        client,
        project_zone=settings.project_zone,
        fallback_zone=settings.zone,
        shared=_events(settings),
        now=clock,
    )
    events = _event_source(settings, query.project, place, held, clock, sleep)
    server_now = client.server_clock.now
    source = CompleteDays(_source(settings.source, query, events), server_now, client.me, clock, sleep)
    return ProjectSources(source, query, events, server_now)


def _source(origin: Origin, query: QuerySource, events: EventSource) -> Source:
    match origin:
        case "auto":
            return Fallback(query, events)
        case "query":
            return query
        case "export" | "files":
            return events
        case _:
            assert_never(origin)


def _event_source(
    settings: Settings,
    find_project: Callable[[], Project],
    place: EventStorage,
    held: ExitStack,
    clock: Callable[[], datetime],
    sleep: Callable[[float], None],
) -> EventSource:
    """Raw events of the export, or of files; each has days of its own."""
    kept, is_files = settings.events, settings.source == "files"
    access = None if is_files else settings.mixpanel
    folder = place.folder / ("files" if is_files else "events") / settings.project_id
    feed = (
        FilesFeed(tuple(kept.files), timedelta(days=kept.keep_days), clock)
        if access is None
        else _export_feed(access, kept, place, folder, held, clock, sleep)
    )
    return EventSource(
        find_project=find_project,
        open_store=lambda project: Store(folder, project.zone, TIME_RULES[kept.time_rule]),
        feed=feed,
        properties=_properties(settings),
        zone=settings.project_zone,
        because=RawReason.FILES if is_files else RawReason.SETTING,
    )


def _export_feed(
    access: MixpanelAccess,
    kept: EventsTable,
    place: EventStorage,
    folder: Path,
    held: ExitStack,
    clock: Callable[[], datetime],
    sleep: Callable[[float], None],
) -> ExportFeed:
    exporter = Exporter(
        username=access.username,
        secret=access.secret,
        project_id=access.project_id,
        region=access.region,
        base_url=access.base_url,
        sleep=sleep,
        now=clock,
    )
    held.callback(exporter.close)
    backup = partial(place.open_backup, access.project_id, folder) if place.open_backup else None
    settles, keeps = timedelta(days=kept.refetch_days), timedelta(days=kept.keep_days)
    return ExportFeed(exporter, cache(backup) if backup else None, settles, keeps, clock)


def _events(settings: Settings) -> frozenset[str]:
    """Every event that any report is about."""
    metrics = (metric for one in settings.subscriptions.values() for metric in one.spec.metrics)
    return frozenset(event for metric in metrics for event in events_of(metric.measure))


def _properties(settings: Settings) -> frozenset[str]:
    """Every property that any report looks at, and those that are kept besides."""
    specs = [one.spec for one in settings.subscriptions.values()]
    measures = [metric.measure for spec in specs for metric in spec.metrics]
    drivers = (name for spec in specs for name in spec.drivers)
    return needed_properties(measures) | frozenset(drivers) | frozenset(settings.events.keep_properties)
