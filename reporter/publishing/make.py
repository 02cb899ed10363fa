"""Making a report: ask, judge, ask what is behind the unusual, compose. And explaining a metric of it."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, TypeAlias

from reporter import telemetry
from reporter.anomalies import causes
from reporter.anomalies.judge import judge
from reporter.anomalies.parts import JudgedPart, judged_parts, part_questions, with_parts
from reporter.reports.compose import compose
from reporter.reports.definitions import judged_days
from reporter.reports.deliveries import ReportedNumbers
from reporter.reports.errors import FailureCause, Refused, ReporterError, Unavailable
from reporter.reports.figures import Failed, Figures, SegmentAnswer, Segmentation, Source
from reporter.reports.findings import CausesNotLookedFor, PartsNotJudged
from reporter.reports.report import Report, Verdict
from reporter.reports.subscriptions import Edition, Insights, MetricSpec, ReportSpec

if TYPE_CHECKING:  # loads numpy
    from reporter.anomalies.explanation import MetricExplanation

NO_DRIVERS = "Not looked for: the report names no drivers, or too few periods are known."
NO_DAYS = "Could not be looked for: a day of the periods to compare has no number."

LOG = logging.getLogger("reporter.publishing.make")


class DataIncomplete(Exception):
    """The data of the last day are still arriving, and the report waits for them."""


def make(
    edition: Edition,
    source: Source,
    clock: Callable[[], datetime],
    *,
    waits: bool,
    reported: ReportedNumbers = (),
    needs_data_of: date | None = None,
) -> Report:
    """A report with something in it; `waits` for figures that may be had later.

    `reported` are the numbers of the previous period's report. Raises Unavailable or Refused, with every
    reason there is; DataIncomplete, before it asks for causes, while the data of `needs_data_of` are.
    """
    figures = _measured(source, edition)
    passing = next((failed for failed in figures.failures if failed.is_temporary), None)
    if passing is not None and waits:
        raise passing.error()
    figures, parts, not_judged = _with_parts(edition.spec, figures, source)
    with telemetry.span("judge"):
        verdict = replace(judge(edition.spec, figures, parts), parts_not_judged=not_judged)
        telemetry.annotate(unusual=len(verdict.flagged))
    if needs_data_of is not None and verdict.lacks_data_of(needs_data_of):
        raise DataIncomplete
    verdict, queries = _explained(verdict, edition.spec, figures, source)
    figures = replace(figures, queries=figures.queries + queries)
    with telemetry.span("compose"):
        report = compose(edition, figures, verdict, clock(), reported)
    if not report.is_empty:
        return report
    reasons = "; ".join(dict.fromkeys(failed.reason for failed in figures.failures))
    known = dict.fromkeys(cause for failed in figures.failures for cause in failed.error().known_causes)
    if passing is not None:
        raise Unavailable(reasons, passing.after, *known)  # nothing was measured, and may be later
    if reasons:
        raise Refused(reasons, *known)
    raise Refused("The project has none of the events that this report is about", FailureCause("no_events"))


def _measured(source: Source, edition: Edition) -> Figures:
    with telemetry.span("measure"):
        figures = source.measure(edition.question)
        origin = f"raw events ({figures.raw.because})" if figures.raw else "query"
        telemetry.annotate(source=origin, queries=figures.queries, failures=len(figures.failures))
        return figures


def _segments(source: Source, segmentation: Segmentation) -> SegmentAnswer:
    with telemetry.span("explain"):
        answer = source.segments(segmentation)
        telemetry.annotate(queries=answer.queries)
        return answer


Parts: TypeAlias = tuple[Figures, tuple[JudgedPart, ...], tuple[PartsNotJudged, ...]]


def _with_parts(spec: ReportSpec, figures: Figures, source: Source) -> Parts:
    """The figures with those of the parts that are judged, too; one query for each property."""
    found: list[JudgedPart] = []
    missing: list[PartsNotJudged] = []
    for asked in part_questions(spec, figures):
        try:
            answer = _segments(source, asked)
        except ReporterError as error:  # the metrics are judged without their parts
            (name,) = asked.properties
            LOG.warning("parts-not-judged report=%s property=%s: %s", spec.name, name, error)
            missing.append(PartsNotJudged(name, str(error), error.causes))
            continue
        figures = replace(figures, queries=figures.queries + answer.queries)
        found += judged_parts(spec, asked, answer.measures, figures.question)
    return with_parts(figures, found), tuple(found), tuple(missing)


def _explained(verdict: Verdict, spec: ReportSpec, figures: Figures, source: Source) -> tuple[Verdict, int]:
    """The verdict with its causes, and what they cost. A source is asked once, only of what is unusual."""
    segmentation = causes.segmentation_for(spec, figures, verdict)
    if segmentation is None:
        return verdict, 0
    try:
        answer = _segments(source, segmentation)
    except ReporterError as error:  # the numbers are right without their causes
        LOG.warning("causes-not-looked-for report=%s: %s", spec.name, error)
        return replace(verdict, not_looked_for=CausesNotLookedFor(str(error), error.causes)), 0
    found = causes.find_causes(figures, verdict, segmentation, answer.measures)
    return causes.with_causes(verdict, found), answer.queries


def explain(edition: Edition, source: Source, metric: MetricSpec) -> "MetricExplanation":
    """Why the metric is called unusual or not, with its causes where it is. Raises Unavailable or Refused."""
    from reporter.anomalies.explanation import explain_metric

    figures = _measured(source, edition)
    if failure := _not_measured(edition.spec, figures, metric):
        raise failure
    figures, parts, missing = _with_parts(edition.spec, figures, source)
    found = explain_metric(edition, figures, metric, parts)
    for one in missing:
        if one.property == metric.judge_by:
            found = replace(found, parts_not_judged=f"They could not be asked for: {one.reason}")
    if found.flagged is None:
        return found
    alone = replace(found.verdict, flagged=(found.flagged,))
    segmentation = causes.segmentation_for(edition.spec, figures, alone)
    if segmentation is None:
        return replace(found, not_looked_for=NO_DRIVERS)
    try:
        answers = _segments(source, segmentation).measures
    except ReporterError as error:
        return replace(found, not_looked_for=f"Could not be looked for: {error}")
    behind = causes.find_causes(figures, alone, segmentation, answers)
    return replace(found, causes=behind[0]) if behind else replace(found, not_looked_for=NO_DAYS)


def _not_measured(spec: ReportSpec, figures: Figures, metric: MetricSpec) -> ReporterError | None:
    """Why the metric, or the daily numbers it is judged by, could not be had: that is no verdict on it."""
    figure = figures.now[metric.measure]
    if isinstance(figure, Failed):
        return figure.error()
    lacks_days = any(one not in figures.daily for one in judged_days(metric.measure))
    if figures.daily_failure is None or spec.insights is Insights.OFF or not lacks_days:
        return None
    return figures.daily_failure.error()
