"""The composition root: the one place that chooses parts and puts them together."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx2

from reporter.config import Destination, Settings
from reporter.deliver.alarm import ChannelAlarm
from reporter.deliver.ledger import SQLiteLedger
from reporter.deliver.slack import SlackWebhook
from reporter.mixpanel.client import Client
from reporter.mixpanel.query import QuerySource
from reporter.model.delivery import Payload, Receipt
from reporter.model.measure import event_of
from reporter.model.notice import Notice
from reporter.model.report import Report
from reporter.publish import Alarm, Ledger, Publisher
from reporter.render import slack


@dataclass(frozen=True, slots=True)
class SlackChannel:
    """A report drawn for Slack and sent to a webhook."""

    name: str
    webhook: SlackWebhook

    def draw(self, report: Report) -> Sequence[Payload]:
        return slack.payloads(report)

    def draw_notice(self, notice: Notice) -> Sequence[Payload]:
        return slack.notice_payloads(notice)

    def send(self, payloads: Sequence[Payload]) -> Receipt:
        return self.webhook.send(payloads)

    def check(self) -> None:
        self.webhook.check()


@dataclass(frozen=True, slots=True)
class App:
    """Everything put together; only the network and the clock are outside."""

    settings: Settings
    source: QuerySource
    destinations: Mapping[str, SlackChannel]
    ledger: Ledger
    alarm: Alarm
    clock: Callable[[], datetime]
    close: Callable[[], None]  # hangs up; for programs that end

    def publisher(self, destination: str) -> Publisher:
        """What delivers to this destination."""
        return Publisher(self.source, self.destinations[destination], self.ledger, self.alarm, self.clock)


def utc_now() -> datetime:
    return datetime.now(UTC)


def assemble(
    settings: Settings,
    state: Path,
    *,
    transport: httpx2.BaseTransport | None = None,
    clock: Callable[[], datetime] = utc_now,
    sleep: Callable[[float], None] = time.sleep,
) -> App:
    """The app these settings describe; what it remembers is kept in the folder `state`."""
    access = settings.mixpanel
    client = Client(
        username=access.username,
        secret=access.secret,
        project_id=access.project_id,
        region=access.region,
        base_url=access.base_url,
        transport=transport,
        sleep=sleep,
    )
    destinations = {
        name: _channel(destination, transport, sleep) for name, destination in settings.destinations.items()
    }
    return App(
        settings=settings,
        source=QuerySource(
            client,
            project_zone=access.project_zone,
            fallback_zone=settings.zone,
            shared=_events(settings),
            now=clock,
        ),
        destinations=destinations,
        ledger=SQLiteLedger(state / "ledger.sqlite"),
        alarm=ChannelAlarm(destinations),
        clock=clock,
        close=client.close,
    )


def _channel(
    destination: Destination, transport: httpx2.BaseTransport | None, sleep: Callable[[float], None]
) -> SlackChannel:
    return SlackChannel(destination.name, SlackWebhook(destination.url, transport, sleep))


def _events(settings: Settings) -> frozenset[str]:
    """Every event that any report is about."""
    metrics = (metric for one in settings.subscriptions.values() for metric in one.spec.metrics)
    return frozenset(event for metric in metrics if (event := event_of(metric.measure)) is not None)
