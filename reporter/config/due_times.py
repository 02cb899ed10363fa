"""When reports come: cron expressions, and up to when one waits for its data."""

import re
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from cronsim import CronSim

from reporter.reports.pasted import looks_secret
from reporter.reports.schedules import Schedule
from reporter.validation import Invalid


def check_cron(text: str) -> str:
    """A cron expression."""
    try:
        Schedule(text, ZoneInfo("UTC"))
    except ValueError as error:
        problem = str(error)
    else:
        return text
    hidden = looks_secret(problem) or len(problem) > 200
    raise Invalid("this is no schedule" if hidden else problem, _cron_hint(text))


def _cron_hint(text: str) -> str:
    """What to write instead of what other kinds of cron know."""
    if "?" in text:
        return "Write * where another cron has ?."
    if text.strip().startswith("@"):
        return 'Write the times out: "0 9 * * *" is each day at 9:00.'
    if re.search(r"\b(?:SUN|MON|TUE|WED|THU|FRI|SAT)-\w+\s*$", text, re.IGNORECASE):
        return "The week begins with SUN: write a range over its end in two, as in FRI-SAT,SUN-MON."
    if re.search(r"\bL-[0-9]", text):
        return "L alone is the last day of a month; days before it have no sign of their own."
    return 'Write minute, hour, day, month and weekday, as in "0 9 * * 1" (Mondays at 9:00).'


def check_wait(text: str) -> str:
    """A time of day, on a quarter of an hour: what waits is tried then."""
    if re.fullmatch(r"(?:[01][0-9]|2[0-3]):(?:00|15|30|45)", text):
        return text
    raise Invalid(
        "this is no time on a quarter of an hour", 'Write hours and minutes, as in "11:00" or "09:45".'
    )


def waits_in_vain(until: str, cron: str) -> Invalid | None:
    """Why a report of this schedule cannot wait until then."""
    try:
        times = CronSim(Schedule(cron, ZoneInfo("UTC")).minutes, datetime(2026, 1, 1, tzinfo=UTC))
    except ValueError:  # told as the schedule's own problem
        return None
    latest = time(max(times.hours), max(times.minutes))
    if time.fromisoformat(until) > latest:
        return None
    return Invalid(
        f"the report is due at {latest:%H:%M}, and would not wait at all",
        "Use a later time of the same day, or an earlier schedule.",
    )
