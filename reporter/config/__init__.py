"""reports.toml + environment -> Settings, or one ConfigError that names every fault."""

from reporter.config.disk import read
from reporter.config.load import load
from reporter.config.settings import (
    BotDestination,
    Destination,
    MixpanelAccess,
    Region,
    Settings,
    WebhookDestination,
)

__all__ = [
    "BotDestination",
    "Destination",
    "MixpanelAccess",
    "Region",
    "Settings",
    "WebhookDestination",
    "load",
    "read",
]
