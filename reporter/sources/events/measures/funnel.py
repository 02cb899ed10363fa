"""How far users came through steps in order."""

from dataclasses import dataclass
from itertools import pairwise

from reporter.reports.figures import Figure, Part
from reporter.reports.measures import Funnel, Step
from reporter.reports.periods import Period
from reporter.sources.events.measures.aggregates import Aggregates, Definition, PeriodCounts, Reader, share
from reporter.sources.events.measures.bucket import Bucket, Occurrences
from reporter.sources.events.measures.sql import HAS_USER, Parameters, within

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
