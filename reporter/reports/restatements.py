"""Numbers of the report before that are known otherwise by now."""

from reporter.reports.deliveries import ReportedNumbers
from reporter.reports.figures import Measured
from reporter.reports.findings import Restated
from reporter.reports.report import ReportedMetric

MOST_RESTATED = 2
LEAST_SHARE = 0.01  # of the number; people who sign in are merged every day
LEAST_UNITS = 2.0
LEAST_POINTS = 0.005  # of a share: half a percentage point


def restated(before: ReportedNumbers, metrics: tuple[ReportedMetric, ...]) -> tuple[Restated, ...]:
    """Numbers of the previous period that were reported otherwise then, the largest differences first.

    Events that came late and users who were merged are the reason.
    """
    reported = dict(before)
    found = [
        Restated(metric.label, reported[metric.label], metric.previous.value, metric.format)
        for metric in metrics
        if metric.label in reported
        and isinstance(metric.previous, Measured)
        and not metric.previous.sampled
        and _differs(reported[metric.label], metric.previous.value, is_share=metric.format.is_percent)
    ]
    return tuple(sorted(found, key=_size, reverse=True)[:MOST_RESTATED])


def _differs(then: float, now: float, *, is_share: bool) -> bool:
    difference = abs(now - then)
    if is_share:
        return difference >= LEAST_POINTS
    return difference >= max(LEAST_UNITS, LEAST_SHARE * abs(then))


def _size(one: Restated) -> float:
    return abs(one.now - one.said) / max(abs(one.said), abs(one.now))
