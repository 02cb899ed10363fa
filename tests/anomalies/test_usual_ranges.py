"""The usual range that charts draw: of days and of weeks, of counts and of rates."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from reporter.anomalies import judge
from reporter.anomalies.daily_series import Floats
from reporter.anomalies.fit import fit
from reporter.reports.charting import chart_spans
from reporter.reports.figures import Daily, Figures, Measured
from reporter.reports.measures import EventCount, Measure, PropertyStatistic, Ratio, Statistic
from reporter.reports.periods import Cadence, Period
from reporter.reports.report import Chart
from reporter.reports.subscriptions import NUMBER, PERCENT, MetricSpec
from tests.world import FakeSource, composed, edition, spec

WEEKDAYS = np.array([1.2, 1.2, 1.1, 1.1, 1.0, 0.8, 0.6])
COUNTS = tuple(EventCount(f"Event {number}") for number in range(8))
RATES = tuple(Ratio(EventCount(f"Bought {number}"), one) for number, one in enumerate(COUNTS))
PRICE = PropertyStatistic("Event 0", "price", Statistic.AVERAGE)
NOON = {
    Cadence.DAILY: datetime(2026, 11, 24, 9, tzinfo=UTC),
    Cadence.WEEKLY: datetime(2026, 11, 23, 9, tzinfo=UTC),
    Cadence.MONTHLY: datetime(2026, 11, 1, 9, tzinfo=UTC),
}


def product(cadence: Cadence, seed: int, last: float = 1.0) -> tuple[Figures, tuple[MetricSpec, ...]]:
    """Counts that scatter by weekday and chance, rates of them, and a price; `last` is a factor."""
    chance = np.random.default_rng(seed)
    measures: tuple[Measure, ...] = (*COUNTS, *RATES, PRICE)
    metrics = tuple(
        MetricSpec(f"Metric {number}", one, is_charted=True, format=PERCENT if one in RATES else NUMBER)
        for number, one in enumerate(measures)
    )
    made = edition(spec(cadence, metrics=metrics, charts=99), NOON[cadence])
    history = Period(made.period.end - timedelta(weeks=28), made.period.end)
    days = np.resize(np.roll(WEEKDAYS, -history.start.weekday()), history.length)
    daily: dict[Measure, Floats] = {}
    for level, (count, rate) in enumerate(zip(COUNTS, RATES, strict=True), start=1):
        noise = np.exp(chance.normal(0, 0.08, history.length))
        daily[count] = chance.poisson(120 * level * days * noise).astype(float)
        bought = np.minimum(0.2 * np.exp(chance.normal(0, 0.05, history.length)), 1.0)
        bought[-1] *= last
        daily[rate.numerator] = chance.binomial(daily[count].astype(int), bought).astype(float)
    daily[PRICE] = 40 + chance.normal(0, 1.5, history.length)
    source = FakeSource(values=dict.fromkeys(measures, Measured(1.0)), before=dict.fromkeys(measures, 1.0))
    known = {one: Daily(history.start, tuple(values.tolist())) for one, values in daily.items()}
    return replace(source.measure(made.question), daily=known), metrics


def charts_of(cadence: Cadence, seed: int, last: float = 1.0) -> tuple[Chart, ...]:
    figures, metrics = product(cadence, seed, last)
    made = edition(spec(cadence, metrics=metrics, charts=99), NOON[cadence])
    return composed(made, figures, NOON[cadence]).charts


@pytest.mark.parametrize("cadence", [Cadence.WEEKLY, Cadence.MONTHLY])
def test_a_usual_number_lies_in_its_usual_range_in_98_of_100_cases(cadence: Cadence):
    """Of days and of weeks, of counts, ratios and averages; and none is so wide that it says nothing."""
    charts = [chart for seed in range(6) for chart in charts_of(cadence, seed)]
    points = [
        (value, *usual)
        for chart in charts
        for value, usual in zip(chart.values, chart.usual, strict=True)
        if value is not None and usual is not None
    ]
    value, low, high = np.array(points).T

    assert {chart.label for chart in charts} == {f"Metric {number}" for number in range(17)}
    assert len(points) == sum(len(chart.spans) for chart in charts)
    assert np.mean((low <= value) & (value <= high)) >= 0.96
    assert np.median((high - low) / value) < 0.7


def test_the_average_day_of_a_week_has_a_narrower_range_than_a_single_day():
    def widths(cadence: Cadence) -> list[float]:
        spans = [chart.usual[1] for chart in charts_of(cadence, 1)]
        return [high / low for low, high in filter(None, spans)]

    days, weeks = widths(Cadence.WEEKLY), widths(Cadence.MONTHLY)

    assert all(week < day for week, day in zip(weeks, days, strict=True))


def test_all_days_together_spread_as_the_period_does():
    values = np.random.default_rng(3).poisson(200, (2, 26 * 7 + 31)).astype(float)
    model = fit(values, (26 * 7, 26 * 7 + 31))
    assert model is not None
    view = model.expected(26 * 7 + 31)

    assert view.spread(1, 31) == (view.variance[1], view.degrees[1])
    assert view.spread(1, 1) == (view.day_variance[1], view.day_degrees[1])
    variances = [view.spread(0, days)[0] for days in range(2, 32)]
    assert variances == sorted(variances, reverse=True)


def test_a_rate_is_drawn_as_what_its_days_have_in_common():
    """The rate of a week is no mean of its days' rates: a day with few visitors has few to say."""
    figures, metrics = product(Cadence.MONTHLY, 2)
    charts = {chart.label: chart for chart in charts_of(Cadence.MONTHLY, 2)}
    spans = chart_spans(figures.question.period)

    for metric in metrics[8:16]:
        assert isinstance(metric.measure, Ratio)
        over, under = figures.daily[metric.measure.numerator], figures.daily[metric.measure.denominator]
        rates = [(over.total(span) or 0.0) / (under.total(span) or 1.0) for span in spans]
        assert charts[metric.label].values == pytest.approx(rates)  # pyright: ignore[reportUnknownMemberType]


def test_a_day_on_which_a_rate_broke_down_lies_below_its_range():
    rates = [chart for chart in charts_of(Cadence.DAILY, 4, last=0.4) if chart.format == PERCENT]

    assert len(rates) == len(RATES)
    for chart in rates:
        value, usual = chart.values[-1], chart.usual[-1]
        assert value is not None
        assert usual is not None
        assert value < usual[0]


def test_no_share_is_usually_more_than_all():
    figures, metrics = product(Cadence.WEEKLY, 5)
    rate = RATES[7]
    nearly = figures.daily[rate.denominator]
    most = tuple(None if value is None else round(value * 0.985) for value in nearly.values)
    figures = replace(figures, daily={**figures.daily, rate.numerator: Daily(nearly.start, most)})
    ranges = judge.judge(spec(metrics=metrics), figures).ranges["Metric 15"]

    assert ranges
    assert all(high <= 1 for _, high in ranges.values())


def test_days_that_were_not_judged_have_no_range():
    """A single day is drawn in its week, of which it alone was judged."""
    chart = charts_of(Cadence.DAILY, 1)[0]

    assert chart.spans[-1] == Period.of_days(date(2026, 11, 23), date(2026, 11, 23))
    assert chart.usual[:-1] == (None,) * 6
    assert chart.usual[-1] is not None
