"""Where the numbers of each project come from: its sources, put together from the settings."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

import httpx2

from reporter.config.settings import Settings
from reporter.reports.errors import Unavailable
from reporter.reports.figures import Project, RawReason, Source
from reporter.reports.references import events_of, needed_properties
from reporter.reports.subscriptions import ReportSpec
from reporter.sources.composite import CompleteDays, FallbackSource, SplitSource
from reporter.sources.events.feed import ExportFeed
from reporter.sources.events.feeds.files import FilesFeed
from reporter.sources.events.source import EventSource
from reporter.sources.events.store import Store
from reporter.sources.events.time_rule import TimeRule
from reporter.sources.mixpanel.access import MixpanelAccess, ProjectSettings
from reporter.sources.mixpanel.export import Exporter
from reporter.sources.mixpanel.http import MixpanelClient
from reporter.sources.mixpanel.source import QuerySource
from reporter.sources.warehouse.project_warehouse import ProjectWarehouse

if TYPE_CHECKING:
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
    warehouse: ProjectWarehouse | None = None

    def source_of(self, spec: ReportSpec) -> Source:
        """Where the numbers of this report come from."""
        measures = frozenset(metric.measure for metric in spec.metrics if metric.in_warehouse)
        if self.warehouse is None or self.source is self.warehouse or not (spec.in_warehouse or measures):
            return self.source
        return self.warehouse if spec.in_warehouse else SplitSource(self.source, self.warehouse, measures)


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


def has_storage(environ: Mapping[str, str]) -> bool:
    """Whether the ledger and the raw events are in Azure's storage."""
    return any(name.startswith(STORAGE) and value for name, value in environ.items())


@dataclass(frozen=True, slots=True)
class SourceAssembly:
    """Puts the sources of a project together; what has to hang up at the end is held."""

    settings: Settings
    project: ProjectSettings
    specs: Sequence[ReportSpec]  # of the reports that are about it
    place: EventStorage
    transport: httpx2.BaseTransport | None
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    elapsed: Callable[[], float]
    held: ExitStack

    def sources(self) -> ProjectSources:
        access = self.project.access
        if access is None:  # Mixpanel is not asked
            zone = self.project.zone or self.settings.zone
            place = "Warehouse" if self.settings.source == "warehouse" else "Files"
            project = Project(self.project.id, self.settings.company or place, zone)
            events, warehouse = self._events(lambda: project), self._warehouse(lambda: project)
            return ProjectSources(warehouse or events, None, events, lambda: None, warehouse)
        client = MixpanelClient(access, transport=self.transport, sleep=self.sleep, elapsed=self.elapsed)
        self.held.callback(client.close)
        query = self._query(client)
        events, server_now = self._events(query.project), client.server_clock.now
        warehouse = self._warehouse(query.project)
        if self.settings.source == "warehouse" and warehouse is not None:
            return ProjectSources(warehouse, query, events, server_now, warehouse)
        chosen = self._chosen(query, events)
        source = CompleteDays(chosen, server_now, client.me, self.clock, self.sleep)
        return ProjectSources(source, query, events, server_now, warehouse)

    def _warehouse(self, find_project: Callable[[], Project]) -> ProjectWarehouse | None:
        if self.project.warehouse is None:
            return None
        found = ProjectWarehouse(self.project.warehouse, find_project, self.clock)
        self.held.callback(found.close)
        return found

    def _query(self, client: MixpanelClient) -> QuerySource:
        metrics = (metric for spec in self.specs for metric in spec.metrics)
        return QuerySource(
            client,
            project_zone=self.project.zone,
            fallback_zone=self.settings.zone,
            shared=frozenset(event for metric in metrics for event in events_of(metric.measure)),
            clock=self.elapsed,
            now=self.clock,
        )

    def _chosen(self, query: QuerySource, events: EventSource) -> Source:
        match self.settings.source:
            case "auto":
                return FallbackSource(query, events)
            case "query":
                return query
            case "export" | "files" | "warehouse":
                return events
            case _:
                assert_never(self.settings.source)

    def _events(self, find_project: Callable[[], Project]) -> EventSource:
        """Raw events of the export, or of files; each has days of its own."""
        kept, is_files = self.settings.events, self.settings.source == "files"
        access = None if is_files else self.project.access
        folder = self.place.folder / ("files" if is_files else "events") / self.project.id
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
            zone=self.project.zone,
            because=RawReason.FILES if is_files else RawReason.SETTING,
        )

    def _export(self, access: MixpanelAccess, folder: Path) -> ExportFeed:
        exporter = Exporter(access, sleep=self.sleep, now=self.clock)
        self.held.callback(exporter.close)
        kept, open_backup = self.settings.events, self.place.open_backup
        backup = cache(partial(open_backup, access.project_id, folder)) if open_backup else None
        settles, keeps = timedelta(days=kept.refetch_days), timedelta(days=kept.keep_days)
        return ExportFeed(exporter, backup, settles, keeps, self.clock)

    def _properties(self) -> frozenset[str]:
        """Every property that any report looks at, and those that are kept besides."""
        measures = [metric.measure for spec in self.specs for metric in spec.metrics]
        drivers = (name for spec in self.specs for name in spec.drivers)
        judged_by = (one.judge_by for spec in self.specs for one in spec.metrics if one.judge_by)
        kept = self.settings.events.keep_properties
        return needed_properties(measures) | frozenset(drivers) | frozenset(judged_by) | frozenset(kept)
