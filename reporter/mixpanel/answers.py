"""The shapes of Mixpanel's answers, decoded and checked where they enter.

What is no JSON was cut, or comes from somebody in between: Unavailable, it may be right the next time. JSON
of another shape would come again just so: Refused. A caller meets no other error.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, TypeVar, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, TypeAdapter, ValidationError

from reporter.model.errors import Refused, Unavailable

Shape = TypeVar("Shape")

ALL = "all"  # the key of a number that is over the whole range
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


Number = Annotated[float, Field(strict=True, ge=0, le=_LARGEST, allow_inf_nan=False), AfterValidator(_whole)]
Day = Annotated[date, BeforeValidator(_read_day)]
Points = Annotated[dict[str, Number], _if_object(_without_nulls)]
DailyPoints = Annotated[dict[Day, Number], _if_object(_one_a_day), _if_object(_without_nulls)]
Moment = Annotated[datetime | None, BeforeValidator(_moment)]


class _Meta(BaseModel):
    sampling_factor: float | None = None
    min_sampling_factor: float | None = None


class _EventsData(BaseModel):
    series: list[Day]
    values: dict[str, DailyPoints]


class _Events(BaseModel):
    data: _EventsData
    computed_at: Moment = None
    meta: _Meta | None = None


class _DateRange(BaseModel):
    from_date: Moment = None
    to_date: Moment = None


class _Insights(BaseModel):
    series: dict[str, Points]
    date_range: _DateRange | None = None
    computed_at: Moment = None
    meta: _Meta | None = None


class _Project(BaseModel):
    name: str | None = None
    timezone: str | None = None
    domain: str | None = None


class _Projects(BaseModel):
    projects: dict[str, _Project]


class _Me(BaseModel):
    results: _Projects


@dataclass(frozen=True, slots=True)
class Counts:
    """How often events happened on each day. A day that an event lacks, of those answered, is a zero."""

    days: frozenset[date]
    events: Mapping[str, Mapping[date, float]]
    computed_at: datetime | None = None
    sampled: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """The series of an Insights answer by Mixpanel's labels, and the days it says it is about."""

    labelled: Mapping[str, Mapping[str, float]]
    first: date | None = None
    last: date | None = None
    computed_at: datetime | None = None
    sampled: bool = False


@dataclass(frozen=True, slots=True)
class SeenProject:
    """A project that the account may see."""

    name: str
    zone: str | None
    domain: str | None


_NAMES = TypeAdapter(list[str])
_EVENTS = TypeAdapter(_Events)
_INSIGHTS = TypeAdapter(_Insights)
_ME = TypeAdapter(_Me | _Projects)
_DAILY = TypeAdapter(DailyPoints)


def read_names(body: bytes) -> tuple[str, ...]:
    """The answer of `/events/names`. Raises Unavailable or Refused, as all of these do."""
    return tuple(dict.fromkeys(_decode(_NAMES, body, "/events/names")))


def read_counts(body: bytes) -> Counts:
    """The answer of `/events` by the day."""
    answer = _decode(_EVENTS, body, "/events")
    values = answer.data.values
    days = frozenset(answer.data.series).union(*values.values())
    return Counts(days, values, answer.computed_at, _is_sampled(answer.meta))


def read_series(body: bytes) -> Series:
    """The answer of `/insights`."""
    answer = _decode(_INSIGHTS, body, "/insights")
    answered = answer.date_range or _DateRange()
    first, last = answered.from_date, answered.to_date
    return Series(
        answer.series,
        first.date() if first else None,
        last.date() if last else None,
        answer.computed_at,
        _is_sampled(answer.meta),
    )


def read_daily(points: Mapping[str, float]) -> Mapping[date, float] | None:
    """The points of one series over time, by the day; None where they are not one number a day."""
    try:
        return _DAILY.validate_python(dict(points))
    except ValidationError:
        return None


def read_projects(body: bytes) -> Mapping[str, SeenProject]:
    """The answer of `/api/app/me`: projects by id."""
    answer = _decode(_ME, body, "/api/app/me")
    projects = answer.results.projects if isinstance(answer, _Me) else answer.projects
    return {
        key: SeenProject(project.name or "", project.timezone, project.domain)
        for key, project in projects.items()
    }


def _is_sampled(meta: _Meta | None) -> bool:
    factors = (meta.sampling_factor, meta.min_sampling_factor) if meta else ()
    return any(factor is not None and factor < 1 for factor in factors)


def _decode(shape: TypeAdapter[Shape], body: bytes, place: str) -> Shape:
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
