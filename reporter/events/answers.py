"""From what the events say to a report's figures, each with its state. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from reporter.events.measuring import Answer, has_days
from reporter.events.questions import asks_of
from reporter.model.figures import (
    Daily,
    Failed,
    Figure,
    Measured,
    Question,
    Ranking,
    TooLittleHistory,
    Undefined,
    UnknownEvent,
    divided,
)
from reporter.model.measure import Measure, Ratio, events_of
from reporter.model.nearest import nearest
from reporter.model.period import Period

SAVED = Failed(
    "A report saved in Mixpanel needs its Query API, which the plan may lack. Define the metric by its events"
)


@dataclass(frozen=True, slots=True)
class Answers:
    """The figures of one question; `history` are the days that the daily numbers cover."""

    question: Question
    history: Period
    answer: Answer

    @property
    def now(self) -> Mapping[Measure, Figure]:
        return {measure: self._figure(measure, self.question.period) for measure in self.question.measures}

    @property
    def before(self) -> Mapping[Measure, Figure]:
        """The same over the previous period; a number of a time before the first event is none."""
        short = self._too_little_history()
        figures = {
            measure: self._figure(measure, self.question.previous) for measure in self.question.measures
        }
        if short is None:
            return figures
        return {
            measure: short if isinstance(figure, Measured | Undefined) else figure
            for measure, figure in figures.items()
        }

    @property
    def daily(self) -> Mapping[Measure, Daily]:
        return {
            measure: self.answer.daily[measure] for measure in self.question.measures if has_days(measure)
        }

    @property
    def ranking(self) -> Ranking | None:
        return self.answer.ranking

    def _figure(self, measure: Measure, period: Period) -> Figure:
        asks = asks_of(measure, period, self.question)
        if not asks:
            return SAVED
        for event in events_of(measure):
            if event not in self.answer.seen:
                return UnknownEvent(event, nearest(event, tuple(self.answer.seen)))
        figures = [self.answer.figures[ask] for ask in asks]
        return divided(*figures) if isinstance(measure, Ratio) else figures[0]

    def _too_little_history(self) -> TooLittleHistory | None:
        """Whether the first event came after the previous period began, as far as the days reach."""
        first, previous = self.first_day, self.question.previous.start
        reaches_back = self.history.start <= previous
        return TooLittleHistory(first) if first and reaches_back and first > previous else None

    @property
    def first_day(self) -> date | None:
        """The first day with an event."""
        return min((days.start for days in self.answer.seen.values()), default=None)

    @property
    def begins(self) -> date | None:
        """The same; None where there may be earlier ones."""
        return self.first_day if self.first_day and self.history.start < self.first_day else None
