"""From a question's answers to its figures, each with its state. Pure."""

from collections.abc import Mapping
from datetime import date

from reporter.reports.errors import ReporterError
from reporter.reports.figures import (
    Daily,
    Failed,
    Figure,
    Measured,
    Question,
    Ranking,
    TooLittleHistory,
    Undefined,
    Unknown,
)
from reporter.reports.measures import ActiveUsers, Measure
from reporter.reports.periods import ONE_DAY, Period
from reporter.sources.mixpanel.measures.gathered import QueryResults, failed
from reporter.sources.mixpanel.measures.history import EventHistory
from reporter.sources.mixpanel.measures.measuring import Reader


def figures_now(question: Question, answers: QueryResults) -> Mapping[Measure, Figure]:
    reader = Reader(question, answers)
    return {measure: reader.figure(measure, question.period) for measure in question.measures}


def figures_before(question: Question, answers: QueryResults) -> Mapping[Measure, Figure]:
    """The same over the previous period; a number of a time before the project began is none."""
    reader, previous = Reader(question, answers), question.previous
    short = too_little_history(previous, reader)
    figures = {measure: reader.figure(measure, previous) for measure in question.measures}
    if short is None:
        return figures
    return {
        measure: short if isinstance(figure, Measured | Undefined) else figure
        for measure, figure in figures.items()
    }


def daily_numbers(question: Question, answers: QueryResults) -> Mapping[Measure, Daily]:
    """The daily numbers of each measure that has them."""
    reader = Reader(question, answers)
    now = figures_now(question, answers)
    known = (measure for measure, figure in now.items() if not isinstance(figure, Unknown))
    found = ((measure, reader.daily(measure)) for measure in known)
    return {measure: numbers for measure, numbers in found if numbers is not None}


def ranking(question: Question, answers: QueryResults, *, is_partial: bool) -> Ranking | Failed | None:
    """All events of the project; none without their names."""
    if not question.ranks_events:
        return None
    for answer in (answers.names, answers.history):
        if isinstance(answer, ReporterError):
            return failed(answer)
    if not isinstance(answers.history, EventHistory):
        return Ranking(())  # the project has no events to rank
    return answers.history.ranking(question.period, question.previous, is_partial=is_partial)


def too_little_history(previous: Period, reader: Reader) -> TooLittleHistory | None:
    """Whether the project's first event came after the previous period began, as far as the answers reach."""
    stretches = _stretches(reader)
    first = min((day for _, day in stretches if day is not None), default=None)
    reaches_back = any(start <= previous.start for start, _ in stretches)
    if first is None or not reaches_back or first <= previous.start:
        return None
    return TooLittleHistory(first)


def begins(question: Question, answers: QueryResults) -> date | None:
    """The day of the project's first event; None where there may be earlier ones."""
    stretches = _stretches(Reader(question, answers))
    first = min((day for _, day in stretches if day is not None), default=None)
    return first if first and any(start < first for start, _ in stretches) else None


def _stretches(reader: Reader) -> list[tuple[date, date | None]]:
    """What tells of all events, not of a few: from which day on, and the first day with any."""
    answers = reader.answers
    stretches: list[tuple[date, date | None]] = []
    if isinstance(answers.history, EventHistory) and isinstance(answers.names, tuple):
        stretches.append((answers.history.query.period.start, answers.history.first_day))
    actives = reader.daily(ActiveUsers())
    if actives is not None:
        stretches.append((actives.start, _first_busy_day(actives)))
    return stretches


def _first_busy_day(daily: Daily) -> date | None:
    return next((daily.start + ONE_DAY * place for place, value in enumerate(daily.values) if value), None)
