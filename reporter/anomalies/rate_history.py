"""The past of a report's metrics by how they are judged: counts and rates by the day, others by periods."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from reporter.anomalies.earlier_periods import expect_period
from reporter.anomalies.expectation import DayTest, Expectation, expectations, normal_range
from reporter.anomalies.fit import Fit, Outlook, fit
from reporter.anomalies.metric_history import (
    MetricHistory,
    asked_days,
    daily_array,
    first_day,
    history_of,
    judged_metrics,
    without_low,
)
from reporter.anomalies.rates import RateSeries, fit_rates, in_grains
from reporter.reports.definitions import is_judged_by_periods, rate_of
from reporter.reports.figures import Figure, Figures, Measured
from reporter.reports.measures import ActiveUsers, EventUsers, PropertyStatistic, Statistic
from reporter.reports.periods import Period
from reporter.reports.report import Span
from reporter.reports.subscriptions import MetricSpec


@dataclass(frozen=True, slots=True)
class PeriodRates:
    """A metric whose days do not add up: the rates of earlier periods, the oldest first, and the period's."""

    metric: MetricSpec
    past: RateSeries
    over: float
    under: float


@dataclass(frozen=True, slots=True)
class Histories:
    """The past of all metrics of a report that can be judged, by how they are; None where there is none."""

    days: Period  # of the history, up to the end of the period
    period: Period
    counts: MetricHistory | None = None
    rates: MetricHistory | None = None  # by the day
    periods: tuple[PeriodRates, ...] = ()

    @property
    def has_any(self) -> bool:
        return bool(self.by_day or self.periods)

    @property
    def by_day(self) -> tuple[MetricHistory, ...]:
        return tuple(one for one in (self.counts, self.rates) if one is not None)

    @property
    def window(self) -> tuple[int, int]:
        """The period, as a half-open range of places in the days."""
        return self.days.length - self.period.length, self.days.length

    @property
    def masked(self) -> frozenset[str]:
        """Labels of metrics that lack a day of the period: a low one, on a holiday."""
        return frozenset(label for one in self.by_day for label in one.masked)

    def day(self, place: int) -> date:
        return self.days.start + timedelta(days=place)

    def is_rate(self, label: str) -> bool:
        """Whether it is not judged as a count."""
        return self.counts is None or all(metric.label != label for metric in self.counts.metrics)

    def is_exact(self, metric: MetricSpec) -> bool:
        """Whether the number that is judged is the one that is told: users of days are not those of all."""
        measure, parts = metric.measure, rate_of(metric.measure)
        if parts is None or self.period.length == 1:
            return True
        if isinstance(measure, PropertyStatistic):
            return measure.statistic is Statistic.AVERAGE
        return not any(isinstance(part, EventUsers | ActiveUsers) for part in parts)

    def expectations(self, models: "Sequence[Modelled]", end: int) -> dict[str, Expectation]:
        """What was to be expected of each metric over the days before `end`, by its label."""
        found = {label: one for each in models for label, one in each.expectations(end).items()}
        if end < self.window[1]:
            return found  # whole periods cannot be compared with a part of one
        by_period = ((one.metric.label, expect_period(one.past, one.over, one.under)) for one in self.periods)
        return found | {label: one for label, one in by_period if one is not None}


@dataclass(frozen=True, slots=True)
class Modelled:
    """The past of metrics that are judged alike, and the model of it."""

    past: MetricHistory
    model: Fit | None
    outlook: Outlook | None  # of the days that are judged

    def before(self, end: int) -> "Modelled":
        """The same for the days of the period before the end."""
        first, whole = self.past.window
        if self.model is None or end == whole:
            return self
        return replace(self, outlook=self.model.expected(end) if end > first else None)

    def expectations(self, end: int) -> dict[str, Expectation]:
        """What was to be expected of each metric, in its own unit, by its label."""
        found = expectations(self.model, self.outlook, self.past.units(end))
        return {
            self.past.metrics[place].label: replace(one, day=one.day and self._of_day(place, one.day, end))
            for place, one in found.items()
        }

    def ranges(self, spans: Sequence[Period]) -> dict[str, dict[Period, Span]]:
        """Where the average day of each judged span, or its rate, lies in 98 of 100 cases, by label."""
        if self.model is None or self.outlook is None:
            return {}
        start, view = self.past.window[0], self.outlook
        places = {span: self._places(span) for span in spans}
        judged = {
            span: days
            for span, days in places.items()
            if start <= days.start and days.stop <= start + view.days
        }
        return {
            self.past.metrics[place].label: {
                span: self._range(view, row, place, days)
                for span, days in judged.items()
                if np.isfinite(self.past.values[place, days]).all()
            }
            for row, place in enumerate(self.model.metrics)
        }

    def _places(self, span: Period) -> slice:
        """Its days in the history."""
        first, end = ((day - self.past.days.start).days for day in (span.start, span.end))
        return slice(first, end)

    def _range(self, view: Outlook, row: int, place: int, days: slice) -> Span:
        first, length = self.past.window[0], days.stop - days.start
        expected = float(view.daily[row, days.start - first : days.stop - first].sum())
        low, high = normal_range(expected, *view.spread(row, length))
        unit = self.past.grains[place] / (length if self.past.under is None else self.past.base(place, days))
        return low * unit, min(high * unit, self._most(place))

    def _most(self, place: int) -> float:
        """A share is one at most."""
        if self.past.under is None:
            return np.inf
        over, under = self.past.values[place] * self.past.grains[place], self.past.under[place]
        known = np.isfinite(over) & np.isfinite(under)
        return 1.0 if (over[known] <= under[known] * (1 + 1e-9)).all() else np.inf

    def _of_day(self, place: int, found: DayTest, end: int) -> DayTest:
        """A rate's day is divided by what the day has, not by what the period has."""
        whole = self.past.base(place, slice(self.past.window[0], end))
        factor = whole / self.past.base(place, slice(found.day, found.day + 1))
        return replace(found, actual=found.actual * factor, expected=found.expected * factor)


def modelled_from(past: Histories) -> tuple[Modelled, ...]:
    """The model of each kind, fitted once."""
    return tuple(
        Modelled(one, model, model.expected(one.window[1]) if model else None)
        for one in past.by_day
        for model in (
            fit(one.values, one.window)
            if one.under is None
            else fit_rates(one.values, one.under, one.window),
        )
    )


def histories_of(specs: Sequence[MetricSpec], figures: Figures, holidays: Collection[date]) -> Histories:
    """The past of each metric, as far as it is known."""
    period, end = figures.question.period, figures.question.period.end
    metrics = judged_metrics(specs, figures)
    series = {metric: one for metric in specs if (one := rate_series(metric, figures)) is not None}
    found = (period_rates(metric, figures) for metric in specs if metric not in series)
    periods = tuple(one for one in found if one is not None)
    if not metrics and not series:
        return Histories(period, period, periods=periods)
    busy = [daily_array(figures.daily[metric.measure], asked_days(figures)) for metric in metrics]
    begins = first_day((*busy, *(one.denominators for one in series.values())), figures)
    counts = history_of(metrics, figures, holidays, begins) if metrics else None
    rates = _rate_history(series, figures, holidays, begins) if series else None
    return Histories(Period(begins, end), period, counts, rates, periods)


def _rate_history(
    series: Mapping[MetricSpec, RateSeries], figures: Figures, holidays: Collection[date], begins: date
) -> MetricHistory:
    days = Period(begins, figures.question.period.end)
    window = days.length - figures.question.period.length
    shown = [one.last(days.length) for one in series.values()]
    over, under, grains = in_grains(shown, window)
    calm = np.stack([without_low(one.rates, days, holidays) for one in shown])
    lost = np.stack([one.known for one in shown]) & ~np.isfinite(calm)
    masked = (metric.label for metric, days in zip(series, lost[:, window:], strict=True) if days.any())
    values = np.where(np.isfinite(calm), over, np.nan)
    return MetricHistory((*series,), days, figures.question.period, values, grains, frozenset(masked), under)


def rate_series(metric: MetricSpec, figures: Figures) -> RateSeries | None:
    """The numerators and denominators of each day; None where there are none for each day of the period."""
    if not isinstance(figures.now.get(metric.measure), Measured):
        return None
    found = _by_parts(metric, figures) or _by_single_days(metric, figures)
    if found is None or np.nanmin(found.numerators, initial=0.0) < 0:
        return None
    window = found.denominators[-figures.question.period.length :]
    return found if np.isfinite(window).all() and found.known[-window.size :].any() else None


def _by_parts(metric: MetricSpec, figures: Figures) -> RateSeries | None:
    parts = rate_of(metric.measure)
    if parts is None or not all(part in figures.daily for part in parts):
        return None
    days = asked_days(figures)
    over, under = (daily_array(figures.daily[part], days) for part in parts)
    is_mean = parts[0] == metric.measure  # whose days weigh as often as it happened
    return RateSeries(
        over * under if is_mean else over, under, is_counted=not isinstance(parts[0], PropertyStatistic)
    )


def _by_single_days(metric: MetricSpec, figures: Figures) -> RateSeries | None:
    """Of periods of a day the earlier ones are the days of the history."""
    past = figures.earlier.get(metric.measure)
    period = figures.question.period
    if past is None or period.length > 1 or not is_judged_by_periods(metric.measure):
        return None
    every = {**past, period: figures.now[metric.measure]}
    pairs = [_fraction(every.get(Period.of_days(day, day))) for day in asked_days(figures)]
    over, under = np.array(pairs, dtype=np.float64).T
    return RateSeries(over, under)


def period_rates(metric: MetricSpec, figures: Figures) -> PeriodRates | None:
    """What is judged by earlier periods; None where the source has none of them."""
    past, now = figures.earlier.get(metric.measure), figures.now.get(metric.measure)
    if past is None or not isinstance(now, Measured):
        return None
    pairs = [_fraction(past[period]) for period in sorted(past, key=lambda one: one.start)]
    over, under = np.array(pairs, dtype=np.float64).reshape(-1, 2).T
    return PeriodRates(metric, RateSeries(over, under), *_fraction(now))


def _fraction(figure: Figure | None) -> tuple[float, float]:
    """The numerator and the denominator of a figure; of what is no share, itself and one."""
    if not isinstance(figure, Measured):
        return np.nan, np.nan
    return (figure.value * figure.base, figure.base) if figure.base else (figure.value, 1.0)
