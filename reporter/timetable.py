"""Which reports there are and when, read lightly and from anything: what a timer knows before it is due.

The whole check of reports.toml is `reporter.config`'s. Here a fault never hinders: the functions of an app
must exist for the first of them to say what is wrong.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast
from zoneinfo import ZoneInfo

from reporter.reports.azure_timers import OTHERS, function_name
from reporter.reports.schedules import FIRST_MONDAY, Schedule, schedule_setting
from reporter.setting_files import SettingFiles, value_of

TomlTable = Mapping[str, object]

# What the mission of this program names, and what stands in where the file cannot be read.
USUAL: Mapping[str, TomlTable] = {
    "daily": {"schedule": "0 0 9 * * *"},
    "weekly": {"schedule": "0 0 9 * * 1"},
    "biweekly": {"schedule": "0 0 9 * * 1", "every_two_weeks_from": FIRST_MONDAY, "period": "biweekly"},
}


@dataclass(frozen=True, slots=True)
class Timer:
    """A report, the name of its function, and when it is due."""

    report: str
    function: str
    schedule: Schedule


def timers(files: SettingFiles) -> tuple[Timer, ...]:
    """A timer for each report of the file, or for the usual ones where it cannot be read. Raises nothing."""
    taken = {name.lower() for name in OTHERS}
    made: list[Timer] = []
    for name, table in _reports(files.reports_text).items():
        function = _free(function_name(name), taken)
        taken.add(function.lower())
        made.append(Timer(name, function, _schedule(name, table, files.values)))
    return tuple(made)


def _reports(text: str | None) -> Mapping[str, TomlTable]:
    try:
        reports = _table(tomllib.loads(text or "").get("reports"))
    except (ValueError, RecursionError):  # bad syntax, a number with too many digits, arrays too deep
        return USUAL
    return {name: _table(table) for name, table in reports.items()} or USUAL


def _table(value: object) -> TomlTable:
    return cast(TomlTable, value) if isinstance(value, dict) else {}


def _free(function: str, taken: set[str]) -> str:
    """This name; another one where it is taken, which the check of the file refuses."""
    names = (f"{function}{number or ''}" for number in range(len(taken) + 1))
    return next(name for name in names if name.lower() not in taken)


def _schedule(name: str, table: TomlTable, values: Mapping[str, str]) -> Schedule:
    cron = value_of(values, schedule_setting(name)) or table.get("schedule")
    try:
        return Schedule(str(cron), _zone(table, values), _anchor(table))
    except ValueError:
        return Schedule("0 9 * * *", ZoneInfo("UTC"))


def _anchor(table: TomlTable) -> date | None:
    """None for what is no day, a moment among it: the report is then due each week, and its timer says so."""
    anchor = table.get("every_two_weeks_from", FIRST_MONDAY) if table.get("period") == "biweekly" else None
    return anchor if isinstance(anchor, date) and not isinstance(anchor, datetime) else None


def _zone(table: TomlTable, values: Mapping[str, str]) -> ZoneInfo:
    """The zone of the schedule; UTC for one that does not exist. Raises nothing."""
    try:
        return ZoneInfo(str(table.get("timezone") or value_of(values, "TIMEZONE") or "UTC"))
    except (ValueError, LookupError, OSError):
        return ZoneInfo("UTC")
