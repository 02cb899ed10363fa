"""Which days are asked of the raw export, in which requests. Pure.

Mixpanel allows 60 export requests an hour, so days that are there are not asked for again, but for the last
ones: events arrive up to 5 days late (Mixpanel, "Late data"). Who signed up since is told by `identities`.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta

from reporter.model.period import ONE_DAY, Period

FRESH = timedelta(minutes=30)  # reports that are due together share what one of them fetched
MOST_DAYS = 31  # of one request: a longer one may time out at Mixpanel
WELL_SIZED = 100_000  # events of a request: fewer take long to ask for, more are a large file
AROUND = timedelta(hours=14)  # no zone is farther from UTC


def due(
    days: Iterable[date],
    fetched: Mapping[date, datetime],
    now: datetime,
    *,
    whole_at: datetime,
    settles: timedelta,
) -> list[date]:
    """The days to fetch: those that are not there, and those that may have changed since they were fetched.

    `whole_at` is when the last of the days that are measured was over; a day's events come until `settles`
    after its end.
    """

    def is_due(day: date) -> bool:
        ended = datetime.combine(day + ONE_DAY, time.min, UTC) + AROUND
        then = fetched.get(day)
        if then is None or then < min(ended, whole_at):
            return True
        return then < ended + settles and now - then >= FRESH

    return [day for day in days if is_due(day)]


def requests(days: Collection[date], most: int, at_least: int = 1) -> list[Period]:
    """The days in periods of neighbours, in at most so many requests if that can be.

    A period has `at_least` so many days where there are as many, and no more than that needs.
    """
    ordered = sorted(days)
    for length in range(min(at_least, MOST_DAYS), MOST_DAYS + 1):
        periods = _runs(ordered, length)
        if len(periods) <= most:
            return periods
    return _runs(ordered, MOST_DAYS)


def days_a_request(events: Collection[int]) -> int:
    """How many days a request may well be of, as far as the days that are there tell."""
    busiest = max(events, default=WELL_SIZED)
    return max(1, min(MOST_DAYS, WELL_SIZED // max(busiest, 1)))


def _runs(ordered: list[date], length: int) -> list[Period]:
    """Stretches of neighbouring days, none longer than so many days."""
    runs: list[Period] = []
    for day in ordered:
        if runs and runs[-1].end == day and runs[-1].length < length:
            runs[-1] = Period(runs[-1].start, day + ONE_DAY)
        else:
            runs.append(Period(day, day + ONE_DAY))
    return runs
