"""Conditions as Mixpanel's own client would write them, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.reports.conditions import Condition, Operator, Where
from reporter.sources.mixpanel.query_language import NotExpressibleError, filters, obstacle

NAN = float("nan")
SCALARS = st.text(max_size=4) | st.floats() | st.integers() | st.booleans()
CONDITIONS = st.builds(
    Condition, st.text(), st.sampled_from(Operator), st.lists(SCALARS, max_size=3).map(tuple)
)


def condition(operator: Operator, *values: str | float, name: str = "plan") -> Condition:
    return Condition(name, operator, values)


def test_text_is_a_list_of_a_string_property():
    (entry,) = filters((condition(Operator.IS, "pro", "team"),)).entries

    assert entry == {
        "resourceType": "events",
        "filterType": "string",
        "defaultType": "string",
        "value": "plan",
        "filterValue": ["pro", "team"],
        "filterOperator": "equals",
    }


@pytest.mark.parametrize(
    ("operator", "value", "written"),
    [
        (Operator.GREATER_THAN, 3, ("number", "is greater than", 3)),
        (Operator.AT_LEAST, 3.5, ("number", "is at least", 3.5)),
        (Operator.LESS_THAN, -3, ("number", "is less than", -3)),
        (Operator.AT_MOST, 3, ("number", "is at most", 3)),
        (Operator.IS, 3, ("number", "is equal to", 3)),
        (Operator.IS_NOT, 3, ("number", "does not equal", 3)),
        (Operator.IS_NOT, "3", ("string", "does not equal", ["3"])),
        (Operator.CONTAINS, "3-4", ("string", "contains", "3-4")),
        (Operator.IS, True, ("boolean", "true", None)),
    ],
)
def test_each_operator_has_its_word_and_its_type(operator: Operator, value: str | float, written: object):
    (entry,) = filters((condition(operator, value),)).entries

    assert (entry["filterType"], entry["filterOperator"], entry["filterValue"]) == written


def test_what_is_not_set_is_not_false():
    entries = filters((condition(Operator.IS, False),)).entries

    assert [entry["filterOperator"] for entry in entries] == ["false", "is set"]


def test_all_conditions_hold():
    where = (
        condition(Operator.IS_SET),
        condition(Operator.IS_NOT, "a", 3, 4),
        condition(Operator.AT_LEAST, 3),
    )

    found = filters(where)

    assert found.determiner == "all"
    assert len(found.entries) == 1 + 3 + 1


@pytest.mark.parametrize("values", [(3, 4), ("a", 3), (True, "a"), (True, 1)])
def test_one_of_several_values_stands_alone(values: tuple[str | float, ...]):
    alone = filters((condition(Operator.IS, *values),))

    assert (alone.determiner, len(alone.entries)) == ("any", 2)
    assert obstacle((condition(Operator.IS, *values), condition(Operator.IS_SET))) is not None


@pytest.mark.parametrize(
    "one",
    [
        condition(Operator.IS),
        condition(Operator.IS, False, "a"),
        condition(Operator.IS, NAN),
        condition(Operator.IS_NOT),
        condition(Operator.IS_NOT, True),
        condition(Operator.IS_NOT, "a", False),
        condition(Operator.CONTAINS, "Pro"),
        condition(Operator.CONTAINS, "é"),
        condition(Operator.CONTAINS, ""),
        condition(Operator.CONTAINS, 3),
        condition(Operator.CONTAINS),
        condition(Operator.AT_LEAST, "3"),
        condition(Operator.AT_LEAST, True),
        condition(Operator.AT_LEAST, 3, 4),
        condition(Operator.AT_LEAST, 3, "a"),
        condition(Operator.LESS_THAN),
        condition(Operator.LESS_THAN, float("inf")),
    ],
)
def test_what_mixpanel_can_not_say_exactly_is_not_said(one: Condition):
    assert obstacle((one,))
    with pytest.raises(NotExpressibleError):
        filters((one,))


@given(st.lists(CONDITIONS, max_size=3).map(tuple))
def test_an_obstacle_is_told_for_exactly_what_can_not_be_filtered(where: Where):
    if obstacle(where) is None:
        assert len(filters(where).entries) >= len(where)
    else:
        with pytest.raises(NotExpressibleError):
            filters(where)
