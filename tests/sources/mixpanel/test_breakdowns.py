"""Breakdowns against the reference of the events the product had."""

import pytest

from reporter.local.mixpanel import LocalMixpanel
from reporter.local.product import Product
from reporter.reports.figures import Measured
from reporter.reports.measures import Breakdown, EventCount, EventUsers, Statistic
from reporter.sources.mixpanel.source import QuerySource

from .asking import AMOUNTS, FORTNIGHT, ON_PHONES, ask, parts
from .truth import true_figure

VIEWS, VIEWERS = EventCount("Page View"), EventUsers("Page View")


@pytest.mark.parametrize("top", [2, 5, 50])
def test_a_breakdown_of_counts_has_the_largest_values_and_the_rest(
    source: QuerySource, product: Product, top: int
):
    measure = Breakdown(VIEWS, "$browser", top)

    figure = ask(source, measure).now[measure]

    assert figure == true_figure(product, measure, FORTNIGHT)
    assert None in {part.name for part in parts(figure)}
    assert [part.is_rest for part in parts(figure)][top:] == ([True] if top == 2 else [])


def test_a_breakdown_of_users_adds_nothing_up(source: QuerySource, product: Product):
    measure = Breakdown(VIEWERS, "mp_country_code", 3)

    figure = ask(source, measure).now[measure]

    assert figure == true_figure(product, measure, FORTNIGHT)
    assert len(parts(figure)) == 3


@pytest.mark.parametrize("statistic", Statistic)
def test_a_breakdown_of_a_statistic_is_the_statistic_of_each_value(
    source: QuerySource, product: Product, statistic: Statistic
):
    measure = Breakdown(AMOUNTS[statistic], "currency", 1)

    figure, true = ask(source, measure).now[measure], true_figure(product, measure, FORTNIGHT)

    assert isinstance(figure, Measured)
    assert isinstance(true, Measured)
    assert figure.value == pytest.approx(true.value)
    for part, same in zip(figure.parts, true.parts, strict=True):
        assert (part.name, part.is_rest) == (same.name, same.is_rest)
        assert part.value == pytest.approx(same.value)
    assert any(part.is_rest for part in figure.parts) == (statistic is Statistic.SUM)


def test_breakdowns_by_one_property_share_their_queries(source: QuerySource, mixpanel: LocalMixpanel):
    one, other = (
        Breakdown(VIEWS, "$os"),
        Breakdown(EventUsers("Page View", ON_PHONES), "$os", 2),
    )

    figures = ask(source, one, other)

    assert len(mixpanel.queries) == 4
    assert [len(parts(figures.now[measure])) for measure in (one, other)] == [4, 2]
