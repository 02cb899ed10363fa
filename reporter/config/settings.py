"""Settings from their two places, the environment and reports.toml; the problems of both come together."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from glob import escape
from pathlib import Path
from types import MappingProxyType
from unicodedata import category
from zoneinfo import ZoneInfo

from reporter.config.environment import SETTINGS, notes, readable_by_others
from reporter.config.reader import parse
from reporter.config.report_tables import check_cron
from reporter.config.reports_file import EventsTable, ReportsFile
from reporter.destinations.slack_webhook import SlackWebhook, webhook_address
from reporter.destinations.table import MessageChannel
from reporter.reports.errors import ConfigError, SettingsProblem
from reporter.reports.figures import Origin
from reporter.reports.schedules import schedule_setting
from reporter.reports.subscriptions import Subscription
from reporter.setting_files import read_files
from reporter.sources.mixpanel.access import REQUIRED, MixpanelAccess, mixpanel_access, optional_project_id
from reporter.validation import Environment, Invalid, heartbeat_address
from reporter.zones import time_zone

_FROM_FILES = re.compile(r"""^[ \t]*source[ \t]*=[ \t]*["']files["']""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a person decides. All mappings are in the order of the file."""

    mixpanel: MixpanelAccess | None  # None: the source is "files", and no service account is set
    project_id: str
    project_zone: ZoneInfo | None  # instead of what Mixpanel says
    subscriptions: Mapping[str, Subscription]  # by report name
    destinations: Mapping[str, MessageChannel]  # those that can be sent to
    unready: Mapping[str, SettingsProblem]  # destinations without their secret, and what to do about it
    company: str
    zone: ZoneInfo  # of schedules that name none
    errors: MessageChannel | None = None  # where notices go; None: to the destination concerned
    heartbeat: str | None = field(default=None, repr=False)  # called after each success
    source: Origin = "auto"  # of the numbers; "auto": the Query API, then raw events where it refuses
    events: EventsTable = field(default_factory=EventsTable)
    notes: tuple[SettingsProblem, ...] = ()  # what is no fault, and may not be meant


def read(root: Path, environ: Mapping[str, str], *, need_destinations: bool = True) -> Settings:
    """The settings of a folder: its `.env`, over which the environment wins, and its reports file.

    Raises ConfigError, with every fault there is. For `need_destinations` see `load`.
    """
    _check_folder(root)
    dotenv, found = root / ".env", read_files(root, environ)
    faults = list(found.dotenv_faults)
    is_empty = not any(name in found.values for name in REQUIRED)
    if is_empty and not faults and not _is_from_files(found.reports_text):
        faults.append(_nothing_set(dotenv))
    faults += found.reports_faults
    settings = _settle(found.values, found.reports_text, faults, found.file, need_destinations)
    files = [_from(root, place) for place in settings.events.files]
    open_to_all = readable_by_others(dotenv)
    return replace(
        settings,
        events=settings.events.model_copy(update={"files": files}),
        notes=(*settings.notes, open_to_all) if open_to_all else settings.notes,
    )


def read_reports(root: Path, environ: Mapping[str, str]) -> Mapping[str, Subscription]:
    """The reports of a folder's reports file, without any secret. Raises ConfigError, with every fault."""
    _check_folder(root)
    found = read_files(root, environ)
    faults = [*found.dotenv_faults, *found.reports_faults]
    tables = None if found.reports_text is None else parse(found.reports_text, found.file, faults)
    if tables is None:
        raise ConfigError(tuple(faults))
    return _subscriptions(tables, Environment({}, faults), "", ZoneInfo("UTC"))


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
    return _settle(environ, reports_text, [], file, need_destinations)


def _settle(
    environ: Mapping[str, str],
    reports_text: str | None,
    faults: list[SettingsProblem],
    file: str,
    need_destinations: bool,
) -> Settings:
    """As `load`, when some faults are known already; the text is None where it could not be read."""
    environment = Environment(environ, faults, SETTINGS)
    mixpanel = mixpanel_access(environment, is_needed=not _is_from_files(reports_text))
    project_id = mixpanel.project_id if mixpanel else optional_project_id(environment)
    project_zone = environment.optional("MIXPANEL_PROJECT_TIMEZONE", time_zone)
    company = environment.optional("COMPANY_NAME", _words) or ""
    zone = environment.optional("TIMEZONE", time_zone) or ZoneInfo("UTC")
    errors = environment.required_if_set("ERROR_WEBHOOK_URL", webhook_address)
    heartbeat = environment.required_if_set("HEARTBEAT_URL", heartbeat_address)
    tables = None if reports_text is None else parse(reports_text, file, faults)
    subscriptions = _subscriptions(tables, environment, company, zone) if tables else {}
    destinations, unready = _destinations(tables, environment)
    if need_destinations or faults:  # every fault at once
        faults += _needed(unready, subscriptions)
    hints = notes(environ, zone, subscriptions, _named(tables))
    if tables is None or faults:
        raise _config_error(faults, hints)
    return Settings(
        mixpanel,
        project_id,
        project_zone,
        MappingProxyType(subscriptions),
        MappingProxyType(destinations),
        MappingProxyType(unready),
        company,
        zone,
        SlackWebhook(errors, name="errors") if errors else None,
        heartbeat,
        tables.source,
        tables.events,
        hints,
    )


def _is_from_files(reports_text: str | None) -> bool:
    """Whether the text has `source = "files"`, also where the rest of it cannot be read."""
    return _FROM_FILES.search(reports_text or "") is not None


def _words(text: str) -> str:
    """Text of any language, without control characters and without half characters."""
    if any(category(character) in ("Cc", "Cs") for character in text):
        raise Invalid("holds a character that cannot be shown", "Write it once more.")
    return text


def _config_error(faults: Sequence[SettingsProblem], hints: Sequence[SettingsProblem]) -> ConfigError:
    """Every fault; and, as notes for whoever prints it, what may not be meant."""
    error = ConfigError(tuple(dict.fromkeys(faults)))
    text = str(error)
    for hint in hints:
        if hint.place not in text:
            error.add_note(f"note: {hint}")
    return error


def _named(tables: ReportsFile | None) -> tuple[str, ...]:
    """The settings that the file names."""
    return tuple(table.setting for table in tables.destinations.values()) if tables else ()


def _subscriptions(
    tables: ReportsFile, environment: Environment, company: str, zone: ZoneInfo
) -> dict[str, Subscription]:
    """The reports of the file, with the schedules that the environment has for them."""
    crons = {name: environment.optional(schedule_setting(name), check_cron) for name in tables.reports}
    return {name: tables.subscription(name, company, zone, own) for name, own in crons.items()}


def _destinations(
    tables: ReportsFile | None, environment: Environment
) -> tuple[dict[str, MessageChannel], dict[str, SettingsProblem]]:
    """Those that can be sent to, and why the others can not."""
    ready: dict[str, MessageChannel] = {}
    unready: dict[str, SettingsProblem] = {}
    for name, table in tables.destinations.items() if tables else ():
        if missing := environment.missing(table.setting):
            unready[name] = replace(missing, fix=f"{missing.fix} The destination {name} needs it.")
        elif channel := table.channel_of(name, environment):
            ready[name] = channel
    return ready, unready


def _needed(
    unready: Mapping[str, SettingsProblem], subscriptions: Mapping[str, Subscription]
) -> list[SettingsProblem]:
    """The faults of destinations that some report is sent to."""
    used = {name for subscription in subscriptions.values() for name in subscription.destinations}
    return [fault for name, fault in unready.items() if name in used]


def _from(root: Path, place: str) -> str:
    """A path is meant from the folder of the settings on."""
    if "://" in place or place.startswith("~") or Path(place).is_absolute():
        return place
    return f"{escape(str(root))}/{place}"


def _check_folder(root: Path) -> None:
    try:
        is_there = root.is_dir()
    except OSError:  # what is around it may not be looked into
        is_there = False
    if not is_there:
        fix = "Name the folder that holds .env and reports.toml: reporter -C FOLDER."
        raise ConfigError((SettingsProblem(str(root), "there is no such folder", fix),))


def _nothing_set(dotenv: Path) -> SettingsProblem:
    """Where all is missing, the folder is mostly another one."""
    if dotenv.exists():
        return SettingsProblem(
            str(dotenv.resolve()), "it sets nothing of Mixpanel", "Fill it in as in .env.example."
        )
    fix = "Copy .env.example there and fill it in, or name the folder that has one: reporter -C FOLDER."
    return SettingsProblem(str(dotenv.resolve()), "there is no such file", fix)
