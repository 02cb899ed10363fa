"""Findings as plain sentences in the report's language, the same for all renderers.

Names in them are clean (see `sanitize`), but not escaped: that is the destination's own matter.
"""

from datetime import date
from typing import assert_never

from reporter.render import dates, failures, numbers, phrasing, sanitize
from reporter.render.phrases import Words, words
from reporter.reports.figures import RawReason
from reporter.reports.findings import (
    BusiestEvent,
    CausesNotLookedFor,
    CommonShift,
    DataDoubt,
    FaultKind,
    Finding,
    HolidayIn,
    Late,
    MeasuredFromRaw,
    MetricChange,
    Milestone,
    Next,
    NoEarlierData,
    NotAllNumbers,
    Note,
    NothingHappened,
    NothingUnusual,
    NotJudged,
    NotMeasured,
    PartsNotJudged,
    RankedPartly,
    RecordNumber,
    Restated,
    Sampled,
    TooLittleToJudge,
    Unusual,
    UnusualDay,
    ZoneAssumed,
)
from reporter.reports.report import Change, Report

MOST_BEGINNING = 120  # of a sentence that the settings begin
MONTHS_FROM = 62  # days: what is longer ago is told by its month


def finding(found: Finding, report: Report) -> str:
    """One finding in words."""
    say, locale = words(report.locale), report.locale
    match found:
        case MetricChange():
            return _change(found, report)
        case BusiestEvent(event, count, share):
            return say.busiest.format(
                event=phrasing.quoted(event, say),
                times=phrasing.counted(say.times, count, locale),
                share=numbers.share(share, locale),
            )
        case NothingHappened():
            return say.nothing_happened.format(now=dates.now(report))
        case NotMeasured(labels, str() as why, causes):
            count, reason = numbers.number(len(labels), locale), failures.reason(why, causes, locale)
            return say.not_measured_because.format(n=count, reason=reason.rstrip("."))
        case NotMeasured(labels):
            return say.not_measured.format(labels=phrasing.some(labels, locale))
        case Unusual():
            return " ".join(filter(None, (_unusual(found, locale), phrasing.explanation(found, locale))))
        case UnusualDay():
            return _unusual_day(found, locale)
        case CommonShift(direction, count, among):
            template = say.together_up if direction > 0 else say.together_down
            return template.format(count=numbers.number(count, locale), among=numbers.number(among, locale))
        case RecordNumber():
            return _record(found, report)
        case Milestone():
            return _milestone(found, report)
        case NothingUnusual(metrics):
            return phrasing.counted(say.nothing_unusual, metrics, locale)
        case DataDoubt():
            return _doubt(found, locale)
        case _:
            assert_never(found)


def _change(moved: MetricChange, report: Report) -> str:
    say, locale = words(report.locale), report.locale
    parts = {"what": _what(moved, locale), "now": dates.now(report), "before": dates.before(report)}
    if moved.previous is None:
        return say.alone.format(**parts)
    change = Change(moved.previous, moved.value)
    parts["previous"] = numbers.amount(moved.previous, moved.format, locale)
    if numbers.change(change, moved.format, locale) == numbers.MISSING:
        return say.alone.format(**parts)
    if numbers.is_unchanged(change):
        return say.unchanged.format(**parts)
    if change.relative is None and not moved.format.is_percent:
        return say.appeared.format(**parts)
    parts["percent"] = numbers.change_size(change, moved.format, locale)
    return (say.up if change.absolute > 0 else say.down).format(**parts)


def _what(moved: MetricChange, locale: str) -> str:
    value = numbers.amount(moved.value, moved.format, locale)
    if moved.sentence and "{value}" in moved.sentence:
        begin = sanitize.cut(sanitize.clean(moved.sentence.replace("{value}", value)), MOST_BEGINNING)
        return sanitize.isolated(begin)
    return words(locale).labelled.format(label=phrasing.name(moved.label, locale), value=value)


def _unusual(found: Unusual, locale: str) -> str:
    say = words(locale)
    value = numbers.amount(found.value, found.format, locale)
    label = phrasing.metric_name(found.label, found.part, locale)
    if found.low is None or found.high is None:
        template = say.unusual_users_up if found.ratio > 0 else say.unusual_users_down
        return template.format(label=label, value=value, percent=numbers.share(abs(found.ratio), locale))
    low, high = (numbers.estimate(edge, found.format, locale) for edge in (found.low, found.high))
    template = say.unusual_up if found.ratio > 0 else say.unusual_down
    return template.format(label=label, value=value, low=low, high=high)


def _unusual_day(found: UnusualDay, locale: str) -> str:
    say = words(locale)
    template = say.unusual_day_up if found.actual > found.expected else say.unusual_day_down
    return template.format(
        label=phrasing.metric_name(found.label, found.part, locale),
        day=dates.day(found.day, locale),
        actual=numbers.amount(found.actual, found.format, locale),
        expected=numbers.estimate(found.expected, found.format, locale),
    )


def _record(found: RecordNumber, report: Report) -> str:
    say, locale = words(report.locale), report.locale
    since = (
        say.of_known.format(known=numbers.number(found.known, locale))
        if found.since is None
        else _since(found.since, report.period.start, locale)
    )
    return (say.record_up if found.direction > 0 else say.record_down).format(
        label=phrasing.name(found.label, locale),
        value=numbers.amount(found.value, found.format, locale),
        span=dates.span(report),
        since=since,
    )


def _since(day: date, now: date, locale: str) -> str:
    """Since March; since 12 Oct 2026 where that is not long ago."""
    say = words(locale)
    if (now - day).days > MONTHS_FROM:
        return say.since_month.format(date=dates.month(day, locale, beside=now))
    return say.since_day.format(date=dates.date_alone(day, locale))


def _milestone(found: Milestone, report: Report) -> str:
    locale = report.locale
    return words(locale).milestone.format(
        label=phrasing.name(found.label, locale),
        passed=numbers.amount(found.passed, found.format, locale),
        value=numbers.amount(found.value, found.format, locale),
        now=dates.now(report),
    )


def _doubt(found: DataDoubt, locale: str) -> str:
    return _doubt_phrase(found.code, words(locale)).format(
        label=phrasing.name(found.label or "", locale),
        day=dates.day(found.day, locale),
        expected=numbers.about(found.expected, locale),
        share=numbers.share(found.actual, locale),
        times=numbers.about(found.actual / found.expected, locale) if found.expected else numbers.MISSING,
    )


def _doubt_phrase(code: FaultKind, say: Words) -> str:
    match code:
        case FaultKind.STOPPED:
            return say.stopped
        case FaultKind.GAP:
            return say.gap
        case FaultKind.INCOMPLETE:
            return say.incomplete
        case FaultKind.DUPLICATES:
            return say.duplicates
        case FaultKind.ALL_ZERO:
            return say.all_zero
        case _:
            assert_never(code)


def note(noted: Note, report: Report) -> str:
    """One note as a sentence."""
    say, locale = words(report.locale), report.locale
    match noted:
        case Late(due):
            return say.late.format(moment=dates.moment(due.astimezone(report.zone), locale))
        case Next(due):
            return say.next.format(date=dates.day(due.date(), locale))
        case ZoneAssumed():
            return say.zone_assumed.format(zone=report.zone.key)
        case Sampled():
            return say.sampled
        case NotAllNumbers(label, count):
            return phrasing.counted(say.not_all_numbers, count, locale, label=phrasing.name(label, locale))
        case RankedPartly(among):
            return say.ranked_partly.format(n=numbers.number(among, locale))
        case NoEarlierData(first_day):
            return say.no_earlier_data.format(
                date=dates.day(first_day, locale), none_earlier=dates.none_earlier(report)
            )
        case MeasuredFromRaw():
            return _measured_from_raw(noted, locale)
        case Restated():
            return _restated(noted, locale)
        case TooLittleToJudge(enough_on):
            return say.too_little_to_judge.format(date=dates.date_alone(enough_on, locale))
        case NotJudged(labels):
            return say.not_judged.format(labels=phrasing.some(labels, locale))
        case HolidayIn(day, holiday, country):
            said = phrasing.name(holiday, locale)
            where = f" ({phrasing.property_value(phrasing.COUNTRY, country, locale)})" if country else ""
            return say.holiday.format(day=dates.day(day, locale), name=said + where)
        case CausesNotLookedFor(why, causes):
            reason = failures.reason(why, causes, locale).rstrip(".")
            return say.causes_not_looked_for.format(reason=reason)
        case PartsNotJudged(of, why, causes):
            reason = failures.reason(why, causes, locale).rstrip(".")
            name = phrasing.property_name(of, locale)
            return say.parts_not_judged.format(property=name, reason=reason)
        case _:
            assert_never(noted)


def _restated(noted: Restated, locale: str) -> str:
    said, now = (numbers.amount(value, noted.format, locale) for value in (noted.said, noted.now))
    return words(locale).restated.format(label=phrasing.name(noted.label, locale), said=said, now=now)


def _measured_from_raw(noted: MeasuredFromRaw, locale: str) -> str:
    """From how many raw events and why, and what was wrong with some of them."""
    say, raw = words(locale), noted.raw
    what = phrasing.some(noted.labels, locale) if noted.labels else say.all_numbers
    events = say.raw_files if raw.because is RawReason.FILES else say.raw_events
    found = tuple(
        phrasing.counted(phrase, count, locale)
        for phrase, count in (
            (say.raw_duplicates, raw.duplicates),
            (say.raw_late, raw.late),
            (say.raw_unreadable, raw.unreadable),
        )
        if count
    )
    if raw.begins is not None:
        found = (*found, say.files_begin.format(date=dates.date_alone(raw.begins, locale)))
    measured = ", ".join(
        filter(None, (phrasing.counted(events, raw.events, locale), _because(raw.because, say)))
    )
    apart = say.raw_apart if noted.labels else ""  # of numbers that stand beside Mixpanel's own
    told = say.raw.format(what=what, measured="; ".join(filter(None, (measured, ", ".join(found), apart))))
    unlinked = raw.unlinked_from and say.raw_unlinked.format(date=raw.unlinked_from.isoformat())
    return " ".join(filter(None, (told, unlinked)))


def _because(because: RawReason, say: Words) -> str:
    match because:
        case RawReason.PLAN:
            return say.because_plan
        case RawReason.REFUSED:
            return say.because_refused
        case RawReason.NOT_OFFERED:
            return say.because_not_offered
        case RawReason.SETTING | RawReason.FILES:
            return ""
        case _:
            assert_never(because)
