"""Breakdowns against a plain count of the events the product had."""

from collections import Counter
from collections.abc import Callable
from math import fsum
from statistics import fmean, median

import pytest

from reporter.local.mixpanel import LocalMixpanel
from reporter.local.product import Event, Product
from reporter.reports.figures import Measured, Part
from reporter.reports.measures import Breakdown, EventCount, EventUsers, Statistic
from reporter.reports.periods import Period
from reporter.sources.mixpanel.source import QuerySource

from .asking import AMOUNTS, FORTNIGHT, ON_PHONES, ask, parts
from .plain import (
    happened,
    numbers,
    people,
    percentile,
)


def views(product: Product, days: Period) -> list[Event]:
    return happened(product, days, "Page View")


@pytest.mark.parametrize("top", [2, 5, 50])
def test_a_breakdown_of_counts_has_the_largest_values_and_the_rest(
    source: QuerySource, product: Product, top: int
):
    measure = Breakdown(EventCount("Page View"), "$browser", top)

    figures = ask(source, measure)

    viewed = views(product, FORTNIGHT)
    counted = Counter(event.properties.get("$browser") for event in viewed)
    largest = sorted(counted.items(), key=lambda item: (-item[1], item[0] is None, item[0] or ""))
    rest = sum(number for _, number in largest[top:])
    parts = tuple(Part(None if name is None else str(name), number) for name, number in largest[:top])
    assert figures.now[measure] == Measured(
        len(viewed), parts=(*parts, Part(None, rest, is_rest=True)) if rest else parts
    )
    assert None in counted


def test_a_breakdown_of_users_adds_nothing_up(source: QuerySource, product: Product):
    measure = Breakdown(EventUsers("Page View"), "mp_country_code", 3)

    figure = ask(source, measure).now[measure]

    viewed = views(product, FORTNIGHT)
    countries = {str(event.properties["mp_country_code"]) for event in viewed}
    by_country = {
        name: len(people(event for event in viewed if event.properties["mp_country_code"] == name))
        for name in countries
    }
    largest = sorted(by_country.items(), key=lambda item: (-item[1], item[0]))[:3]
    assert figure == Measured(len(people(viewed)), parts=tuple(Part(*item) for item in largest))


@pytest.mark.parametrize("statistic", Statistic)
def test_a_breakdown_of_a_statistic_is_the_statistic_of_each_value(
    source: QuerySource, product: Product, statistic: Statistic
):
    measure = Breakdown(AMOUNTS[statistic], "currency", 1)
    compute: dict[Statistic, Callable[[list[float]], float]] = {
        Statistic.SUM: fsum,
        Statistic.AVERAGE: fmean,
        Statistic.MEDIAN: median,
        Statistic.P90: lambda values: percentile(values, 0.9),
    }

    figure = ask(source, measure).now[measure]

    bought = happened(product, FORTNIGHT, "Purchase")
    of_each = {
        currency: compute[statistic](
            numbers((event for event in bought if event.properties["currency"] == currency), "amount")
        )
        for currency in {str(event.properties["currency"]) for event in bought}
    }
    largest = max(of_each, key=lambda name: of_each[name])
    assert isinstance(figure, Measured)
    assert figure.value == pytest.approx(compute[statistic](numbers(bought, "amount")))
    assert (figure.parts[0].name, figure.parts[0].value) == (largest, pytest.approx(of_each[largest]))
    rest = [part.value for part in figure.parts[1:] if part.is_rest]
    others = sum(of_each.values()) - of_each[largest]
    assert rest == ([pytest.approx(others)] if statistic is Statistic.SUM else [])


def test_breakdowns_by_one_property_share_their_queries(source: QuerySource, mixpanel: LocalMixpanel):
    one, other = (
        Breakdown(EventCount("Page View"), "$os"),
        Breakdown(EventUsers("Page View", ON_PHONES), "$os", 2),
    )

    figures = ask(source, one, other)

    assert len(mixpanel.queries) == 4
    assert [len(parts(figures.now[measure])) for measure in (one, other)] == [4, 2]
