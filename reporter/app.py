"""The composition root: the one place that chooses parts and puts them together."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import httpx2

from reporter import telemetry
from reporter.assembly import EventStorage, ProjectSources, SourceAssembly, has_storage
from reporter.config.settings import Settings, read
from reporter.destinations.alarm import ChannelAlarm
from reporter.destinations.table import MessageChannel
from reporter.health import due_of, ping
from reporter.ledger.sqlite import SQLiteLedger
from reporter.publishing.make import explain, make
from reporter.publishing.notices import Alarm, Ledger
from reporter.publishing.publish import Publisher
from reporter.reports.deliveries import Delivery
from reporter.reports.figures import Source
from reporter.reports.report import Report
from reporter.reports.subscriptions import Edition, MetricSpec, Order, Subscription
from reporter.sources.events.source import EventSource
from reporter.sources.mixpanel.access import ProjectSettings
from reporter.sources.warehouse.project_warehouse import ProjectWarehouse

if TYPE_CHECKING:
    from reporter.anomalies.explanation import MetricExplanation
    from reporter.checkup.checks import ProjectCheck
    from reporter.checkup.names import CheckLine

FOLDER = ".reporter"  # in that of the settings: of the ledger and the raw events


@dataclass(frozen=True, slots=True)
class App:
    """Everything put together; only the network and the clock are outside."""

    settings: Settings
    destinations: Mapping[str, MessageChannel]
    ledger: Ledger
    alarm: Alarm
    clock: Callable[[], datetime]
    close: Callable[[], None]  # hangs up; for programs that end
    _projects: Mapping[str | None, ProjectSources]  # by name; None: that of the environment

    @property
    def subscriptions(self) -> Mapping[str, Subscription]:
        return self.settings.subscriptions

    @property
    def company(self) -> str:
        return self.settings.company

    def raw_events(self, project: str | None) -> EventSource:
        """The raw events of a project that are stored, or can be."""
        return self._projects[project].events

    def warehouse(self, project: str | None) -> ProjectWarehouse | None:
        """The warehouse of a project, where its numbers come from one."""
        return self._projects[project].warehouse if self.settings.source == "warehouse" else None

    def edition(self, order: Order) -> Edition:
        """The report that is ordered, with its days. Raises Unavailable, Refused or DaysRefused."""
        return order.edition(self.clock(), self._source(order.spec.name).project().zone)

    def preview(self, order: Order) -> Report:
        """The report that is ordered, without sending it anywhere. Raises Unavailable or Refused."""
        return make(self.edition(order), self._source(order.spec.name), self.clock, waits=False)

    def explain(self, order: Order, metric: MetricSpec) -> "MetricExplanation":
        """Why the metric is called unusual in the ordered report, or not. Raises Unavailable or Refused."""
        return explain(self.edition(order), self._source(order.spec.name), metric)

    def publisher(self, report: str, destination: str) -> Publisher:
        """What delivers this report to this destination."""
        source, channel = self._source(report), self.destinations[destination]
        locale = self.settings.locales.get(destination)
        return Publisher(source, channel, self.ledger, self.alarm, self.clock, self.due_of, locale)

    def due_of(self, delivery: Delivery, zone: ZoneInfo) -> datetime | None:
        """The last due moment whose report this delivery is."""
        return due_of(delivery, self.subscriptions, zone, self.clock())

    @property
    def has_warehouse(self) -> bool:
        """Whether any number comes from one."""
        return any(sources.warehouse for sources in self._projects.values())

    def check(self, folder: Path | None, *, proves: bool = False) -> "Iterator[CheckLine]":
        """Whether all is ready to run unattended; `folder` is where things are kept on this machine.

        With `proves` a day is taken out of the warehouse, and measured here, too.
        """
        from reporter.checkup.checks import Checkup

        settings = self.settings
        return Checkup(
            projects=tuple(self._project_check(name, proves=proves) for name in self._projects),
            subscriptions=settings.subscriptions,
            destinations=self.destinations,
            ledger=self.ledger,
            unready=settings.unready,
            notes=settings.notes,
            heartbeat=settings.heartbeat,
            folder=folder,
            zone=settings.zone,
            now=self.clock(),
        ).lines()

    def _project_check(self, name: str | None, *, proves: bool) -> "ProjectCheck":
        from reporter.checkup.checks import ProjectCheck

        sources, described = self._projects[name], self.settings.projects[name]
        return ProjectCheck(
            name=name or described.id,
            subscriptions={key: one for key, one in self.subscriptions.items() if one.project == name},
            origin=self.settings.source,
            query=sources.query,
            events=sources.events,
            now=self.clock(),
            server_now=sources.server_now,
            zone_setting=described.names.zone,
            warehouse=sources.warehouse,
            proves=proves,
        )

    def _source(self, report: str) -> Source:
        """Where the numbers of this report come from."""
        subscription = self.subscriptions[report]
        return self._projects[subscription.project].source_of(subscription.spec)

    def ping_watcher(self) -> str | None:
        """Tell the watcher outside that a report was made; why that failed, in words for people."""
        return ping(self.settings.heartbeat)


def utc_now() -> datetime:
    return datetime.now(UTC)


def open_ledger(environ: Mapping[str, str], folder: Path) -> Ledger:
    """The ledger of this place: Azure's storage where the app has one, else a file in the folder."""
    table = None
    if has_storage(environ):
        from reporter.ledger.azure_table import TableLedger  # heavy, and only Azure needs it

        table = TableLedger.of(environ)
    return table or SQLiteLedger(folder / "ledger.sqlite")


def open_app(root: Path, environ: Mapping[str, str], *, sends: bool) -> App:
    """The app of a folder's settings; what only shows a report needs no destination.

    Raises ConfigError or Unavailable.
    """
    settings, folder = read(root, environ, need_destinations=sends), root / FOLDER
    telemetry.start(settings.telemetry)
    return assemble(settings, open_ledger(environ, folder), EventStorage.of(environ, folder))


def assemble(
    settings: Settings,
    ledger: Ledger,
    place: EventStorage,
    *,
    transport: httpx2.BaseTransport | None = None,
    clock: Callable[[], datetime] = utc_now,
    sleep: Callable[[float], None] = time.sleep,
    elapsed: Callable[[], float] = time.monotonic,
) -> App:
    """The app these settings describe, with this memory."""
    held = ExitStack()
    held.callback(ledger.close)
    held.callback(telemetry.stop)
    destinations = {name: one.over(transport, sleep) for name, one in settings.destinations.items()}
    errors = settings.errors.over(transport, sleep) if settings.errors else None

    def sources_of(name: str | None, project: ProjectSettings) -> ProjectSources:
        specs = [one.spec for one in settings.subscriptions.values() if one.project == name]
        return SourceAssembly(
            settings, project, specs, place, transport, clock, sleep, elapsed, held
        ).sources()

    return App(
        settings=settings,
        destinations=destinations,
        ledger=ledger,
        alarm=ChannelAlarm(destinations, errors, settings.locales),
        clock=clock,
        close=held.close,
        _projects={name: sources_of(name, project) for name, project in settings.projects.items()},
    )
