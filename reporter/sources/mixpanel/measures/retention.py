"""Who came back: the shape of the answer of `/retention`, and the share that follows from it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pydantic import BaseModel, TypeAdapter

from reporter.reports.figures import Failed, Figure, Measured, RawReason, Undefined
from reporter.reports.measures import Unit
from reporter.sources.mixpanel.decoding import Count, Day, decode
from reporter.sources.mixpanel.queries import RetentionQuery


class Cohort(BaseModel):
    """Users who began on one day, or in one week, and how many came back in each unit after."""

    first: Count
    counts: list[Count]


@dataclass(frozen=True, slots=True)
class Cohorts:
    """The cohorts that were asked for, as they came.

    A unit is counted from each user's own beginning (Mixpanel, "Query Retention Report"), so that it does not
    matter on which weekday Mixpanel's weeks begin.
    """

    query: RetentionQuery
    cohorts: Mapping[date, Cohort]
    computed_at: datetime

    def figure(self) -> Figure:
        """The share of all of them that came back in the unit that was asked for."""
        born = [cohort for cohort in self.cohorts.values() if cohort.first]
        if any(not self._is_asked_for(day) for day in self.cohorts):
            return _untold("is about other days than the asked ones")
        if any(len(cohort.counts) <= self.query.after for cohort in born):
            return _untold(f"ends before {self.query.unit} {self.query.after}")
        users = sum(cohort.first for cohort in born)
        came = sum(cohort.counts[self.query.after] for cohort in born)
        if came > users:
            return _untold("has more users who came back than there were")
        return Measured(came / users) if users else Undefined()

    def _is_asked_for(self, day: date) -> bool:
        into_a_week = timedelta(days=6 if self.query.unit is Unit.WEEK else 0)
        return self.query.days.start - into_a_week <= day < self.query.days.end


_COHORTS = TypeAdapter(dict[Day, Cohort])


def read_cohorts(query: RetentionQuery, body: bytes, now: datetime) -> Cohorts:
    """The answer of `/retention`, which does not tell how fresh it is. Raises Unavailable or Refused."""
    return Cohorts(query, decode(_COHORTS, body, "/retention"), now)


def _untold(problem: str) -> Failed:
    return Failed(f"Mixpanel's answer to /retention {problem}", raw_reason=RawReason.NOT_OFFERED)
