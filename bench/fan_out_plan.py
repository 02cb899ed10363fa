"""What the workers of the fan-out have in common: many reports about one question, a fast clock, a queue."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from azure.storage.queue import QueueClient, TextBase64DecodePolicy, TextBase64EncodePolicy

from reporter.config.settings import Settings, load
from reporter.ledger.azure_table import TableLedger
from reporter.local import REPORTS
from reporter.local.mixpanel import PROJECT_ID, SECRET, USERNAME
from reporter.local.slack import TOKEN
from reporter.local.slack.channel import CHANNEL_ID
from reporter.publishing.queue import Due
from reporter.reports.subscriptions import Subscription

BOT = f"""
[destinations.bot]
type = "bot"
token = "SLACK_BOT_TOKEN"
channel = "{CHANNEL_ID}"
details = "none"
"""
PAUSE = timedelta(minutes=10)  # host.json: visibilityTimeout
IN_FLIGHT = 4  # host.json: batchSize


ZONE = ZoneInfo("UTC")  # the project's


@dataclass(frozen=True, slots=True)
class FastClock:
    """Time that runs `speed` times as fast from `start` on."""

    start: datetime
    speed: float

    def __call__(self) -> datetime:
        return self.start + (datetime.now(UTC) - self.start) * self.speed

    def seconds(self, time: timedelta) -> int:
        """How long that takes by a clock on the wall."""
        return round(time.total_seconds() / self.speed)


@dataclass(frozen=True, slots=True)
class Plan:
    """So many reports, half to a webhook and half to a bot; and where everything is."""

    deliveries: int
    clock: FastClock
    storage: str
    name: str  # of the queue and the table
    mixpanel: str
    slack: str
    webhook: str
    errors: str
    tries: Path  # takes a line for each try

    def settings(self) -> Settings:
        """One report as the shipped file has it, many times over: they share what Mixpanel is asked."""
        environ = {
            "MIXPANEL_USERNAME": USERNAME,
            "MIXPANEL_SECRET": SECRET,
            "MIXPANEL_PROJECT_ID": str(PROJECT_ID),
            "MIXPANEL_BASE_URL": self.mixpanel,
            "SLACK_WEBHOOK_URL": self.webhook,
            "SLACK_BOT_TOKEN": TOKEN,
            "SLACK_API_URL": f"{self.slack}/api",
            "ERROR_WEBHOOK_URL": self.errors,
        }
        settings = load(environ, REPORTS.read_text(encoding="utf-8") + BOT)
        return replace(settings, subscriptions=dict(self._subscriptions(settings.subscriptions["daily"])))

    def dues(self) -> list[Due]:
        return [
            Due(f"report-{number:04}", self.clock.start, ("slack", "bot")[number % 2])
            for number in range(self.deliveries)
        ]

    def queue(self) -> QueueClient:
        return QueueClient.from_connection_string(  # pyright: ignore[reportUnknownMemberType]
            self.storage,
            self.name,
            message_encode_policy=TextBase64EncodePolicy(),
            message_decode_policy=TextBase64DecodePolicy(),
        )

    def ledger(self) -> TableLedger:
        ledger = TableLedger.of({"AzureWebJobsStorage": self.storage}, self.name)
        assert ledger
        return ledger

    def _subscriptions(self, pattern: Subscription) -> Iterator[tuple[str, Subscription]]:
        for due in self.dues():
            spec = replace(pattern.spec, name=due.report, title=due.report)
            yield due.report, replace(pattern, spec=spec, destinations=(due.destination,))
