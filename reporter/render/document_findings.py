"""Findings and notes as JSON: each the fact with its numbers, and the sentence that says it."""

from typing import assert_never

from reporter.render import remarks, sentences
from reporter.render.document_values import Json, Object, moment, number, reads
from reporter.reports.findings import (
    BusiestEvent,
    Cause,
    CommonShift,
    DataDoubt,
    Finding,
    MetricChange,
    Milestone,
    NothingHappened,
    NothingUnusual,
    NotMeasured,
    RecordNumber,
    Unusual,
    UnusualDay,
)
from reporter.reports.report import (
    CausesNotLookedFor,
    HolidayIn,
    Late,
    MeasuredFromRaw,
    Next,
    NoEarlierData,
    NotAllNumbers,
    Note,
    RankedPartly,
    Report,
    Restated,
    Sampled,
    TooLittleToJudge,
    ZoneAssumed,
)


def finding(found: Finding, report: Report) -> Object:
    return {**_fact(found), "text": sentences.finding(found, report)}


def note(noted: Note, report: Report) -> Object:
    return {**_circumstance(noted), "text": remarks.note(noted, report)}


def _fact(found: Finding) -> Object:
    match found:
        case MetricChange(label, _, value, previous):
            return _of("moved", label, value=number(value), previous=number(previous), **reads(found.format))
        case BusiestEvent(event, count, share):
            return {"kind": "busiest", "event": event, "count": number(count), "share": number(share)}
        case NothingHappened():
            return {"kind": "nothing_happened"}
        case NotMeasured(labels, reason):
            return {"kind": "not_measured", "labels": list(labels), "reason": reason}
        case Unusual():
            return _unusual(found)
        case UnusualDay(label, day, actual, expected):
            numbers: Object = {"actual": number(actual), "expected": number(expected)}
            return _of("unusual_day", label, date=day.isoformat(), **numbers, **reads(found.format))
        case CommonShift(direction, count, among):
            return {"kind": "together", "direction": direction, "count": count, "among": among}
        case RecordNumber():
            return _record(found)
        case Milestone(label, value, passed):
            numbers = {"value": number(value), "passed": number(passed)}
            return _of("milestone", label, **numbers, **reads(found.format))
        case NothingUnusual(metrics):
            return {"kind": "nothing_unusual", "metrics": metrics}
        case DataDoubt(code, label, day, expected, actual):
            numbers = {"actual": number(actual), "expected": number(expected)}
            about: Object = {"code": code.lower(), "label": label, "date": day.isoformat()}
            return {"kind": "doubt", **about, **numbers}
        case _:
            assert_never(found)


def _of(kind: str, label: str, **facts: Json) -> Object:
    return {"kind": kind, "label": label, **facts}


def _unusual(found: Unusual) -> Object:
    return _of(
        "unusual",
        found.label,
        value=number(found.value),
        ratio=number(found.ratio),
        low=number(found.low),
        high=number(found.high),
        causes=[_cause(cause) for cause in found.causes],
        across=[],  # no longer claimed; the key stays for those who read it
        is_of_users=found.is_of_users,
        **reads(found.format),
    )


def _cause(cause: Cause) -> Object:
    return {"property": cause.property, "values": list(cause.values), "explains": number(cause.explains)}


def _record(found: RecordNumber) -> Object:
    return _of(
        "record",
        found.label,
        value=number(found.value),
        direction=found.direction,
        since=None if found.since is None else found.since.isoformat(),
        known=found.known,
        **reads(found.format),
    )


def _circumstance(noted: Note) -> Object:
    match noted:
        case Late(due):
            return {"kind": "late", "due": moment(due)}
        case Next(due):
            return {"kind": "next", "due": moment(due)}
        case ZoneAssumed():
            return {"kind": "zone_assumed"}
        case Sampled():
            return {"kind": "sampled"}
        case NotAllNumbers(label, count):
            return _of("not_all_numbers", label, count=count)
        case RankedPartly(among):
            return {"kind": "ranked_partly", "among": among}
        case NoEarlierData(first_day):
            return {"kind": "no_earlier_data", "first_date": first_day.isoformat()}
        case MeasuredFromRaw():
            return _measured_from_raw(noted)
        case Restated(label, said, now):
            numbers: Object = {"said": number(said), "now": number(now)}
            return _of("restated", label, **numbers, **reads(noted.format))
        case TooLittleToJudge(enough_on):
            return {"kind": "too_little_to_judge", "enough_on": enough_on.isoformat()}
        case HolidayIn(day, name):
            return {"kind": "holiday", "date": day.isoformat(), "name": name}
        case CausesNotLookedFor(reason):
            return {"kind": "causes_not_looked_for", "reason": reason}
        case _:
            assert_never(noted)


def _measured_from_raw(noted: MeasuredFromRaw) -> Object:
    raw = noted.raw
    return {
        "kind": "measured_from_raw",
        "because": raw.because.value,
        "labels": list(noted.labels),
        "events": raw.events,
        "duplicates": raw.duplicates,
        "late": raw.late,
        "unreadable": raw.unreadable,
        "unlinked_from": raw.unlinked_from and raw.unlinked_from.isoformat(),
    }
