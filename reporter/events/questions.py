"""From a report's question to what is asked of the events. Pure."""

from reporter.events.measuring import Ask, Askable, Plan, has_days
from reporter.model.figures import Question
from reporter.model.measure import Measure, Ratio, SavedFunnel, SavedInsights, parts_of
from reporter.model.period import Period


def plan_of(question: Question, history: Period | None) -> Plan:
    """All that the question needs; daily numbers over the history, as far as there is one."""
    asked = tuple(one for measure in question.measures for one in askable(measure))
    return Plan(
        asks=frozenset(Ask(one, period) for one in asked for period in (question.period, question.previous)),
        daily=frozenset(one for one in question.measures if has_days(one)) if history else frozenset(),
        history=history,
        ranking=(question.period, question.previous) if question.ranks_events else None,
    )


def askable(measure: Measure) -> tuple[Askable, ...]:
    """What events must be asked for a measure; nothing, where they cannot tell it."""
    parts: list[Askable] = []
    for part in parts_of(measure):
        if isinstance(part, SavedInsights | SavedFunnel | Ratio):
            return ()
        parts.append(part)
    return tuple(parts)
