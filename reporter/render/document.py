"""A report as a JSON document: a public format, version 1, described by `document_schema.SCHEMA`.

Names stand in it as Mixpanel has them. Keys are only ever added; a change of meaning is a new version.
"""

import json
import re
from typing import assert_never

from reporter.render.document_findings import finding, note
from reporter.render.document_values import Json, Object, change, moment, number, period, reads
from reporter.reports.figures import (
    Failed,
    Figure,
    Incomparable,
    Measured,
    NotNumeric,
    TooLittleHistory,
    Undefined,
    UnknownEvent,
    UnknownProperty,
    UnknownValue,
)
from reporter.reports.report import (
    Chart,
    Detail,
    DetailRow,
    Progress,
    Report,
    ReportedMetric,
    TopEvent,
    TopEvents,
    Usual,
)

__all__ = ["VERSION", "Json", "Object", "document", "draw", "written"]

VERSION = 1

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
        "period": period(report.period),
        "previous_period": period(report.previous),
        "findings": [finding(found, report) for found in report.findings],
        "metrics": [_metric(metric) for metric in report.metrics],
        "top_events": _top_events(report.top_events),
        "charts": [_chart(chart) for chart in report.charts],
        "notes": [note(noted, report) for noted in report.notes],
        "computed_at": moment(report.computed_at),
        "queries": report.queries,
        "details": [_detail(detail) for detail in report.details],
        "mention": report.mention,
    }


def _metric(metric: ReportedMetric) -> Object:
    return {
        "label": metric.label,
        **_figure(metric.figure),
        "previous": _figure(metric.previous),
        "change": change(metric.change),
        "usual": _usual(metric.usual),
        "progress": _progress(metric.progress),
        **reads(metric.format),
    }


def _usual(usual: Usual | None) -> Object | None:
    """The normal range, of a metric that left it."""
    if usual is None:
        return None
    return {"low": number(usual.low), "high": number(usual.high), "expected": number(usual.expected)}


def _progress(progress: Progress | None) -> Object | None:
    """Where a metric is on the way to its goal."""
    if progress is None:
        return None
    goal = progress.goal
    return {
        "target": number(goal.target),
        "by": None if goal.by is None else goal.by.isoformat(),
        "is_limit": goal.is_limit,
        "share": number(progress.share),
        "is_reached": progress.is_reached,
    }


def _figure(figure: Figure) -> Object:
    match figure:
        case Measured(value, sampled):
            skipped = figure.skipped
            return {"state": "measured", "value": number(value), "sampled": sampled, "skipped": skipped}
        case Undefined():
            return {"state": "undefined", "value": None}
        case UnknownEvent(event, nearest):
            return {"state": "unknown_event", "value": None, "event": event, "nearest": list(nearest)}
        case UnknownProperty(event, name, since, nearest):
            known = {"since": since.isoformat(), "nearest": list(nearest)}
            return {"state": "unknown_property", "value": None, "event": event, "property": name, **known}
        case UnknownValue(event, name, wanted, since, nearest):
            known = {"wanted": wanted, "is_part": figure.is_part}
            known |= {"since": since.isoformat(), "nearest": list(nearest)}
            return {"state": "unknown_value", "value": None, "event": event, "property": name, **known}
        case NotNumeric(event, name):
            return {"state": "not_numeric", "value": None, "event": event, "property": name}
        case Failed():
            return {"state": "failed", "value": None, **_failure(figure)}
        case Incomparable(why):
            return {"state": "incomparable", "value": None, "why": why.value}
        case TooLittleHistory(first_day):
            return {"state": "too_little_history", "value": None, "first_date": first_day.isoformat()}
        case _:
            assert_never(figure)


def _failure(failed: Failed) -> Object:
    return {
        "reason": failed.reason,
        "may_work_later": failed.is_temporary,
        "retry_after_seconds": number(failed.after),
    }


def _top_events(top_events: TopEvents | Failed | None) -> Object | None:
    match top_events:
        case TopEvents(rows, total, known, is_partial):
            return {
                "state": "measured",
                "rows": [_top_event(row) for row in rows],
                "total": number(total),
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
    return {"name": row.name, "count": number(row.count), "change": change(row.change)}


def _chart(chart: Chart) -> Object:
    previous = chart.previous if len(chart.previous) == len(chart.spans) else (None,) * len(chart.spans)
    points = zip(chart.spans, chart.values, previous, strict=True)
    return {
        "label": chart.label,
        "points": [
            {**period(span), "value": number(value), "previous": number(before)}
            for span, value, before in points
        ],
        **reads(chart.format),
    }


def _detail(detail: Detail) -> Object:
    return {
        "label": detail.label,
        "kind": detail.kind.value,
        "by": detail.by,
        "rows": [_detail_row(row) for row in detail.rows],
        **reads(detail.format),
    }


def _detail_row(row: DetailRow) -> Object:
    return {
        "name": row.name,
        "value": number(row.value),
        "share": number(row.share),
        "change": change(row.change),
        "is_rest": row.is_rest,
    }
