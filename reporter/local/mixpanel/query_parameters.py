"""The parameters of a request, read and checked."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast

QueryParameters = Mapping[str, str]


class BadRequestError(Exception):
    """The request can not be answered as it is; the text says why."""


@dataclass(frozen=True, slots=True)
class DateRange:
    first: date
    last: date  # inclusive, as Mixpanel's to_date is


def required(parameters: QueryParameters, name: str) -> str:
    value = parameters.get(name, "")
    if not value:
        raise BadRequestError(f"Missing required parameter: {name}")
    return value


def refuse(parameters: QueryParameters, *names: str) -> None:
    """What is not understood is refused, and never half answered."""
    for name in names:
        if parameters.get(name):
            raise BadRequestError(f"This local Mixpanel does not take {name}")


def choice(
    parameters: QueryParameters, name: str, allowed: Collection[str], default: str | None = None
) -> str:
    value = required(parameters, name) if default is None else parameters.get(name) or default
    if value not in allowed:
        raise BadRequestError(f"Invalid value for {name}: {value!r}, must be one of {', '.join(allowed)}")
    return value


def whole_number(parameters: QueryParameters, name: str, default: int, most: int | None = None) -> int:
    text = parameters.get(name) or str(default)
    if not text.isdecimal() or int(text) < 1:
        raise BadRequestError(f"Invalid value for {name}: {text!r} is not a whole number above 0")
    if most is not None and int(text) > most:
        raise BadRequestError(f"Invalid value for {name}: {text} is more than {most}")
    return int(text)


def names(parameters: QueryParameters, name: str) -> list[str]:
    """A list of names, given as a JSON array."""
    text = required(parameters, name)
    try:
        values: object = json.loads(text)
    except json.JSONDecodeError:
        values = None
    if not isinstance(values, list) or not all(isinstance(one, str) for one in cast(list[object], values)):
        raise BadRequestError(f"Invalid value for {name}: {text!r} is not a JSON array of strings")
    return cast(list[str], values)


def read_day(text: str, name: str) -> date:
    try:
        value = date.fromisoformat(text)
    except ValueError:
        raise BadRequestError(f"{name}: invalid date {text!r}, must be yyyy-mm-dd") from None
    if value.isoformat() != text:
        raise BadRequestError(f"{name}: invalid date {text!r}, must be yyyy-mm-dd")
    if value.year < 2000:
        raise BadRequestError(f"{name}: invalid date, bad year")
    return value


def date_range(parameters: QueryParameters) -> DateRange:
    first = read_day(required(parameters, "from_date"), "from_date")
    last = read_day(required(parameters, "to_date"), "to_date")
    if first > last:
        raise BadRequestError("from_date must not be after to_date")
    return DateRange(first, last)


def last_days(today: date, count: int) -> DateRange:
    return DateRange(today - timedelta(days=count - 1), today)
