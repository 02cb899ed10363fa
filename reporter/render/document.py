"""A report as a JSON document: a public format, version 1, described by `document_schema.SCHEMA`.

Names stand in it as Mixpanel has them. Keys are only ever added; a change of meaning is a new version.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeAlias, assert_never

from reporter.model.figures import Failed, Figure, Measured, TooLittleHistory, UnknownEvent
from reporter.model.insights import (
    Busiest,
    Doubt,
    Finding,
    Moved,
    NothingHappened,
    NotMeasured,
    Together,
    Unusual,
    UnusualDay,
)
from reporter.model.period import Period
from reporter.model.report import (
    Change,
    Chart,
    Late,
    Metric,
    Next,
    NoEarlierData,
    Note,
    RankedPartly,
    Report,
    Sampled,
    TopEvent,
    TopEvents,
    Usual,
    ZoneAssumed,
)
from reporter.render import sentences

VERSION = 1

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
Object: TypeAlias = dict[str, Json]

_LARGEST_EXACT = 2**53  # above it a float skips whole numbers, and readers of JSON differ
_HALF = re.compile("[\ud800-\udfff]")
_UNSEEN = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def draw(report: Report) -> str:
    """The document as text; ends with a newline."""
    return written(document(report))


def written(value: Json) -> str:
    """Values as text that any UTF-8 file, log or terminal takes; ends with a newline."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2)
    text = _HALF.sub("\ufffd", text)
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def document(report: Report) -> Object:
    """The document as values."""
    return {
        "version": VERSION,
        "report": report.name,
        "title": report.title,
        "company": report.company,
        "project": report.project,
        "time_zone": report.zone.key,
        "locale": report.locale,
        "cadence": None if report.cadence is None else report.cadence.value,
        "period": _period(report.period),
        "previous_period": _period(report.previous),
        "findings": [_finding(finding, report) for finding in report.findings],
        "metrics": [_metric(metric) for metric in report.metrics],
        "top_events": _top_events(report.top_events),
        "charts": [_chart(chart) for chart in report.charts],
        "notes": [_note(note, report) for note in report.notes],
        "computed_at": _moment(report.computed_at),
        "queries": report.queries,
    }


def _number(value: float | None) -> int | float | None:
    """Whole numbers as integers; null for what JSON has no number for."""
    if value is None or not math.isfinite(value):
        return None
    return int(value) if value == int(value) and abs(value) <= _LARGEST_EXACT else value


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _period(period: Period) -> Object:
    return {
        "from_date": period.start.isoformat(),
        "to_date": period.last.isoformat(),
        "days": period.length,
    }


def _change(change: Change | None) -> Object | None:
    if change is None:
        return None
    return {"absolute": _number(change.absolute), "relative": _number(change.relative)}


def _metric(metric: Metric) -> Object:
    return {
        "label": metric.label,
        **_figure(metric.figure),
        "previous": _figure(metric.previous),
        "change": _change(metric.change),
        "usual": _usual(metric.usual),
    }


def _usual(usual: Usual | None) -> Object | None:
    """The normal range, of a metric that left it."""
    if usual is None:
        return None
    return {"low": _number(usual.low), "high": _number(usual.high), "expected": _number(usual.expected)}


def _figure(figure: Figure) -> Object:
    match figure:
        case Measured(value, sampled):
            return {"state": "measured", "value": _number(value), "sampled": sampled}
        case UnknownEvent(event, nearest):
            return {"state": "unknown_event", "value": None, "event": event, "nearest": list(nearest)}
        case Failed():
            return {"state": "failed", "value": None, **_failure(figure)}
        case TooLittleHistory(first_day):
            return {"state": "too_little_history", "value": None, "first_date": first_day.isoformat()}
        case _:
            assert_never(figure)


def _failure(failed: Failed) -> Object:
    return {
        "reason": failed.reason,
        "may_work_later": failed.passing,
        "retry_after_seconds": _number(failed.after),
    }


def _top_events(top_events: TopEvents | Failed | None) -> Object | None:
    match top_events:
        case TopEvents(rows, total, known, is_partial):
            return {
                "state": "measured",
                "rows": [_top_event(row) for row in rows],
                "total": _number(total),
                "known": known,
                "is_partial": is_partial,
            }
        case Failed():
            return {"state": "failed", **_failure(top_events)}
        case None:
            return None
        case _:
            assert_never(top_events)


def _top_event(row: TopEvent) -> Object:
    return {"name": row.name, "count": _number(row.count), "change": _change(row.change)}


def _chart(chart: Chart) -> Object:
    previous = chart.previous if len(chart.previous) == len(chart.spans) else (None,) * len(chart.spans)
    points = zip(chart.spans, chart.values, previous, strict=True)
    return {
        "label": chart.label,
        "points": [
            {**_period(span), "value": _number(value), "previous": _number(before)}
            for span, value, before in points
        ],
    }


def _finding(finding: Finding, report: Report) -> Object:
    return {**_fact(finding), "text": sentences.finding(finding, report)}


def _fact(finding: Finding) -> Object:
    match finding:
        case Moved(label, _, value, previous):
            numbers: Object = {"value": _number(value), "previous": _number(previous)}
            return {"kind": "moved", "label": label, **numbers}
        case Busiest(event, count, share):
            return {"kind": "busiest", "event": event, "count": _number(count), "share": _number(share)}
        case NothingHappened():
            return {"kind": "nothing_happened"}
        case NotMeasured(labels):
            return {"kind": "not_measured", "labels": list(labels)}
        case Unusual(label, value, ratio, low, high):
            numbers = {"value": _number(value), "ratio": _number(ratio)}
            return {"kind": "unusual", "label": label, **numbers, "low": _number(low), "high": _number(high)}
        case UnusualDay(label, day, actual, expected):
            numbers = {"actual": _number(actual), "expected": _number(expected)}
            return {"kind": "unusual_day", "label": label, "date": day.isoformat(), **numbers}
        case Together(direction, count, among):
            return {"kind": "together", "direction": direction, "count": count, "among": among}
        case Doubt(code, label, day, expected, actual):
            numbers = {"actual": _number(actual), "expected": _number(expected)}
            about: Object = {"code": code.lower(), "label": label, "date": day.isoformat()}
            return {"kind": "doubt", **about, **numbers}
        case _:
            assert_never(finding)


def _note(note: Note, report: Report) -> Object:
    return {**_circumstance(note), "text": sentences.note(note, report)}


def _circumstance(note: Note) -> Object:
    match note:
        case Late(due):
            return {"kind": "late", "due": _moment(due)}
        case Next(due):
            return {"kind": "next", "due": _moment(due)}
        case ZoneAssumed():
            return {"kind": "zone_assumed"}
        case Sampled():
            return {"kind": "sampled"}
        case RankedPartly(among):
            return {"kind": "ranked_partly", "among": among}
        case NoEarlierData(first_day):
            return {"kind": "no_earlier_data", "first_date": first_day.isoformat()}
        case _:
            assert_never(note)
