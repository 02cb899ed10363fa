"""What an event's time means: an instant, or what the clock showed in the project's zone.

Projects made from 2023 on have `time` in UTC, older ones as if the wall clock of their zone were UTC
(Mixpanel, export API reference). Events come in soon after they happen, so when they came in tells
which it is.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from reporter.reports.periods import ONE_DAY, Period
from reporter.sources.raw_files import lines_of

MILLISECOND = timedelta(milliseconds=1)
QUARTER = timedelta(minutes=15)
DAY_MS = 86_400_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ENOUGH = 50  # events that came in just when the older rule would have them come

Delays = Mapping[int, int]  # quarters of an hour from an event's time to its ingestion: how many events


class TimeRule(StrEnum):
    UTC = "utc"  # projects made from 2023 on
    PROJECT_ZONE = "project_zone"  # older ones


def detect_rule(days: Mapping[date, Delays], zone: ZoneInfo) -> TimeRule:
    """The rule that most events came in soon after they happened under; the newer one where nothing tells."""
    newer = older = 0
    for day, delays in days.items():
        for offset in _offsets_on(day, zone) - {0}:
            newer += _soon_after(delays, 0)
            older += _soon_after(delays, -offset)
    return TimeRule.PROJECT_ZONE if older > 2 * newer and older >= ENOUGH else TimeRule.UTC


def real_delays(delays: Delays, day: date, zone: ZoneInfo, rule: TimeRule) -> Delays:
    """The delays of a day's events, as they really were."""
    if rule is TimeRule.UTC:
        return delays
    offset = min(_offsets_on(day, zone))
    return Counter({quarter + offset: count for quarter, count in delays.items()})


def start_of(day: date, zone: ZoneInfo, rule: TimeRule) -> int:
    """When a day of the project begins, in the milliseconds that events carry."""
    where = zone if rule is TimeRule.UTC else UTC
    return (datetime.combine(day, time.min, where) - EPOCH) // MILLISECOND


def service_days(days: Period, zone: ZoneInfo, rule: TimeRule) -> Period:
    """The days, as the export cuts them, that hold all events of these days of the project."""
    first, end = start_of(days.start, zone, rule), start_of(days.end, zone, rule)
    return Period.of_days(service_day(first), service_day(end - 1))


def service_day(milliseconds: int) -> date:
    """The day of the export that has events of this time: under both rules it is cut as if in UTC."""
    return (EPOCH + milliseconds * MILLISECOND).date()


SERVICE_DAY = f"time // {DAY_MS}"  # in SQL: the number of the day of the export that `time` is on


def day_number(day: date) -> int:
    """Days since 1970."""
    return day.toordinal() - EPOCH.toordinal()


def day_of_number(number: int) -> date:
    """The day; the first or last one there is for one that is out of reach."""
    return date.fromordinal(min(max(number + EPOCH.toordinal(), 1), date.max.toordinal()))


def day_in_sql(days: Period, zone: ZoneInfo, rule: TimeRule) -> str:
    """The project's day of `time`, right over changes to and from daylight saving within these days."""
    return f"(DATE '1970-01-01' + ((time + ({shift_in_sql(days, zone, rule)})) // {DAY_MS})::INTEGER)"


def shift_in_sql(days: Period, zone: ZoneInfo, rule: TimeRule, time: str = "time") -> str:
    """How many milliseconds the project's clock is ahead of UTC at a time within these days."""
    offsets = list(_offsets(days, zone)) if rule is TimeRule.UTC else [(0, 0)]
    shift = str(offsets[-1][1])
    if len(offsets) == 1:
        return shift
    cases = (f"WHEN {time} < {end} THEN {offset}" for (_, offset), (end, _) in pairwise(offsets))
    return f"CASE {' '.join(cases)} ELSE {shift} END"


def _soon_after(delays: Delays, expected: int) -> int:
    """How many came in about then: clocks are a little wrong, and apps send every few minutes."""
    return sum(delays.get(quarter, 0) for quarter in (expected - 1, expected, expected + 1))


def _offsets_on(day: date, zone: ZoneInfo) -> set[int]:
    """The zone's offsets from UTC that occur about a day, in quarters of an hour."""
    noon = datetime.combine(day, time(12), UTC)
    return {_offset(moment, zone) // QUARTER for moment in (noon - ONE_DAY / 2, noon + ONE_DAY / 2)}


def _offsets(days: Period, zone: ZoneInfo) -> Iterator[tuple[int, int]]:
    """From when on which offset from UTC holds, in milliseconds, the first for all that is before."""
    last: timedelta | None = None
    for day in Period(days.start - ONE_DAY, days.end + ONE_DAY):
        noon = datetime.combine(day, time(12), UTC)
        if (offset := _offset(noon, zone)) != last:
            changed = _changes(noon - ONE_DAY, noon, zone) if last is not None else noon
            yield (changed - EPOCH) // MILLISECOND, offset // MILLISECOND
            last = offset


def _changes(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The moment between these two at which the zone's offset changes."""
    while after - before > MILLISECOND:
        middle = before + (after - before) // MILLISECOND // 2 * MILLISECOND
        if _offset(middle, zone) == _offset(before, zone):
            before = middle
        else:
            after = middle
    return after


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


# Mixpanel takes events from 1971 on; an "open end" of a warehouse, such as the year 9999, is no time of any.
_FIRST, _END = 31_536_000_000, 4_102_444_800_000  # milliseconds: 1971 and 2100
_OF_THIS_CENTURY = 946_684_800_000  # milliseconds; before it, a finer unit may be a wrong year
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


def lost_days(path: Path, numbers: Iterable[int], days: Period) -> Counter[date]:
    """How many of these lines were of each of the days; lines that are not blank are numbered from 0 on.

    A line is of the day it tells itself, or else of the same one as the line before it, or behind it.
    """
    wanted, lost = set(numbers), Counter[date]()
    last = max(wanted, default=-1)
    before: date | None = None
    waiting = 0  # lines before which there is none
    for number, line in enumerate(line for line in lines_of(path) if line.strip()):
        if number > last and not waiting:
            break
        own = day_in(line)
        day = own if own is not None and days.covers(own) else before
        if number in wanted and day is None:
            waiting += 1
        elif number in wanted and day is not None:
            lost[day] += 1
        elif day is not None and waiting:
            lost[day] += waiting
            waiting = 0
        before = day
    lost[days.start] += waiting
    return +lost


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
