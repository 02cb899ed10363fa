"""reports.toml + environment -> Settings, or one ConfigError that names every fault."""

from reporter.config.disk import read, read_reports
from reporter.config.load import load
from reporter.config.settings import (
    BotDestination,
    DestinationSettings,
    EventsSettings,
    MixpanelAccess,
    Origin,
    Region,
    Settings,
    TimeRule,
    WebhookDestination,
)

__all__ = [
    "BotDestination",
    "DestinationSettings",
    "EventsSettings",
    "MixpanelAccess",
    "Origin",
    "Region",
    "Settings",
    "TimeRule",
    "WebhookDestination",
    "load",
    "read",
    "read_reports",
]
