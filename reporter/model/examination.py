"""One metric of a report looked at closely: what a verdict on it rests on."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from reporter.model import expectation, history
from reporter.model.anatomy import Anatomy, anatomy
from reporter.model.causes import Causes
from reporter.model.edition import Edition
from reporter.model.expectation import FALSE_DISCOVERIES, OUTSIDE, Expectation
from reporter.model.figures import Daily, Figure, Figures
from reporter.model.history import History
from reporter.model.judge import judge, sensitivity_of
from reporter.model.period import Period
from reporter.model.subscription import Insights, MetricSpec
from reporter.model.verdict import Flagged, Verdict


@dataclass(frozen=True, slots=True)
class Examination:
    """A metric, and all that is known of why it is called unusual or not."""

    edition: Edition
    metric: MetricSpec
    figure: Figure
    verdict: Verdict
    daily: Daily | None
    judgement: "Judgement | None"  # None where it cannot be judged
    why_not: str | None  # and then why
    causes: Causes | None = None
    not_looked_for: str | None = None  # why no causes were looked for

    @property
    def flagged(self) -> Flagged | None:
        """The metric as a source is asked about its causes, where its total is unusual."""
        one = self.judgement
        if one is None or not one.found.total_unusual:
            return None
        return Flagged(self.metric, one.days, one.found.expected)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was expected of a metric, from which model, and how it was tested."""

    found: Expectation
    model: Anatomy
    days: Period  # that were judged
    past: Period
    bound: float  # chance up to which a metric of this report is called unusual
    rate: float  # of false ones among those
    among: int  # metrics
    grain: float  # the steps in which the metric moves; 1 for counts
    strange: tuple[date, ...] = field(default=())
    shifts: tuple[tuple[date, float], ...] = field(default=())


def examine(edition: Edition, figures: Figures, metric: MetricSpec) -> Examination:
    """What a verdict on this metric rests on, before anybody was asked for causes."""
    spec = edition.spec
    verdict = judge(spec, figures)
    daily = figures.daily.get(metric.measure)
    why_not = _why_not(edition, figures, metric, verdict)
    judgement = None
    if why_not is None and verdict.complete is not None:
        judged = history.judged(spec.metrics, figures)
        past = history.history_of(judged, figures, [holiday.day for holiday in verdict.holidays])
        judgement = _judgement(edition, past, judged.index(metric), verdict.complete)
        why_not = None if judgement else "It has too few days with a number to tell what is usual."
    return Examination(edition, metric, figures.now[metric.measure], verdict, daily, judgement, why_not)


def _why_not(edition: Edition, figures: Figures, metric: MetricSpec, verdict: Verdict) -> str | None:
    """Why the metric is not judged, for people."""
    if edition.spec.insights is Insights.OFF:
        return "The report has insights turned off."
    if not history.is_judged(metric.measure):
        return "Only counts, users and sums are judged; ratios, averages and shares are shown as they are."
    if metric not in history.judged(edition.spec.metrics, figures):
        return "It has no number for each day of the period."
    if verdict.too_little is not None:
        return f"The history is too short; from {verdict.too_little.enough_on} on it will do."
    if verdict.complete is None:
        return "No day of the period can be trusted."
    return None


def _judgement(edition: Edition, past: History, place: int, days: Period) -> Judgement | None:
    """The metric's expectation among those of all metrics, and its model, in the metric's own unit."""
    first, _ = past.window
    window = first, first + days.length
    sensitivity = sensitivity_of(edition.spec)
    found = expectation.assess(past.series, window, sensitivity)
    model = anatomy(past.series[place], window)
    if model is None or not found[place].enough_history:
        return None
    rate = FALSE_DISCOVERIES[sensitivity]
    among = sum(one.enough_history for one in found)
    unusual = sum(one.unusual for one in found)
    return Judgement(
        found=past.told(place, found[place]),
        model=model.times(past.grains[place]),
        days=days,
        past=Period(past.days.start, days.start),
        bound=min(rate * max(unusual, 1) / among, OUTSIDE),
        rate=rate,
        among=among,
        grain=past.grains[place],
        strange=tuple(past.day(day) for day in model.strange),
        shifts=tuple((past.day(day), factor) for day, factor in model.shifts),
    )


def weeks_of(daily: Daily, days: Period) -> tuple[tuple[Period, float | None], ...]:
    """The totals of whole weeks that end with these days, the oldest first; None where a day is missing."""
    week = timedelta(days=7)
    ends = [days.end - week * number for number in range(days.length // 7 - 1, -1, -1)]
    weeks = [Period(end - week, end) for end in ends]
    return tuple((one, _total(daily, one)) for one in weeks)


def _total(daily: Daily, days: Period) -> float | None:
    numbers = [number for number in daily.over(days) if number is not None]
    return sum(numbers) if len(numbers) == days.length else None
