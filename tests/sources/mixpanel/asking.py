"""Asks a source about a fortnight, and reads what it found."""

from reporter.reports.conditions import Condition, Operator, Where
from reporter.reports.figures import Failed, Figure, Figures, Measured, Part, Question
from reporter.reports.measures import Measure, PropertyStatistic, Statistic
from reporter.reports.periods import Cadence, Period
from reporter.sources.mixpanel.source import QuerySource

from .truth import TODAY

FORTNIGHT = Cadence.BIWEEKLY.period(TODAY)
ON_PHONES: Where = (Condition("$os", Operator.IS, ("Android", "iOS")),)
AMOUNTS = {statistic: PropertyStatistic("Purchase", "amount", statistic) for statistic in Statistic}


def ask(source: QuerySource, *measures: Measure, period: Period = FORTNIGHT) -> Figures:
    return source.measure(Question(measures, period, period.previous))


def value(figure: Figure) -> float:
    assert isinstance(figure, Measured)
    return figure.value


def parts(figure: Figure) -> tuple[Part, ...]:
    assert isinstance(figure, Measured)
    return figure.parts


def reason(figure: Figure) -> str:
    assert isinstance(figure, Failed)
    return figure.reason
