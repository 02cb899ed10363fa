"""From a report's question to what is asked of the events, and from the numbers to its answer. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from reporter.reports.definitions import Coverage
from reporter.reports.figures import (
    Daily,
    Failed,
    Figure,
    Question,
    Ranking,
    Unknown,
    UnknownEvent,
    divide,
)
from reporter.reports.measures import (
    Breakdown,
    EventCount,
    Measure,
    PropertyStatistic,
    Ratio,
    SavedFunnel,
    SavedInsights,
    has_days,
    parts_of,
)
from reporter.reports.periods import Period
from reporter.reports.references import Reference, events_of, is_doubtful, is_empty, nearest, references
from reporter.sources.events.measures import Ask, Askable, EventsAnswer, EventsPlan
from reporter.sources.events.measures.bucket import MOST_VALUES


def plan_of(question: Question, history: Period | None) -> EventsPlan:
    """All that the question needs; daily numbers over the history, as far as there is one."""
    periods = (question.period, question.previous)
    return EventsPlan(
        asks=frozenset(
            ask for one in question.measures for period in periods for ask in asks_of(one, period, question)
        ),
        daily=frozenset(one for one in question.measures if has_days(one)) if history else frozenset(),
        history=history,
        ranking=(question.period, question.previous) if question.ranks_events else None,
    )


def asks_of(measure: Measure, period: Period, question: Question) -> tuple[Ask, ...]:
    """What is asked over a period; of the one before all values, so that those large now have a change."""
    whole = period == question.previous
    return tuple(
        Ask(replace(one, top=MOST_VALUES) if whole and isinstance(one, Breakdown) else one, period)
        for one in askable(measure)
    )


def askable(measure: Measure) -> tuple[Askable, ...]:
    """What events must be asked for a measure; nothing, where they cannot tell it."""
    parts: list[Askable] = []
    for part in parts_of(measure):
        if isinstance(part, SavedInsights | SavedFunnel | Ratio):
            return ()
        parts.append(part)
    return tuple(parts)


def counts_users(measure: Measure) -> bool:
    """Whether it matters to the measure which events are of the same person."""
    each = (part.of if isinstance(part, Breakdown) else part for part in parts_of(measure))
    return any(
        not isinstance(one, EventCount | PropertyStatistic | SavedInsights | SavedFunnel) for one in each
    )


SAVED = Failed(
    "A report saved in Mixpanel needs its Query API, which the plan may lack. Define the metric by its events"
)


@dataclass(frozen=True, slots=True)
class EventsAnswers:
    """The figures of one question; `history` are the days that the daily numbers cover."""

    question: Question
    history: Period
    answer: EventsAnswer
    unknown: Mapping[Reference, Unknown] = field(default_factory=dict[Reference, Unknown])

    @property
    def now(self) -> Mapping[Measure, Figure]:
        return {measure: self._figure(measure, self.question.period) for measure in self.question.measures}

    @property
    def before(self) -> Mapping[Measure, Figure]:
        """The same over the previous period; a number of a time before the first event is none."""
        figures = {
            measure: self._figure(measure, self.question.previous) for measure in self.question.measures
        }
        return self.coverage.figures_before(self.question.previous, figures)

    @property
    def daily(self) -> Mapping[Measure, Daily]:
        return {
            measure: self.answer.daily[measure]
            for measure, figure in self.now.items()
            if has_days(measure) and not isinstance(figure, Unknown)
        }

    @property
    def ranking(self) -> Ranking | None:
        return self.answer.ranking

    def doubtful(self) -> tuple[Reference, ...]:
        """What measures name whose numbers are nothing throughout: it may not exist."""
        told = (measure for measure in self.question.measures if askable(measure))
        parts = (part for measure in told for part in parts_of(measure))
        found = (reference for one in parts if self._is_doubtful(one) for reference in references(one))
        return tuple(reference for reference in dict.fromkeys(found) if self._happened(reference.event))

    def _happened(self, event: str) -> bool:
        """In either period: of an event that did not, a zero needs no other reason."""
        seen = self.answer.seen.get(event)
        return seen is not None and seen.end > self.question.previous.start

    def _is_doubtful(self, part: Measure) -> bool:
        periods = (self.question.period, self.question.previous)
        asks = [ask for period in periods for ask in asks_of(part, period, self.question)]
        daily = self.answer.daily.get(part) if has_days(part) else None
        return is_doubtful([self.answer.figures[ask] for ask in asks], daily)

    def _asked(self, ask: Ask) -> Figure:
        figure = self.answer.figures[ask]
        if not is_empty(figure):
            return figure
        unknown = (self.unknown.get(reference) for reference in references(ask.measure))
        return next((one for one in unknown if one is not None), figure)

    def _figure(self, measure: Measure, period: Period) -> Figure:
        asks = asks_of(measure, period, self.question)
        if not asks:
            return SAVED
        for event in events_of(measure):
            if event not in self.answer.seen:
                return UnknownEvent(event, nearest(event, tuple(self.answer.seen)))
        figures = [self._asked(ask) for ask in asks]
        return divide(*figures) if isinstance(measure, Ratio) else figures[0]

    @property
    def coverage(self) -> Coverage:
        """From which day on the events are known."""
        return Coverage(
            self.history.start, min((days.start for days in self.answer.seen.values()), default=None)
        )
