"""Settings from their two places, the environment and reports.toml; the faults of both come together."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import assert_never
from zoneinfo import ZoneInfo

from reporter.config import checks
from reporter.config.destination_tables import BotTable, WebhookTable
from reporter.config.environment import Environment, mixpanel_access, notes, words
from reporter.config.reader import parse
from reporter.config.reports_file import EventsTable, ReportsFile, subscription
from reporter.config.settings import (
    BotDestination,
    DestinationSettings,
    EventsSettings,
    Settings,
    WebhookDestination,
)
from reporter.config.zones import time_zone
from reporter.reports.errors import ConfigError, SettingsProblem
from reporter.reports.schedules import schedule_setting
from reporter.reports.subscriptions import Subscription


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


def reports(text: str, file: str, faults: list[SettingsProblem]) -> Mapping[str, Subscription]:
    """The reports of the file alone, whatever the settings are. Raises ConfigError, with every fault."""
    tables = parse(text, file, faults)
    if tables is None:
        raise ConfigError(tuple(faults))
    return _subscriptions(tables, Environment({}, faults), "", ZoneInfo("UTC"))


def settle(
    environ: Mapping[str, str],
    reports_text: str | None,
    faults: list[SettingsProblem],
    *,
    file: str,
    need_destinations: bool,
) -> Settings:
    """As `load`, when some faults are known already; the text is None where it could not be read."""
    environment = Environment(environ, faults)
    mixpanel = mixpanel_access(environment)
    company = environment.optional("COMPANY_NAME", words) or ""
    zone = environment.optional("TIMEZONE", time_zone) or ZoneInfo("UTC")
    errors = environment.required_if_set("ERROR_WEBHOOK_URL", checks.webhook_address)
    heartbeat = environment.required_if_set("HEARTBEAT_URL", checks.heartbeat_address)
    tables = None if reports_text is None else parse(reports_text, file, faults)
    subscriptions = _subscriptions(tables, environment, company, zone) if tables else {}
    destinations, unready = _destinations(tables, environment)
    if need_destinations or faults:  # every fault at once
        faults += _needed(unready, subscriptions)
    hints = notes(environ, zone, subscriptions, _named(tables))
    if mixpanel is None or faults:
        raise _wrong(faults, hints)
    return Settings(
        mixpanel,
        MappingProxyType(subscriptions),
        MappingProxyType(destinations),
        MappingProxyType(unready),
        company,
        zone,
        WebhookDestination("errors", errors) if errors else None,
        heartbeat,
        tables.source if tables else "auto",
        _events(tables.events) if tables else EventsSettings(),
        hints,
    )


def _wrong(faults: Sequence[SettingsProblem], hints: Sequence[SettingsProblem]) -> ConfigError:
    """Every fault; and, as notes for whoever prints it, what may not be meant."""
    error = ConfigError(tuple(dict.fromkeys(faults)))
    told = str(error)
    for hint in hints:
        if hint.place not in told:
            error.add_note(f"note: {hint}")
    return error


def _named(tables: ReportsFile | None) -> tuple[str, ...]:
    """The settings that the file names."""
    return tuple(table.setting for table in tables.destinations.values()) if tables else ()


def _events(table: EventsTable) -> EventsSettings:
    return EventsSettings(
        table.refetch_days, table.keep_days, tuple(table.keep_properties), table.time_rule, tuple(table.files)
    )


def _subscriptions(
    tables: ReportsFile, environment: Environment, company: str, zone: ZoneInfo
) -> dict[str, Subscription]:
    """The reports of the file, with the schedules that the environment has for them."""
    crons = {name: environment.optional(schedule_setting(name), checks.cron) for name in tables.reports}
    return {name: subscription(name, tables, company, zone, cron) for name, cron in crons.items()}


def _destinations(
    tables: ReportsFile | None, environment: Environment
) -> tuple[dict[str, DestinationSettings], dict[str, SettingsProblem]]:
    """Those that can be sent to, and why the others can not."""
    ready: dict[str, DestinationSettings] = {}
    unready: dict[str, SettingsProblem] = {}
    for name, table in tables.destinations.items() if tables else ():
        if missing := environment.missing(table.setting):
            unready[name] = replace(missing, fix=f"{missing.fix} The destination {name} needs it.")
        elif destination := _destination(name, table, environment):
            ready[name] = destination
    return ready, unready


def _destination(
    name: str, table: WebhookTable | BotTable, environment: Environment
) -> DestinationSettings | None:
    """None where there is a fault."""
    match table:
        case WebhookTable():
            url = environment.optional(table.url, checks.webhook_address)
            return WebhookDestination(name, url) if url else None
        case BotTable():
            token = environment.optional(table.token, checks.bot_token)
            base_url = environment.optional("SLACK_API_URL", checks.base_address)
            has_thread = table.details == "thread"
            return BotDestination(name, token, table.channel, has_thread, base_url) if token else None
        case _:
            assert_never(table)


def _needed(
    unready: Mapping[str, SettingsProblem], subscriptions: Mapping[str, Subscription]
) -> list[SettingsProblem]:
    """The faults of destinations that some report is sent to."""
    used = {name for subscription in subscriptions.values() for name in subscription.destinations}
    return [fault for name, fault in unready.items() if name in used]
