"""The settings that come from the environment: what each is for, and how it is checked."""

import os
import re
import stat
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar
from unicodedata import category
from zoneinfo import ZoneInfo

from reporter.config.checks import base_address
from reporter.config.settings import MixpanelAccess, Region
from reporter.config.zones import doubt, time_zone
from reporter.reports.errors import SettingsProblem
from reporter.reports.pasted import mangled, unresolved
from reporter.reports.schedules import schedule_setting
from reporter.reports.subscriptions import Subscription
from reporter.setting_files import value_of
from reporter.validation import Invalid, nearest

Value = TypeVar("Value")

# Every setting, and what a person has to do for it. The destinations in reports.toml may name more.
SETTINGS: Mapping[str, str] = {
    "MIXPANEL_USERNAME": "Take it from Mixpanel > Organization Settings > Service Accounts.",
    "MIXPANEL_SECRET": "Take the service account's secret; Mixpanel shows it once, when the account is made.",
    "MIXPANEL_PROJECT_ID": "Take the number: Mixpanel > Project Settings > Overview > Project ID.",
    "MIXPANEL_REGION": "Use us, eu or in: where Mixpanel keeps the project's data.",
    "SLACK_WEBHOOK_URL": "Take the address from your Slack app's page Incoming Webhooks.",
    "SLACK_BOT_TOKEN": "Take the Bot User OAuth Token from your Slack app's page OAuth & Permissions.",
    "ERROR_WEBHOOK_URL": "Take the address of an incoming webhook in the channel that hears of failures.",
    "HEARTBEAT_URL": "Use an https address of a monitor that misses a call; it is called after each success.",
    "COMPANY_NAME": "Use any name; it stands at the foot of each message.",
    "TIMEZONE": "Use an IANA name such as Europe/Berlin: schedules are meant in this zone.",
    **dict.fromkeys(
        ("DAILY_SCHEDULE", "WEEKLY_SCHEDULE", "BIWEEKLY_SCHEDULE"),
        "Use a cron expression; it counts instead of the report's schedule in reports.toml.",
    ),
    "MIXPANEL_PROJECT_TIMEZONE": "Use an IANA name, or leave it out and Mixpanel is asked.",
    "REPORTS_FILE": "Use the path of the file that names the reports; reports.toml when left out.",
    "MIXPANEL_BASE_URL": "Leave it out, unless Mixpanel is reached at another address.",
    "SLACK_API_URL": "Leave it out, unless a bot reaches Slack at another address.",
}
REQUIRED = ("MIXPANEL_USERNAME", "MIXPANEL_SECRET", "MIXPANEL_PROJECT_ID")
_PLACEHOLDER = re.compile(r"^(xoxb-)?your[_-]|/YOUR[/-]|^<(?!https?:|xox).*>$")


def is_placeholder(text: str) -> bool:
    """Whether a value is still the one of an example."""
    return _PLACEHOLDER.search(text) is not None


@dataclass(frozen=True, slots=True)
class Environment:
    """Settings by name. Wrong ones become faults, which never repeat a value."""

    values: Mapping[str, str] = field(repr=False)
    faults: list[SettingsProblem]

    def optional(self, name: str, check: Callable[[str], Value]) -> Value | None:
        """None where the setting is not set, is empty, or is wrong."""
        text = value_of(self.values, name)
        return self._checked(name, text, check) if text else None

    def required(self, name: str, check: Callable[[str], Value]) -> Value | None:
        """None where there is a fault."""
        if fault := self.missing(name):
            self.faults.append(fault)
            return None
        return self.optional(name, check)

    def required_if_set(self, name: str, check: Callable[[str], Value]) -> Value | None:
        """As `optional`, but the example's placeholder is a fault, too."""
        return self.required(name, check) if value_of(self.values, name) else None

    def missing(self, name: str) -> SettingsProblem | None:
        """The fault when a setting has no value yet."""
        fix = SETTINGS.get(name, "Set it in .env, or in the environment.")
        text = self.values.get(name)
        if text is None:
            return SettingsProblem(name, "is not set", fix + self._misspelt(name))
        if not text.strip():
            return SettingsProblem(name, "is empty", fix)
        return (
            SettingsProblem(name, "is still the example's placeholder", fix)
            if is_placeholder(text.strip())
            else None
        )

    def _misspelt(self, name: str) -> str:
        """A hint at a setting that is set and has no meaning, but nearly this name."""
        others = [other for other in self.values if nearest(other, SETTINGS)[:1] == [name]]
        return f" {others[0]} is set; should it be {name}?" if others else ""

    def _checked(self, name: str, text: str, check: Callable[[str], Value]) -> Value | None:
        if found := unresolved(text):
            self.faults.append(SettingsProblem(name, *found))
            return None
        try:
            return check(text)
        except Invalid as wrong:
            self.faults.append(SettingsProblem(name, *(mangled(text) or (wrong.problem, wrong.fix))))
            return None


def mixpanel_access(environment: Environment) -> MixpanelAccess | None:
    """The access to Mixpanel; None where there is a fault."""
    username = environment.required("MIXPANEL_USERNAME", _credential)
    secret = environment.required("MIXPANEL_SECRET", _credential)
    project_id = environment.required("MIXPANEL_PROJECT_ID", _project_id)
    region = environment.optional("MIXPANEL_REGION", _region) or "us"
    base_url = environment.optional("MIXPANEL_BASE_URL", base_address)
    project_zone = environment.optional("MIXPANEL_PROJECT_TIMEZONE", time_zone)
    if username is None or secret is None or project_id is None:
        return None
    return MixpanelAccess(username, secret, project_id, region, base_url, project_zone)


def _credential(text: str) -> str:
    if not text.isprintable() or (len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"):
        raise Invalid("cannot be what Mixpanel shows", "Copy it once more, alone.")
    return text


def words(text: str) -> str:
    """Text of any language, without control characters and without half characters."""
    if any(category(character) in ("Cc", "Cs") for character in text):
        raise Invalid("holds a character that cannot be shown", "Write it once more.")
    return text


def _project_id(text: str) -> str:
    if re.fullmatch(r"[0-9]{1,20}", text):
        return text
    fix = SETTINGS["MIXPANEL_PROJECT_ID"]
    if re.fullmatch(r"[0-9a-fA-F]{32}", text):
        raise Invalid("is the project's token, not its id", fix)
    raise Invalid("is not a number", fix)


def _region(text: str) -> Region:
    match text.lower():
        case "us" | "eu" | "in" as region:
            return region
        case _:
            raise Invalid("is no region of Mixpanel", SETTINGS["MIXPANEL_REGION"])


CLOSE_ENOUGH = 0.85  # of the letters of a setting's name


def notes(
    values: Mapping[str, str],
    zone: ZoneInfo,
    subscriptions: Mapping[str, Subscription],
    named: Collection[str],
) -> tuple[SettingsProblem, ...]:
    """`named` are the settings that the file names, besides those that there always are."""
    known = {*SETTINGS, *named, *map(schedule_setting, subscriptions)}
    return (*_misspelt(values, known), *_placeholders(values), *_zones(zone, subscriptions))


def readable_by_others(file: Path) -> SettingsProblem | None:
    """A file of secrets must be its owner's alone. On Windows the mode says nothing of that."""
    try:
        mode = file.stat().st_mode
    except OSError:  # there is none, or whoever reads it says so
        return None
    if os.name == "nt" or not mode & (stat.S_IRGRP | stat.S_IROTH):
        return None
    return SettingsProblem(
        file.name, "others on this machine can read it, and it holds secrets", f"Run chmod 600 {file.name}."
    )


def _misspelt(values: Mapping[str, str], known: Collection[str]) -> Iterator[SettingsProblem]:
    for name in values:
        if name in known:
            continue
        meant = get_close_matches(name.upper(), known, n=1, cutoff=CLOSE_ENOUGH)
        if meant and not values.get(meant[0], "").strip():
            yield SettingsProblem(name, "is no setting, so it does nothing", f"Did you mean {meant[0]}?")


def _placeholders(values: Mapping[str, str]) -> Iterator[SettingsProblem]:
    if values.get("COMPANY_NAME", "").strip() == "YourCompany":
        fix = "It stands at the foot of each message: write your company's name, or leave it out."
        yield SettingsProblem("COMPANY_NAME", "is still the example's placeholder", fix)


def _zones(zone: ZoneInfo, subscriptions: Mapping[str, Subscription]) -> Iterator[SettingsProblem]:
    places = {"TIMEZONE": zone}
    for name, one in subscriptions.items():
        if one.schedule.zone.key != zone.key:
            places[f"reports.{name}.timezone"] = one.schedule.zone
    for place, chosen in places.items():
        if found := doubt(chosen):
            yield SettingsProblem(place, *found)
