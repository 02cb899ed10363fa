"""Every measure that the Query API offers, against the reference of the events the product had."""

from datetime import timedelta

import pytest

from reporter.local.mixpanel import LocalMixpanel
from reporter.local.product import Product
from reporter.reports.conditions import Condition, Operator, Where
from reporter.reports.figures import Failed, Measured, Question, RawReason, Undefined
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
    SavedInsights,
    Sessions,
    Statistic,
    Step,
    Stickiness,
    Unit,
    UserGroup,
)
from reporter.sources.mixpanel.source import QuerySource

from .asking import AMOUNTS, FORTNIGHT, ON_PHONES, ask, value
from .truth import TODAY, each_day, true_number

DEAR: Where = (
    Condition("amount", Operator.AT_LEAST, (19,)),
    Condition("amount", Operator.LESS_THAN, (99.0,)),
    Condition("$os", Operator.IS_NOT, ("Linux",)),
)
OFFERED: tuple[Measure, ...] = (
    EventCount("Page View", ON_PHONES),
    EventUsers("Page View", ON_PHONES),
    EventCount("Purchase", DEAR),
    *AMOUNTS.values(),
    PropertyStatistic("Purchase", "amount", Statistic.SUM, DEAR),
    Stickiness(30),
    Stickiness(14),
    Ratio(EventUsers("Purchase"), ActiveUsers()),
    Ratio(AMOUNTS[Statistic.SUM], EventCount("Page View")),
    Retention("Sign Up", "Page View", 3),
    Retention("Sign Up", None, 2, Unit.WEEK),
)
SAVED: dict[Measure, Measure] = {SavedInsights(8003): AMOUNTS[Statistic.SUM]}  # what it is a report of


def test_all_figures_are_those_of_the_reference(source: QuerySource, product: Product):
    figures = ask(source, *OFFERED, *SAVED)

    for measure in (*OFFERED, *SAVED):
        same = SAVED.get(measure, measure)
        for period, found in ((FORTNIGHT, figures.now), (FORTNIGHT.previous, figures.before)):
            assert value(found[measure]) == pytest.approx(true_number(product, same, period)), measure
    assert figures.failures == ()


@pytest.mark.parametrize("measure", [*OFFERED, *SAVED, SavedFunnel(7509)])
def test_a_measure_alone_costs_what_its_plan_says(
    source: QuerySource, mixpanel: LocalMixpanel, product: Product, measure: Measure
):
    question = Question((measure,), FORTNIGHT, FORTNIGHT.previous, ranks_events=False)

    figures = source.measure(question)

    assert len(mixpanel.queries) == figures.queries == len(source.plan(question))
    if measure in OFFERED:
        assert value(figures.now[measure]) == pytest.approx(true_number(product, measure, FORTNIGHT))


def test_all_measures_together_share_their_queries(source: QuerySource, mixpanel: LocalMixpanel):
    ask(source, *OFFERED, *SAVED)

    # Names, counts, two periods of everything, its days, 30 days twice (14 are the period, but alone),
    # two cohorts of each retention, and the saved report.
    assert len(mixpanel.queries) == 2 + 2 + 1 + 4 + 4 + 1


def test_daily_numbers_are_those_of_what_is_judged_by_them(source: QuerySource, product: Product):
    """Of ratios those of their parts, of amounts also how many there are."""
    daily = ask(source, *OFFERED, *SAVED, ActiveUsers()).daily

    assert set(daily) == {
        EventCount("Page View", ON_PHONES),
        EventUsers("Page View", ON_PHONES),
        EventCount("Purchase", DEAR),
        *AMOUNTS.values(),
        PropertyStatistic("Purchase", "amount", Statistic.SUM, DEAR),
        ActiveUsers(),
        EventUsers("Purchase"),
        EventCount("Purchase"),
        EventCount("Page View"),
    }
    for measure in daily:
        days = tuple(true_number(product, measure, day) for day in each_day(FORTNIGHT))
        assert daily[measure].over(FORTNIGHT) == pytest.approx(days)


def test_days_without_users_of_any_event_reach_back_half_a_year(source: QuerySource):
    filtered = EventCount("Page View", ON_PHONES)

    assert ask(source, filtered).daily[filtered].start == TODAY - timedelta(weeks=26)


@pytest.mark.parametrize(
    "measure",
    [
        Sessions(),
        Lifecycle(UserGroup.NEW),
        Funnel((Step("Sign Up"), Step("Purchase")), 7),
        Retention(None, "Page View", 1),
        Ratio(Sessions(), ActiveUsers()),
        EventCount("Search", (Condition("query", Operator.CONTAINS, ("road",)),)),
        Breakdown(EventUsers("Search", (Condition("query", Operator.CONTAINS, ("road",)),)), "$os"),
    ],
)
def test_what_mixpanel_does_not_offer_says_so_and_costs_nothing(source: QuerySource, measure: Measure):
    question = Question((measure,), FORTNIGHT, FORTNIGHT.previous, ranks_events=False)
    others = [
        query for query in source.plan(question) if type(query).__name__ not in {"NamesQuery", "CountsQuery"}
    ]

    figures = source.measure(question)

    failed = figures.now[measure]
    assert isinstance(failed, Failed)
    assert (failed.raw_reason, failed.is_temporary) == (RawReason.NOT_OFFERED, False)
    assert 'source = "auto"' in failed.reason
    assert figures.before[measure] == failed
    assert len(others) == (3 if isinstance(measure, Ratio) else 0)


def test_of_an_event_that_did_not_happen_there_is_zero_but_no_average(source: QuerySource):
    coupon: Where = (Condition("coupon", Operator.IS, ("SPRING",)),)
    measures = (
        EventCount("Coupon Redeemed", coupon),
        EventUsers("Coupon Redeemed", coupon),
        Breakdown(EventCount("Coupon Redeemed"), "coupon"),
        PropertyStatistic("Coupon Redeemed", "coupon", Statistic.SUM),
    )
    nothing = (
        PropertyStatistic("Coupon Redeemed", "coupon", Statistic.AVERAGE),
        Breakdown(PropertyStatistic("Coupon Redeemed", "coupon", Statistic.MEDIAN), "$os"),
        Ratio(EventCount("Purchase"), EventCount("Coupon Redeemed", coupon)),
        Ratio(EventCount("Purchase"), EventCount("Coupon Redeemed")),
    )

    now = ask(source, *measures, *nothing).now

    assert {now[measure] for measure in measures} == {Measured(0)}
    assert {now[measure] for measure in nothing} == {Undefined()}


def test_a_ratio_of_something_unknown_is_unknown(source: QuerySource):
    ratio = Ratio(EventCount("Sign Up"), EventCount("Sing Up"))

    assert ask(source, ratio).now[ratio] == ask(source, ratio.denominator).now[ratio.denominator]
