"""The part of Mixpanel's segmentation expressions that reports use (Mixpanel, "Segmentation expressions").

properties["$city"]      properties["$os"] == "iOS" and not (properties["amount"] > 20)
"an" in properties["$os"]      defined(properties["plan"])      number(properties["amount"])
"""

import json
import operator
import re
from collections.abc import Callable

from reporter.local.mixpanel.query_parameters import BadRequestError
from reporter.local.product import ProductEvent

Expression = Callable[[ProductEvent], object]

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>[A-Za-z_]+)|(?P<sign>[=!<>]=|[<>()\[\]]))"""
)
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def parse(text: str) -> Expression:
    tokens = _Tokens(text)
    expression = _either(tokens)
    tokens.expect("")
    return expression


def property_of(event: ProductEvent, name: str) -> object:
    return event.distinct_id if name == "distinct_id" else event.properties.get(name)


def text_of(value: object) -> str:
    """How Mixpanel writes a property's value as the name of a segment."""
    match value:
        case None:
            return "undefined"
        case bool():
            return str(value).lower()
        case float() if value.is_integer():
            return str(int(value))
        case list() | dict():
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        case _:
            return str(value)


class _Tokens:
    def __init__(self, text: str) -> None:
        self._text = text
        self._all: list[str] = []
        place = 0
        while text[place:].strip():
            found = _TOKEN.match(text, place)
            if found is None:
                raise self.fault()
            self._all.append(found.group().strip())
            place = found.end()

    def next(self) -> str:
        return self._all[0] if self._all else ""

    def take(self) -> str:
        return self._all.pop(0) if self._all else ""

    def took(self, token: str) -> bool:
        if self.next() != token:
            return False
        self.take()
        return True

    def expect(self, token: str) -> None:
        if self.take() != token:
            raise self.fault()

    def fault(self) -> BadRequestError:
        return BadRequestError(f"Invalid expression: {self._text}")


def _either(tokens: _Tokens) -> Expression:
    left = _both(tokens)
    while tokens.took("or"):
        left = _or(left, _both(tokens))
    return left


def _both(tokens: _Tokens) -> Expression:
    left = _negation(tokens)
    while tokens.took("and"):
        left = _and(left, _negation(tokens))
    return left


def _or(left: Expression, right: Expression) -> Expression:
    return lambda event: bool(left(event)) or bool(right(event))


def _and(left: Expression, right: Expression) -> Expression:
    return lambda event: bool(left(event)) and bool(right(event))


def _negation(tokens: _Tokens) -> Expression:
    if tokens.took("not"):
        inner = _negation(tokens)
        return lambda event: not inner(event)
    return _comparison(tokens)


def _comparison(tokens: _Tokens) -> Expression:
    left = _value(tokens)
    sign = tokens.next()
    if sign not in {"==", "!=", "in", *_COMPARISONS}:
        return left
    tokens.take()
    right = _value(tokens)
    match sign:
        case "==":
            return lambda event: left(event) == right(event)
        case "!=":
            return lambda event: left(event) != right(event)
        case "in":
            return lambda event: text_of(left(event)) in text_of(right(event))
        case _:
            return lambda event: _compares(_COMPARISONS[sign], left(event), right(event))


def _compares(comparison: Callable[[float, float], bool], left: object, right: object) -> bool:
    return isinstance(left, int | float) and isinstance(right, int | float) and comparison(left, right)


def _value(tokens: _Tokens) -> Expression:
    token = tokens.take()
    match token:
        case "(":
            inner = _either(tokens)
            tokens.expect(")")
            return inner
        case "properties":
            return _property(tokens)
        case "defined" | "number" | "string":
            return _function(token, tokens)
        case "true" | "false":
            return lambda _: token == "true"
        case _ if token[:1] in '"-0123456789' and token:
            value: object = json.loads(token)
            return lambda _: value
        case _:
            raise tokens.fault()


def _property(tokens: _Tokens) -> Expression:
    tokens.expect("[")
    quoted = tokens.take()
    tokens.expect("]")
    if not quoted.startswith('"'):
        raise tokens.fault()
    name = str(json.loads(quoted))
    return lambda event: property_of(event, name)


def _function(name: str, tokens: _Tokens) -> Expression:
    tokens.expect("(")
    inner = _either(tokens)
    tokens.expect(")")
    match name:
        case "defined":
            return lambda event: inner(event) is not None
        case "string":
            return lambda event: text_of(inner(event))
        case _:
            return inner
