"""How many stretches of activity began."""

from dataclasses import dataclass

from reporter.reports.figures import Figure, Measured
from reporter.reports.periods import Period
from reporter.sources.events.measures.aggregates import Aggregates, DailyCounts, DailyDefinition, Reader
from reporter.sources.events.measures.bucket import Bucket
from reporter.sources.events.measures.sql import HAS_USER, Parameters, within

PAUSE = 30 * 60 * 1_000  # milliseconds that end a session (Mixpanel, sessions docs)


@dataclass(frozen=True, slots=True)
class SessionsDefinition(DailyDefinition):
    """Sessions by day: since midnight ends them, each belongs to one."""

    def figure(self, period: Period, aggregates: Aggregates) -> Reader[Figure]:
        days = self.daily(period, aggregates)
        return lambda: Measured(sum(days()))

    def daily(self, period: Period, aggregates: Aggregates) -> Reader[list[int]]:
        return aggregates.of(DailyCounts).request(self, period)

    def daily_sql(self, period: Period, bucket: Bucket, parameters: Parameters) -> str:
        del parameters  # nothing in it comes from outside
        return f"""
            SELECT day, count(*) FROM (
                SELECT day, time - lag(time) OVER (PARTITION BY "user", day ORDER BY time) AS pause
                FROM occurred
                WHERE {HAS_USER} AND {within(period)} AND {bucket.in_sessions}
            )
            WHERE pause IS NULL OR pause >= {PAUSE}
            GROUP BY day
        """
