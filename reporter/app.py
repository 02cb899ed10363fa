"""The composition root: the one place that chooses parts and puts them together."""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, assert_never
from zoneinfo import ZoneInfo

import httpx2

from reporter.config import Settings
from reporter.destinations.alarm import ChannelAlarm
from reporter.destinations.table import MessageChannel
from reporter.health import due_of, ping
from reporter.ledger.sqlite import SQLiteLedger
from reporter.publishing.make import explain, make
from reporter.publishing.notices import Alarm, Ledger
from reporter.publishing.publish import Publisher
from reporter.reports.deliveries import Delivery
from reporter.reports.errors import Unavailable
from reporter.reports.figures import Project, RawReason, Source
from reporter.reports.measures import events_of
from reporter.reports.references import needed_properties
from reporter.reports.report import Report
from reporter.reports.subscriptions import Edition, MetricSpec, Order, ReportSpec, Subscription
from reporter.sources.complete_days import CompleteDays
from reporter.sources.events.feed import ExportFeed
from reporter.sources.events.feeds.files import FilesFeed
from reporter.sources.events.source import EventSource
from reporter.sources.events.store import Store
from reporter.sources.events.time_rule import TimeRule
from reporter.sources.fallback import FallbackSource
from reporter.sources.mixpanel.access import MixpanelAccess
from reporter.sources.mixpanel.export import Exporter
from reporter.sources.mixpanel.http import MixpanelClient
from reporter.sources.mixpanel.source import QuerySource

if TYPE_CHECKING:
    from reporter.anomalies.explanation import MetricExplanation
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

    def edition(self, order: Order) -> Edition:
        """The report that is ordered, with its days. Raises Unavailable, Refused or DaysRefused."""
        return order.edition(self.clock(), self._sources[order.spec.name].source.project().zone)

    def preview(self, order: Order) -> Report:
        """The report that is ordered, without sending it anywhere. Raises Unavailable or Refused."""
        return make(self.edition(order), self._sources[order.spec.name].source, self.clock, waits=False)

    def explain(self, order: Order, metric: MetricSpec) -> "MetricExplanation":
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

    def ping_watcher(self) -> str | None:
        """Tell the watcher outside that a report was made; why that failed, in words for people."""
        return ping(self.settings.heartbeat)


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
    sources = _Assembly(settings, place, transport, clock, sleep, held).sources()
    return App(
        settings=settings,
        destinations=destinations,
        ledger=ledger,
        alarm=ChannelAlarm(destinations, errors),
        clock=clock,
        close=held.close,
        _sources=dict.fromkeys(settings.subscriptions, sources),
    )


@dataclass(frozen=True, slots=True)
class _Assembly:
    """Puts the sources of a project together; what has to hang up at the end is held."""

    settings: Settings
    place: EventStorage
    transport: httpx2.BaseTransport | None
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    held: ExitStack

    def sources(self) -> ProjectSources:
        access = self.settings.mixpanel
        if access is None:  # Mixpanel is not asked
            zone = self.settings.project_zone or self.settings.zone
            project = Project(self.settings.project_id, self.settings.company or "Files", zone)
            events = self._events(lambda: project)
            return ProjectSources(events, None, events, lambda: None)
        login = access.username, access.secret, access.project_id, access.region
        client = MixpanelClient(*login, base_url=access.base_url, transport=self.transport, sleep=self.sleep)
        self.held.callback(client.close)
        query = self._query(client)
        events, server_now = self._events(query.project), client.server_clock.now
        chosen = self._chosen(query, events)
        source = CompleteDays(chosen, server_now, client.me, self.clock, self.sleep)
        return ProjectSources(source, query, events, server_now)

    def _query(self, client: MixpanelClient) -> QuerySource:
        metrics = (metric for spec in self._specs for metric in spec.metrics)
        return QuerySource(
            client,
            project_zone=self.settings.project_zone,
            fallback_zone=self.settings.zone,
            shared=frozenset(event for metric in metrics for event in events_of(metric.measure)),
            now=self.clock,
        )

    def _chosen(self, query: QuerySource, events: EventSource) -> Source:
        match self.settings.source:
            case "auto":
                return FallbackSource(query, events)
            case "query":
                return query
            case "export" | "files":
                return events
            case _:
                assert_never(self.settings.source)

    def _events(self, find_project: Callable[[], Project]) -> EventSource:
        """Raw events of the export, or of files; each has days of its own."""
        settings, kept, is_files = self.settings, self.settings.events, self.settings.source == "files"
        access = None if is_files else settings.mixpanel
        folder = self.place.folder / ("files" if is_files else "events") / settings.project_id
        feed = (
            FilesFeed(tuple(kept.files), timedelta(days=kept.keep_days), self.clock)
            if access is None
            else self._export(access, folder)
        )
        return EventSource(
            find_project=find_project,
            open_store=lambda project: Store(folder, project.zone, TIME_RULES[kept.time_rule]),
            feed=feed,
            properties=self._properties(),
            zone=settings.project_zone,
            because=RawReason.FILES if is_files else RawReason.SETTING,
        )

    def _export(self, access: MixpanelAccess, folder: Path) -> ExportFeed:
        login = access.username, access.secret, access.project_id, access.region
        exporter = Exporter(*login, base_url=access.base_url, sleep=self.sleep, now=self.clock)
        self.held.callback(exporter.close)
        kept, open_backup = self.settings.events, self.place.open_backup
        backup = cache(partial(open_backup, access.project_id, folder)) if open_backup else None
        settles, keeps = timedelta(days=kept.refetch_days), timedelta(days=kept.keep_days)
        return ExportFeed(exporter, backup, settles, keeps, self.clock)

    def _properties(self) -> frozenset[str]:
        """Every property that any report looks at, and those that are kept besides."""
        measures = [metric.measure for spec in self._specs for metric in spec.metrics]
        drivers = (name for spec in self._specs for name in spec.drivers)
        kept = self.settings.events.keep_properties
        return needed_properties(measures) | frozenset(drivers) | frozenset(kept)

    @property
    def _specs(self) -> Sequence[ReportSpec]:
        return [one.spec for one in self.settings.subscriptions.values()]
