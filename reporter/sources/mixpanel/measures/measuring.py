"""One measure's figure and daily numbers, from the answers to its question. Pure."""

from dataclasses import dataclass, replace
from statistics import fmean
from typing import assert_never

from reporter.reports.errors import ReporterError
from reporter.reports.figures import (
    Daily,
    Failed,
    Figure,
    Incomparable,
    Measured,
    Question,
    RawReason,
    Undefined,
    Unknown,
    UnknownEvent,
    Unlike,
    divide,
)
from reporter.reports.measures import (
    ActiveUsers,
    Breakdown,
    EventCount,
    EventMeasure,
    EventUsers,
    Funnel,
    Lifecycle,
    Measure,
    PropertyStatistic,
    Ratio,
    Retention,
    SavedFunnel,
    SavedInsights,
    Sessions,
    Stickiness,
    events_of,
)
from reporter.reports.periods import Period
from reporter.reports.references import Reference, is_doubtful, is_empty, nearest, references
from reporter.sources.mixpanel.measures import planning
from reporter.sources.mixpanel.measures.breakdowns import Grouped
from reporter.sources.mixpanel.measures.gathered import QueryResults, failed
from reporter.sources.mixpanel.measures.history import EventHistory
from reporter.sources.mixpanel.measures.retention import Cohorts
from reporter.sources.mixpanel.measures.saved import FunnelSteps, SavedReport
from reporter.sources.mixpanel.queries import ACTIVES, MOST_GROUPS, InsightsMetric, SavedInsightsQuery
from reporter.sources.mixpanel.query_language import obstacle
from reporter.sources.mixpanel.series import Inline


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the answers to a question."""

    question: Question
    answers: QueryResults

    def figure(self, measure: Measure, period: Period) -> Figure:
        """The measure over the question's period, or over its previous one."""
        if isinstance(measure, Ratio):
            return divide(self.figure(measure.numerator, period), self.figure(measure.denominator, period))
        strange = (self._strangeness(event) for event in events_of(measure))
        return next((one for one in strange if one is not None), None) or self._checked(measure, period)

    def daily(self, measure: Measure) -> Daily | None:
        """The measure on each day of the history, where a day has a number of its own."""
        if isinstance(measure, EventCount) and not measure.where:
            history = self.answers.history
            if not isinstance(history, EventHistory) or not history.covers(measure.event):
                return None
            return history.daily(measure.event)
        metric = None if isinstance(measure, Stickiness) else planning.daily_metric(measure)
        line = self._line() if metric is not None else None
        return line.daily(metric) if metric is not None and isinstance(line, Inline) else None

    def doubtful(self) -> tuple[Reference, ...]:
        """What measures name whose numbers are nothing throughout: it may not exist."""
        measures = (one for one in planning.simple(self.question) if self._is_doubtful(one))
        found = dict.fromkeys(each for one in measures for each in references(one))
        return tuple(reference for reference in found if self._happened(reference.event))

    def _happened(self, event: str) -> bool:
        """In either period: of an event that did not, a zero needs no other reason."""
        periods = (self.question.period, self.question.previous)
        return any(self._count(event, period) != Measured(0) for period in periods)

    def without_numbers(self, period: Period) -> tuple[PropertyStatistic, ...]:
        """Statistics that are nothing, although the event happened: perhaps there are no numbers."""
        found = (
            of
            for measure in planning.simple(self.question)
            if isinstance(of := measure.of if isinstance(measure, Breakdown) else measure, PropertyStatistic)
            and is_empty(self.figure(measure, period))
            and self._count(of.event, period) != Measured(0)
        )
        return tuple(dict.fromkeys(found))

    def _is_doubtful(self, measure: Measure) -> bool:
        periods = (self.question.period, self.question.previous)
        return is_doubtful([self.figure(measure, period) for period in periods], self.daily(measure))

    def _checked(self, measure: Measure, period: Period) -> Figure:
        """The number; where it is nothing because of a name that does not exist, that is said instead."""
        figure = self._known(measure, period)
        if not is_empty(figure):
            return figure
        found: list[Unknown | Failed | None] = [
            self.answers.unknown.get(reference) for reference in references(measure)
        ]
        of = measure.of if isinstance(measure, Breakdown) else measure
        if isinstance(of, PropertyStatistic):
            found.append(self.answers.not_numeric.get((of, period)))
        return next((one for one in found if one is not None), figure)

    def _known(self, measure: Measure, period: Period) -> Figure:
        match measure:
            case EventCount(event, where=()):
                return self._count(event, period)
            case ActiveUsers() | EventCount() | EventUsers() | PropertyStatistic() | Breakdown():
                return self._inline(measure, period)
            case Stickiness(days):
                return self._stickiness(days, period)
            case Retention():
                return self._retention(measure, period)
            case SavedInsights():
                return self._saved(measure, period)
            case SavedFunnel():
                return self._saved_funnel(measure, period)
            case Funnel():
                return _not_offered("funnels within the period")
            case Lifecycle(group):
                return _not_offered(f"{group} users")
            case Sessions():
                return _not_offered("sessions")
            case Ratio():
                return self.figure(measure, period)
            case _:
                assert_never(measure)

    def _count(self, event: str, period: Period) -> Figure:
        match self.answers.history:
            case EventHistory() as history:
                return history.figure(event, period)
            case ReporterError() as error:
                return failed(error)
            case None:
                return UnknownEvent(event)  # the project has no events at all

    def _inline(self, measure: ActiveUsers | EventMeasure | Breakdown, period: Period) -> Figure:
        """A number of an Insights query."""
        if isinstance(measure, ActiveUsers):
            figure = self._whole(ACTIVES, period)
            return Measured(0) if isinstance(figure, Failed) and self._was_quiet(period) else figure
        of = measure.of if isinstance(measure, Breakdown) else measure
        if problem := obstacle(of.where):
            return _not_offered(f"exactly this filter ({problem})")
        metric = planning.broken_down(of)
        if isinstance(measure, Breakdown):
            figure = self._broken_down(measure, metric, period)
        else:
            figure = self._whole(metric, period)
        if not isinstance(figure, Failed) and metric.has_always_a_number:
            return figure
        if self._count(of.event, period) != Measured(0):
            return figure
        return Measured(0) if metric.has_always_a_number else Undefined()

    def _was_quiet(self, period: Period) -> bool:
        """Whether no event happened at all. Of nothing, an Insights answer has no series at all."""
        answer = self.answers.of(planning.whole_query(self.question, period), Inline)
        if not isinstance(answer, Inline) or answer.series.labelled or self.answers.names is None:
            return False
        history = self.answers.history
        if not isinstance(history, EventHistory):
            return self.answers.names == ()
        return all(history.figure(event, period) == Measured(0) for event in history.query.events)

    def _whole(self, metric: InsightsMetric, period: Period) -> Figure:
        answer = self.answers.of(planning.whole_query(self.question, period), Inline)
        return answer.figure(metric) if isinstance(answer, Inline) else answer

    def _broken_down(self, measure: Breakdown, metric: InsightsMetric, period: Period) -> Figure:
        query = planning.groups_query(self.question, measure.property, period)
        answer = self.answers.of(query, Grouped)
        if not isinstance(answer, Grouped):
            return answer
        # Of the period before all values are told, so that those that are large now have a change.
        is_before = period == self.question.previous
        return answer.figure(metric, MOST_GROUPS if is_before else measure.top)

    def daily_failure(self) -> Failed | None:
        """Why there are no numbers by the day, where some were asked for."""
        if planning.line_query(self.question) is None:
            return None
        line = self._line()
        return line if isinstance(line, Failed) else None

    def _line(self) -> Inline | Failed:
        query = planning.line_query(self.question)
        return self.answers.of(query, Inline) if query else Failed("Mixpanel was not asked for days")

    def _stickiness(self, days: int, period: Period) -> Figure:
        line = self._line()
        users = self.answers.of(planning.actives_query(days, period), Inline)
        if isinstance(line, Failed):
            return line
        if isinstance(users, Failed):
            return users
        daily = line.daily(ACTIVES)
        actives = [*daily.over(period)] if daily else [None]
        known = [number for number in actives if number is not None]
        if len(known) < len(actives):
            return _not_offered(f"the active users of each day of {period}")
        return divide(Measured(fmean(known), line.series.sampled), users.figure(ACTIVES))

    def _retention(self, measure: Retention, period: Period) -> Figure:
        if measure.born is None:
            # Recurring retention has a user in the cohort of each day on which there was anything.
            return _not_offered("cohorts of any first activity")
        if measure.unbounded:
            # It counts who comes back after the period as well, so a period would gain on the one before.
            return _not_offered("who came back on or after a day, up to the end of the period")
        answer = self.answers.of(planning.retention_query(measure, measure.born, period), Cohorts)
        return answer.figure() if isinstance(answer, Cohorts) else answer

    def _saved(self, measure: SavedInsights, period: Period) -> Figure:
        answer = self.answers.of(SavedInsightsQuery(measure.id), SavedReport)
        if isinstance(answer, Failed):
            return _only_there(answer)
        if period == self.question.previous:
            return answer.figure_before(measure, period)
        return answer.figure(measure, period)

    def _saved_funnel(self, measure: SavedFunnel, period: Period) -> Figure:
        query = planning.funnel_query(measure, period, self.question)
        if query is None:
            return Incomparable(Unlike.RIPENS)
        answer = self.answers.of(query, FunnelSteps)
        return answer.figure() if isinstance(answer, FunnelSteps) else _only_there(answer)

    def _strangeness(self, event: str) -> UnknownEvent | Failed | None:
        """An event that never happened and is not among the names is unknown; without them, who knows."""
        history = self.answers.history
        if not isinstance(history, EventHistory) or not history.covers(event) or history.happened(event):
            return None
        match self.answers.names:
            case ReporterError() as error:
                return failed(error)
            case None:
                return None
            case names:
                return None if event in names else UnknownEvent(event, nearest(event, names))


def _not_offered(what: str) -> Failed:
    reason = f'Mixpanel\'s Query API does not tell {what}; with source = "auto" raw events do'
    return Failed(reason, raw_reason=RawReason.NOT_OFFERED)


def _only_there(failure: Failed) -> Failed:
    """A report that is saved in Mixpanel can not be had of raw events."""
    return replace(failure, raw_reason=None)
