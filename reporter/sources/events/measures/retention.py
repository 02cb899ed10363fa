"""How many users of a cohort came back."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from reporter.reports.measures import Retention
from reporter.reports.periods import ONE_DAY, Period
from reporter.sources.events.measures.bucket import Bucket, Occurrences
from reporter.sources.events.measures.funnel import DAY
from reporter.sources.events.measures.sql import HAS_USER, Parameters, within


class Retentions:
    """The users of each cohort, and those of them who came back."""

    def __init__(self) -> None:
        self._wanted: set[tuple[Retention, Period]] = set()
        self._members: Counter[tuple[Retention, Period]] = Counter()
        self._returned: Counter[tuple[Retention, Period]] = Counter()

    def wish(self, retention: Retention, period: Period) -> Callable[[], tuple[int, int]]:
        """How many came back, and of how many."""
        self._wanted.add((retention, period))
        return lambda: (self._returned[retention, period], self._members[retention, period])

    def add(self, bucket: Bucket) -> None:
        for retention, period in self._wanted:
            given = Parameters()
            text = query(retention, period, bucket, given)
            for members, returned in bucket.rows(text, given, tuple[int, int]):
                self._members[retention, period] += members
                self._returned[retention, period] += returned


def query(retention: Retention, period: Period, bucket: Bucket, given: Parameters) -> str:
    unit = retention.unit.days
    days = retention.cohort_days(period)
    # No user is back sooner; a day of 23 hours makes it one day earlier than the calendar says.
    earliest = days.start + timedelta(days=retention.after * unit) - ONE_DAY
    back = Period(max(earliest, days.start), period.end)
    in_time = "" if retention.unbounded else f"AND time - born < {(retention.after + 1) * unit * DAY}"
    return f"""
        WITH cohort AS MATERIALIZED (
            SELECT "user" AS member, min(time) AS born FROM occurred
            WHERE {HAS_USER} AND {within(days)} AND {bucket.chosen(Occurrences(retention.born), given)}
            GROUP BY "user"
        )
        SELECT (SELECT count(*) FROM cohort), (
            SELECT count(DISTINCT member) FROM occurred JOIN cohort ON "user" = member
            WHERE {within(back)} AND {bucket.chosen(Occurrences(retention.returned), given)}
              AND time > born
              AND time - born >= {retention.after * unit * DAY} {in_time}
        )
    """
