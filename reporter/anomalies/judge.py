"""Which numbers of a report are unusual, and which can be trusted: figures -> findings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from reporter.reports.figures import Figures, Measured
from reporter.reports.findings import (
    CommonShift,
    DataDoubt,
    FaultKind,
    Finding,
    HolidayIn,
    TooLittleToJudge,
    Unusual,
    UnusualDay,
)
from reporter.reports.measures import ActiveUsers, EventUsers
from reporter.reports.periods import Period
from reporter.reports.report import Flagged, Usual, Verdict
from reporter.reports.subscriptions import Insights, MetricSpec, ReportSpec, Sensitivity

if TYPE_CHECKING:  # loads numpy
    from reporter.anomalies.expectation import Expectation
    from reporter.anomalies.fit import Fit, Outlook
    from reporter.anomalies.metric_history import MetricHistory
    from reporter.reports.findings import TrackingFault

MOST_UNUSUAL = 2
MOST_DOUBTS = 2
MOST_HOLIDAYS = 31  # days of a period whose holidays count; a longer one always has some
ENOUGH = timedelta(weeks=8)  # of history, before anything is called unusual


@dataclass(frozen=True, slots=True)
class Analysis:
    """A verdict, and what it rests on: nothing where the report has no metric to judge."""

    verdict: Verdict
    past: "MetricHistory | None" = None
    model: "Fit | None" = None  # of all metrics
    outlook: "Outlook | None" = None  # of the days that were judged
    found: "Mapping[int, Expectation]" = field(default_factory=dict[int, "Expectation"])  # by place


def judge(spec: ReportSpec, figures: Figures) -> Verdict:
    """The verdict on a report's daily numbers; an empty one where there are none, or it is turned off."""
    return analyze(spec, figures).verdict


def analyze(spec: ReportSpec, figures: Figures) -> Analysis:
    """The verdict and its grounds. The model is fitted once; numpy is loaded here, and nowhere before."""
    if spec.insights is Insights.OFF:
        return Analysis(Verdict())
    from reporter.anomalies import metric_history
    from reporter.anomalies.expectation import assess
    from reporter.anomalies.fit import fit
    from reporter.anomalies.tracking import faults_in

    metrics = metric_history.judged_metrics(spec.metrics, figures)
    if not metrics:
        return Analysis(Verdict())
    holidays = _holidays(spec, figures.question.period)
    past = metric_history.history_of(metrics, figures, [holiday.day for holiday in holidays])
    model = fit(past.values, past.window)
    outlook = model.expected(past.window[1]) if model else None
    faults = faults_in(model, outlook, past.users)
    verdict = Verdict(
        doubts=tuple(_doubt(fault, past) for fault in faults[:MOST_DOUBTS]),
        doubted=frozenset(metrics[fault.metric].label for fault in faults if fault.metric is not None),
        holidays=holidays,
        too_little=_too_little(past),
    )
    if verdict.too_little or any(fault.code is FaultKind.ALL_ZERO for fault in faults):
        return Analysis(verdict, past)
    end = min((fault.day for fault in faults if fault.code is FaultKind.INCOMPLETE), default=past.window[1])
    if model and end < past.window[1]:
        outlook = model.expected(end) if end > model.first else None
    found = assess(model, outlook, sensitivity_of(spec), past.grains)
    return Analysis(_judged(verdict, found, past, end, figures), past, model, outlook, found)


def _judged(
    verdict: Verdict, found: "Mapping[int, Expectation]", past: "MetricHistory", end: int, figures: Figures
) -> Verdict:
    """The verdict with what is unusual of the days before `end`, the first one that is not complete."""
    from reporter.anomalies.expectation import common_direction

    first, whole = past.window
    days = Period(past.day(first), past.day(end)) if end > first else None
    unusual = [
        UnusualMetric(metric, one, end == whole and metric.label not in past.masked)
        for place, one in found.items()
        if one.unusual and (metric := past.metrics[place]).label not in verdict.doubted
    ]
    direction = common_direction(found.values())
    named = [] if direction else sorted(unusual, key=UnusualMetric.rank)[:MOST_UNUSUAL]
    return replace(
        verdict,
        unusual=(_together(direction, unusual, len(found)),)
        if direction
        else tuple(one.finding(figures, past) for one in named),
        usual={one.metric.label: one.usual for one in unusual if one.has_range},
        judged=len(found),
        complete=days,
        outliers=frozenset(one.metric.label for one in unusual),
        flagged=tuple(
            Flagged(one.metric, days, one.found.expected)
            for one in named
            if days is not None and one.found.total_unusual
        ),
    )


def sensitivity_of(spec: ReportSpec) -> Sensitivity:
    """A quiet report calls only what is very unlikely unusual."""
    return Sensitivity.LOW if spec.insights is Insights.QUIET else spec.sensitivity


def _together(direction: int, found: "Sequence[UnusualMetric]", among: int) -> CommonShift:
    count = sum((one.found.actual > one.found.expected) == (direction > 0) for one in found)
    return CommonShift(direction, count, among)


@dataclass(frozen=True, slots=True)
class UnusualMetric:
    """A metric that is called unusual, whose tracking is not in doubt."""

    metric: MetricSpec
    found: "Expectation"
    has_all_days: bool  # whether all days of the period were judged

    def rank(self) -> tuple[float, float]:
        """The least likely first, then the largest."""
        return self.found.chance, -abs(self.found.change)

    @property
    def has_range(self) -> bool:
        """Whether its number can be held against its range.

        What is expected of days that overlap in their users, or of some of the days, is another number.
        """
        is_users = isinstance(self.metric.measure, EventUsers | ActiveUsers)
        return self.found.total_unusual and self.has_all_days and not is_users

    @property
    def usual(self) -> Usual:
        return Usual(self.found.low, self.found.high, self.found.expected)

    def finding(self, figures: Figures, past: "MetricHistory") -> Finding:
        """The total, or the one day of it that is unusual."""
        metric, one = self.metric, self.found
        if one.day is not None and not one.total_unusual:
            day = past.day(one.day.day)
            return UnusualDay(metric.label, day, one.day.actual, one.day.expected, metric.format)
        figure = figures.now[metric.measure]
        return Unusual(
            label=metric.label,
            value=figure.value if isinstance(figure, Measured) else one.actual,
            ratio=one.change,
            low=one.low if self.has_range else None,
            high=one.high if self.has_range else None,
            is_of_users=isinstance(metric.measure, EventUsers | ActiveUsers),
            format=metric.format,
        )


def _doubt(fault: "TrackingFault", past: "MetricHistory") -> DataDoubt:
    day = past.day(fault.day)
    if fault.metric is None:
        return DataDoubt(fault.code, None, day, fault.expected, fault.actual)
    grain = past.grains[fault.metric]
    return DataDoubt(
        fault.code, past.metrics[fault.metric].label, day, fault.expected * grain, fault.actual * grain
    )


def _holidays(spec: ReportSpec, period: Period) -> tuple[HolidayIn, ...]:
    if spec.holidays is None or period.length > MOST_HOLIDAYS:
        return ()
    found = holidays_in(spec.holidays, period, spec.locale)
    return tuple(HolidayIn(day, name) for day, name in found.items())


def _too_little(past: "MetricHistory") -> TooLittleToJudge | None:
    """Whether the history is too short, and from which day on a report of as many days can be judged."""
    if past.known_days >= ENOUGH.days:
        return None
    return TooLittleToJudge(past.days.start + ENOUGH + timedelta(days=past.period.length))


def holidays_in(place: str, period: Period, locale: str) -> Mapping[date, str]:
    """The public holidays of a country or a part of it, by day, named in the language if it is known.

    `place` is an ISO 3166 code such as "DE" or "US-CA". The library is large and loaded here only.

    >>> holidays_in("DE", Period(date(2026, 12, 24), date(2026, 12, 26)), "en")
    {datetime.date(2026, 12, 25): 'Christmas Day'}
    """
    from holidays import country_holidays

    country, _, part = place.partition("-")
    years = range(period.start.year, period.last.year + 1)
    known = country_holidays(country, subdiv=part or None, years=years)
    wanted = locale.replace("-", "_").partition("_")[0]
    named = (one for one in known.supported_languages if one.partition("_")[0] == wanted)
    # Without a language the library takes that of the machine.
    language = next(named, known.default_language)
    known = country_holidays(country, subdiv=part or None, years=years, language=language)
    return {day: known[day] for day in period if day in known}
