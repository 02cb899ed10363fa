"""The daily numbers as the statistics take them: holidays, sums, and the days before a project began."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from reporter.anomalies.holidays import holidays_in
from reporter.anomalies.metric_history import history_of, judged_metrics
from reporter.reports.figures import Daily, Figures, Measured
from reporter.reports.measures import (
    ActiveUsers,
    Breakdown,
    EventUsers,
    Funnel,
    Lifecycle,
    Measure,
    PropertyStatistic,
    Ratio,
    Retention,
    SavedFunnel,
    SavedInsights,
    Sessions,
    Statistic,
    Step,
    Stickiness,
    UserGroup,
    traits,
)
from reporter.reports.periods import Period
from reporter.reports.subscriptions import MetricSpec
from tests.world import PAGE_VIEWS, SIGN_UPS, WEEK, FakeSource, edition, spec

REVENUE = PropertyStatistic("Purchase", "amount", Statistic.SUM)
HISTORY = 26 * 7


def figures_of(days: Mapping[Measure, Sequence[float | None]]) -> Figures:
    """A week's figures of these measures, whose daily numbers end with the week's."""
    metrics = tuple(MetricSpec(f"Metric {place}", measure) for place, measure in enumerate(days))
    numbers = dict.fromkeys(days, 1.0)
    made = edition(spec(metrics=metrics))
    figures = FakeSource(values=numbers, before=numbers).measure(made.question)
    daily = {
        measure: Daily(WEEK.end - timedelta(days=len(values)), tuple(values))
        for measure, values in days.items()
    }
    return replace(figures, now=dict.fromkeys(days, Measured(1)), daily=daily)


def specs_of(figures: Figures) -> tuple[MetricSpec, ...]:
    return tuple(MetricSpec(str(place), one) for place, one in enumerate(figures.question.measures))


@pytest.mark.parametrize(
    "measure",
    [SIGN_UPS, EventUsers("Sign Up"), ActiveUsers(), Sessions(), REVENUE],
    ids=lambda one: type(one).__name__,
)
def test_what_counts_something_is_judged(measure: Measure):
    assert traits(measure).is_judged


@pytest.mark.parametrize(
    "measure",
    [
        Ratio(SIGN_UPS, PAGE_VIEWS),
        PropertyStatistic("Purchase", "amount", Statistic.AVERAGE),
        PropertyStatistic("Purchase", "amount", Statistic.P90),
        Stickiness(),
        Funnel((Step("a"), Step("b")), 7),
        Retention("a", None, 1),
        SavedInsights(1),
        SavedFunnel(1),
        Lifecycle(UserGroup.NEW),
        Breakdown(SIGN_UPS, "plan"),
    ],
    ids=lambda one: type(one).__name__,
)
def test_shares_averages_and_what_has_no_days_are_never_called_unusual(measure: Measure):
    assert not traits(measure).is_judged


def test_a_metric_that_lacks_a_day_of_the_period_is_not_judged():
    figures = figures_of({SIGN_UPS: [5.0] * HISTORY, PAGE_VIEWS: [*[5.0] * (HISTORY - 1), None]})

    assert [metric.measure for metric in judged_metrics(specs_of(figures), figures)] == [SIGN_UPS]


def test_the_history_begins_where_anything_happened_at_all():
    young = [*[0.0] * 100, *[5.0] * (HISTORY - 100)]
    younger = [*[0.0] * 120, *[5.0] * (HISTORY - 120)]
    figures = figures_of({SIGN_UPS: young, PAGE_VIEWS: younger})

    past = history_of(specs_of(figures), figures, ())

    assert past.days == Period(WEEK.end - timedelta(days=HISTORY - 100), WEEK.end)
    assert past.window[0] == HISTORY - 100 - 7
    assert past.values[1, :21].tolist() == [*[0.0] * 20, 5.0]


def test_a_history_of_nothing_is_all_there_is():
    figures = figures_of({SIGN_UPS: [0.0] * HISTORY})

    assert history_of(specs_of(figures), figures, ()).window[0] == HISTORY - 7


def test_a_low_holiday_of_the_period_is_as_if_it_were_missing_and_another_one_is_not():
    low, usual = [100.0] * HISTORY, [100.0] * HISTORY
    low[-3], usual[-3] = 40.0, 95.0
    figures = figures_of({SIGN_UPS: low, PAGE_VIEWS: usual})

    past = history_of(specs_of(figures), figures, [WEEK.end - timedelta(days=3)])

    assert past.masked == frozenset({"0"})
    assert np.flatnonzero(np.isnan(past.values[0])).tolist() == [HISTORY - 3]
    assert not np.isnan(past.values[1]).any()


def test_a_low_weekday_is_no_low_holiday():
    week = [100.0, 100.0, 100.0, 100.0, 100.0, 20.0, 10.0]
    figures = figures_of({SIGN_UPS: week * 26})

    past = history_of(specs_of(figures), figures, list(WEEK))

    assert not np.isnan(past.values[0]).any()


def test_a_sum_is_told_in_the_steps_it_moves_in():
    counts = np.random.default_rng(1).poisson(4.0, HISTORY).astype(float)
    figures = figures_of({REVENUE: (counts * 49.0).tolist(), SIGN_UPS: counts.tolist()})

    past = history_of(specs_of(figures), figures, ())

    assert past.grains[0] == pytest.approx(49.0, rel=0.3)  # pyright: ignore[reportUnknownMemberType]
    assert past.grains[1] == 1.0
    assert (past.values[0] * past.grains[0]).tolist() == pytest.approx((counts * 49.0).tolist())  # pyright: ignore[reportUnknownMemberType]


@pytest.mark.parametrize("value", [0.0, 7.0])
def test_a_sum_that_never_moves_has_no_steps(value: float):
    figures = figures_of({REVENUE: [value] * HISTORY})

    grain = history_of(specs_of(figures), figures, ()).grains[0]

    assert grain > 0


def test_the_holidays_of_a_part_of_a_country_are_its_own():
    days = Period(date(2026, 1, 1), date(2026, 1, 31))

    assert date(2026, 1, 6) in [one.day for one in holidays_in("DE-BY", days)]
    assert date(2026, 1, 6) not in [one.day for one in holidays_in("DE", days)]


@pytest.mark.parametrize(
    ("language", "name"),
    [("en", "Christmas Day"), ("de", "Erster Weihnachtstag"), ("fr", "Erster Weihnachtstag")],
)
def test_a_holiday_is_named_in_the_language_or_in_the_country_s_own(language: str, name: str):
    days = Period(date(2026, 12, 25), date(2026, 12, 26))

    (holiday,) = holidays_in("DE", days)

    assert (holiday.day, holiday.name_in(language)) == (date(2026, 12, 25), name)


def test_holidays_over_a_year_end_are_of_both_years():
    days = Period(date(2026, 12, 20), date(2027, 1, 3))

    assert [one.day.isoformat() for one in holidays_in("US", days)] == ["2026-12-25", "2027-01-01"]
