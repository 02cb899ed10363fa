"""Who came back: what is asked of `/retention`, and the share that follows from its answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pydantic import BaseModel, TypeAdapter

from reporter.reports.figures import Failed, Figure, Measured, Undefined
from reporter.reports.measures import Retention, Unit
from reporter.reports.periods import Period
from reporter.sources.mixpanel.decoding import Count, Day, decode
from reporter.sources.mixpanel.queries import QueryApi, QueryReading, not_offered, reading, unclear


def retention(measure: Retention, period: Period) -> QueryReading:
    """The share of the last cohort of whom the whole unit is over when the period ends."""
    if measure.where:
        # Its `where` is an expression that compares in other ways: text without its case, no items of lists.
        return not_offered("retention with a filter")
    if measure.born is None:
        # Recurring retention has a user in the cohort of each day on which there was anything.
        return not_offered("cohorts of any first activity")
    if measure.unbounded:
        # It counts who comes back after the period as well, so a period would gain on the one before.
        return not_offered("who came back on or after a day, up to the end of the period")
    query = RetentionQuery(
        measure.born, measure.returned, measure.cohort_days(period), measure.after, measure.unit
    )
    return reading(query, RetentionAnswer.figure)


@dataclass(frozen=True, slots=True)
class RetentionQuery:
    """Who came back after so many units, of those who did `born` for the first time of the days."""

    born: str
    returned: str | None  # None: any event
    days: Period
    after: int
    unit: Unit

    def fetch(self, api: QueryApi) -> "RetentionAnswer":
        """The answer does not tell how fresh it is."""
        parameters = {
            "retention_type": "birth",
            "born_event": self.born,
            "from_date": self.days.start.isoformat(),
            "to_date": self.days.last.isoformat(),
            "unit": self.unit.value,
            "interval_count": str(self.after + 1),
        }
        if self.returned is not None:
            parameters["event"] = self.returned
        body = api.get("/retention", parameters)
        return RetentionAnswer(self, decode(_COHORTS, body, "/retention"), api.now())


class Cohort(BaseModel):
    """Users who began on one day, or in one week, and how many came back in each unit after."""

    first: Count
    counts: list[Count]


_COHORTS = TypeAdapter(dict[Day, Cohort])


@dataclass(frozen=True, slots=True)
class RetentionAnswer:
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
            return _unclear("is about other days than the asked ones")
        if any(len(cohort.counts) <= self.query.after for cohort in born):
            return _unclear(f"ends before {self.query.unit} {self.query.after}")
        users = sum(cohort.first for cohort in born)
        came = sum(cohort.counts[self.query.after] for cohort in born)
        if came > users:
            return _unclear("has more users who came back than there were")
        return Measured(came / users) if users else Undefined()

    def _is_asked_for(self, day: date) -> bool:
        into_a_week = timedelta(days=6 if self.query.unit is Unit.WEEK else 0)
        return self.query.days.start - into_a_week <= day < self.query.days.end


def _unclear(problem: str) -> Failed:
    return unclear(f"Mixpanel's answer to /retention {problem}")
