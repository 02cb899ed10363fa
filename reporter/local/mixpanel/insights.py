"""Insights: many metrics in one query, over the whole range or over time, for everyone or by a property.

The shapes are those which Mixpanel's own client reads: `series[metric]["all"]`, `series[metric][iso date]`,
and with a breakdown one level more, where "$overall" is measured over everything: users are never added up.
"""

import math
import statistics
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from string import ascii_uppercase
from zoneinfo import ZoneInfo

from reporter.local.mixpanel.bookmark import (
    Bookmark,
    Filter,
    Measurement,
    Metric,
    rank_of,
    read_insights_query,
)
from reporter.local.mixpanel.counts import computed_at
from reporter.local.mixpanel.days import Dated, Days, start_of_unit, users
from reporter.local.mixpanel.query_parameters import DateRange
from reporter.local.mixpanel.selectors import holds, property_of, segments_of
from reporter.local.product import ProductEvent, days_between

OVERALL = "$overall"

_AGGREGATES: Mapping[str, Callable[[Sequence[float]], float]] = {
    "average": statistics.fmean,
    "median": statistics.median,
    "min": min,
    "max": max,
}

SeriesValue = float | None
SeriesPoints = dict[str, SeriesValue]


def answer_insights(days: Days, body: bytes) -> object:
    query = read_insights_query(body)
    return measure(days, query.bookmark, query.query_limits.limit)


def measure(days: Days, bookmark: Bookmark, limit: int) -> dict[str, object]:
    """An event that the project never had is absent from `series`; one that did not happen counts 0."""
    period = bookmark.sections.time[0].days(days.today())
    labels = _labels(bookmark.sections.show)
    shown = [
        (label, metric)
        for label, metric in zip(labels, bookmark.sections.show, strict=True)
        if not metric.is_hidden and days.knows(metric.behavior.name)
    ]
    zone = days.product.zone
    last_moment = time(23, 59, 59, 999_000)
    return {
        "computed_at": computed_at(days),
        "date_range": {
            "from_date": datetime.combine(period.first, time.min, zone).isoformat(),
            "to_date": datetime.combine(period.last, last_moment, zone).isoformat(),
        },
        "headers": ["$metric", *(group.property_name for group in bookmark.sections.group)],
        "series": {label: _series(days, bookmark, metric, period, limit) for label, metric in shown},
        "meta": {
            "min_sampling_factor": 1.0,
            "is_segmentation_limit_hit": False,
            "sub_query_count": len(shown),
            "report_sections": {
                "show": [{"metric_key": label} for label, _ in shown],
                "group": [group.property_name for group in bookmark.sections.group],
            },
        },
    }


def _labels(metrics: Sequence[Metric]) -> list[str]:
    """One name for each metric; where two would have the same, each gets its letter before it."""
    plain = [metric.label for metric in metrics]
    often = Counter(plain)
    return [
        f"{ascii_uppercase[number % 26]}. {label}" if often[label] > 1 else label
        for number, label in enumerate(plain)
    ]


def _series(days: Days, bookmark: Bookmark, metric: Metric, period: DateRange, limit: int) -> object:
    passes = _conditions(bookmark.sections.filter, metric)
    events = [(day, event) for day, event in days.during(metric.behavior.name, period) if passes(event)]
    keys = list(_keys(days, bookmark, period))
    overall = _points(days, bookmark, metric.measurement, keys, events)
    if not bookmark.sections.group:
        return overall
    name = bookmark.sections.group[0].property_name
    segments: dict[str, list[Dated]] = {}
    for day, event in events:
        for value in segments_of(property_of(event, name)):
            segments.setdefault(value, []).append((day, event))
    largest = sorted(segments, key=lambda value: (-len(segments[value]), value))[:limit]
    return {OVERALL: overall} | {
        value: _points(days, bookmark, metric.measurement, keys, segments[value]) for value in largest
    }


def _points(
    days: Days, bookmark: Bookmark, measurement: Measurement, keys: Sequence[str], events: Sequence[Dated]
) -> SeriesPoints:
    if not bookmark.over_time:
        return {"all": _measure([event for _, event in events], measurement)}
    buckets: dict[str, list[ProductEvent]] = {key: [] for key in keys}
    unit = bookmark.sections.time[0].unit
    for day, event in events:
        buckets[_hour_of(days.local(event)) if unit == "hour" else _start_of(day, unit, days)].append(event)
    return {key: _measure(bucket, measurement) for key, bucket in buckets.items()}


def _keys(days: Days, bookmark: Bookmark, period: DateRange) -> Iterator[str]:
    """The beginning of each bucket, in order, with or without events."""
    unit = bookmark.sections.time[0].unit
    if unit != "hour":
        yield from dict.fromkeys(
            _start_of(day, unit, days) for day in days_between(period.first, period.last)
        )
        return
    zone = days.product.zone
    moment = datetime.combine(period.first, time.min, zone).timestamp()
    while (hour := datetime.fromtimestamp(moment, zone)).date() <= period.last:
        yield _hour_of(hour)
        moment += timedelta(hours=1).total_seconds()


def _hour_of(moment: datetime) -> str:
    return moment.replace(minute=0, second=0, microsecond=0).isoformat()


def _start_of(day: date, unit: str, days: Days) -> str:
    return _midnight(start_of_unit(day, unit), days.product.zone)


@cache
def _midnight(day: date, zone: ZoneInfo) -> str:
    return datetime.combine(day, time.min, zone).isoformat()


def _measure(events: Sequence[ProductEvent], measurement: Measurement) -> SeriesValue:
    """Of no numbers the sum is 0, and everything else is nothing."""
    if measurement.property is None:
        return len(events) if measurement.math == "total" else len(users(events))
    name = measurement.property.name
    values = (property_of(event, name) for event in events)
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if measurement.math == "total":
        return math.fsum(numbers)
    if not numbers:
        return None
    rank = rank_of(measurement)
    return _AGGREGATES[measurement.math](numbers) if rank is None else _percentile(numbers, rank)


def _percentile(numbers: Sequence[float], percent: float) -> float:
    """Linear between the two nearest ranks, so that the 50th percentile is the median."""
    ranked = sorted(numbers)
    place = (len(ranked) - 1) * percent / 100
    below = math.floor(place)
    above = math.ceil(place)
    return ranked[below] + (ranked[above] - ranked[below]) * (place - below)


def _conditions(filters: Sequence[Filter], metric: Metric) -> Callable[[ProductEvent], bool]:
    """All filters of the report hold, and all (or any) of the metric's own."""
    own = metric.behavior.filters
    enough = any if metric.behavior.filters_determiner == "any" else all
    return lambda event: (
        all(holds(one, event) for one in filters) and (not own or enough(holds(one, event) for one in own))
    )
