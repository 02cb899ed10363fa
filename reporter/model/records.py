"""Records and round numbers: rare, and so worth a sentence."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from reporter.model.figures import Daily, Figures, Measured, Question
from reporter.model.insights import Milestone, Record
from reporter.model.measure import is_additive
from reporter.model.period import Period
from reporter.model.subscription import Insights, MetricSpec, ReportSpec
from reporter.model.verdict import Verdict

LEAST_KNOWN = 12  # periods, besides this one, that a record beats: a quarter of weeks
MATERIAL = 10.0  # events
CLEAR = 0.10  # by which a record beats all others
CLEAR_SPREAD = 2.0  # standard deviations of the others by which it beats them, too
LEAST_ROUND = 100.0
ROUND = (1.0, 2.5, 5.0)  # times a power of ten


@dataclass(frozen=True, slots=True)
class Course:
    """A metric's totals over periods side by side, the newest first; the first one is the period's."""

    metric: MetricSpec
    totals: tuple[float, ...]
    periods: tuple[Period, ...]


def remark(spec: ReportSpec, figures: Figures, verdict: Verdict) -> Record | Milestone | None:
    """At most one, of a metric that is neither unusual nor in doubt. A holiday's low is no record."""
    if spec.insights is not Insights.FULL or verdict.doubts or verdict.too_little or not verdict.judged:
        return None
    courses = list(_courses(spec.metrics, figures, verdict))
    milestones = (found for course in courses if (found := milestone(course)) is not None)
    records = (found for course in courses if (found := record(course)) is not None)
    return next(milestones, next((one for one in records if one.direction > 0 or not verdict.holidays), None))


def _courses(metrics: Sequence[MetricSpec], figures: Figures, verdict: Verdict) -> Iterator[Course]:
    """Those of metrics that add up, are neither unusual nor in doubt, and have been there long enough."""
    for metric in metrics:
        is_calm = metric.label not in verdict.strange | verdict.doubted
        figure, daily = figures.now.get(metric.measure), figures.daily.get(metric.measure)
        if is_calm and is_additive(metric.measure) and isinstance(figure, Measured) and daily is not None:
            course = _course(metric, figure.value, daily, figures.question)
            if len(course.totals) > LEAST_KNOWN:
                yield course


def _course(metric: MetricSpec, value: float, daily: Daily, question: Question) -> Course:
    """The totals back to the first period that is not known, or in which the event was not there yet."""
    period = question.period
    back = range(1, (period.end - question.history.start).days // period.length)
    earlier = (period.earlier(period.length * number) for number in back)
    known = list(takewhile(lambda days: None not in daily.over(days), earlier))
    totals = [sum(number or 0.0 for number in daily.over(days)) for days in known]
    while totals and not totals[-1]:
        totals.pop()
    return Course(metric, (value, *totals), (period, *known[: len(totals)]))


def record(course: Course) -> Record | None:
    """The period as the highest or lowest in a long time, by a clear margin."""
    return _record(course, 1) or _record(course, -1)


def _record(course: Course, direction: int) -> Record | None:
    value, *others = course.totals
    beaten = list(takewhile(lambda other: (value - other) * direction > 0, others))
    if len(beaten) < LEAST_KNOWN or not _is_clear(value, beaten, direction):
        return None
    is_all = len(beaten) == len(others)
    since = None if is_all else course.periods[len(beaten) + 1].start
    return Record(course.metric.label, value, direction, since, len(course.totals), course.metric.format)


def _is_clear(value: float, beaten: Sequence[float], direction: int) -> bool:
    best = max(beaten, key=lambda other: other * direction)
    margin = (value - best) * direction
    mean = sum(beaten) / len(beaten)
    spread = math.sqrt(sum((other - mean) ** 2 for other in beaten) / (len(beaten) - 1))
    return max(value, best) >= MATERIAL and margin >= max(CLEAR * best, CLEAR_SPREAD * spread)


def milestone(course: Course) -> Milestone | None:
    """The period as the first one at or above a round number."""
    value, *others = course.totals
    passed = round_below(value)
    if passed is None or max(others) >= passed:
        return None
    return Milestone(course.metric.label, value, passed, course.metric.format)


def round_below(value: float) -> float | None:
    """The largest round number up to this one; None below the smallest.

    >>> round_below(1_204.0), round_below(99.0)
    (1000.0, None)
    """
    if value < LEAST_ROUND:
        return None
    power = 10.0 ** math.floor(math.log10(value))
    near = (factor * scale for scale in (power / 10, power, power * 10) for factor in ROUND)
    return max(one for one in near if one <= value)  # logarithms are not exact at the edges
