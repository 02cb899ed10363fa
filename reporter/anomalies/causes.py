"""What is behind an unusual number: which question that asks of a source, and what the answer says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from reporter.anomalies.segments import Driver, Explanation, SegmentHistory, explain
from reporter.reports.figures import Figures, Segmentation, Segments
from reporter.reports.findings import Cause, Finding, Unusual
from reporter.reports.measures import (
    ActiveUsers,
    EventCount,
    EventUsers,
    Measure,
    PropertyStatistic,
    is_additive,
)
from reporter.reports.periods import Period
from reporter.reports.subscriptions import Insights, ReportSpec
from reporter.reports.verdict import Flagged, Verdict

MOST_PERIODS = 8  # of the past that a period is held against
LEAST_PERIODS = 3  # fewer do not tell how much a part usually varies
MOST_METRICS = 3
MOST_CAUSES = 2

SegmentAnswers: TypeAlias = Mapping[Measure, Segments]


@dataclass(frozen=True, slots=True)
class Causes:
    """What became of looking for the causes of one unusual metric."""

    flagged: Flagged
    periods: tuple[Period, ...]  # that were compared, the oldest first; the last is the one in question
    explanation: Explanation

    @property
    def named(self) -> tuple[Driver, ...]:
        """The surest groups that explain the change, of a property each; the one that explains most first."""
        if not self.explanation.claim:
            return ()
        sure = [driver for driver in self.explanation.drivers if driver.can_be_named][:MOST_CAUSES]
        return tuple(sorted(sure, key=lambda driver: -driver.explains))


def asked(spec: ReportSpec, figures: Figures, verdict: Verdict) -> Segmentation | None:
    """The one question about the causes of all flagged metrics; None where there is nothing to ask."""
    flagged = [one for one in verdict.flagged if is_divisible(one.metric.measure)][:MOST_METRICS]
    if not flagged or not spec.drivers:
        return None
    periods = comparable(flagged[0].days, figures.question.history)
    if len(periods) <= LEAST_PERIODS:
        return None
    return Segmentation(tuple(one.metric.measure for one in flagged), spec.drivers, periods)


def most_queries(spec: ReportSpec) -> int:
    """How many queries it takes at most to look for causes: one a property, whatever is unusual."""
    judged = any(_is_judged(metric.measure) for metric in spec.metrics)
    return len(set(spec.drivers)) if judged and spec.insights is not Insights.OFF else 0


def _is_judged(measure: Measure) -> bool:
    """Whether it may be called unusual, and then be divided: counts, users and sums."""
    if isinstance(measure, PropertyStatistic):
        return is_additive(measure)
    return is_divisible(measure)


def is_divisible(measure: Measure) -> bool:
    """Whether a source can tell the measure by the values of a property."""
    return isinstance(measure, EventCount | EventUsers | ActiveUsers | PropertyStatistic)


def comparable(days: Period, history: Period) -> tuple[Period, ...]:
    """Periods of the same length and weekdays that do not overlap, the oldest first, the last one `days`."""
    step = -(-days.length // 7) * 7
    past = [days.earlier(step * number) for number in range(MOST_PERIODS, 0, -1)]
    return (*(one for one in past if one.start >= history.start), days)


def causes(
    figures: Figures, verdict: Verdict, segmentation: Segmentation, answers: SegmentAnswers
) -> tuple[Causes, ...]:
    """What the answer says of each metric that was asked about."""
    asked_about = [one for one in verdict.flagged if one.metric.measure in segmentation.measures]
    found = (_causes(one, figures, segmentation, answers.get(one.metric.measure, {})) for one in asked_about)
    return tuple(one for one in found if one is not None)


def _causes(
    flagged: Flagged, figures: Figures, segmentation: Segmentation, segments: Segments
) -> Causes | None:
    """None where a day of the compared periods has no number.

    Users are the sums of their days, in the parts and in the total, so that the two compare.
    """
    totals = _totals(flagged.metric.measure, figures, segmentation.periods)
    if totals is None or not sum(totals[:-1]):
        return None
    # The parts of the past, moved to the level that was expected: growth of everything blames nobody.
    level = flagged.expected * (len(totals) - 1) / sum(totals[:-1])
    compared = {
        name: {value: _part(numbers, level) for value, numbers in values.items()}
        for name, values in segments.items()
        if len(values) > 1
    }
    return Causes(flagged, segmentation.periods, explain(compared, _part(totals, level)))


def _totals(measure: Measure, figures: Figures, periods: Sequence[Period]) -> tuple[float, ...] | None:
    """The sum of the daily numbers of each period."""
    totals: list[float] = []
    for period in periods:
        days = figures.daily[measure].over(period)
        known = [value for value in days if value is not None]
        if len(known) < len(days):
            return None
        totals.append(sum(known))
    return tuple(totals)


def _part(numbers: Sequence[float], level: float) -> SegmentHistory:
    *past, actual = numbers
    return [number * level for number in past], actual


def with_causes(verdict: Verdict, found: Sequence[Causes]) -> Verdict:
    """The verdict, with the causes beside the findings that they explain."""
    by_label = {one.flagged.metric.label: one for one in found}
    return replace(verdict, unusual=tuple(_told(finding, by_label) for finding in verdict.unusual))


def _told(finding: Finding, found: Mapping[str, Causes]) -> Finding:
    if not isinstance(finding, Unusual) or finding.label not in found:
        return finding
    drivers = found[finding.label].named
    named = tuple(Cause(driver.dimension, driver.values, driver.explains) for driver in drivers)
    return replace(finding, causes=named)
