"""A source of figures: the Query API, asked as seldom as it can be."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from reporter.reports.definitions import Coverage, daily_measures, figures_before, periods_of
from reporter.reports.figures import (
    Daily,
    Failed,
    Figure,
    Figures,
    Measured,
    Project,
    Question,
    Ranking,
    SegmentAnswer,
    Segmentation,
    Unknown,
    divide,
)
from reporter.reports.measures import Breakdown, Measure, PropertyStatistic, Ratio, Simple
from reporter.reports.periods import ONE_DAY, Period
from reporter.reports.references import Reference, is_doubtful, is_empty, references
from reporter.sources.mixpanel.account import find_project
from reporter.sources.mixpanel.http import MixpanelClient
from reporter.sources.mixpanel.limits import QueryCounter
from reporter.sources.mixpanel.lookup import look_up, look_up_numbers
from reporter.sources.mixpanel.measures.breakdowns import read_segments, segment_queries
from reporter.sources.mixpanel.measures.insights import ACTIVES, InsightsAnswer
from reporter.sources.mixpanel.measures.question import Asked, QueryPlan
from reporter.sources.mixpanel.queries import KEPT, Memo, Query, QueryAnswers, QueryApi, only_raw_events_tell

NAMES_REACH = timedelta(days=31)
HALF_A_YEAR = timedelta(weeks=26)


class QuerySource:
    """Answers questions about one project.

    `shared` are the events any report may ask for: asked for each time, they let all reports share a query.
    """

    def __init__(
        self,
        client: MixpanelClient,
        *,
        project_zone: ZoneInfo | None = None,
        fallback_zone: ZoneInfo | None = None,
        shared: Iterable[str] = (),
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client = client
        self._find_project = partial(find_project, client, zone=project_zone, fallback_zone=fallback_zone)
        self._shared = frozenset(shared)
        self._now = now
        self._memo = Memo(KEPT, clock)

    def project(self) -> Project:
        """The project and its zone. Raises Unavailable or Refused."""
        return self._memo.get("project", self._find_project)

    def plan(self, question: Question) -> tuple[Query[object], ...]:
        """The queries that a question needs; those that two questions have in common cost once."""
        return QueryPlan.of(question, self._shared).costs(self._shared)

    def measure(self, question: Question) -> Figures:
        """What was asked; a figure that could not be measured is Failed.

        Raises Unavailable or Refused where the project is unknown, PlanRefused where the plan gives nothing.
        """
        project, api, asked_at = self.project(), self._api(), self._now()
        plan = QueryPlan.of(question, self._shared)
        answers = plan.fetch(api)
        if plan_refused := answers.plan_refused:
            raise plan_refused
        results = Results(plan, answers)
        figures, coverage = results.figures(api), results.coverage

        def figure(measure: Measure, period: Period) -> Figure:
            return _figure(measure, period, figures)

        return Figures(
            project=project,
            question=question,
            now={measure: figure(measure, question.period) for measure in question.measures},
            before=figures_before(question, coverage, figure),
            daily=results.daily(figures),
            ranking=results.ranking(self._today(project)),
            computed_at=answers.computed_at or asked_at,
            queries=api.counter.count,
            daily_failure=results.daily_failure,
            begins=coverage.begins,
        )

    def look_up(self, references: Collection[Reference]) -> Mapping[Reference, Unknown | Failed]:
        """Which of these Mixpanel does not know, in half a year. Raises Unavailable or Refused."""
        today = self._today(self.project())
        return look_up(references, Period(today - HALF_A_YEAR, today), self._api())

    def segments(self, segmentation: Segmentation) -> SegmentAnswer:
        """The measures by each property, over each period; one query for each property.

        Users of a period are the sum of its days' users. Values beyond the largest are left out, and so are
        measures that Mixpanel does not tell so. Raises Unavailable or Refused, PlanRefused among them.
        """
        api = self._api()
        answers = api.answers(segment_queries(segmentation))
        return SegmentAnswer(read_segments(segmentation, answers.values()), api.counter.count)

    def _api(self) -> QueryApi:
        return QueryApi(self._client, self._memo, self._now, QueryCounter())

    def _today(self, project: Project) -> date:
        return self._now().astimezone(project.zone).date()


@dataclass(frozen=True, slots=True)
class Results:
    """The answers to a question, and what follows from them."""

    plan: QueryPlan
    answers: QueryAnswers

    def figures(self, api: QueryApi) -> Mapping[Asked, Figure]:
        """The figures; where a number is nothing because of a name that does not exist, the unknown name."""
        figures = {asked: one.figure(self.answers) for asked, one in self.plan.readings.items()}
        unknown = look_up(self._doubtful(figures), self.plan.question.history, api)
        for asked, figure in figures.items():
            found = (unknown[one] for one in references(asked[0]) if is_empty(figure) and one in unknown)
            figures[asked] = next(found, figure)
        for period in periods_of(self.plan.question):
            empty = {asked: one for asked in figures if (one := self._without_number(asked, period, figures))}
            not_numeric = look_up_numbers([*dict.fromkeys(empty.values())], period, api)
            figures |= {asked: not_numeric[one] for asked, one in empty.items() if one in not_numeric}
        return figures

    def daily(self, figures: Mapping[Asked, Figure]) -> Mapping[Measure, Daily]:
        """The daily numbers of each measure that has them."""
        period = self.plan.question.period
        measures = (one for measure in self.plan.question.measures for one in daily_measures(measure))
        found = (
            (measure, self._days(measure))
            for measure in dict.fromkeys(measures)
            if not isinstance(figures[measure, period], Unknown)
        )
        return {measure: numbers for measure, numbers in found if numbers is not None}

    @property
    def daily_failure(self) -> Failed | None:
        """Why there are no numbers by the day, where some were asked for."""
        line = self.answers.of(self.plan.line) if self.plan.line else None
        return line if isinstance(line, Failed) else None

    def ranking(self, today: date) -> Ranking | Failed | None:
        """All events of the project; none without their names."""
        question = self.plan.question
        if not question.ranks_events:
            return None
        may_lack = question.period.start < today - NAMES_REACH  # names are those of the last 31 days
        if not question.where:
            now, past = self.answers.of(self.plan.events), self.answers.of(self.plan.past)
            if isinstance(now, Failed) or isinstance(past, Failed):
                return next(one for one in (now, past) if isinstance(one, Failed))
            return now.ranking(question, past, may_lack=may_lack)
        if not self.plan.ranked:
            return only_raw_events_tell("which events are busiest with exactly this filter")
        ranked, before = (self.answers.of(self.plan.ranked[place]) for place in (0, -1))
        if isinstance(ranked, Failed) or isinstance(before, Failed):
            return next(one for one in (ranked, before) if isinstance(one, Failed))
        return ranked.ranking(question, before, may_lack=may_lack)

    @property
    def coverage(self) -> Coverage:
        """How far back the answers are about all events, not about a few."""
        found: list[Coverage] = []
        for query in dict.fromkeys((self.plan.events, self.plan.past)):
            events = self.answers.of(query)
            if not isinstance(events, Failed) and events.coverage:
                found.append(events.coverage)
        line = self.answers.of(self.plan.line) if self.plan.line else None
        actives = line.daily(ACTIVES) if isinstance(line, InsightsAnswer) else None
        if actives is not None:
            busy = (actives.start + ONE_DAY * place for place, value in enumerate(actives.values) if value)
            found.append(Coverage(actives.start, next(busy, None)))
        starts = (one.since for one in found)
        first_days = (one.first_day for one in found if one.first_day is not None)
        return Coverage(min(starts, default=date.max), min(first_days, default=None))

    def _days(self, measure: Simple | Breakdown) -> Daily | None:
        days = self.plan.readings[measure, self.plan.question.period].daily(self.answers)
        return days if isinstance(days, Daily) else None

    def _doubtful(self, figures: Mapping[Asked, Figure]) -> list[Reference]:
        """What measures name whose numbers are nothing throughout: it may not exist."""
        question = self.plan.question
        found: dict[Reference, None] = {}
        for measure in dict.fromkeys(measure for measure, _ in figures):
            both = [figures[measure, period] for period in periods_of(question)]
            if is_doubtful(both, self._days(measure)):
                found |= dict.fromkeys(references(measure))
        return [reference for reference in found if self._happened(reference.event)]

    def _without_number(
        self, asked: Asked, period: Period, figures: Mapping[Asked, Figure]
    ) -> PropertyStatistic | None:
        """A statistic that is nothing, although the event happened: perhaps there are no numbers."""
        measure, of_period = asked
        of = measure.of if isinstance(measure, Breakdown) else measure
        if of_period != period or not isinstance(of, PropertyStatistic) or not is_empty(figures[asked]):
            return None
        return of if self._happened(of.event, period) else None

    def _happened(self, event: str, *periods: Period) -> bool:
        """In either period, unless one is named: of an event that did not, a zero needs no other reason."""
        return any(self._happened_in(event, one) for one in periods or periods_of(self.plan.question))

    def _happened_in(self, event: str, period: Period) -> bool:
        query = self.plan.events if period == self.plan.question.period else self.plan.past
        events = self.answers.of(query)
        return isinstance(events, Failed) or events.figure(event, period) != Measured(0)


def _figure(measure: Measure, period: Period, figures: Mapping[Asked, Figure]) -> Figure:
    if isinstance(measure, Ratio):
        parts = (measure.numerator, measure.denominator)
        return divide(*(figures[part, period] for part in parts))
    return figures[measure, period]
