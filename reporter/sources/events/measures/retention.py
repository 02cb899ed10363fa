"""How many users of a cohort came back."""

from dataclasses import dataclass
from datetime import timedelta

from reporter.reports.figures import Figure
from reporter.reports.measures import Retention
from reporter.reports.periods import ONE_DAY, Period
from reporter.sources.events.measures.aggregates import Aggregates, Definition, PeriodCounts, Reader, share
from reporter.sources.events.measures.bucket import Bucket, Occurrences
from reporter.sources.events.measures.funnel import DAY
from reporter.sources.events.measures.sql import HAS_USER, Parameters, span, within


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
