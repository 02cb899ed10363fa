"""What a report told of its metrics, and which of these numbers turned out otherwise."""

from reporter.reports.deliveries import ReportedNumbers
from reporter.reports.figures import Measured
from reporter.reports.report import Report, ReportedMetric, Restated

MOST_RESTATED = 2
LEAST_SHARE = 0.01  # of the number; people who sign in are merged every day
LEAST_UNITS = 2.0
LEAST_POINTS = 0.005  # of a share: half a percentage point


def numbers_of(report: Report) -> ReportedNumbers:
    """The numbers that this report tells; estimates are none, for they differ each time."""
    return tuple(
        (metric.label, metric.figure.value)
        for metric in report.metrics
        if isinstance(metric.figure, Measured) and not metric.figure.sampled
    )


def restated(before: ReportedNumbers, metrics: tuple[ReportedMetric, ...]) -> tuple[Restated, ...]:
    """Numbers of the previous period that were told otherwise then, the largest differences first.

    Events that came late and users who were merged are the reason.
    """
    told = dict(before)
    found = [
        Restated(metric.label, told[metric.label], metric.previous.value, metric.format)
        for metric in metrics
        if metric.label in told
        and isinstance(metric.previous, Measured)
        and not metric.previous.sampled
        and _differs(told[metric.label], metric.previous.value, is_share=metric.format.is_percent)
    ]
    return tuple(sorted(found, key=_size, reverse=True)[:MOST_RESTATED])


def _differs(told: float, now: float, *, is_share: bool) -> bool:
    difference = abs(now - told)
    if is_share:
        return difference >= LEAST_POINTS
    return difference >= max(LEAST_UNITS, LEAST_SHARE * abs(told))


def _size(one: Restated) -> float:
    return abs(one.now - one.said) / max(abs(one.said), abs(one.now))
