"""Conditions against a plain count of events with odd names, properties and values."""

from dataclasses import replace
from datetime import timedelta

import pytest

from reporter.local.mixpanel import LocalMixpanel
from reporter.local.product import Product, ProductEvent
from reporter.reports.conditions import Condition, Operator
from reporter.reports.figures import Figures, Measured, Part
from reporter.reports.measures import Breakdown, EventCount, EventUsers, Measure, PropertyStatistic, Statistic
from reporter.reports.periods import Period
from reporter.sources.mixpanel.access import MixpanelAccess
from reporter.sources.mixpanel.http import MixpanelClient
from reporter.sources.mixpanel.source import QuerySource

from .asking import ask, value
from .fake import SECRET, USERNAME
from .truth import (
    NOW,
    happened,
)

HOSTILE = 'a "b" \\ <c>\u2028 \'); -- [Total Events] 🙂'


@pytest.fixture
def odd(product: Product) -> Product:
    """Events with odd names, properties and values, one a user, in the second half of the fortnight."""
    start = product.last_day - timedelta(days=3)
    moment = int(happened(product, Period(start, start + timedelta(days=1)))[0].time)
    values: list[object] = [
        "12",
        12,
        12.0,
        True,
        False,
        "true",
        None,
        ["x", "y"],
        ["x"],
        "",
        "Pro",
        "pro",
        -3.5,
    ]
    events = [
        ProductEvent(
            HOSTILE, moment + number, f"user-{number}", str(number), {HOSTILE: value}, moment + number
        )
        for number, value in enumerate(values)
    ]
    bare = ProductEvent(HOSTILE, moment + 99, "user-99", "99", {}, moment + 99)
    return replace(product, events=(*events, bare))


def oddly(odd: Product, *measures: Measure) -> Figures:
    with LocalMixpanel(odd, username=USERNAME, secret=SECRET, now=lambda: NOW) as mixpanel:
        client = MixpanelClient(
            MixpanelAccess(USERNAME, SECRET, str(mixpanel.project_id), base_url=mixpanel.url)
        )
        figures = ask(QuerySource(client, now=lambda: NOW), *measures)
        client.close()
    return figures


@pytest.mark.parametrize(
    ("operator", "values", "kept"),
    [
        (Operator.IS, ("12",), 1),
        (Operator.IS, (12,), 2),
        (Operator.IS, (12, "12", -3.5), 4),
        (Operator.IS, (True,), 1),
        (Operator.IS, (False,), 1),
        (Operator.IS, ("true", "Pro"), 2),
        (Operator.IS_NOT, ("12",), 13),
        (Operator.IS_NOT, (12,), 12),
        (Operator.IS_NOT, ("Pro", 12, -3.5), 10),
        (Operator.CONTAINS, ("12",), 1),
        (Operator.CONTAINS, ("1", "2"), 1),
        (Operator.GREATER_THAN, (-4,), 3),
        (Operator.GREATER_THAN, (12,), 0),
        (Operator.AT_LEAST, (12,), 2),
        (Operator.LESS_THAN, (12,), 1),
        (Operator.AT_MOST, (12,), 3),
        (Operator.IS, ("x",), 2),
        (Operator.IS_NOT, ("y",), 13),
        (Operator.IS_SET, (), 12),
        (Operator.IS_NOT_SET, (), 2),
    ],
)
def test_text_is_never_a_number_and_a_number_never_true(
    odd: Product, operator: Operator, values: tuple[str | float, ...], kept: int
):
    where = (Condition(HOSTILE, operator, values),)

    now = oddly(odd, EventCount(HOSTILE, where), EventUsers(HOSTILE, where)).now

    assert now == {EventCount(HOSTILE, where): Measured(kept), EventUsers(HOSTILE, where): Measured(kept)}


def test_the_numbers_among_other_values_are_measured(odd: Product):
    total, average = (PropertyStatistic(HOSTILE, HOSTILE, one) for one in (Statistic.SUM, Statistic.AVERAGE))

    now = oddly(odd, total, average).now

    assert (value(now[total]), value(now[average])) == (20.5, pytest.approx(20.5 / 3))


def test_values_that_count_more_than_once_have_no_rest(odd: Product):
    count, people = Breakdown(EventCount(HOSTILE), HOSTILE, 3), Breakdown(EventUsers(HOSTILE), HOSTILE, 2)

    now = oddly(odd, count, people).now

    assert now[count] == Measured(14, parts=(Part("12", 3), Part("true", 2), Part("x", 2)))
    assert now[people] == Measured(14, parts=(Part("12", 3), Part("true", 2)))
