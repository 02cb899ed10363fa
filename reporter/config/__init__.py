"""reports.toml + environment -> Settings, or one ConfigError that names every fault."""

from reporter.config.disk import read
from reporter.config.load import load
from reporter.config.settings import Destination, MixpanelAccess, Region, Settings, WebhookDestination

__all__ = ["Destination", "MixpanelAccess", "Region", "Settings", "WebhookDestination", "load", "read"]
