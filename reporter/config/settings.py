"""Settings from their two places, the environment and reports.toml; the problems of both come together."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from glob import escape
from pathlib import Path
from types import MappingProxyType
from unicodedata import category
from zoneinfo import ZoneInfo

from reporter.config.due_times import check_cron, waits_in_vain
from reporter.config.environment import SETTINGS, notes, readable_by_others
from reporter.config.events_table import EventsTable
from reporter.config.reader import parse
from reporter.config.reports_file import ReportsFile
from reporter.destinations.slack_webhook import SlackWebhook, webhook_address
from reporter.destinations.table import MessageChannel
from reporter.reports.errors import ConfigError, SettingsProblem
from reporter.reports.figures import Origin
from reporter.reports.schedules import schedule_setting
from reporter.reports.subscriptions import Subscription
from reporter.setting_files import read_files
from reporter.sources.mixpanel.access import REQUIRED, ProjectSettings, environment_project
from reporter.validation import NOT_SET, Environment, Invalid, api_key, heartbeat_address
from reporter.zones import time_zone

_PROJECTS = re.compile(r"^[ \t]*(\[[ \t]*)?projects\b", re.MULTILINE)
_FIRST_TABLE = re.compile(r"^[ \t]*\[", re.MULTILINE)
_ELSEWHERE = re.compile(r"""^[ \t]*source[ \t]*=[ \t]*["'](files|warehouse)["']""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a person decides. All mappings are in the order of the file."""

    projects: Mapping[str | None, ProjectSettings]  # that some report is about; None: the environment's
    subscriptions: Mapping[str, Subscription]  # by report name
    destinations: Mapping[str, MessageChannel]  # those that can be sent to
    unready: Mapping[str, SettingsProblem]  # destinations without their secret, and what to do about it
    company: str
    zone: ZoneInfo  # of schedules that name none
    locales: Mapping[str, str]  # of destinations that have their own
    errors: MessageChannel | None = None  # where notices go; None: to the destination concerned
    heartbeat: str | None = field(default=None, repr=False)  # called after each success
    api_key: str | None = field(default=None, repr=False)  # of the endpoints that `serve` has
    source: Origin = "auto"  # of the numbers; "auto": the Query API, then raw events where it refuses
    events: EventsTable = field(default_factory=EventsTable)
    telemetry: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)  # OpenTelemetry's own
    notes: tuple[SettingsProblem, ...] = ()  # what is no fault, and may not be meant

    @property
    def project_zones(self) -> Mapping[str, ZoneInfo]:
        """By report name, where the settings name the zone of the report's project."""
        zones = {name: self.projects[one.project].zone for name, one in self.subscriptions.items()}
        return {name: zone for name, zone in zones.items() if zone is not None}


def read(root: Path, environ: Mapping[str, str], *, need_destinations: bool = True) -> Settings:
    """The settings of a folder: its `.env`, over which the environment wins, and its reports file.

    Raises ConfigError, with every fault there is. For `need_destinations` see `load`.
    """
    _check_folder(root)
    dotenv, found = root / ".env", read_files(root, environ)
    faults = list(found.dotenv_faults)
    is_empty = not any(name in found.values for name in REQUIRED)
    if is_empty and not faults and not _has_other_access(found.reports_text):
        faults.append(_nothing_set(dotenv))
    faults += found.reports_faults
    try:
        settings = _settle(found.values, found.reports_text, faults, found.file, need_destinations)
    except ConfigError as error:
        is_used = any("MIXPANEL" in name or "SLACK" in name for name in found.values)  # as Azure's settings
        is_bare = is_empty and not dotenv.is_file() and not is_used
        raise (_without_what_follows(error) if is_bare else error) from None
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
    file_faults: list[SettingsProblem] = []
    tables = None if reports_text is None else parse(reports_text, file, file_faults)
    environment = Environment(environ, faults, {**_project_settings(tables), **SETTINGS})
    projects = _projects(tables, environment, reports_text)
    company = environment.optional("COMPANY_NAME", _words) or ""
    zone = environment.optional("TIMEZONE", time_zone) or ZoneInfo("UTC")
    errors = environment.required_if_set("ERROR_WEBHOOK_URL", webhook_address)
    heartbeat = environment.required_if_set("HEARTBEAT_URL", heartbeat_address)
    key = environment.required_if_set("REPORTER_API_KEY", api_key)
    faults += file_faults
    subscriptions = _subscriptions(tables, environment, company, zone) if tables else {}
    destinations, unready = _destinations(tables, environment)
    if need_destinations or faults:  # every fault at once
        faults += _needed(unready, subscriptions)
    hints = notes(environ, zone, subscriptions, _named(tables))
    if tables is None or faults:
        raise _config_error(faults, hints)
    return Settings(
        MappingProxyType(projects),
        MappingProxyType(subscriptions),
        MappingProxyType(destinations),
        MappingProxyType(unready),
        company,
        zone,
        {name: table.locale for name, table in tables.destinations.items() if table.locale},
        SlackWebhook(errors, name="errors") if errors else None,
        heartbeat,
        key,
        tables.source,
        tables.events,
        {name: text for name, text in environ.items() if name.startswith("OTEL_")},
        hints,
    )


def _is_elsewhere(reports_text: str | None) -> bool:
    """Whether Mixpanel is not asked, also where the rest of the text cannot be read."""
    before_tables = _FIRST_TABLE.split(reports_text or "", maxsplit=1)[0]
    return _ELSEWHERE.search(before_tables) is not None


def _has_other_access(reports_text: str | None) -> bool:
    """Whether Mixpanel may be reached, or left alone, without the settings that usually name the project."""
    return _is_elsewhere(reports_text) or _PROJECTS.search(reports_text or "") is not None


def _project_settings(tables: ReportsFile | None) -> dict[str, str]:
    """The settings that projects of the file and its warehouse name, and what to do for each."""
    projects = tables.projects if tables else {}
    table = tables.warehouse if tables else None
    warehouse: Mapping[str, str] = table.settings("warehouse") if table else {}
    own = {setting: fix for name, one in projects.items() for setting, fix in one.settings(name).items()}
    return {**warehouse, **own}


def _projects(
    tables: ReportsFile | None, environment: Environment, reports_text: str | None
) -> dict[str | None, ProjectSettings]:
    """The projects that reports are about; where the file cannot be read, that of the environment."""
    is_asked = not _is_elsewhere(reports_text)
    unread = [None] if not is_asked or not _has_other_access(reports_text) else []
    found: dict[str | None, ProjectSettings] = {}
    for name in tables.used_projects if tables else unread:
        project = (
            tables.projects[name].project(name, environment, is_asked=is_asked)
            if tables and name is not None
            else environment_project(environment, tables and tables.warehouse, is_asked=is_asked)
        )
        if project is not None:
            environment.faults.extend(_same_project(project, found.values()))
            found[name] = project
    return found


def _same_project(project: ProjectSettings, others: Iterable[ProjectSettings]) -> Iterator[SettingsProblem]:
    """A project has one quota and one store of events, so it is named once."""
    for other in others:
        if other.id == project.id:
            problem = f"this is the same project as {other.names.project_id}"
            fix = "Name one project in all reports that are about it."
            yield SettingsProblem(f"{project.names.table}.id", problem, fix)


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
    destinations = (table.setting for table in tables.destinations.values()) if tables else ()
    return (*destinations, *_project_settings(tables))


def _subscriptions(
    tables: ReportsFile, environment: Environment, company: str, zone: ZoneInfo
) -> dict[str, Subscription]:
    """The reports of the file, with the schedules that the environment has for them."""
    crons = {name: environment.optional(schedule_setting(name), check_cron) for name in tables.reports}
    for name, cron in crons.items():
        until = tables.reports[name].wait_for_data_until
        if until and cron and (vain := waits_in_vain(until, cron)):
            place = schedule_setting(name)
            fix = f"Change it, or wait_for_data_until of the report {name}."
            environment.faults.append(SettingsProblem(place, vain.problem, fix))
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
        raise ConfigError.at(str(root), "there is no such folder", fix)


def _nothing_set(dotenv: Path) -> SettingsProblem:
    """Where all is missing, the folder is mostly another one."""
    if dotenv.exists():
        return SettingsProblem(
            str(dotenv.resolve()), "it sets nothing of Mixpanel", "Fill it in as in .env.example."
        )
    problem = "there is no such file, and the environment sets nothing of Mixpanel"
    fix = "Copy .env.example there and fill it in, or name the folder that has one: reporter -C FOLDER."
    return SettingsProblem(str(dotenv.resolve()), problem, fix)


def _without_what_follows(error: ConfigError) -> ConfigError:
    """Where there is no `.env` at all, that each of its settings is not set is no news."""
    found = ConfigError(tuple(fault for fault in error.faults if fault.problem != NOT_SET))
    for note in getattr(error, "__notes__", ()):
        found.add_note(note)
    return found
