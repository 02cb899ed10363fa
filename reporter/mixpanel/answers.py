"""The shapes of Mixpanel's answers about names, counts and projects, decoded and checked where they enter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, TypeAdapter

from reporter.mixpanel.decoding import (
    NO_NULLS,
    ONE_A_DAY,
    Count,
    Day,
    Meta,
    Moment,
    decode,
    is_sampled,
)


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
class Counts:
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


def read_counts(body: bytes) -> Counts:
    """The answer of `/events` by the day."""
    answer = decode(_EVENTS, body, "/events")
    values = answer.data.values
    days = frozenset(answer.data.series).union(*values.values())
    return Counts(days, values, answer.computed_at, is_sampled(answer.meta))


def read_projects(body: bytes) -> Mapping[str, SeenProject]:
    """The answer of `/api/app/me`: projects by id."""
    answer = decode(_ME, body, "/api/app/me")
    projects = answer.results.projects if isinstance(answer, _Me) else answer.projects
    return {
        key: SeenProject(project.name or "", project.timezone, project.domain)
        for key, project in projects.items()
    }
