"""How each part of the product did, for the causes of a change: one query for each property.

All properties in one query would be broken down by each other: 200 countries by 5 systems by 20 sources are
20,000 combinations, of which Mixpanel tells 3,000, and users of combinations do not add up.
"""

from collections.abc import Mapping

from reporter.mixpanel import planning
from reporter.mixpanel.filters import obstacle
from reporter.mixpanel.gathered import Answer
from reporter.mixpanel.grouped import Grouped
from reporter.mixpanel.queries import ACTIVES, AnswerQuery, InsightsQuery, Metric
from reporter.model.errors import Refused, ReporterError
from reporter.model.figures import Segmentation, Segments
from reporter.model.measure import ActiveUsers, EventCount, EventUsers, Measure, PropertyStatistic
from reporter.model.period import Period

LARGEST = 200  # values of a property: times 3 measures and 9 weeks these are 40,000 numbers


def queries(segmentation: Segmentation) -> tuple[AnswerQuery, ...]:
    """By the day, from the first day of the oldest period to the last one of the youngest."""
    metrics = tuple(dict.fromkeys(_metrics(segmentation).values()))
    if not metrics:
        return ()
    span = _span(segmentation)
    return tuple(
        InsightsQuery(metrics, span, by_day=True, group=name, most=LARGEST)
        for name in dict.fromkeys(segmentation.properties)
    )


def read(
    segmentation: Segmentation, answers: Mapping[AnswerQuery, Answer | ReporterError]
) -> Mapping[Measure, Segments]:
    """The measures that can be told, by each property. Raises the first error among the answers."""
    grouped = {answer.query.group or "": answer for answer in map(_told, answers.values())}
    return {
        measure: {name: one.sums(metric, segmentation.periods) for name, one in grouped.items()}
        for measure, metric in _metrics(segmentation).items()
    }


def _told(answer: Answer | ReporterError) -> Grouped:
    if isinstance(answer, ReporterError):
        raise answer
    if not isinstance(answer, Grouped):
        raise Refused("Mixpanel did not answer by the values of a property")
    return answer


def _metrics(segmentation: Segmentation) -> Mapping[Measure, Metric]:
    """The measures of which the days can be asked for."""
    metrics = {measure: _metric(measure) for measure in segmentation.measures}
    is_long = _span(segmentation).length > planning.ACTIVES_REACH.days
    return {
        measure: metric
        for measure, metric in metrics.items()
        if metric is not None and metric.has_always_a_number and not (is_long and metric == ACTIVES)
    }


def _metric(measure: Measure) -> Metric | None:
    if isinstance(measure, EventCount | EventUsers | PropertyStatistic):
        return None if obstacle(measure.where) else planning.broken_down(measure)
    return ACTIVES if isinstance(measure, ActiveUsers) else None


def _span(segmentation: Segmentation) -> Period:
    return Period(segmentation.periods[0].start, segmentation.periods[-1].end)
