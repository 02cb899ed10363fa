"""Every kind of number is judged: ratios, averages, medians and shares of people, by days or by periods."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from reporter.anomalies import judge
from reporter.anomalies.daily_series import Floats
from reporter.anomalies.rate_history import period_rates, rate_series
from reporter.render.sentences import finding
from reporter.reports.figures import Daily, Figure, Figures, Measured
from reporter.reports.findings import CommonShift, DataDoubt, FaultKind, NotJudged, Unusual, UnusualDay
from reporter.reports.measures import (
    ActiveUsers,
    Breakdown,
    EventCount,
    EventUsers,
    Funnel,
    Lifecycle,
    Measure,
    PropertyStatistic,
    Ratio,
    Retention,
    SavedFunnel,
    Statistic,
    Step,
    UserGroup,
)
from reporter.reports.report import Report, Verdict
from reporter.reports.subscriptions import PERCENT, Insights, MetricSpec
from tests.world import MONDAY, PAGE_VIEWS, FakeSource, composed, edition, spec

DAYS = 26 * 7
WEEKDAYS = np.array([1.2, 1.2, 1.1, 1.1, 1.0, 0.8, 0.6])
BUY = EventCount("Buy")
CHECKOUT = Ratio(BUY, PAGE_VIEWS)
AVERAGE, MEDIAN = (PropertyStatistic("Buy", "amount", one) for one in (Statistic.AVERAGE, Statistic.MEDIAN))
ALL_WEEK = slice(-7, None)


def visits(level: float, salt: int = 0) -> Floats:
    wobble = 1 + 0.05 * np.sin(np.arange(DAYS) * (1.7 + salt))
    return np.round(level * np.resize(WEEKDAYS, DAYS) * wobble)


def figures_of(
    metrics: Sequence[MetricSpec],
    daily: Mapping[Measure, Floats],
    now: Mapping[Measure, Figure],
    **changes: object,
) -> Figures:
    """A week's figures; daily numbers end with the week's."""
    made = edition(spec(metrics=tuple(metrics)))
    numbers: dict[Measure, float | Figure] = dict.fromkeys((metric.measure for metric in metrics), 1.0)
    figures = FakeSource(values={**numbers, **now}, before=numbers).measure(made.question)
    start = made.question.period.end - timedelta(days=DAYS)
    known = {one: Daily(start, tuple(values.tolist())) for one, values in daily.items()}
    return replace(figures, daily=known, **changes)


def verdict_on(
    figures: Figures, metrics: Sequence[MetricSpec], insights: Insights = Insights.FULL
) -> Verdict:
    return judge.judge(spec(metrics=tuple(metrics), insights=insights), figures)


Asked = tuple[Figures, tuple[MetricSpec, ...]]
RATE = MetricSpec("Checkout", CHECKOUT, format=PERCENT)


def checkout(rate: float, traffic: float = 1.0, *metrics: MetricSpec) -> Asked:
    """A week in which one in eighteen buys, or as many as `rate` says, of so many times the visitors."""
    under = visits(3_000)
    under[ALL_WEEK] = np.round(under[ALL_WEEK] * traffic)
    over = np.round(under / 18)
    over[ALL_WEEK] = np.round(under[ALL_WEEK] * rate)
    whole = over[ALL_WEEK].sum() / under[ALL_WEEK].sum()
    every = (RATE, *metrics)
    now: dict[Measure, Figure] = {CHECKOUT: Measured(whole), PAGE_VIEWS: Measured(under[ALL_WEEK].sum())}
    return figures_of(every, {BUY: over, PAGE_VIEWS: under}, now), every


def test_a_rate_that_falls_is_told_with_its_usual_range_in_percent():
    figures, metrics = checkout(0.041)
    verdict = verdict_on(figures, metrics)
    (found,) = verdict.unusual

    assert isinstance(found, Unusual)
    assert found.low is not None
    assert found.value == pytest.approx(0.041, abs=0.001)  # pyright: ignore[reportUnknownMemberType]
    report = composed(edition(spec(metrics=metrics)), figures, MONDAY)
    told = finding(found, report).whole
    assert told.startswith("Checkout 4.1%, down ")
    assert "usual 5." in told
    assert report.metrics[0].usual == verdict.usual["Checkout"]


def test_what_is_asked_about_a_rate_knows_that_it_is_one_and_which_was_expected():
    figures, metrics = checkout(0.041)
    (flagged,) = verdict_on(figures, metrics).flagged

    assert flagged.is_rate
    assert flagged.metric == RATE
    assert flagged.expected == pytest.approx(1 / 18, rel=0.05)  # pyright: ignore[reportUnknownMemberType]


def test_three_times_the_visitors_at_the_usual_rate_are_no_news_of_the_rate():
    figures, metrics = checkout(1 / 18, 3.0, MetricSpec("Views", PAGE_VIEWS))
    verdict = verdict_on(figures, metrics)

    assert [found.label for found in verdict.unusual if isinstance(found, Unusual)] == ["Views"]
    assert verdict.judged == 2


def test_a_ratio_of_users_has_no_range_since_users_of_days_are_not_those_of_the_week():
    users = Ratio(EventUsers("Buy"), ActiveUsers())
    under = visits(3_000)
    over = np.round(under / 18)
    over[ALL_WEEK] = np.round(over[ALL_WEEK] * 0.6)
    metrics = (MetricSpec("Buyers", users, format=PERCENT),)
    figures = figures_of(metrics, {EventUsers("Buy"): over, ActiveUsers(): under}, {users: Measured(0.05)})
    verdict = verdict_on(figures, metrics)
    (found,) = verdict.unusual

    assert isinstance(found, Unusual)
    assert (found.low, found.high, found.is_of_users) == (None, None, True)
    assert verdict.usual == {}


def with_bought(figures: Figures, days: Sequence[float | None]) -> Figures:
    return replace(figures, daily={**figures.daily, BUY: replace(figures.daily[BUY], values=tuple(days))})


def test_one_day_of_a_rate_is_told_as_the_days_own_rate():
    figures, metrics = checkout(1 / 18)
    bought = figures.daily[BUY]
    broken = tuple(
        value and (value * 0.45 if day == DAYS - 4 else value) for day, value in enumerate(bought.values)
    )
    verdict = verdict_on(
        replace(figures, daily={**figures.daily, BUY: replace(bought, values=broken)}), metrics
    )
    (found,) = verdict.unusual

    assert isinstance(found, UnusualDay)
    assert found.day == date(2026, 11, 19)
    assert found.actual == pytest.approx(0.45 / 18, rel=0.03)  # pyright: ignore[reportUnknownMemberType]
    assert found.expected == pytest.approx(1 / 18, rel=0.03)  # pyright: ignore[reportUnknownMemberType]


def amounts(measure: PropertyStatistic, factor: float) -> Asked:
    many = visits(200)
    values = 40 * (1 + 0.03 * np.cos(np.arange(DAYS) * 2.3))
    values[ALL_WEEK] *= factor
    metrics = (MetricSpec("Order", measure),)
    return figures_of(metrics, {measure: values, BUY: many}, {measure: Measured(40 * factor)}), metrics


@pytest.mark.parametrize("factor", [0.7, 1.4])
def test_an_average_is_judged_by_its_days_and_told_with_its_range(factor: float):
    (found,) = verdict_on(*amounts(AVERAGE, factor)).unusual

    assert isinstance(found, Unusual)
    assert found.ratio == pytest.approx(factor - 1, abs=0.03)  # pyright: ignore[reportUnknownMemberType]
    assert found.low is not None


def test_a_median_has_no_range_since_that_of_days_is_another_number():
    (found,) = verdict_on(*amounts(MEDIAN, 1.4)).unusual

    assert isinstance(found, Unusual)
    assert found.low is None


@pytest.mark.parametrize("measure", [AVERAGE, MEDIAN])
def test_an_average_as_usual_is_judged_and_not_told(measure: PropertyStatistic):
    verdict = verdict_on(*amounts(measure, 1.01))

    assert verdict.unusual == ()
    assert verdict.judged == 1


def test_an_average_that_may_be_below_zero_is_not_judged():
    figures, metrics = amounts(AVERAGE, 1.0)
    days = figures.daily[AVERAGE]
    negative = replace(days, values=(-5.0, *days.values[1:]))
    verdict = verdict_on(replace(figures, daily={**figures.daily, AVERAGE: negative}), metrics)

    assert verdict.not_judged == NotJudged(("Order",))


CONVERSION = Funnel((Step("Sign Up"), Step("Buy")), 7)
RETENTION = Retention("Sign Up", None, 1)
NEW = Lifecycle(UserGroup.NEW)


def with_past(measure: Measure, now: Figure, past: Sequence[Figure]) -> Asked:
    """A week, and the weeks before it, the oldest first."""
    metrics = (MetricSpec("Metric", measure, format=PERCENT),)
    figures = figures_of(metrics, {}, {measure: now})
    weeks = range(len(past), 0, -1)
    periods = {figures.question.period.earlier(7 * week): one for week, one in zip(weeks, past, strict=True)}
    return replace(figures, earlier={measure: periods}), metrics


def shares(rate: float, weeks: int, base: float = 2_000) -> list[Figure]:
    return [Measured(rate * (1 + 0.01 * (week % 3 - 1)), base=base + 10 * week) for week in range(weeks)]


@pytest.mark.parametrize("measure", [CONVERSION, RETENTION], ids=lambda one: type(one).__name__)
def test_a_share_of_people_is_held_against_earlier_periods(measure: Measure):
    verdict = verdict_on(*with_past(measure, Measured(0.19, base=2_000), shares(0.3, 12)))
    (found,) = verdict.unusual

    assert isinstance(found, Unusual)
    assert found.low is not None
    assert found.high is not None
    assert 0.19 < found.low < 0.3 < found.high
    assert verdict.not_judged is None


def test_users_of_a_kind_are_held_against_those_of_earlier_periods():
    past = [Measured(500 + 10 * (week % 4)) for week in range(12)]
    usual, many = (verdict_on(*with_past(NEW, Measured(number), past)) for number in (520, 900))

    assert usual.unusual == ()
    assert [type(found) for found in many.unusual] == [Unusual]


def test_fewer_than_eight_earlier_periods_are_said_once_for_all_metrics():
    figures, metrics = with_past(CONVERSION, Measured(0.19, base=2_000), shares(0.3, 7))
    more = (*metrics, MetricSpec("Retention", RETENTION), MetricSpec("Saved", SavedFunnel(1)))
    every = figures_of(more, {}, {**figures.now, RETENTION: Measured(0.2), SavedFunnel(1): Measured(0.1)})
    report = composed(edition(spec(metrics=more)), replace(every, earlier=figures.earlier), MONDAY)

    assert [note for note in report.notes if isinstance(note, NotJudged)] == [
        NotJudged(("Metric", "Retention", "Saved"))
    ]


def test_nothing_is_said_of_a_breakdown_which_tells_what_another_metric_is_made_of():
    by_plan = (MetricSpec("By plan", Breakdown(BUY, "plan")),)

    assert verdict_on(figures_of(by_plan, {}, {}), by_plan).not_judged is None


def test_who_turns_insights_off_reads_nothing_of_what_is_not_judged():
    figures, metrics = with_past(RETENTION, Measured(0.2, base=2_000), ())

    assert verdict_on(figures, metrics, Insights.OFF).not_judged is None


def test_a_ratio_whose_numerators_stopped_is_a_doubt_and_no_news():
    figures, metrics = checkout(1 / 18)
    bought = figures.daily[BUY]
    silent = (*bought.values[:-3], 0.0, 0.0, 0.0)
    verdict = verdict_on(
        replace(figures, daily={**figures.daily, BUY: replace(bought, values=silent)}), metrics
    )

    assert verdict.unusual == ()
    assert verdict.doubts == (
        DataDoubt(FaultKind.STOPPED, "Checkout", date(2026, 11, 20), verdict.doubts[0].expected, 0.0),
    )
    assert verdict.doubts[0].expected == pytest.approx(133, rel=0.1)  # pyright: ignore[reportUnknownMemberType]


def test_what_is_made_of_a_doubted_metric_is_in_doubt_with_it():
    figures, metrics = checkout(1 / 18, 1.0, MetricSpec("Purchases", BUY))
    bought = figures.daily[BUY]
    silent = (*bought.values[:-3], 0.0, 0.0, 0.0)
    verdict = verdict_on(
        replace(figures, daily={**figures.daily, BUY: replace(bought, values=silent)}), metrics
    )

    assert [doubt.label for doubt in verdict.doubts] == ["Purchases"]
    assert verdict.doubted == {"Purchases", "Checkout"}
    assert verdict.unusual == ()


def test_a_rate_is_told_beside_the_counts_that_fell_together():
    others = tuple(EventCount(f"Other {number}") for number in range(5))
    figures, metrics = checkout(0.03)
    counts = {one: visits(400, salt) for salt, one in enumerate(others)}
    for values in counts.values():
        values[ALL_WEEK] = np.round(values[ALL_WEEK] * 0.6)
    every = (*metrics, *(MetricSpec(one.event, one) for one in others))
    known = figures_of(
        every,
        {**counts, **{one: np.array(days.values, dtype=np.float64) for one, days in figures.daily.items()}},
        {**figures.now, **{one: Measured(values[ALL_WEEK].sum()) for one, values in counts.items()}},
    )
    together, rate = verdict_on(known, every).unusual

    assert together == CommonShift(-1, 5, 5)
    assert isinstance(rate, Unusual)
    assert rate.label == "Checkout"


def test_the_order_of_metrics_does_not_matter():
    figures, metrics = checkout(0.041, 1.5, MetricSpec("Views", PAGE_VIEWS), MetricSpec("Purchases", BUY))

    one, other = verdict_on(figures, metrics), verdict_on(figures, metrics[::-1])

    assert one.unusual == other.unusual
    assert one.usual == other.usual


def test_single_days_of_people_are_judged_by_the_days_of_the_history():
    made = edition(spec(metrics=(RATE,)))
    day = made.question.period.start
    question = replace(made.question, period=replace(made.question.period, end=day + timedelta(days=1)))
    source = FakeSource(values={RETENTION: 0.2}, before={RETENTION: 0.2})
    figures = source.measure(replace(question, measures=(RETENTION,)))
    past = {question.period.earlier(back): Measured(0.2, base=100.0 + back) for back in range(1, 150)}
    known = replace(figures, now={RETENTION: Measured(0.25, base=400)}, earlier={RETENTION: past})
    series = rate_series(MetricSpec("Back", RETENTION), known)

    assert series is not None
    assert series.numerators[-3:].tolist() == pytest.approx([0.2 * 102, 0.2 * 101, 100])  # pyright: ignore[reportUnknownMemberType]
    assert series.denominators[-1] == 400
    assert np.isfinite(series.numerators).sum() == 150
    assert period_rates(MetricSpec("Back", RETENTION), known) is not None


def whole_report(figures: Figures, metrics: Sequence[MetricSpec]) -> Report:
    return composed(edition(spec(metrics=tuple(metrics))), figures, MONDAY)


def test_a_money_sum_of_few_large_payments_is_told_by_what_its_day_had():
    revenue = PropertyStatistic("Buy", "amount", Statistic.SUM)
    rng = np.random.default_rng(5)
    many = visits(20)
    sums = np.array([rng.lognormal(3, 1.5, int(number)).sum() for number in many])
    metrics = (MetricSpec("Revenue", revenue),)
    usual = figures_of(metrics, {revenue: sums, BUY: many}, {revenue: Measured(sums[ALL_WEEK].sum())})

    large = sums.copy()
    large[-3] += 40 * sums.mean()  # one payment
    one = figures_of(metrics, {revenue: large, BUY: many}, {revenue: Measured(large[ALL_WEEK].sum())})

    assert whole_report(usual, metrics).is_unusual is False
    assert whole_report(one, metrics).is_unusual is False
