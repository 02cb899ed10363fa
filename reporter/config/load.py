"""Settings from their two places, the environment and reports.toml; the faults of both come together."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from zoneinfo import ZoneInfo

from reporter.config.checks import time_zone, webhook_address
from reporter.config.environment import Environment, mixpanel_access, words
from reporter.config.file import parse
from reporter.config.reports import subscription
from reporter.config.settings import Destination, Settings, WebhookDestination
from reporter.config.shape import ReportsFile
from reporter.model.errors import ConfigError, Fault
from reporter.model.subscription import Subscription


def load(
    environ: Mapping[str, str],
    reports_text: str,
    *,
    file: str = "reports.toml",
    need_destinations: bool = True,
) -> Settings:
    """The settings that these say; `file` is how faults call the text.

    Without `need_destinations` a destination whose secret is not set is no fault, but `unready`.
    Raises ConfigError, with every fault there is.
    """
    return settle(environ, reports_text, [], file=file, need_destinations=need_destinations)


def settle(
    environ: Mapping[str, str],
    reports_text: str | None,
    faults: list[Fault],
    *,
    file: str,
    need_destinations: bool,
) -> Settings:
    """As `load`, when some faults are known already; the text is None where it could not be read."""
    environment = Environment(environ, faults)
    mixpanel = mixpanel_access(environment)
    company = environment.optional("COMPANY_NAME", words) or ""
    zone = environment.optional("TIMEZONE", time_zone) or ZoneInfo("UTC")
    tables = None if reports_text is None else parse(reports_text, file, faults)
    subscriptions = (
        {name: subscription(name, tables, company, zone) for name in tables.reports} if tables else {}
    )
    destinations, unready = _destinations(tables, environment)
    if need_destinations:
        faults += _needed(unready, subscriptions)
    if mixpanel is None or faults:
        raise ConfigError(tuple(dict.fromkeys(faults)))
    return Settings(
        mixpanel,
        MappingProxyType(subscriptions),
        MappingProxyType(destinations),
        MappingProxyType(unready),
        company,
        zone,
    )


def _destinations(
    tables: ReportsFile | None, environment: Environment
) -> tuple[dict[str, Destination], dict[str, Fault]]:
    """Those that can be sent to, and why the others can not."""
    ready: dict[str, Destination] = {}
    unready: dict[str, Fault] = {}
    for name, table in tables.destinations.items() if tables else ():
        if missing := environment.missing(table.url):
            unready[name] = replace(missing, mend=f"{missing.mend} The destination {name} needs it.")
        elif url := environment.optional(table.url, webhook_address):
            ready[name] = WebhookDestination(name, url)
    return ready, unready


def _needed(unready: Mapping[str, Fault], subscriptions: Mapping[str, Subscription]) -> list[Fault]:
    """The faults of destinations that some report is sent to."""
    used = {name for subscription in subscriptions.values() for name in subscription.destinations}
    return [fault for name, fault in unready.items() if name in used]
