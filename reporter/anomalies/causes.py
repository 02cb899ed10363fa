"""The causes of an unusual number: what is asked of a source, and what its answer tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from reporter.anomalies.ratio_drivers import RatioDriver, RatioExplanation, RatioPart, explain_ratio
from reporter.anomalies.segments import Driver, Explanation, SegmentHistory, explain
from reporter.reports.causes import Cause, CauseEffect, MetricPart
from reporter.reports.figures import Figures, Segmentation, Segments
from reporter.reports.findings import Finding, Unusual
from reporter.reports.measures import ByDay, Measure, Ratio, has_days, is_groupable, traits
from reporter.reports.periods import Period
from reporter.reports.report import Flagged, Verdict
from reporter.reports.subscriptions import Insights, ReportSpec

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
    explanation: Explanation | RatioExplanation

    @property
    def strongest(self) -> tuple[Driver | RatioDriver, ...]:
        """The best of each property; of a ratio by its own rate, and by its share of the whole."""
        best: dict[tuple[str, str | None], Driver | RatioDriver] = {}
        for driver in self.explanation.drivers:
            kind = driver.effect if isinstance(driver, RatioDriver) else None
            best.setdefault((driver.dimension, kind), driver)
        return tuple(best.values())

    @property
    def named(self) -> tuple[Driver | RatioDriver, ...]:
        """The surest groups that explain the change, of a property each; the one that explains most first."""
        if not self.explanation.claim:
            return ()
        sure: dict[str, Driver | RatioDriver] = {}
        for driver in self.strongest:
            if driver.can_be_named:
                sure.setdefault(driver.dimension, driver)
        return tuple(sorted([*sure.values()][:MOST_CAUSES], key=lambda driver: -driver.explains))


def segmentation_for(spec: ReportSpec, figures: Figures, verdict: Verdict) -> Segmentation | None:
    """The one question about the causes of all flagged metrics; None where there is nothing to ask."""
    flagged = [one for one in verdict.flagged if asked_of(one.metric.measure)]
    if not flagged or not spec.drivers:
        return None
    periods = comparable(flagged[0].days, figures.question.history)
    if len(periods) <= LEAST_PERIODS:
        return None
    asked = dict.fromkeys(part for one in flagged[:MOST_METRICS] for part in asked_of(one.metric.measure))
    return Segmentation(tuple(asked), spec.drivers, periods)


def asked_of(measure: Measure) -> tuple[ByDay, ...]:
    """The measures whose parts tell what is behind a change of this one: of a ratio its two, else itself."""
    parts = (measure.numerator, measure.denominator) if isinstance(measure, Ratio) else (measure,)
    asked = tuple(part for part in parts if is_groupable(part) and has_days(part) and traits(part).is_judged)
    return asked if len(asked) == len(parts) else ()


def most_queries(spec: ReportSpec) -> int:
    """How many queries it takes at most to look for causes: one a property, whatever is unusual."""
    judged = any(asked_of(metric.measure) for metric in spec.metrics)
    return len(set(spec.drivers)) if judged and spec.insights is not Insights.OFF else 0


def comparable(days: Period, history: Period) -> tuple[Period, ...]:
    """Periods of the same length and weekdays that do not overlap, the oldest first, the last one `days`."""
    step = -(-days.length // 7) * 7
    past = [days.earlier(step * number) for number in range(MOST_PERIODS, 0, -1)]
    return (*(one for one in past if one.start >= history.start), days)


def find_causes(
    figures: Figures, verdict: Verdict, segmentation: Segmentation, answers: SegmentAnswers
) -> tuple[Causes, ...]:
    """What the answer says of each metric that was asked about."""
    found: list[Causes | None] = []
    for one in verdict.flagged:
        asked = asked_of(one.metric.measure)
        if asked and all(part in segmentation.measures for part in asked):
            parts = tuple(answers.get(part, {}) for part in asked)
            explained = _causes if len(asked) == 1 else _ratio_causes
            found.append(explained(one, figures, segmentation, *parts))
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


def _ratio_causes(
    flagged: Flagged, figures: Figures, segmentation: Segmentation, over: Segments, under: Segments
) -> Causes | None:
    """The same of a ratio, by the parts of its numerator and of its denominator."""
    measures, periods = asked_of(flagged.metric.measure), segmentation.periods
    overs, unders = (_totals(measure, figures, periods) for measure in measures)
    if overs is None or unders is None or not sum(overs[:-1]) or not sum(unders[:-1]):
        return None
    level = flagged.expected * sum(unders[:-1]) / sum(overs[:-1])
    zeros = (0.0,) * len(periods)
    compared = {
        name: {
            value: _fraction(over.get(name, {}).get(value, zeros), numbers, level)
            for value, numbers in values.items()
        }
        for name, values in under.items()
        if len(values) > 1
    }
    return Causes(flagged, periods, explain_ratio(compared, _fraction(overs, unders, level)))


def _fraction(over: Sequence[float], under: Sequence[float], level: float) -> RatioPart:
    *past_over, actual_over = over
    *past_under, actual_under = under
    return [number * level for number in past_over], past_under, actual_over, actual_under


def _totals(measure: Measure, figures: Figures, periods: Sequence[Period]) -> tuple[float, ...] | None:
    """The sum of the daily numbers of each period; None where a day has none."""
    daily = figures.daily.get(measure)
    totals = [daily.total(period) for period in periods] if daily else []
    known = tuple(total for total in totals if total is not None)
    return known if len(known) == len(periods) else None


def _part(numbers: Sequence[float], level: float) -> SegmentHistory:
    *past, actual = numbers
    return [number * level for number in past], actual


def with_causes(verdict: Verdict, found: Sequence[Causes]) -> Verdict:
    """The verdict, with the causes beside the findings that they explain."""
    by_name = {(one.flagged.label or one.flagged.metric.label, one.flagged.part): one for one in found}
    return replace(verdict, unusual=tuple(_with_causes(finding, by_name) for finding in verdict.unusual))


def _with_causes(finding: Finding, found: Mapping[tuple[str, MetricPart | None], Causes]) -> Finding:
    if not isinstance(finding, Unusual) or (finding.label, finding.part) not in found:
        return finding
    one = found[finding.label, finding.part]
    named = tuple(map(_cause, one.named))
    return replace(finding, causes=named, across=() if named else _alike(one.explanation))


def _alike(explanation: Explanation | RatioExplanation) -> tuple[str, ...]:
    return explanation.alike if isinstance(explanation, Explanation) else ()


def _cause(driver: Driver | RatioDriver) -> Cause:
    if isinstance(driver, RatioDriver):
        is_mix = driver.effect == "mix"
        moved = (driver.actual - driver.counterfactual, 1.0) if is_mix else (driver.moved, driver.gap)
        effect = CauseEffect.MIX if is_mix else CauseEffect.MOVED
        return Cause(driver.dimension, driver.values, driver.explains, effect, *moved)
    effect = CauseEffect.MOVED
    if driver.group.is_new:
        effect = CauseEffect.NEW
    elif driver.group.is_gone:
        effect = CauseEffect.GONE
    return Cause(driver.dimension, driver.values, driver.explains, effect, driver.excess, driver.gap)
