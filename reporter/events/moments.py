"""When an event happened, out of the numbers and texts in which files tell it."""

import re
from datetime import date, timedelta

from reporter.events.time_rule import EPOCH

# Mixpanel takes events from 1971 on; an "open end" of a warehouse, such as the year 9999, is no time of any.
_FIRST, _END = 31_536_000_000, 4_102_444_800_000  # milliseconds: 1971 and 2100
_OF_THIS_CENTURY = 946_684_800_000  # milliseconds; from which on finer units are told from wrong years
_UNITS = (  # where a number of each begins and ends, and how many make a millisecond
    (_FIRST / 1e3, _END / 1e3, 1e-3),
    (_FIRST, _END, 1),
    (_OF_THIS_CENTURY * 1e3, _END * 1e3, 1e3),
    (_OF_THIS_CENTURY * 1e6, _END * 1e6, 1e6),
)
_TIME = re.compile(rb'"time"\s*:\s*"?(?:(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})|(?P<number>[0-9]{8,20}))')


def milliseconds_in_sql(text: str) -> str:
    """From seconds to nanoseconds since 1970, or a date and time in UTC; null where it is neither."""
    number = f"TRY_CAST({text} AS DOUBLE)"
    cases = " ".join(
        f"WHEN {number} >= {start:.0f} AND {number} < {end:.0f} THEN {number} / {each}"
        for start, end, each in _UNITS
    )
    written = f"epoch_ms(TRY_CAST({_as_duckdb_writes(text)} AS TIMESTAMPTZ))"
    return (
        f"coalesce(CAST(CASE {cases} END AS BIGINT), "
        f"CASE WHEN {written} >= {_FIRST} AND {written} < {_END} THEN {written} END)"
    )


def day_in(line: bytes) -> date | None:
    """The day that a line tells, whatever else is wrong with it."""
    found = _TIME.search(line)
    if found is None:
        return None
    if found["day"]:
        try:
            return date.fromisoformat(found["day"].decode())
        except ValueError:
            return None
    number = int(found["number"])
    for start, end, each in _UNITS:
        if start <= number < end:
            return (EPOCH + timedelta(milliseconds=number / each)).date()
    return None


def _as_duckdb_writes(text: str) -> str:
    """Snowflake writes 2026-11-01 23:00:00.000 +0000; DuckDB reads no blank, no nanoseconds, and +00:00."""
    rest = "(:[0-9]{2}(\\.[0-9]{1,6})?)[0-9]* *"  # seconds, and what stands between them and the zone
    for pattern, better in (
        (f"{rest}(Z|UTC)$", r"\1Z"),
        (f"{rest}([+-])", r"\1\3"),
        (r"(:[0-9]{2}(\.[0-9]+)?[+-][0-9]{2})([0-9]{2})$", r"\1:\3"),
    ):
        text = f"regexp_replace({text}, '{pattern}', '{better}')"
    return text
