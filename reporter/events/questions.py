"""From a report's question to what is asked of the events. Pure."""

from dataclasses import replace

from reporter.events.measuring import Ask, Askable, Plan, has_days
from reporter.events.measuring.value_table import MOST_VALUES
from reporter.model.figures import Question
from reporter.model.measure import (
    Breakdown,
    EventCount,
    Measure,
    PropertyStatistic,
    Ratio,
    SavedFunnel,
    SavedInsights,
    parts_of,
)
from reporter.model.period import Period


def plan_of(question: Question, history: Period | None) -> Plan:
    """All that the question needs; daily numbers over the history, as far as there is one."""
    periods = (question.period, question.previous)
    return Plan(
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
