"""How Mixpanel writes numbers, days and moments, checked where they enter.

What is no JSON was cut, or comes from somebody in between: Unavailable, it may be right the next time. JSON
of another shape would come again just so: Refused. A caller meets no other error.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated, TypeVar, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, TypeAdapter, ValidationError

from reporter.model.errors import Refused, Unavailable

Shape = TypeVar("Shape")

_LARGEST = 2.0**53  # up to here every whole number is exact


def _whole(number: float) -> float:
    """12.0 is 12."""
    return int(number) if number == int(number) else number


def _moment(text: object) -> datetime | None:
    """A point in time; None for what is not one, because a number is no less true for it."""
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    if moment is None or not 2000 < moment.year < 3000:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _read_day(key: object) -> date:
    """The day as it is written: "2026-11-16" or "2026-11-16T00:00:00+01:00"."""
    if not isinstance(key, str) or not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T|$)", key):
        raise ValueError("not a day")
    return date.fromisoformat(key[:10])


def _without_nulls(points: dict[str, object]) -> dict[str, object]:
    return {key: number for key, number in points.items() if number is not None}


def _one_a_day(points: dict[str, object]) -> dict[str, object]:
    if len({key[:10] for key in points}) < len(points):
        raise ValueError("two numbers for one day")
    return points


def _if_object(check: Callable[[dict[str, object]], dict[str, object]]) -> BeforeValidator:
    """Checks a JSON object; anything else is left to the shape to refuse."""

    def checked(points: object) -> object:
        if isinstance(points, dict):
            return check(cast(dict[str, object], points))
        return points

    return BeforeValidator(checked)


Number = Annotated[
    float, Field(strict=True, ge=-_LARGEST, le=_LARGEST, allow_inf_nan=False), AfterValidator(_whole)
]
Count = Annotated[float, Field(strict=True, ge=0, le=_LARGEST, allow_inf_nan=False), AfterValidator(_whole)]
Day = Annotated[date, BeforeValidator(_read_day)]
Moment = Annotated[datetime | None, BeforeValidator(_moment)]
ONE_A_DAY = _if_object(_one_a_day)
NO_NULLS = _if_object(_without_nulls)


class Meta(BaseModel):
    """What an answer says about itself."""

    sampling_factor: float | None = None
    min_sampling_factor: float | None = None


def is_sampled(meta: Meta | None) -> bool:
    """Whether the numbers are estimates from a part of the users."""
    factors = (meta.sampling_factor, meta.min_sampling_factor) if meta else ()
    return any(factor is not None and factor < 1 for factor in factors)


def decode(shape: TypeAdapter[Shape], body: bytes, place: str) -> Shape:
    """The body in its shape. Raises Unavailable or Refused."""
    try:
        return shape.validate_json(body)
    except ValidationError as error:
        is_json = error.errors()[0]["type"] != "json_invalid"
        problem = _problem(error)
    if is_json:
        raise Refused(f"Mixpanel's answer to {place} has another shape than is known here ({problem})")
    raise Unavailable(f"Mixpanel's answer to {place} is no whole JSON")


def _problem(error: ValidationError) -> str:
    """What is wrong and where, without what was found there."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    words = f"{place}: {first['msg']}" if place else first["msg"]
    return "".join(letter if letter.isprintable() else " " for letter in words)[:150]
