"""What a report leaves out: its filter in words."""

from typing import assert_never

from reporter.render import numbers, phrasing
from reporter.render.phrases import words
from reporter.reports.conditions import Condition, Operator, Where
from reporter.reports.references import shown

_SIGNS = {
    Operator.IS: "=",
    Operator.GREATER_THAN: ">",
    Operator.AT_LEAST: "≥",
    Operator.LESS_THAN: "<",
    Operator.AT_MOST: "≤",
}


def filter_line(where: Where, locale: str) -> str:
    """Of what alone a report tells: only Germany or France, “plan” = pro. Nothing where that is all."""
    if not where:
        return ""
    conditions = ", ".join(_condition(one, locale) for one in where)
    return words(locale).only.format(conditions=conditions)


def _condition(condition: Condition, locale: str) -> str:
    say, operator = words(locale), condition.operator
    property = phrasing.property_name(condition.property, locale)
    texts = map(shown, condition.values)
    values = tuple(phrasing.property_value(condition.property, text, locale) for text in texts)
    match operator:
        case Operator.IS if phrasing.speaks_for_itself(condition.property):
            return numbers.listed(values, locale, either=True)
        case Operator.CONTAINS:
            return say.contains.format(property=property, values=numbers.listed(values, locale, either=True))
        case Operator.IS_SET:
            return say.is_set.format(property=property)
        case Operator.IS_NOT_SET:
            return say.is_not_set.format(property=property)
        case Operator.IS_NOT:
            return f"{property} ≠ {', '.join(values)}"
        case Operator.IS | Operator.GREATER_THAN | Operator.AT_LEAST | Operator.LESS_THAN | Operator.AT_MOST:
            return f"{property} {_SIGNS[operator]} {numbers.listed(values, locale, either=True)}"
        case _:
            assert_never(operator)
