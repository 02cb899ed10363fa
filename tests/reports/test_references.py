"""What a measure names, and what the project does not know of it."""

from datetime import date

import pytest

from reporter.reports.conditions import Condition, Operator
from reporter.reports.figures import (
    Daily,
    Figure,
    Measured,
    NotNumeric,
    Part,
    Undefined,
    UnknownProperty,
    UnknownValue,
)
from reporter.reports.measures import (
    Breakdown,
    EventCount,
    Funnel,
    Measure,
    PropertyStatistic,
    Ratio,
    Statistic,
    Step,
)
from reporter.reports.references import (
    Content,
    Reference,
    exclusions,
    is_doubtful,
    references,
    unknown,
    with_nearest,
)

DAY = date(2026, 6, 1)
PRO = Condition("plan", Operator.IS, ("pro",))
PLAN = Reference("Buy", "plan", conditions=(PRO,))
AMOUNT = Reference("Buy", "amount", is_number=True)
HELD = Content(DAY, occurrences=True, is_set=True)


@pytest.mark.parametrize(
    ("measure", "named"),
    [
        (EventCount("Buy"), ()),
        (EventCount("Buy", (PRO,)), (PLAN,)),
        (PropertyStatistic("Buy", "amount", Statistic.SUM, (PRO,)), (AMOUNT, PLAN)),
        (Breakdown(EventCount("Buy", (PRO,)), "$os"), (Reference("Buy", "$os"), PLAN)),
        (Funnel((Step("Visit"), Step("Buy", (PRO,))), 7), (PLAN,)),
        (Ratio(EventCount("Buy", (PRO,)), PropertyStatistic("Buy", "amount", Statistic.SUM)), (PLAN, AMOUNT)),
        (EventCount("Buy", (Condition("amount", Operator.AT_MOST, (5,)),)), (AMOUNT,)),
        (EventCount("Buy", (Condition("plan", Operator.IS_NOT, ("pro",)),)), (Reference("Buy", "plan"),)),
    ],
)
def test_all_that_a_measure_looks_at_is_found(measure: Measure, named: tuple[Reference, ...]):
    assert references(measure) == named


def test_values_that_are_left_out_can_be_looked_up_as_well():
    excluding = EventCount("Buy", (Condition("plan", Operator.IS_NOT, ("pro",)),))

    assert exclusions(excluding) == (PLAN,)


@pytest.mark.parametrize(
    ("figures", "days", "doubtful"),
    [
        ([Measured(0), Measured(0)], (0, None), True),
        ([Undefined(), Undefined()], (), True),
        ([Measured(0), Measured(3)], (), False),
        ([Measured(0), Measured(0)], (0, 2), False),
        ([Measured(4, parts=(Part(None, 4),)), Measured(0)], (), True),
        ([Measured(4, parts=(Part("DE", 1), Part(None, 3))), Measured(0)], (), False),
        ([Measured(-4), Measured(0)], (), False),
    ],
)
def test_a_zero_is_doubtful_where_no_number_shows_that_the_names_are_right(
    figures: list[Figure], days: tuple[float | None, ...], doubtful: bool
):
    assert is_doubtful(figures, Daily(DAY, days)) is doubtful


def test_nothing_is_said_of_an_event_that_never_happened():
    assert unknown(PLAN, Content(DAY, occurrences=False, is_set=False)) is None


def test_a_property_is_unknown_before_its_values_are():
    assert unknown(PLAN, Content(DAY, occurrences=True, is_set=False)) == UnknownProperty("Buy", "plan", DAY)
    assert unknown(PLAN, HELD) == UnknownValue("Buy", "plan", "pro", DAY)
    assert unknown(AMOUNT, HELD) == NotNumeric("Buy", "amount")


def test_numbers_and_truths_are_known_by_their_kind():
    seven, yes = (Condition("x", Operator.IS, (value,)) for value in (7, True))
    numbers, truths = (
        Content(DAY, occurrences=True, is_set=True, has_numbers=True),
        Content(DAY, occurrences=True, is_set=True, has_truths=True),
    )

    assert unknown(Reference("Buy", "x", conditions=(seven,)), numbers) is None
    assert unknown(Reference("Buy", "x", conditions=(yes,)), truths) is None
    assert unknown(Reference("Buy", "x", conditions=(yes,)), numbers) is not None
    assert unknown(Reference("Buy", "x", conditions=(seven,)), truths) is not None


def test_one_known_value_is_enough():
    both = Reference("Buy", "plan", conditions=(Condition("plan", Operator.IS, ("teem",)), PRO))

    assert unknown(both, Content(DAY, occurrences=True, is_set=True, held=frozenset({PRO}))) is None
    assert [one.conditions for one in both.each()] == [(one,) for one in both.conditions]


def test_what_is_listed_after_all_is_not_unknown():
    strange, number = UnknownProperty("Buy", "plan", DAY), UnknownProperty("Buy", "amount", DAY)

    assert with_nearest(PLAN, strange, ("plan", "amount")) is None
    assert with_nearest(AMOUNT, number, ("plan", "amount")) == NotNumeric("Buy", "amount")


def test_a_value_of_another_type_is_the_likely_meant_one():
    three = Condition("level", Operator.IS, (3,))
    found = UnknownValue("Buy", "level", 3, DAY)

    told = with_nearest(Reference("Buy", "level", conditions=(three,)), found, ("3", "14"))

    assert isinstance(told, UnknownValue)
    assert told.nearest == ("3",)
