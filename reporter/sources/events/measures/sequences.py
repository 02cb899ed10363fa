"""What users do one thing after the other: through the steps of a funnel, coming back, in sessions."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from reporter.reports.figures import Figure, Measured, Part
from reporter.reports.measures import Funnel, Retention, Step
from reporter.reports.periods import ONE_DAY, Period
from reporter.sources.events.measures.aggregates import (
    Aggregates,
    DailyCounts,
    DailyDefinition,
    Definition,
    PeriodCounts,
    Reader,
    share,
)
from reporter.sources.events.measures.bucket import Bucket, Occurrences
from reporter.sources.events.measures.sql import HAS_USER, Parameters, span, within

DAY = 24 * 3_600 * 1_000  # milliseconds


@dataclass(frozen=True, slots=True)
class ConversionDefinition(Definition):
    """Users who came to each step.

    To every occurrence of a step belongs the latest first step it can be reached from, for that leaves the
    most time. Of the occurrences of a step that one of the next can follow, the latest began no earlier than
    the others: so looking back at just the nearest finds it.
    """

    measure: Funnel

    def figure(self, period: Period, aggregates: Aggregates) -> Reader[Figure]:
        users = aggregates.of(PeriodCounts).request(self, period, len(self.measure.steps))
        return lambda: self._conversion(users())

    def _conversion(self, users: list[int]) -> Figure:
        parts = (Part(step.event, count) for step, count in zip(self.measure.steps, users, strict=True))
        return share(users[-1], users[0], tuple(parts))

    def sql(self, period: Period, bucket: Bucket, parameters: Parameters) -> str:
        names = [f"step_{number}" for number in range(len(self.measure.steps))]
        done = [step_sql(step, period, bucket, parameters) for step in self.measure.steps]
        first = f"step_0 AS MATERIALIZED (SELECT member, time, time AS start FROM ({done[0]}))"
        follows = "later.time > earlier.time"
        if self.measure.grace is not None:
            follows = f"later.time + {self.measure.grace} >= earlier.time"
        later = (
            f"""{name} AS MATERIALIZED (
                SELECT later.member, later.time, earlier.start
                FROM ({step}) later ASOF JOIN {before} earlier
                  ON later.member = earlier.member AND {follows}
                WHERE later.time - earlier.start <= {self.measure.days * DAY}
            )"""
            for (before, name), step in zip(pairwise(names), done[1:], strict=True)
        )
        users = ", ".join(f"(SELECT count(DISTINCT member) FROM {name})" for name in names)
        return f"WITH {', '.join((first, *later))} SELECT {users}"


def step_sql(step: Step, period: Period, bucket: Bucket, parameters: Parameters) -> str:
    """Who did a step, and when."""
    done = Occurrences(step.event, step.where)
    return f"""
        SELECT "user" AS member, time FROM occurred
        WHERE {HAS_USER} AND {within(period)} AND {bucket.filtered(done, parameters)}
    """


@dataclass(frozen=True, slots=True)
class RetentionDefinition(Definition):
    """Those who came back, of the cohort."""

    measure: Retention

    def days(self, period: Period) -> Period:
        return span((period, self.measure.cohort_days(period)))

    def figure(self, period: Period, aggregates: Aggregates) -> Reader[Figure]:
        counts = aggregates.of(PeriodCounts).request(self, period, 2)
        return lambda: self._share(*counts())

    def _share(self, members: int, returned: int) -> Figure:
        return share(returned, members)

    def sql(self, period: Period, bucket: Bucket, parameters: Parameters) -> str:
        measure, unit = self.measure, self.measure.unit.days
        days = self.measure.cohort_days(period)
        # No user is back sooner; a day of 23 hours makes it one day earlier than the calendar says.
        earliest = days.start + timedelta(days=measure.after * unit) - ONE_DAY
        back = Period(max(earliest, days.start), period.end)
        born, returned = (
            bucket.filtered(Occurrences(event), parameters) for event in (measure.born, measure.returned)
        )
        in_time = "" if measure.unbounded else f"AND time - born < {(measure.after + 1) * unit * DAY}"
        return f"""
            WITH cohort AS MATERIALIZED (
                SELECT "user" AS member, min(time) AS born FROM occurred
                WHERE {HAS_USER} AND {within(days)} AND {born}
                GROUP BY "user"
            )
            SELECT (SELECT count(*) FROM cohort), (
                SELECT count(DISTINCT member) FROM occurred JOIN cohort ON "user" = member
                WHERE {within(back)} AND {returned}
                  AND time > born
                  AND time - born >= {measure.after * unit * DAY} {in_time}
            )
        """


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
