"""The sentences under a report's title, what is rare among its numbers, and the notes below."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from reporter.reports.definitions import is_from_raw
from reporter.reports.figures import (
    Daily,
    Failed,
    Figures,
    Measured,
    Question,
    RawEvents,
    TooLittleHistory,
    Undefined,
)
from reporter.reports.findings import (
    BusiestEvent,
    Finding,
    Late,
    MeasuredFromRaw,
    MetricChange,
    Milestone,
    Next,
    NoEarlierData,
    NotAllNumbers,
    Note,
    NothingHappened,
    NothingUnusual,
    NotMeasured,
    RankedPartly,
    RecordNumber,
    Sampled,
    ZoneAssumed,
)
from reporter.reports.measures import traits
from reporter.reports.periods import Period
from reporter.reports.report import TopEvents, Verdict
from reporter.reports.subscriptions import Edition, Insights, MetricSpec, ReportSpec

MOST_FINDINGS = 3
MANY = 3  # metrics of which it is said that they all are as usual; fewer a reader sees at a glance


def summary(
    spec: ReportSpec, figures: Figures, verdict: Verdict, top_events: TopEvents | Failed | None
) -> tuple[Finding, ...]:
    """Doubts about the data first, then what is unusual, or else the headline; what is calm, and missing."""
    found = _happened(spec, figures, verdict, top_events)[:MOST_FINDINGS]
    calm = None if NothingHappened() in found else _calm(spec, verdict)
    last = (calm, _not_measured(spec.metrics, figures))
    return (*found, *(one for one in last if one is not None))


def _not_measured(specs: tuple[MetricSpec, ...], figures: Figures) -> NotMeasured | None:
    now = [(metric.label, figures.now[metric.measure]) for metric in specs]
    missing = [(label, figure) for label, figure in now if not isinstance(figure, Measured | Undefined)]
    if not missing:
        return None
    labels = tuple(label for label, _ in missing)
    failures = [figure for _, figure in missing if isinstance(figure, Failed)]
    if 1 < len(missing) == len(failures) and len({failed.reason for failed in failures}) == 1:
        return NotMeasured(labels, failures[0].reason, failures[0].causes)
    return NotMeasured(labels)


def _happened(
    spec: ReportSpec, figures: Figures, verdict: Verdict, top_events: TopEvents | Failed | None
) -> list[Finding]:
    has_events = isinstance(top_events, TopEvents) and bool(top_events.rows)
    values = [figure.value for figure in figures.now.values() if isinstance(figure, Measured)]
    if values and not any(values) and not has_events:
        return [*verdict.doubts] or [NothingHappened()]
    rare = remark(spec, figures, verdict)
    facts = [] if verdict.unusual else _facts(spec.metrics, figures, verdict)
    return [
        *verdict.doubts,
        *verdict.unusual,
        *facts[:1],
        *((rare,) if rare else ()),
        *facts[1:],
        *((_busiest(top_events),) if isinstance(top_events, TopEvents) and top_events.rows else ()),
    ]


def _facts(specs: tuple[MetricSpec, ...], figures: Figures, verdict: Verdict) -> list[MetricChange]:
    """The sentences that the settings ask for; none of a metric in doubt."""
    found: list[MetricChange] = []
    for spec in specs:
        figure, before = figures.now[spec.measure], figures.before[spec.measure]
        if spec.sentence and isinstance(figure, Measured) and spec.label not in verdict.doubted:
            previous = before.value if isinstance(before, Measured) else None
            found.append(
                MetricChange(spec.label, spec.sentence_of(figure.value), figure.value, previous, spec.format)
            )
    return found


def _busiest(top_events: TopEvents) -> BusiestEvent:
    first = top_events.rows[0]
    return BusiestEvent(first.name, first.count, first.count / top_events.total)


def _calm(spec: ReportSpec, verdict: Verdict) -> NothingUnusual | None:
    """How many metrics are as usual: all of them, or all but those that are not."""
    if spec.insights is not Insights.FULL:
        return None
    if verdict.is_calm:
        return NothingUnusual(verdict.judged) if verdict.judged >= MANY else None
    calm = verdict.judged - len(verdict.outliers | verdict.doubted)
    return NothingUnusual(calm, are_others=True) if calm > 0 else None


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


def remark(spec: ReportSpec, figures: Figures, verdict: Verdict) -> RecordNumber | Milestone | None:
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
        is_calm = metric.label not in verdict.outliers | verdict.doubted
        figure, daily = figures.now.get(metric.measure), figures.daily.get(metric.measure)
        if (
            is_calm
            and traits(metric.measure).is_additive
            and isinstance(figure, Measured)
            and daily is not None
        ):
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


def record(course: Course) -> RecordNumber | None:
    """The period as the highest or lowest in a long time, by a clear margin."""
    return _record(course, 1) or _record(course, -1)


def _record(course: Course, direction: int) -> RecordNumber | None:
    value, *others = course.totals
    beaten = list(takewhile(lambda other: (value - other) * direction > 0, others))
    if len(beaten) < LEAST_KNOWN or not _is_clear(value, beaten, direction):
        return None
    is_all = len(beaten) == len(others)
    since = None if is_all else course.periods[len(beaten) + 1].start
    return RecordNumber(
        course.metric.label, value, direction, since, len(course.totals), course.metric.format
    )


def _is_clear(value: float, beaten: Sequence[float], direction: int) -> bool:
    best = max(beaten, key=lambda other: other * direction)
    margin = (value - best) * direction
    mean = sum(beaten) / len(beaten)
    spread = math.sqrt(sum((other - mean) ** 2 for other in beaten) / (len(beaten) - 1))
    return max(value, best) >= MATERIAL and margin >= max(CLEAR * best, CLEAR_SPREAD * spread)


def milestone(course: Course) -> Milestone | None:
    """The period as the first one at or above a round number; no good news where more is worse."""
    value, *others = course.totals
    passed = None if course.metric.is_lower_better else round_below(value)
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


LATE_AFTER = timedelta(hours=1)


def notes(
    edition: Edition, figures: Figures, verdict: Verdict, top_events: TopEvents | Failed | None, now: datetime
) -> tuple[Note, ...]:
    """All notes, those about the report itself first."""
    return (
        *_about_the_run(edition, now),
        *_about_the_past(figures, verdict),
        *((verdict.not_judged,) if verdict.not_judged else ()),
        *verdict.holidays,
        *((verdict.not_looked_for,) if verdict.not_looked_for else ()),
        *verdict.parts_not_judged,
        *_about_the_numbers(edition.spec.metrics, figures, top_events),
    )


def _about_the_run(edition: Edition, now: datetime) -> tuple[Next | Late, ...]:
    found: list[Next | Late] = [Next(edition.next_due)] if edition.next_due is not None else []
    if edition.due is not None and (edition.has_waited or now - edition.due > LATE_AFTER):
        found.append(Late(edition.due, edition.has_waited))
    return tuple(found)


def _about_the_past(figures: Figures, verdict: Verdict) -> tuple[Note, ...]:
    """Too little history is said once, in the plainest way."""
    if short := first_day(figures):
        return (NoEarlierData(short.first_day),)
    return (verdict.too_little,) if verdict.too_little else ()


def first_day(figures: Figures) -> TooLittleHistory | None:
    """The project's first day, where the previous period reaches back before it."""
    return next((figure for figure in figures.before.values() if isinstance(figure, TooLittleHistory)), None)


def _about_the_numbers(
    specs: tuple[MetricSpec, ...], figures: Figures, top_events: TopEvents | Failed | None
) -> tuple[Note, ...]:
    found: list[Note] = []
    if any(isinstance(figure, Measured) and figure.sampled for figure in figures.now.values()):
        found.append(Sampled())
    found += _not_all_numbers(specs, figures)
    if isinstance(top_events, TopEvents) and top_events.is_partial:
        found.append(RankedPartly(top_events.known))
    if figures.project.zone_is_assumed:
        found.append(ZoneAssumed())
    if figures.raw is not None:
        found += _from_raw(specs, figures.raw)
    return tuple(found)


def _not_all_numbers(specs: tuple[MetricSpec, ...], figures: Figures) -> Iterator[NotAllNumbers]:
    for metric in specs:
        figure = figures.now[metric.measure]
        if isinstance(figure, Measured) and figure.skipped:
            yield NotAllNumbers(metric.label, figure.skipped)


def _from_raw(specs: tuple[MetricSpec, ...], raw: RawEvents) -> tuple[MeasuredFromRaw, ...]:
    """Which metrics were measured from raw events; a ratio was, when one of its parts was."""
    if raw.is_all:
        return (MeasuredFromRaw(raw),)
    labels = tuple(metric.label for metric in specs if is_from_raw(metric.measure, raw))
    return (MeasuredFromRaw(raw, labels),) if labels else ()
