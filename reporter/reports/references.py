"""The events, properties and values that measures name, and which of them the project does not know."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import SequenceMatcher
from typing import assert_never

from reporter.reports.conditions import ALL_EVENTS, Condition, Operator, Scalar
from reporter.reports.figures import (
    Daily,
    Figure,
    Measured,
    NotNumeric,
    Undefined,
    Unknown,
    UnknownProperty,
    UnknownValue,
)
from reporter.reports.measures import Breakdown, Measure, PropertyStatistic, Ratio, events_with_conditions


@dataclass(frozen=True, slots=True)
class Reference:
    """A property of an event as a measure names it: it must be set, hold a number, or fulfil a condition."""

    event: str
    property: str
    is_number: bool = False
    conditions: tuple[Condition, ...] = ()  # one value each; one of them must have held

    def each(self) -> tuple["Reference", ...]:
        """The same for each value alone."""
        alone = tuple(replace(self, conditions=(condition,)) for condition in self.conditions)
        return alone or (self,)


@dataclass(frozen=True, slots=True)
class Content:
    """What a property of an event held on all days that are known."""

    since: date
    occurrences: bool  # whether the event happened at all
    is_set: bool
    has_numbers: bool = False
    has_truths: bool = False
    held: frozenset[Condition] = frozenset()  # conditions of one value that held at least once


def needed_properties(measures: Iterable[Measure]) -> frozenset[str]:
    """The properties that measures look at."""
    return frozenset(reference.property for measure in measures for reference in references(measure))


def references(measure: Measure) -> tuple[Reference, ...]:
    """Each property that the measure looks at, and what it expects of it."""
    return tuple(dict.fromkeys(_references(measure)))


def exclusions(measure: Measure) -> tuple[Reference, ...]:
    """The values that the measure leaves out; one that does not exist leaves out nothing."""
    found = (
        Reference(event, condition.property, conditions=_each_value(condition, Operator.IS))
        for event, where in events_with_conditions(measure)
        for condition in where
        if condition.operator is Operator.IS_NOT
    )
    return tuple(dict.fromkeys(found))


def is_doubtful(figures: Sequence[Figure], daily: Daily | None) -> bool:
    """Whether a zero may be none: no number above nothing, of any day, shows that all names are right."""
    is_proven = any(daily.values if daily else ()) or any(map(_is_above_nothing, figures))
    return not is_proven and any(map(is_empty, figures))


def is_empty(figure: Figure) -> bool:
    """Whether it came out as zero or as nothing, as it would of a name that does not exist."""
    return isinstance(figure, Measured | Undefined) and not _is_above_nothing(figure)


def unknown(reference: Reference, content: Content) -> Unknown | None:
    """What is not known of it, if anything. Where the event never happened, nobody can tell."""
    event, name = reference.event, reference.property
    if not content.occurrences:
        return None
    if not content.is_set:
        return UnknownProperty(event, name, content.since)
    if reference.is_number and not content.has_numbers:
        return NotNumeric(event, name)
    if not reference.conditions or content.held.intersection(reference.conditions):
        return None
    if _is_of_a_known_kind(reference, content):
        return None
    first = reference.conditions[0]
    is_part = first.operator is Operator.CONTAINS
    return UnknownValue(event, name, first.values[0], content.since, is_part=is_part)


def with_nearest(reference: Reference, found: Unknown, known: Sequence[Scalar]) -> Unknown | None:
    """With the likely meant ones of those that are known; None where it is one of them after all."""
    match found:
        case UnknownProperty(event, name):
            names = [each for each in known if isinstance(each, str)]
            if name in names:  # it is there, and always empty
                return NotNumeric(event, name) if reference.is_number else None
            return replace(found, nearest=nearest(name, names))
        case UnknownValue(value=value):
            texts = {shown(each): each for each in known if each != value or type(each) is not type(value)}
            return replace(found, nearest=tuple(texts[text] for text in nearest(shown(value), [*texts])))
        case NotNumeric():
            return found
        case _:
            assert_never(found)


def shown(value: Scalar) -> str:
    """A value as people write it.

    >>> shown("pro"), shown(12.0), shown(True)
    ('pro', '12', 'true')
    """
    match value:
        case bool():
            return str(value).lower()
        case str():
            return value
        case _:
            return str(int(value) if value == int(value) else value)


def _is_above_nothing(figure: Figure) -> bool:
    """A breakdown of which no value has a name says nothing of the property."""
    if not isinstance(figure, Measured) or not figure.value:
        return False
    return not figure.parts or any(part.name is not None and part.value for part in figure.parts)


def _is_of_a_known_kind(reference: Reference, content: Content) -> bool:
    """A number that did not occur is a number all the same; so is `true` where there was only `false`."""
    kinds = {type(value) for condition in reference.conditions for value in condition.values}
    is_number = content.has_numbers and bool(kinds & {int, float})
    return is_number or (content.has_truths and bool in kinds)


def _references(measure: Measure) -> Iterator[Reference]:
    match measure:
        case PropertyStatistic(event=event, property=name):
            yield Reference(event, name, is_number=True)
        case Breakdown(of=of, property=name):
            yield Reference(of.event, name)
            yield from _references(of)
            return
        case Ratio(numerator, denominator):
            yield from _references(numerator)
            yield from _references(denominator)
            return
        case _:
            pass
    for event, where in events_with_conditions(measure):
        yield from (_reference(event, condition) for condition in where)


def _reference(event: str, condition: Condition) -> Reference:
    name = condition.property
    match condition.operator:
        case Operator.IS | Operator.CONTAINS:
            return Reference(event, name, conditions=_each_value(condition, condition.operator))
        case Operator.GREATER_THAN | Operator.AT_LEAST | Operator.LESS_THAN | Operator.AT_MOST:
            return Reference(event, name, is_number=True)
        case Operator.IS_NOT | Operator.IS_SET | Operator.IS_NOT_SET:
            return Reference(event, name)
        case _:
            assert_never(condition.operator)


def _each_value(condition: Condition, operator: Operator) -> tuple[Condition, ...]:
    return tuple(Condition(condition.property, operator, (value,)) for value in condition.values)


def events_of(measure: Measure) -> tuple[str, ...]:
    """The events a measure names, each once."""
    events = (event for event, _ in events_with_conditions(measure) if event != ALL_EVENTS)
    return tuple(dict.fromkeys(events))


MOST = 3
CLOSE = 0.6
COMPARED = 80  # characters; more say no more, and take long


def nearest(event: str, names: Sequence[str]) -> tuple[str, ...]:
    """The most similar names, best first, whatever their case, spaces and underscores.

    >>> nearest("signup", ["Page View", "Sign Up", "sign_up_failed"])
    ('Sign Up', 'sign_up_failed')
    """
    likeness = {name: _likeness(_bare(event), _bare(name)) for name in names}
    close = [name for name in names if likeness[name] >= CLOSE]
    return tuple(sorted(close, key=lambda name: -likeness[name])[:MOST])


def _bare(name: str) -> str:
    folded = name.casefold()[:COMPARED]
    return "".join(letter for letter in folded if letter.isalnum()) or folded


def _likeness(one: str, other: str) -> float:
    shorter, longer = sorted((one, other), key=len)
    ratio = SequenceMatcher(None, one, other, autojunk=False).ratio()
    return max(ratio, CLOSE) if len(shorter) >= 4 and shorter in longer else ratio
