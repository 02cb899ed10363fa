"""Mixpanel's answers, checked where they enter."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Generic, TypeAlias, TypeVar, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, TypeAdapter, ValidationError

from reporter.reports.errors import Refused, Unavailable
from reporter.reports.periods import Period
from reporter.sources.mixpanel.query_language import ALL_EVENTS, InsightsMetric, series_names

Shape = TypeVar("Shape")
Tree = TypeVar("Tree")

ALL = "all"  # the key of a number that is over the whole range

_ALSO = {ALL_EVENTS: "All Events"}
_ENDS_OF_A_NAME = (" [", " - ", " (")

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


class _DateRange(BaseModel):
    from_date: Moment = None
    to_date: Moment = None


class InsightsSeries(BaseModel, Generic[Tree]):
    """An Insights answer: its series by Mixpanel's labels, and the days it says it is about."""

    series: dict[str, Tree]
    date_range: _DateRange | None = None
    computed_at: Moment = None
    meta: Meta | None = None

    @property
    def first(self) -> date | None:
        start = self.date_range and self.date_range.from_date
        return start.date() if start else None

    @property
    def last(self) -> date | None:
        end = self.date_range and self.date_range.to_date
        return end.date() if end else None

    @property
    def sampled(self) -> bool:
        return is_sampled(self.meta)

    def of(self, metric: InsightsMetric, asked: Sequence[InsightsMetric]) -> Tree | None:
        """The series of the metric; None where the labels do not tell which it is."""
        label = match_metrics(asked, self.series).get(metric)
        return None if label is None else self.series[label]

    def other_days(self, period: Period) -> str | None:
        """What there is to say where the answer is about fewer days than were asked for.

        Fewer days have fewer users, which nobody would see in the number.
        """
        if (self.first and self.first > period.start) or (self.last and self.last < period.last):
            answered = f"from {self.first or period.start} to {self.last or period.last}"
            return f"Mixpanel answered for other days ({answered}) than the asked ones ({period})"
        return None


Points: TypeAlias = dict[str, Number | None]

_DAILY = TypeAdapter(Annotated[dict[Day, Number | None], ONE_A_DAY])


def read_daily(points: Points) -> Mapping[date, float | None] | None:
    """The points of one series over time, by the day; None where they are not one number a day."""
    try:
        return _DAILY.validate_python(points)
    except ValidationError:
        return None


def match_metrics(metrics: Sequence[InsightsMetric], labels: Collection[str]) -> Mapping[InsightsMetric, str]:
    """The label of each metric; metrics whose label is unclear are left out."""
    names = series_names(metrics)
    if by_name := match_labels([*names.values()], labels, may_be_last=False):
        return {metric: by_name[name] for metric, name in names.items() if name in by_name}
    often = Counter(metric.event for metric in metrics)
    by_event = match_labels([*often], labels, may_be_last=not names)
    return {
        metric: by_event[metric.event]
        for metric in metrics
        if often[metric.event] == 1 and metric.event in by_event
    }


def match_labels(
    events: Sequence[str], labels: Collection[str], *, may_be_last: bool = True
) -> Mapping[str, str]:
    """The label of each event; events whose label is unclear are left out.

    With `may_be_last`, the last event that is left has the last label that is left, whatever that is.
    """
    found = {event: event for event in events if event in labels}
    for event, other in _ALSO.items():
        if event in events and event not in found and other in labels and other not in found.values():
            found[event] = other
    found |= _by_beginning(events, [label for label in labels if label not in found.values()], found)
    left = [event for event in events if event not in found]
    unused = [label for label in labels if label not in found.values()]
    if may_be_last and len(left) == len(unused) == 1:
        found[left[0]] = unused[0]
    return found


def _by_beginning(
    events: Sequence[str], labels: Sequence[str], found: Mapping[str, str]
) -> Mapping[str, str]:
    owners: dict[str, list[str]] = {}
    for label in labels:
        if owner := _owner(label, events):
            owners.setdefault(owner, []).append(label)
    return {event: own[0] for event, own in owners.items() if len(own) == 1 and event not in found}


def _owner(label: str, events: Sequence[str]) -> str | None:
    """The event with the longest name that the label begins with."""
    beginnings = {
        name: event
        for event in events
        for name in (event, _ALSO.get(event, event))
        if label.startswith(tuple(name + end for end in _ENDS_OF_A_NAME))
    }
    return beginnings[max(beginnings, key=len)] if beginnings else None
