"""The composition root: the one place that chooses parts and puts them together."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import assert_never

import httpx2

from reporter.config import BotDestination, Destination, Settings, WebhookDestination
from reporter.deliver.alarm import ChannelAlarm
from reporter.deliver.ledger import SQLiteLedger
from reporter.deliver.slack import SlackWebhook
from reporter.deliver.slack_bot import SLACK, SlackBot
from reporter.mixpanel.client import Client
from reporter.mixpanel.query import QuerySource
from reporter.model.delivery import Delivery, Payload, Receipt
from reporter.model.measure import event_of
from reporter.model.notice import Notice
from reporter.model.report import Report
from reporter.publish import Alarm, Ledger, Publisher
from reporter.render import slack

STORAGE = "AzureWebJobsStorage"  # the app setting, or the prefix of those that say it without a key


@dataclass(frozen=True, slots=True)
class SlackChannel:
    """A report drawn for Slack and sent by a webhook or a bot."""

    name: str
    sender: SlackWebhook | SlackBot
    has_thread: bool = False  # what does not fit into the message follows as its thread

    def draw(self, report: Report) -> Sequence[Payload]:
        return slack.payloads(report, has_thread=self.has_thread)

    def draw_notice(self, notice: Notice) -> Sequence[Payload]:
        return slack.notice_payloads(notice)

    def send(self, payloads: Sequence[Payload], delivery: Delivery | None = None) -> Receipt:
        return self.sender.send(payloads, delivery)

    def find(self, delivery: Delivery, since: datetime) -> Receipt | None:
        return self.sender.find(delivery, since)

    def check(self) -> None:
        self.sender.check()


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


def open_ledger(environ: Mapping[str, str], folder: Path) -> Ledger:
    """The ledger of this place: Azure's storage where the app has one, else a file in the folder."""
    table = None
    if any(name.startswith(STORAGE) and value for name, value in environ.items()):
        from reporter.deliver.table_ledger import TableLedger  # heavy, and only Azure needs it

        table = TableLedger.of(environ)
    return table or SQLiteLedger(folder / "ledger.sqlite")


def assemble(
    settings: Settings,
    ledger: Ledger,
    *,
    transport: httpx2.BaseTransport | None = None,
    clock: Callable[[], datetime] = utc_now,
    sleep: Callable[[float], None] = time.sleep,
) -> App:
    """The app these settings describe, with this memory."""
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
    held = ExitStack()
    held.callback(client.close)
    held.callback(ledger.close)
    errors = _channel(settings.errors, transport, sleep) if settings.errors else None
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
        ledger=ledger,
        alarm=ChannelAlarm(destinations, errors),
        clock=clock,
        close=held.close,
    )


def _channel(
    destination: Destination, transport: httpx2.BaseTransport | None, sleep: Callable[[float], None]
) -> SlackChannel:
    match destination:
        case WebhookDestination(name, url):
            return SlackChannel(name, SlackWebhook(url, transport, sleep))
        case BotDestination(name, token, channel, has_thread, base_url):
            bot = SlackBot(token, channel, transport, sleep, base_url or SLACK)
            return SlackChannel(name, bot, has_thread)
        case _:
            assert_never(destination)


def _events(settings: Settings) -> frozenset[str]:
    """Every event that any report is about."""
    metrics = (metric for one in settings.subscriptions.values() for metric in one.spec.metrics)
    return frozenset(event for metric in metrics if (event := event_of(metric.measure)) is not None)
