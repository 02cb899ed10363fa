"""On which days the lines were lost that are no event, so that the reports of those days tell it."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from reporter.reports.periods import Period
from reporter.sources.events.time_rule import day_in
from reporter.sources.raw_files import lines_of


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
        told = day_in(line)
        day = told if told is not None and days.covers(told) else before
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
