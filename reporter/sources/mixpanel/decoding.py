"""Mixpanel's answers, checked where they enter."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, TypeVar, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, TypeAdapter, ValidationError

from reporter.reports.errors import Refused, Unavailable

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


class _EventsData(BaseModel):
    series: list[Day]
    values: dict[str, Annotated[dict[Day, Count], ONE_A_DAY, NO_NULLS]]


class _Events(BaseModel):
    data: _EventsData
    computed_at: Moment = None
    meta: Meta | None = None


class _Project(BaseModel):
    name: str | None = None
    timezone: str | None = None
    domain: str | None = None


class _Projects(BaseModel):
    projects: dict[str, _Project]


class _Me(BaseModel):
    results: _Projects


@dataclass(frozen=True, slots=True)
class EventCounts:
    """How often events happened on each day. A day that an event lacks, of those answered, is a zero."""

    days: frozenset[date]
    events: Mapping[str, Mapping[date, float]]
    computed_at: datetime | None = None
    sampled: bool = False


@dataclass(frozen=True, slots=True)
class SeenProject:
    """A project that the account may see."""

    name: str
    zone: str | None
    domain: str | None


_NAMES = TypeAdapter(list[str])
_PROPERTIES = TypeAdapter(dict[str, object])
_VALUES = TypeAdapter(list[str])
_EVENTS = TypeAdapter(_Events)
_ME = TypeAdapter(_Me | _Projects)


def read_names(body: bytes) -> tuple[str, ...]:
    """The answer of `/events/names`. Raises Unavailable or Refused, as all of these do."""
    return tuple(dict.fromkeys(decode(_NAMES, body, "/events/names")))


def read_property_names(body: bytes) -> tuple[str, ...]:
    """The answer of `/events/properties/top`: how often an event has each property."""
    return tuple(decode(_PROPERTIES, body, "/events/properties/top"))


def read_property_values(body: bytes) -> tuple[str, ...]:
    """The answer of `/events/properties/values`."""
    return tuple(dict.fromkeys(decode(_VALUES, body, "/events/properties/values")))


def read_counts(body: bytes) -> EventCounts:
    """The answer of `/events` by the day."""
    answer = decode(_EVENTS, body, "/events")
    values = answer.data.values
    days = frozenset(answer.data.series).union(*values.values())
    return EventCounts(days, values, answer.computed_at, is_sampled(answer.meta))


def read_projects(body: bytes) -> Mapping[str, SeenProject]:
    """The answer of `/api/app/me`: projects by id."""
    answer = decode(_ME, body, "/api/app/me")
    projects = answer.results.projects if isinstance(answer, _Me) else answer.projects
    return {
        key: SeenProject(project.name or "", project.timezone, project.domain)
        for key, project in projects.items()
    }
