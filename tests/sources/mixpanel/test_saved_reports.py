"""Reports saved in Mixpanel against the reference of the events the product had."""

from datetime import date, timedelta
from statistics import fmean

import pytest

from reporter.local.mixpanel import LocalMixpanel
from reporter.local.product import Product
from reporter.reports.conditions import Condition, Operator, Where
from reporter.reports.figures import Failed, Incomparable, Measured, Unlike
from reporter.reports.measures import (
    Combine,
    EventCount,
    EventUsers,
    Measure,
    SavedFunnel,
    SavedInsights,
    Statistic,
)
from reporter.reports.periods import Period
from reporter.sources.mixpanel.source import QuerySource

from .asking import AMOUNTS, FORTNIGHT, ask, reason, value
from .truth import TODAY, each_day, happened, true_figure, true_number

DAY = 24 * 3_600_000
IN_INDIA: Where = (Condition("mp_country_code", Operator.IS, ("IN",)),)
SIGN_UPS, PAID = EventCount("Sign Up"), AMOUNTS[Statistic.SUM]
WINDOW = 14  # days of the local Mixpanel's funnel


@pytest.mark.parametrize("days", [None, WINDOW])
def test_a_saved_funnel_counts_each_user_once_over_the_period(
    source: QuerySource, mixpanel: LocalMixpanel, product: Product, days: int | None
):
    """With its length, it is that of the users who all had their time, and so compares."""
    measure = SavedFunnel(7509, days)

    figures = ask(source, measure)

    periods = ((FORTNIGHT, figures.now[measure]), (FORTNIGHT.previous, figures.before[measure]))
    asked = [query for query in mixpanel.queries if query.path.endswith("/funnels")]
    assert len(asked) == (1 if days is None else 2)
    if days is None:
        periods = periods[:1]
        assert figures.before[measure] == Incomparable(Unlike.RIPENS)
    for whole, figure in periods:
        period = whole.earlier(days or 0)
        begun: dict[str, int] = {}
        for event in happened(product, period, "Sign Up"):
            begun.setdefault(event.distinct_id, event.time)
        onboarded = {
            event.distinct_id
            for event in happened(product, Period(period.start, TODAY), "User Onboarded")
            if event.distinct_id in begun and 0 < event.time - begun[event.distinct_id] <= WINDOW * DAY
        }
        assert isinstance(figure, Measured)
        assert [part.name for part in figure.parts] == ["Sign Up", "User Onboarded", "Purchase"]
        assert [part.value for part in figure.parts[:2]] == [len(begun), len(onboarded)]
        assert figure.value == figure.parts[2].value / len(begun)


def test_a_saved_report_with_several_series_needs_to_be_told_which(source: QuerySource, product: Product):
    which = SavedInsights(8001, "Sign Up [Total Events]")

    figures = ask(source, which, SavedInsights(8001), SavedInsights(8001, "Sign Up"))

    assert figures.now[which] == true_figure(product, SIGN_UPS, FORTNIGHT)
    assert figures.before[which] == true_figure(product, SIGN_UPS, FORTNIGHT.previous)
    assert "“Sign Up [Total Events]”, “Purchase [Total Events]”" in reason(figures.now[SavedInsights(8001)])
    assert "no series “Sign Up”" in reason(figures.now[SavedInsights(8001, "Sign Up")])


def test_the_days_of_a_saved_report_are_combined_as_wanted(source: QuerySource, product: Product):
    saved = {combine: SavedInsights(8003, combine=combine) for combine in Combine}

    now = ask(source, *saved.values()).now

    days = [true_number(product, PAID, day) for day in each_day(FORTNIGHT)]
    assert {combine: value(now[measure]) for combine, measure in saved.items()} == pytest.approx(
        {Combine.SUM: sum(days), Combine.AVERAGE: fmean(days), Combine.LAST: days[-1]}
    )


def test_a_saved_report_that_is_one_number_has_its_own_dates_and_nothing_before(
    source: QuerySource, product: Product
):
    one, segment = SavedInsights(8004), SavedInsights(8002, "Sign Up [Unique Users] / IN")

    figures = ask(source, one, segment)

    month = Period.of_days(TODAY - timedelta(days=29), TODAY)
    average, indians = AMOUNTS[Statistic.AVERAGE], EventUsers("Sign Up", IN_INDIA)
    assert value(figures.now[one]) == pytest.approx(true_number(product, average, month))
    assert figures.now[segment] == true_figure(product, indians, month)
    assert set(figures.before.values()) == {Incomparable(Unlike.OTHER_DAYS)}


def test_a_saved_report_that_does_not_reach_a_period_says_so(source: QuerySource):
    long_ago = Period.of_days(date(2026, 9, 1), date(2026, 9, 7))

    figures = ask(source, SavedInsights(8003), period=long_ago)

    assert "does not reach 2026-09-01" in reason(figures.now[SavedInsights(8003)])
    assert figures.before[SavedInsights(8003)] == Incomparable(Unlike.OTHER_DAYS)


@pytest.mark.parametrize("measure", [SavedInsights(1), SavedFunnel(1)])
def test_a_saved_report_that_is_not_there_can_not_be_had_elsewhere(source: QuerySource, measure: Measure):
    figure = ask(source, measure).now[measure]

    assert isinstance(figure, Failed)
    assert "1 does not exist" in figure.reason
    assert (figure.is_temporary, figure.raw_reason) == (False, None)
