"""The bookmarks of Insights that are understood here: what Mixpanel's own client builds for a query.

Everything else is refused, so that no answer is ever to another question than the one that was asked.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from reporter.local.mixpanel.days import ALL_EVENTS
from reporter.local.mixpanel.query_parameters import BadRequestError, DateRange, last_days, read_day

FilterOperand = str | int | float | bool | None

KINDS: Mapping[str, frozenset[type]] = {
    "string": frozenset({str}),
    "number": frozenset({int, float}),
    "boolean": frozenset({bool}),
}
_SETNESS = frozenset({"is set", "is not set"})
OPERATORS: Mapping[str, frozenset[str]] = {
    "string": _SETNESS | {"equals", "does not equal", "contains", "does not contain"},
    "number": _SETNESS
    | {"is equal to", "equals", "does not equal", "is between", "not between"}
    | {"is greater than", "is less than", "is at least", "is at most"},
    "boolean": frozenset({"true", "false"}),
}


class _Part(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)


class BookmarkProperty(_Part):
    name: str
    resource_type: Literal["events"] = "events"


class Measurement(_Part):
    math: Literal[
        "total",
        "unique",
        "dau",
        "average",
        "median",
        "min",
        "max",
        "p25",
        "p75",
        "p90",
        "p99",
        "custom_percentile",
    ]
    property: BookmarkProperty | None = None
    percentile: Annotated[float, Field(ge=0, le=100)] | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.property is None and self.math not in {"total", "unique", "dau"}:
            raise ValueError(f"{self.math} needs a property")
        if self.property is not None and self.math in {"unique", "dau"}:
            raise ValueError(f"{self.math} takes no property")
        if (self.math == "custom_percentile") != (self.percentile is not None):
            raise ValueError("custom_percentile and percentile go together")
        return self


class Filter(_Part):
    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", frozen=True)

    value: str  # the property's name
    filter_type: Literal["string", "number", "boolean"]
    filter_operator: str
    filter_value: FilterOperand | list[FilterOperand] = None
    resource_type: Literal["events"] = "events"

    @property
    def values(self) -> list[FilterOperand]:
        return self.filter_value if isinstance(self.filter_value, list) else [self.filter_value]

    @model_validator(mode="after")
    def _is_of_one_kind(self) -> Self:
        if self.filter_operator not in OPERATORS[self.filter_type]:
            raise ValueError(f"{self.filter_operator!r} is no operator for a {self.filter_type}")
        kinds = frozenset({type(None)}) if self.filter_type == "boolean" else KINDS[self.filter_type]
        if self.filter_operator not in _SETNESS and not all(type(value) in kinds for value in self.values):
            raise ValueError(f"{self.filter_operator!r} does not take these values")
        return self


class Behavior(_Part):
    type: Literal["event"]
    name: str
    resource_type: Literal["events"] = "events"
    filters_determiner: Literal["all", "any"] = "all"
    filters: list[Filter] = []


class Metric(_Part):
    type: Literal["metric"]
    behavior: Behavior
    measurement: Measurement
    name: str | None = None
    is_hidden: bool = False

    @property
    def label(self) -> str:
        """How an answer names it: "Sign Up [Unique Users]", "All Events [Total Events]"."""
        event = "All Events" if self.behavior.name == ALL_EVENTS else self.behavior.name
        return self.name or f"{event} [{_measured(self.measurement)}]"


class Group(_Part):
    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", frozen=True)

    property_name: str
    resource_type: Literal["events"] = "events"


class Window(_Part):
    unit: Literal["day", "week", "month"]
    value: Annotated[int, Field(ge=1)]


class Time(_Part):
    date_range_type: Literal["between", "in the last"]
    unit: Literal["hour", "day", "week", "month"]
    value: tuple[str, str] | None = None
    window: Window | None = None

    def days(self, today: date) -> DateRange:
        if self.date_range_type == "between" and self.value is not None:
            first, last = (read_day(text, "time") for text in self.value)
            if first > last:
                raise BadRequestError("time: the first date must not be after the last")
            return DateRange(first, last)
        if self.window is None:
            raise BadRequestError("time: neither dates nor a window")
        return last_days(today, self.window.value * {"day": 1, "week": 7, "month": 30}[self.window.unit])


class Sections(_Part):
    show: Annotated[list[Metric], Field(min_length=1)]
    time: Annotated[list[Time], Field(min_length=1, max_length=1)]
    filter: list[Filter] = []
    group: Annotated[list[Group], Field(max_length=1)] = []
    formula: Annotated[list[object], Field(max_length=0)] = []


class Display(_Part):
    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", frozen=True)

    chart_type: Literal["bar", "table", "pie", "insights-metric", "line", "column"]
    analysis: Literal["linear"] = "linear"


class Bookmark(_Part):
    sections: Sections
    display_options: Display

    @property
    def over_time(self) -> bool:
        return self.display_options.chart_type in {"line", "column"}


class Limits(_Part):
    limit: Annotated[int, Field(ge=1)] = 3000


class InlineQuery(_Part):
    model_config = ConfigDict(alias_generator=None, extra="ignore", frozen=True)

    project_id: int | str
    bookmark: Bookmark
    query_limits: Limits = Field(default=Limits(), alias="queryLimits")


def read_insights_query(body: bytes) -> InlineQuery:
    try:
        return InlineQuery.model_validate_json(body)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "body"
        raise BadRequestError(f"{first['msg']} at {place}") from None


def rank_of(measurement: Measurement) -> float | None:
    """Which percentile it asks for, if it asks for one."""
    return float(measurement.math[1:]) if measurement.math.startswith("p") else measurement.percentile


def _measured(measurement: Measurement) -> str:
    if measurement.property is None:
        return {"total": "Total Events", "unique": "Unique Users"}.get(measurement.math, "DAU")
    words = {"total": "Sum", "min": "Minimum", "max": "Maximum"}
    rank = rank_of(measurement)
    word = words.get(measurement.math, measurement.math.capitalize())
    return f"{word if rank is None else f'{rank:g}th Percentile'} {measurement.property.name}"
