"""What users do one thing after the other: through the steps of a funnel, coming back, in sessions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from reporter.reports.figures import Figure, Measured, Part
from reporter.reports.measures import Funnel, Retention, Sessions, Step
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
from reporter.sources.events.measures.sql import HAS_USER, Parameters, holds, span, spans, within

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

    def sql(self, periods: Sequence[Period], bucket: Bucket, parameters: Parameters) -> str:
        names = [f"step_{number}" for number in range(len(self.measure.steps))]
        done = [step_sql(step, periods, bucket, parameters) for step in self.measure.steps]
        first = f"step_0 AS MATERIALIZED (SELECT span, member, time, time AS start FROM ({done[0]}))"
        follows = "later.time > earlier.time"
        if self.measure.grace is not None:
            follows = f"later.time + {self.measure.grace} >= earlier.time"
        later = (
            f"""{name} AS MATERIALIZED (
                SELECT later.span, later.member, later.time, earlier.start
                FROM ({step}) later ASOF JOIN {before} earlier
                  ON later.span = earlier.span AND later.member = earlier.member AND {follows}
                WHERE later.time - earlier.start <= {self.measure.days * DAY}
            )"""
            for (before, name), step in zip(pairwise(names), done[1:], strict=True)
        )
        counts = ", ".join(f"coalesce(users_of_{name}, 0)" for name in names)
        users = " ".join(
            f"LEFT JOIN (SELECT span, count(DISTINCT member) AS users_of_{name} FROM {name} GROUP BY span) "
            "USING (span)"
            for name in names
        )
        return f"WITH {', '.join((first, *later))} SELECT span, {counts} FROM {spans(periods)} {users}"


def step_sql(step: Step, periods: Sequence[Period], bucket: Bucket, parameters: Parameters) -> str:
    """Who did a step in which of the periods, and when."""
    done = Occurrences(step.event, step.where)
    return f"""
        SELECT span, "user" AS member, time
        FROM occurred JOIN {spans(periods)} ON day >= from_0 AND day < to_0
        WHERE {HAS_USER} AND {within(span(periods))} AND {bucket.filtered(done, parameters)}
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

    def sql(self, periods: Sequence[Period], bucket: Bucket, parameters: Parameters) -> str:
        measure, unit = self.measure, self.measure.unit.days
        born, returned = (
            bucket.filtered(Occurrences(event, measure.where), parameters)
            for event in (measure.born, measure.returned)
        )
        in_time = "" if measure.unbounded else f"AND time - born < {(measure.after + 1) * unit * DAY}"
        cohorts, back = [*map(measure.cohort_days, periods)], [*map(self._days_back, periods)]
        return f"""
            WITH spans AS MATERIALIZED {spans(cohorts, back)}, cohort AS MATERIALIZED (
                SELECT span, "user" AS member, min(time) AS born, any_value(from_1) AS first,
                    any_value(to_1) AS last
                FROM occurred JOIN spans ON day >= from_0 AND day < to_0
                WHERE {HAS_USER} AND {within(span(cohorts))} AND {born}
                GROUP BY span, "user"
            )
            SELECT span, coalesce(members, 0), coalesce(back, 0) FROM spans
            LEFT JOIN (SELECT span, count(*) AS members FROM cohort GROUP BY span) USING (span)
            LEFT JOIN (
                SELECT span, count(DISTINCT member) AS back FROM occurred JOIN cohort ON "user" = member
                WHERE {within(span(back))} AND {returned} AND day >= first AND day < last
                  AND time > born
                  AND time - born >= {measure.after * unit * DAY} {in_time}
                GROUP BY span
            ) USING (span)
        """

    def _days_back(self, period: Period) -> Period:
        """No user is back sooner; a day of 23 hours makes it one day earlier than the calendar says."""
        start = self.measure.cohort_days(period).start
        earliest = start + timedelta(days=self.measure.after * self.measure.unit.days) - ONE_DAY
        return Period(max(earliest, start), period.end)


PAUSE = 30 * 60 * 1_000  # milliseconds that end a session (Mixpanel, sessions docs)


@dataclass(frozen=True, slots=True)
class SessionsDefinition(DailyDefinition):
    """Sessions by day: since midnight ends them, each belongs to one."""

    measure: Sessions

    def figure(self, period: Period, aggregates: Aggregates) -> Reader[Figure]:
        days = self.daily(period, aggregates)
        return lambda: Measured(sum(days()))

    def daily(self, period: Period, aggregates: Aggregates) -> Reader[list[int]]:
        return aggregates.of(DailyCounts).request(self, period)

    def daily_sql(self, period: Period, bucket: Bucket, parameters: Parameters) -> str:
        conditions = " AND ".join((bucket.in_sessions, *holds(self.measure.where, parameters)))
        return f"""
            SELECT day, count(*) FROM (
                SELECT day, time - lag(time) OVER (PARTITION BY "user", day ORDER BY time) AS pause
                FROM occurred
                WHERE {HAS_USER} AND {within(period)} AND {conditions}
            )
            WHERE pause IS NULL OR pause >= {PAUSE}
            GROUP BY day
        """
