"""Which numbers of a report are unusual, and which can be trusted: figures -> findings."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, TypeAlias

from reporter.reports.definitions import daily_measures
from reporter.reports.figures import Figures, Measured
from reporter.reports.findings import (
    CommonShift,
    DataDoubt,
    FaultKind,
    Finding,
    HolidayIn,
    NotJudged,
    TooLittleToJudge,
    Unusual,
    UnusualDay,
)
from reporter.reports.measures import (
    ActiveUsers,
    Breakdown,
    EventUsers,
    Measure,
    PropertyStatistic,
    Ratio,
    parts_of,
    traits,
)
from reporter.reports.periods import Period
from reporter.reports.report import Flagged, Usual, Verdict
from reporter.reports.subscriptions import Insights, MetricSpec, ReportSpec, Sensitivity

if TYPE_CHECKING:  # loads numpy
    from reporter.anomalies.expectation import Expectation
    from reporter.anomalies.metric_history import MetricHistory
    from reporter.anomalies.rate_history import Histories, Modelled
    from reporter.anomalies.tracking import TrackingFault

    PlacedFault: TypeAlias = tuple[TrackingFault, MetricHistory]  # whose metric it is about

MOST_UNUSUAL = 2
MOST_DOUBTS = 2
MOST_HOLIDAYS = 31  # days of a period whose holidays count; a longer one always has some
ENOUGH = timedelta(weeks=8)  # of history, before anything is called unusual


@dataclass(frozen=True, slots=True)
class Analysis:
    """A verdict, and what it rests on: nothing where the report has no metric to judge."""

    verdict: Verdict
    past: "Histories | None" = None
    modelled: "tuple[Modelled, ...]" = ()  # counts, and rates by the day
    found: "Mapping[str, Expectation]" = field(default_factory=dict[str, "Expectation"])  # by label


def judge(spec: ReportSpec, figures: Figures) -> Verdict:
    """The verdict on a report's numbers; an empty one where none has a past, or it is turned off."""
    return analyze(spec, figures).verdict


def analyze(spec: ReportSpec, figures: Figures) -> Analysis:
    """The verdict and its grounds. Models are fitted once; numpy is loaded here, and nowhere before."""
    if spec.insights is Insights.OFF:
        return Analysis(Verdict())
    from reporter.anomalies.rate_history import histories_of, modelled_from

    holidays = _holidays(spec, figures.question.period)
    past = histories_of(spec.metrics, figures, [holiday.day for holiday in holidays])
    models = modelled_from(past)
    faults = _faults(past, models)
    verdict = Verdict(
        doubts=tuple(_doubt(fault, history) for fault, history in faults[:MOST_DOUBTS]),
        doubted=_doubted(spec.metrics, faults),
        holidays=holidays if past.has_any else (),
        too_little=_too_little(past),
    )
    if verdict.too_little or any(fault.code is FaultKind.ALL_ZERO for fault, _ in faults):
        return Analysis(verdict, past, models)
    incomplete = (fault.day for fault, _ in faults if fault.code is FaultKind.INCOMPLETE)
    end = min(incomplete, default=past.window[1])
    return _judged(spec, figures, Analysis(verdict, past, tuple(one.before(end) for one in models)), end)


def _judged(spec: ReportSpec, figures: Figures, analysis: Analysis, end: int) -> Analysis:
    """With what is unusual of the days before `end`, the first one that is not complete."""
    from reporter.anomalies.expectation import called, common_direction

    past, verdict = analysis.past, analysis.verdict
    if past is None:
        return analysis
    found = called(past.expectations(analysis.modelled, end), sensitivity_of(spec))
    first, whole = past.window
    days = Period(past.day(first), past.day(end)) if end > first else None
    unusual = [
        UnusualMetric(metric, found[metric.label], past, end == whole)
        for metric in spec.metrics
        if metric.label in found and found[metric.label].unusual and metric.label not in verdict.doubted
    ]
    counts = [one for label, one in found.items() if not past.is_rate(label)]
    direction = common_direction(counts)
    # A rate does not go with the traffic, so that it is a story of its own.
    own = [one for one in unusual if one.is_rate] if direction else unusual
    named = sorted(own, key=UnusualMetric.rank)[:MOST_UNUSUAL]
    together = (_together(direction, counts),) if direction else ()
    verdict = replace(
        verdict,
        unusual=(*together, *(one.finding(figures) for one in named))[:MOST_UNUSUAL],
        usual={one.metric.label: one.usual for one in unusual if one.has_range(figures)},
        judged=len(found),
        complete=days,
        outliers=frozenset(one.metric.label for one in unusual),
        flagged=tuple(
            Flagged(one.metric, days, one.found.expected, one.is_rate)
            for one in named
            if days is not None and one.found.total_unusual
        ),
        not_judged=_not_judged(spec.metrics, figures, found),
    )
    return replace(analysis, verdict=verdict, found=found)


def sensitivity_of(spec: ReportSpec) -> Sensitivity:
    """A quiet report calls only what is very unlikely unusual."""
    return Sensitivity.LOW if spec.insights is Insights.QUIET else spec.sensitivity


def _together(direction: int, found: "Sequence[Expectation]") -> CommonShift:
    count = sum(one.unusual and (one.actual > one.expected) == (direction > 0) for one in found)
    return CommonShift(direction, count, len(found))


@dataclass(frozen=True, slots=True)
class UnusualMetric:
    """A metric that is called unusual, whose tracking is not in doubt."""

    metric: MetricSpec
    found: "Expectation"
    past: "Histories"
    is_complete: bool  # whether all days of the period were judged

    def rank(self) -> tuple[float, float]:
        """The least likely first, then the largest."""
        return self.found.chance, -abs(self.found.change)

    @property
    def is_rate(self) -> bool:
        return self.past.is_rate(self.metric.label)

    @property
    def is_of_users(self) -> bool:
        """Whether a user may be in several of its parts."""
        return any(isinstance(part, EventUsers | ActiveUsers) for part in parts_of(self.metric.measure))

    def has_range(self, figures: Figures) -> bool:
        """Whether its number can be held against its range.

        What is expected of days that overlap in their users, of medians of days, or of some of the days, is
        another number.
        """
        figure, has_all_days = figures.now[self.metric.measure], self.metric.label not in self.past.masked
        is_of_days = self.past.is_exact(self.metric) and not (self.is_of_users and not self.is_rate)
        if not (self.found.total_unusual and self.is_complete and has_all_days and is_of_days):
            return False
        value = figure.value if isinstance(figure, Measured) else self.found.actual
        return value > self.found.high if self.found.change > 0 else value < self.found.low

    @property
    def usual(self) -> Usual:
        return Usual(self.found.low, self.found.high, self.found.expected)

    def finding(self, figures: Figures) -> Finding:
        """The total, or the one day of it that is unusual."""
        metric, one = self.metric, self.found
        if one.day is not None and not one.total_unusual:
            day = self.past.day(one.day.day)
            return UnusualDay(metric.label, day, self._of_day(day, figures), one.day.expected, metric.format)
        figure, has_range = figures.now[metric.measure], self.has_range(figures)
        value = figure.value if isinstance(figure, Measured) else one.actual
        return Unusual(
            label=metric.label,
            value=value,
            ratio=self._ratio(value),
            low=one.low if has_range else None,
            high=one.high if has_range else None,
            is_of_users=self.is_of_users,
            format=metric.format,
        )

    def _ratio(self, value: float) -> float:
        """How far off it is. Of amounts, large ones are judged up to a bound, and told as they are."""
        told = value / self.found.expected - 1 if self.found.expected else self.found.change
        is_of_amounts = isinstance(self.metric.measure, PropertyStatistic) and self.is_complete
        return told if is_of_amounts and told * self.found.change > 0 else self.found.change

    def _of_day(self, day: date, figures: Figures) -> float:
        """The day's own number, in which single large amounts count as they are."""
        daily = figures.daily.get(self.metric.measure)
        number = daily.total(Period.of_days(day, day)) if daily else None
        judged = self.found.day.actual if self.found.day else 0.0
        return judged if number is None else number


def _faults(past: "Histories", models: "Sequence[Modelled]") -> "list[PlacedFault]":
    """All faults of the tracking, the widest first; a ratio whose numerators stopped has one, too."""
    from reporter.anomalies.tracking import faults_in, silences_of

    found: list[PlacedFault] = []
    counted = {metric.measure for metric in past.counts.metrics} if past.counts else set[Measure]()
    for one in models:
        if one.past.under is None:
            found += [(fault, one.past) for fault in faults_in(one.model, one.outlook, one.past.users)]
        else:
            alone = one.past.places_of(lambda measure: _counts_alone(measure, counted))
            found += [(fault, one.past) for fault in silences_of(one.model, one.outlook, alone)]
    return found


def _counts_alone(measure: Measure, counted: Collection[Measure]) -> bool:
    """Whether it is a ratio of what is counted, and no metric of the report itself."""
    if not isinstance(measure, Ratio) or not traits(measure.numerator).is_judged:
        return False
    return measure.numerator not in counted


def _doubted(specs: Sequence[MetricSpec], faults: "Sequence[PlacedFault]") -> frozenset[str]:
    """The labels of metrics whose tracking is in doubt, and of those that are made of them."""
    metrics = [history.metrics[fault.metric] for fault, history in faults if fault.metric is not None]
    measures = {metric.measure for metric in metrics}
    parts = (metric.label for metric in specs if measures.intersection(daily_measures(metric.measure)))
    return frozenset((*(metric.label for metric in metrics), *parts))


def _doubt(fault: "TrackingFault", past: "MetricHistory") -> DataDoubt:
    day = past.day(fault.day)
    if fault.metric is None:
        return DataDoubt(fault.code, None, day, fault.expected, fault.actual)
    grain = past.grains[fault.metric]
    return DataDoubt(
        fault.code, past.metrics[fault.metric].label, day, fault.expected * grain, fault.actual * grain
    )


def _not_judged(specs: Sequence[MetricSpec], figures: Figures, found: Collection[str]) -> NotJudged | None:
    """What has a number and no past to hold it against; a breakdown tells what another metric is made of."""
    labels = tuple(
        metric.label
        for metric in specs
        if metric.label not in found
        and not traits(metric.measure).is_judged
        and not isinstance(metric.measure, Breakdown)
        and isinstance(figures.now[metric.measure], Measured)
    )
    return NotJudged(labels) if labels else None


def _too_little(past: "Histories") -> TooLittleToJudge | None:
    """Whether the history is too short, and from which day on a report of as many days can be judged."""
    if not past.by_day or past.window[0] >= ENOUGH.days:
        return None
    return TooLittleToJudge(past.days.start + ENOUGH + timedelta(days=past.period.length))


def _holidays(spec: ReportSpec, period: Period) -> tuple[HolidayIn, ...]:
    if spec.holidays is None or period.length > MOST_HOLIDAYS:
        return ()
    found = holidays_in(spec.holidays, period, spec.locale)
    return tuple(HolidayIn(day, name) for day, name in found.items())


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
