"""From a question's answers to its figures, each with its state. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import assert_never

from reporter.mixpanel.distinct import DistinctUsers
from reporter.mixpanel.history import History
from reporter.mixpanel.labels import ALL_EVENTS
from reporter.mixpanel.nearest import nearest
from reporter.model.errors import PlanRefused, ReporterError, Unavailable
from reporter.model.figures import (
    Daily,
    Failed,
    Figure,
    Measured,
    Question,
    Ranking,
    TooLittleHistory,
    UnknownEvent,
)
from reporter.model.measure import ActiveUsers, EventCount, EventUsers, Measure
from reporter.model.period import ONE_DAY, Period


@dataclass(frozen=True, slots=True)
class Answers:
    """What came back for one question: an answer, the error in its place, or None where nothing was asked."""

    names: tuple[str, ...] | ReporterError | None = None
    history: History | ReporterError | None = None
    users: DistinctUsers | ReporterError | None = None  # over the period
    users_before: DistinctUsers | ReporterError | None = None  # over the previous one
    users_daily: DistinctUsers | ReporterError | None = None

    @property
    def plan_refused(self) -> PlanRefused | None:
        """The plan's refusal, where there is nothing else."""
        asked = [answer for answer in self._all if answer is not None]
        refusals = [answer for answer in asked if isinstance(answer, PlanRefused)]
        return refusals[0] if refusals and len(refusals) == len(asked) else None

    @property
    def computed_at(self) -> datetime | None:
        """When the oldest answer was computed."""
        users = (self.users, self.users_before, self.users_daily)
        moments = [answer.series.computed_at for answer in users if isinstance(answer, DistinctUsers)]
        if isinstance(self.history, History):
            moments.append(self.history.counts.computed_at)
        return min((moment for moment in moments if moment is not None), default=None)

    @property
    def _all(self) -> tuple[object, ...]:
        return (self.names, self.history, self.users, self.users_before, self.users_daily)


def figures_now(question: Question, answers: Answers) -> Mapping[Measure, Figure]:
    return {
        measure: _figure(measure, question.period, answers, answers.users) for measure in question.measures
    }


def figures_before(question: Question, answers: Answers) -> Mapping[Measure, Figure]:
    """The same over the previous period; a number of a time before the project began is none."""
    previous = question.previous
    short = too_little_history(previous, answers)
    figures = {
        measure: _figure(measure, previous, answers, answers.users_before) for measure in question.measures
    }
    if short is None:
        return figures
    return {measure: short if isinstance(figure, Measured) else figure for measure, figure in figures.items()}


def daily_numbers(question: Question, answers: Answers) -> Mapping[Measure, Daily]:
    """The daily numbers of each measure that has them."""
    daily: dict[Measure, Daily] = {}
    for measure in question.measures:
        numbers = _daily(measure, answers)
        if numbers is not None:
            daily[measure] = numbers
    return daily


def ranking(question: Question, answers: Answers, *, is_partial: bool) -> Ranking | Failed | None:
    """All events of the project; none without their names."""
    if not question.ranks_events:
        return None
    for answer in (answers.names, answers.history):
        if isinstance(answer, ReporterError):
            return failed(answer)
    if not isinstance(answers.history, History):
        return Ranking(())  # the project has no events to rank
    return answers.history.ranking(question.period, question.previous, is_partial=is_partial)


def failed(error: ReporterError) -> Failed:
    after = error.after if isinstance(error, Unavailable) else None
    return Failed(str(error), passing=isinstance(error, Unavailable), after=after)


def too_little_history(previous: Period, answers: Answers) -> TooLittleHistory | None:
    """Whether the project's first event came after the previous period began, as far as the answers reach."""
    stretches: list[tuple[date, date | None]] = []
    if isinstance(answers.history, History) and isinstance(answers.names, tuple):  # of all events, not a few
        stretches.append((answers.history.query.period.start, answers.history.first_day))
    actives = _daily(ActiveUsers(), answers)
    if actives is not None:
        stretches.append((actives.start, _first_busy_day(actives)))
    first = min((day for _, day in stretches if day is not None), default=None)
    reaches_back = any(start <= previous.start for start, _ in stretches)
    if first is None or not reaches_back or first <= previous.start:
        return None
    return TooLittleHistory(first)


def _figure(
    measure: Measure, period: Period, answers: Answers, users: DistinctUsers | ReporterError | None
) -> Figure:
    match measure:
        case ActiveUsers():
            return _users(ALL_EVENTS, users)
        case EventCount(event):
            return _strangeness(event, answers) or _count(event, period, answers)
        case EventUsers(event):
            figure = _strangeness(event, answers) or _users(event, users)
            nobody = isinstance(figure, Failed) and _count(event, period, answers) == Measured(0)
            return Measured(0) if nobody else figure
        case _:
            assert_never(measure)


def _count(event: str, period: Period, answers: Answers) -> Figure:
    match answers.history:
        case History() as history:
            return history.figure(event, period)
        case ReporterError() as error:
            return failed(error)
        case None:
            return UnknownEvent(event)  # the project has no events at all


def _users(event: str, users: DistinctUsers | ReporterError | None) -> Figure:
    match users:
        case DistinctUsers():
            return users.figure(event)
        case ReporterError() as error:
            return failed(error)
        case None:
            return Failed("Mixpanel was not asked for users")


def _strangeness(event: str, answers: Answers) -> UnknownEvent | Failed | None:
    """An event that never happened and is not among the names is unknown; without the names, who knows."""
    history = answers.history
    if not isinstance(history, History) or not history.covers(event) or history.happened(event):
        return None
    match answers.names:
        case ReporterError() as error:
            return failed(error)
        case None:
            return None
        case names:
            return None if event in names else UnknownEvent(event, nearest(event, names))


def _daily(measure: Measure, answers: Answers) -> Daily | None:
    match measure:
        case EventCount(event):
            history = answers.history
            return history.daily(event) if isinstance(history, History) and history.covers(event) else None
        case ActiveUsers():
            users = answers.users_daily
            return users.daily(ALL_EVENTS) if isinstance(users, DistinctUsers) else None
        case EventUsers():
            return None
        case _:
            assert_never(measure)


def _first_busy_day(daily: Daily) -> date | None:
    return next((daily.start + ONE_DAY * place for place, value in enumerate(daily.values) if value), None)
