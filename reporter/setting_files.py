"""Settings as they lie on a disk: the environment, `.env`, the reports file, and the timers these ask for.

It is light, since timers read it before they know whether they are due. Nothing in a file makes it fail: the
functions of an app must exist for the first of them to say what is wrong. `reporter.config`
is the whole check.
"""

import io
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

from reporter.reports.azure_timers import OTHERS, function_name
from reporter.reports.errors import SettingsProblem
from reporter.reports.pasted import looks_secret
from reporter.reports.schedules import FIRST_MONDAY, Schedule, schedule_setting

REPORTS_FILE = "REPORTS_FILE"
LAST_LOOKS = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class SettingFiles:
    """What a folder and the environment say, not checked yet."""

    values: Mapping[str, str] = field(repr=False)  # the environment's win over those of `.env`
    file: str  # what faults call the reports file
    reports_text: str | None  # None where it cannot be read
    dotenv_faults: tuple[SettingsProblem, ...] = ()
    reports_faults: tuple[SettingsProblem, ...] = ()


def read_files(root: Path, environ: Mapping[str, str]) -> SettingFiles:
    """The settings of a folder, with the faults of its files. Raises nothing."""
    dotenv_faults: list[SettingsProblem] = []
    reports_faults: list[SettingsProblem] = []
    values = {**_dotenv(root / ".env", dotenv_faults), **environ}
    name = value_of(values, REPORTS_FILE) or "reports.toml"
    file = REPORTS_FILE if looks_secret(name) else name
    text = _text(root / name, file, reports_faults)
    return SettingFiles(values, file, text, tuple(dotenv_faults), tuple(reports_faults))


def value_of(values: Mapping[str, str], name: str) -> str:
    """The value of a setting; empty where it is not set."""
    return values.get(name, "").strip()


def _dotenv(path: Path, faults: list[SettingsProblem]) -> dict[str, str]:
    """The file's settings, letter for letter: a secret may hold `${`. None of them when there is no file."""
    text = _text(path, path.name, faults, may_be_missing=True)
    if not text:
        return {}
    from dotenv.parser import parse_stream

    values: dict[str, str] = {}
    for binding in parse_stream(io.StringIO(text)):
        if binding.error:
            place, fix = f"{path.name} line {binding.original.line}", "close every quotation mark."
            faults.append(SettingsProblem(place, "this line cannot be read", f"Write NAME=value; {fix}"))
        elif binding.key:
            values[binding.key] = binding.value or ""
    return values


def _text(
    path: Path, name: str, faults: list[SettingsProblem], *, may_be_missing: bool = False
) -> str | None:
    try:
        return path.read_text(encoding="utf-8-sig")  # Windows' editor begins files with a mark
    except FileNotFoundError:
        if may_be_missing:
            return None
        place = "there" if name == REPORTS_FILE else f"in {path.parent.resolve()}"  # which may hold a secret
        found = "there is no such file", f"Create it {place}."
    except UnicodeDecodeError:
        found = "the file is not UTF-8", "Save it once more, with the encoding UTF-8."
    except (OSError, ValueError) as error:  # no file but a folder, no right to read it, no possible path
        reason = error.strerror if isinstance(error, OSError) else "not a possible path"
        found = f"the file cannot be read ({reason})", "Name a readable file, and no folder."
    faults.append(SettingsProblem(name, *found))
    return None


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
    waits_until: time | None = None


def timers(files: SettingFiles) -> tuple[Timer, ...]:
    """A timer for each report of the file, or for the usual ones where it cannot be read. Raises nothing."""
    taken = {name.lower() for name in OTHERS}
    made: list[Timer] = []
    for name, table in _reports(files.reports_text).items():
        function = _free(function_name(name), taken)
        taken.add(function.lower())
        made.append(Timer(name, function, _schedule(name, table, files.values), _waits_until(table)))
    return tuple(made)


def may_wait(timer: Timer, now: datetime) -> bool:
    """Whether a report may be waiting for its data now; for a while longer, as a try may be lost."""
    due = timer.schedule.latest_due(now)
    if due is None or timer.waits_until is None:
        return False
    deadline = timer.schedule.later_that_day(due, timer.waits_until)
    return deadline is not None and now - LAST_LOOKS <= deadline


def _reports(text: str | None) -> Mapping[str, TomlTable]:
    return {name: _table(table) for name, table in table_of(text, "reports").items()} or USUAL


def table_of(text: str | None, name: str) -> TomlTable:
    """A table of the reports file, not checked; an empty one where there is none. Raises nothing."""
    try:
        return _table(tomllib.loads(text or "").get(name))
    except (ValueError, RecursionError):  # bad syntax, a number with too many digits, arrays too deep
        return {}


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


def _waits_until(table: TomlTable) -> time | None:
    """None for what is no time of day, which the check of the file refuses."""
    try:
        return time.fromisoformat(str(table.get("wait_for_data_until")))
    except ValueError:
        return None


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
