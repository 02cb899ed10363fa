"""Where reports are sent: the kinds of destination, by what `type` says in reports.toml."""

from collections.abc import Mapping

from reporter.destinations.slack_bot import BotTable
from reporter.destinations.slack_webhook import WebhookTable
from reporter.destinations.table import DestinationTable

KINDS: Mapping[str, type[DestinationTable]] = {"webhook": WebhookTable, "bot": BotTable}
