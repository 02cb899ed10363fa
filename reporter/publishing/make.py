"""Making a report: ask, judge, ask what is behind the unusual, compose."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from reporter.anomalies import segments
from reporter.anomalies.judge import judge
from reporter.reports.compose import compose
from reporter.reports.deliveries import ReportedNumbers
from reporter.reports.edition import Edition, Order
from reporter.reports.errors import Refused, ReporterError, Unavailable
from reporter.reports.figures import Figures
from reporter.reports.findings import CausesNotLookedFor
from reporter.reports.report import Report, Verdict
from reporter.reports.source import Source
from reporter.reports.subscriptions import ReportSpec

LOG = logging.getLogger("reporter.publishing.make")


def preview(order: Order, source: Source, clock: Callable[[], datetime]) -> Report:
    """The report that is ordered, without sending it anywhere. Raises Unavailable or Refused."""
    edition = order.edition(clock(), source.project().zone)
    return make(edition, source, clock, waits=False)


def make(
    edition: Edition,
    source: Source,
    clock: Callable[[], datetime],
    *,
    waits: bool,
    told: ReportedNumbers = (),
) -> Report:
    """A report with something in it; `waits` for figures that may be had later.

    `told` is what the report of the previous period said. Raises Unavailable or Refused, with every reason
    there is.
    """
    figures = source.measure(edition.question)
    passing = next((failed for failed in figures.failures if failed.is_temporary), None)
    if passing is not None and waits:
        raise Unavailable(passing.reason, passing.after)
    verdict = judge(edition.spec, figures)
    verdict, queries = _explained(verdict, edition.spec, figures, source)
    figures = replace(figures, queries=figures.queries + queries)
    report = compose(edition, figures, verdict, clock(), told)
    if not report.is_empty:
        return report
    reasons = "; ".join(dict.fromkeys(failed.reason for failed in figures.failures))
    if passing is not None:
        raise Unavailable(reasons, passing.after)  # nothing was measured, and may be later
    raise Refused(reasons or "The project has none of the events that this report is about")


def _explained(verdict: Verdict, spec: ReportSpec, figures: Figures, source: Source) -> tuple[Verdict, int]:
    """The verdict with its causes, and what they cost. A source is asked once, only of what is unusual."""
    segmentation = segments.segmentation_for(spec, figures, verdict)
    if segmentation is None:
        return verdict, 0
    try:
        answer = source.segments(segmentation)
    except ReporterError as error:  # the numbers are right without their causes
        LOG.warning("causes-not-looked-for report=%s: %s", spec.name, error)
        return replace(verdict, not_looked_for=CausesNotLookedFor(str(error))), 0
    found = segments.find_causes(figures, verdict, segmentation, answer.measures)
    return segments.with_causes(verdict, found), answer.queries
