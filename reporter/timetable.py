"""Which reports there are and when, read lightly and from anything: what a timer knows before it is due.

The whole check of reports.toml is `reporter.config`'s. Here a fault never hinders: the functions of an app
must exist for the first of them to say what is wrong.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast
from zoneinfo import ZoneInfo

from reporter.model.schedule import FIRST_MONDAY, Schedule, schedule_setting

Table = Mapping[str, object]

# What the mission of this program names, and what stands in where the file cannot be read.
USUAL: Mapping[str, Table] = {
    "daily": {"schedule": "0 0 9 * * *"},
    "weekly": {"schedule": "0 0 9 * * 1"},
    "biweekly": {"schedule": "0 0 9 * * 1", "every_two_weeks_from": FIRST_MONDAY, "period": "biweekly"},
}
_SPELT = {"biweekly": "BiWeekly"}


@dataclass(frozen=True, slots=True)
class Timer:
    """A report, the name of its function, and when it is due."""

    report: str
    function: str
    schedule: Schedule


def timers(environ: Mapping[str, str], reports_text: str | None) -> tuple[Timer, ...]:
    """A timer for each report of the file, or for the usual ones where it cannot be read."""
    reports = _reports(reports_text)
    taken: set[str] = set()
    made: list[Timer] = []
    for name, table in reports.items():
        function = _function(name, taken)
        taken.add(function.lower())
        made.append(Timer(name, function, _schedule(name, table, environ)))
    return tuple(made)


def _reports(text: str | None) -> Mapping[str, Table]:
    try:
        reports = _table(tomllib.loads(text or "").get("reports"))
    except (tomllib.TOMLDecodeError, RecursionError):
        return USUAL
    return {name: _table(table) for name, table in reports.items()} or USUAL


def _table(value: object) -> Table:
    return cast(Table, value) if isinstance(value, dict) else {}


def _function(name: str, taken: set[str]) -> str:
    """WeeklyReport for weekly. Azure tells functions apart without regard to case."""
    words: list[str] = re.findall(r"[A-Za-z0-9]+", name)
    stem = "".join(_SPELT.get(word, word[:1].upper() + word[1:]) for word in words)[:100]
    stem = stem if stem[:1].isalpha() else f"R{stem}"
    names = (f"{stem}Report{number or ''}" for number in range(len(taken) + 1))
    return next(function for function in names if function.lower() not in taken)


def _schedule(name: str, table: Table, environ: Mapping[str, str]) -> Schedule:
    cron = environ.get(schedule_setting(name), "").strip() or table.get("schedule")
    anchor = table.get("every_two_weeks_from", FIRST_MONDAY) if table.get("period") == "biweekly" else None
    try:
        return Schedule(str(cron), _zone(table, environ), anchor if isinstance(anchor, date) else None)
    except ValueError:
        return Schedule("0 9 * * *", ZoneInfo("UTC"))


def _zone(table: Table, environ: Mapping[str, str]) -> ZoneInfo:
    """The zone of the schedule; UTC for one that does not exist. Raises nothing."""
    try:
        return ZoneInfo(str(table.get("timezone") or environ.get("TIMEZONE", "").strip() or "UTC"))
    except (ValueError, LookupError, OSError):
        return ZoneInfo("UTC")
