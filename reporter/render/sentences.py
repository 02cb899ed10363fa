"""Findings as plain sentences in the report's language, the same for all renderers.

Names in them are clean (see `names`), but not escaped: that is the destination's own matter.
"""

from datetime import date
from typing import assert_never

from reporter.render import amounts, causes, figures, names, speech, when
from reporter.render.phrases import Words
from reporter.render.words import words
from reporter.reports.findings import (
    BusiestEvent,
    CommonShift,
    DataDoubt,
    FaultKind,
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
from reporter.reports.report import Change, Report

MOST_BEGINNING = 120  # of a sentence that the settings begin
MONTHS_FROM = 62  # days: what is longer ago is told by its month


def findings(report: Report) -> tuple[str, ...]:
    """What is worth saying, a sentence or two each."""
    return tuple(finding(found, report) for found in report.findings)


def finding(found: Finding, report: Report) -> str:
    """One finding in words."""
    say, locale = words(report.locale), report.locale
    match found:
        case MetricChange():
            return _moved(found, report)
        case BusiestEvent(event, count, share):
            return say.busiest.format(
                event=speech.quoted(event, say),
                times=speech.counted(say.times, count, locale),
                share=figures.share(share, locale),
            )
        case NothingHappened():
            return say.nothing_happened.format(now=when.now(report))
        case NotMeasured(labels, str() as why):
            count, reason = figures.number(len(labels), locale), speech.reason(why).rstrip(".")
            return say.not_measured_because.format(n=count, reason=reason)
        case NotMeasured(labels):
            return say.not_measured.format(labels=speech.some(labels, locale))
        case Unusual():
            return " ".join(filter(None, (_unusual(found, locale), causes.explanation(found, locale))))
        case UnusualDay():
            return _unusual_day(found, locale)
        case CommonShift(direction, count, among):
            template = say.together_up if direction > 0 else say.together_down
            return template.format(count=figures.number(count, locale), among=figures.number(among, locale))
        case RecordNumber():
            return _record(found, report)
        case Milestone():
            return _milestone(found, report)
        case NothingUnusual(metrics):
            return speech.counted(say.nothing_unusual, metrics, locale)
        case DataDoubt():
            return _doubt(found, locale)
        case _:
            assert_never(found)


def _moved(moved: MetricChange, report: Report) -> str:
    say, locale = words(report.locale), report.locale
    parts = {"what": _what(moved, locale), "now": when.now(report), "before": when.before(report)}
    if moved.previous is None:
        return say.alone.format(**parts)
    change = Change(moved.previous, moved.value)
    parts["previous"] = amounts.amount(moved.previous, moved.format, locale)
    if amounts.change(change, moved.format, locale) == figures.MISSING:
        return say.alone.format(**parts)
    if amounts.is_unchanged(change, moved.format, locale):
        return say.unchanged.format(**parts)
    if change.relative is None and not moved.format.is_percent:
        return say.appeared.format(**parts)
    parts["percent"] = amounts.distance(change, moved.format, locale)
    return (say.up if change.absolute > 0 else say.down).format(**parts)


def _what(moved: MetricChange, locale: str) -> str:
    value = amounts.amount(moved.value, moved.format, locale)
    if moved.sentence and "{value}" in moved.sentence:
        begin = names.cut(names.clean(moved.sentence.replace("{value}", value)), MOST_BEGINNING)
        return names.isolated(begin)
    return words(locale).labelled.format(label=speech.name(moved.label, locale), value=value)


def _unusual(found: Unusual, locale: str) -> str:
    say = words(locale)
    value = amounts.amount(found.value, found.format, locale)
    label = speech.name(found.label, locale)
    if found.low is None or found.high is None:
        template = say.unusual_users_up if found.ratio > 0 else say.unusual_users_down
        return template.format(label=label, value=value, percent=figures.share(abs(found.ratio), locale))
    low, high = (amounts.estimate(edge, found.format, locale) for edge in (found.low, found.high))
    template = say.unusual_up if found.ratio > 0 else say.unusual_down
    return template.format(label=label, value=value, low=low, high=high)


def _unusual_day(found: UnusualDay, locale: str) -> str:
    say = words(locale)
    template = say.unusual_day_up if found.actual > found.expected else say.unusual_day_down
    return template.format(
        label=speech.name(found.label, locale),
        day=figures.day(found.day, locale),
        actual=amounts.amount(found.actual, found.format, locale),
        expected=amounts.estimate(found.expected, found.format, locale),
    )


def _record(found: RecordNumber, report: Report) -> str:
    say, locale = words(report.locale), report.locale
    since = (
        say.of_known.format(known=figures.number(found.known, locale))
        if found.since is None
        else _since(found.since, report.period.start, locale)
    )
    return (say.record_up if found.direction > 0 else say.record_down).format(
        label=speech.name(found.label, locale),
        value=amounts.amount(found.value, found.format, locale),
        span=when.span(report),
        since=since,
    )


def _since(day: date, now: date, locale: str) -> str:
    """Since March; since 12 Oct 2026 where that is not long ago."""
    say = words(locale)
    if (now - day).days > MONTHS_FROM:
        return say.since_month.format(date=figures.month(day, locale, beside=now))
    return say.since_day.format(date=figures.date_alone(day, locale))


def _milestone(found: Milestone, report: Report) -> str:
    locale = report.locale
    return words(locale).milestone.format(
        label=speech.name(found.label, locale),
        passed=amounts.amount(found.passed, found.format, locale),
        value=amounts.amount(found.value, found.format, locale),
        now=when.now(report),
    )


def _doubt(found: DataDoubt, locale: str) -> str:
    return _doubted(found.code, words(locale)).format(
        label=speech.name(found.label or "", locale),
        day=figures.day(found.day, locale),
        expected=figures.about(found.expected, locale),
        share=figures.share(found.actual, locale),
        times=figures.about(found.actual / found.expected, locale) if found.expected else figures.MISSING,
    )


def _doubted(code: FaultKind, say: Words) -> str:
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
