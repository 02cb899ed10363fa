"""How many stretches of activity began on each day."""

from collections import Counter
from collections.abc import Callable
from datetime import date

from reporter.reports.periods import Period
from reporter.sources.events.measures.bucket import Bucket
from reporter.sources.events.measures.sql import HAS_USER, Parameters, span, within

PAUSE = 30 * 60 * 1_000  # milliseconds that end a session (Mixpanel, sessions docs)


class SessionCounts:
    """Sessions by day: since midnight ends them, each belongs to one."""

    def __init__(self) -> None:
        self._period: Period | None = None
        self._counts: Counter[date] = Counter()

    def wish(self, period: Period) -> Callable[[], list[int]]:
        self._period = span((period, self._period or period))
        return lambda: [self._counts[day] for day in period]

    def add(self, bucket: Bucket) -> None:
        if self._period is None:
            return
        text = f"""
            SELECT day, count(*) FROM (
                SELECT day, time - lag(time) OVER (PARTITION BY "user", day ORDER BY time) AS pause
                FROM occurred
                WHERE {HAS_USER} AND {within(self._period)} AND {bucket.in_sessions}
            )
            WHERE pause IS NULL OR pause >= {PAUSE}
            GROUP BY day
        """
        for day, count in bucket.rows(text, Parameters(), tuple[date, int]):
            self._counts[day] += count
