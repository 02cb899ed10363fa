"""Every setting of the environment, and what in it is no fault, and may not be meant."""

import os
import stat
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from zoneinfo import ZoneInfo

from reporter import telemetry
from reporter.destinations import KINDS
from reporter.reports.errors import SettingsProblem
from reporter.reports.schedules import schedule_setting
from reporter.reports.subscriptions import Subscription
from reporter.sources.mixpanel import access as mixpanel
from reporter.zones import doubt

CLOSE_ENOUGH = 0.85  # of the letters of a setting's name
OF_OTHERS = frozenset({"MIXPANEL_PROJECT_TOKEN"})  # near a setting, and another program's: that tracks events

# Every setting, and what a person has to do for it. The destinations in reports.toml may name more.
SETTINGS: Mapping[str, str] = {
    **mixpanel.SETTINGS,
    **{name: fix for kind in KINDS.values() for name, fix in kind.SETTINGS.items()},
    "HEARTBEAT_URL": "Use an https address of a monitor that misses a call; it is called after each success.",
    "REPORTER_API_KEY": "Use 16 characters or more; callers of `serve --http` send it as x-functions-key.",
    "COMPANY_NAME": "Use any name; it stands at the foot of each message.",
    "TIMEZONE": "Use an IANA name such as Europe/Berlin: schedules are meant in this zone.",
    **dict.fromkeys(
        ("DAILY_SCHEDULE", "WEEKLY_SCHEDULE", "BIWEEKLY_SCHEDULE"),
        "Use a cron expression; it counts instead of the report's schedule in reports.toml.",
    ),
    "REPORTS_FILE": "Use the path of the file that names the reports; reports.toml when left out.",
}


def notes(
    values: Mapping[str, str],
    zone: ZoneInfo,
    subscriptions: Mapping[str, Subscription],
    named: Collection[str],
) -> tuple[SettingsProblem, ...]:
    """`named` are the settings that the file names, besides those that there always are."""
    known = {*SETTINGS, *named, *map(schedule_setting, subscriptions), *telemetry.VARIABLES}
    hints = (*_misspelt(values, known), *_placeholders(values), *_zones(zone, subscriptions))
    return (*hints, *telemetry.problems(values))


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
        if name in known or name in OF_OTHERS:
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
