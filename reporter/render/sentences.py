"""Findings as plain sentences in the report's language, the same for all renderers.

Names in them are clean (see `sanitize`), but not escaped: that is the destination's own matter.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from reporter.render import dates, failures, numbers, phrasing, sanitize
from reporter.render.phrases import Words, words
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
from reporter.reports.report import Change, Report, ReportedMetric
from reporter.reports.subscriptions import PLACEHOLDERS

MOST_BEGINNING = 120  # of a sentence that the settings begin
MONTHS_FROM = 62  # days: what is longer ago is told by its month


@dataclass(frozen=True, slots=True)
class FindingText:
    """What happened, which stands in bold, and what it is held against."""

    head: str
    rest: str = ""

    @property
    def whole(self) -> str:
        return self.head + self.rest


def _sentence(template: str, **parts: str) -> FindingText:
    """A phrase filled in; what stands before its bar is the head, and nothing where it has none."""
    head, bar, rest = template.partition("|")
    return (
        FindingText(head.format(**parts), rest.format(**parts))
        if bar
        else FindingText("", head.format(**parts))
    )


def finding(found: Finding, report: Report) -> FindingText:
    """One finding in words."""
    say, locale = words(report.locale), report.locale
    match found:
        case MetricChange():
            return _change(found, report)
        case BusiestEvent(event, count, share):
            return _sentence(
                say.busiest,
                event=phrasing.quoted(event, say),
                times=phrasing.counted(say.times, count, locale),
                share=numbers.share(share, locale),
            )
        case NothingHappened():
            return _sentence(say.nothing_happened, now=dates.now(report))
        case NotMeasured(labels, str() as why, causes):
            count, reason = numbers.number(len(labels), locale), failures.reason(why, causes, locale)
            return _sentence(say.not_measured_because, n=count, reason=reason.rstrip("."))
        case NotMeasured(labels):
            return _sentence(say.not_measured, labels=phrasing.some(labels, locale))
        case Unusual():
            return _unusual(found, report)
        case UnusualDay():
            return _unusual_day(found, report)
        case CommonShift(direction, count, among):
            template = say.together_up if direction > 0 else say.together_down
            return _sentence(
                template, count=numbers.number(count, locale), among=numbers.number(among, locale)
            )
        case RecordNumber():
            return _record(found, report)
        case Milestone():
            return _milestone(found, report)
        case NothingUnusual(metrics, are_others):
            phrase = say.others_as_usual if are_others else say.nothing_unusual
            return FindingText("", phrasing.counted(phrase, metrics, locale))
        case DataDoubt():
            return _doubt(found, report)
        case _:
            assert_never(found)


def _change(moved: MetricChange, report: Report) -> FindingText:
    say, locale = words(report.locale), report.locale
    parts = {"what": _what(moved, report), "before": dates.before(report)}
    if moved.previous is None:
        return _sentence(say.alone, **parts)
    change = Change(moved.previous, moved.value)
    parts["previous"] = numbers.amount(moved.previous, moved.format, locale)
    if numbers.change(change, moved.format, locale) == numbers.MISSING:
        return _sentence(say.alone, **parts)
    if numbers.is_unchanged(change):
        return _sentence(say.unchanged, **parts)
    if not moved.previous and not moved.format.is_percent:
        return _sentence(say.appeared, **parts)
    is_rise = change.absolute > 0
    if numbers.is_of_few(change, moved.format):
        return _sentence(say.up_few if is_rise else say.down_few, **parts)
    parts["percent"] = numbers.change_size(change, moved.format, locale)
    return _sentence(say.up if is_rise else say.down, **parts)


def _what(moved: MetricChange, report: Report) -> str:
    """The number in the words of the settings, or by its label, and when that was."""
    locale, now = report.locale, dates.now(report)
    value = numbers.amount(moved.value, moved.format, locale)
    if not (moved.sentence and "{value}" in moved.sentence):
        said = words(locale).labelled.format(label=phrasing.name(moved.label, locale), value=value)
        return f"{said} {now}"
    has_place = any(each in moved.sentence for each in PLACEHOLDERS)
    filled = dates.filled(moved.sentence, report).replace("{value}", value)
    begin = sanitize.isolated(sanitize.cut(sanitize.clean(filled), MOST_BEGINNING))
    return begin if has_place else f"{begin} {now}"


def _unusual(found: Unusual, report: Report) -> FindingText:
    """What moved, what it was before, what is usual, and where it comes from."""
    locale = report.locale
    head, before = _movement(found, report)
    held = words(locale).joint.join(filter(None, (before, _usual(found, locale))))
    rest = (f" ({held})." if head.whole else f": {held}.") if held else "."
    behind = phrasing.explanation(found, locale)
    if behind and any(_has_same_causes(found, other) for other in _told_before(found, report)):
        behind = words(locale).same_places
    return FindingText(head.head, " ".join(filter(None, (rest, behind))))


def _movement(found: Unusual, report: Report) -> tuple[FindingText, str]:
    """The number with its change, where that goes the way it is unusual; and what it was, if not said yet."""
    say, locale = words(report.locale), report.locale
    parts = {
        "label": phrasing.metric_name(found.label, found.part, locale),
        "value": numbers.amount(found.value, found.format, locale),
    }
    metric = None if found.part else _metric_of(found.label, report)
    change = metric.change and replace(metric.change, value=found.value) if metric else None
    if metric is None or change is None or numbers.change(change, found.format, locale) == numbers.MISSING:
        return _sentence(say.stands_at, **parts), ""
    value, parts["previous"] = numbers.column((change.value, change.previous), found.format, locale)
    parts |= {"value": value, "before": dates.before(report)}
    compared = "" if numbers.is_unchanged(change) else f"{parts['previous']} {parts['before']}"
    is_rise = change.absolute > 0
    if (
        numbers.is_unchanged(change)
        or is_rise != (found.ratio > 0)
        or not (change.previous or found.format.is_percent)
    ):
        return _sentence(say.stands_at, **parts), compared
    if numbers.is_of_few(change, found.format):
        few = say.moved_few_up if is_rise else say.moved_few_down
        return _judged(_sentence(few, **parts), metric, change, report), ""
    size = numbers.change_size(change, found.format, locale, is_brief=True)
    moved = _sentence(say.moved_up if is_rise else say.moved_down, change=size, **parts)
    return _judged(moved, metric, change, report), compared


def _judged(moved: FindingText, metric: ReportedMetric, change: Change, report: Report) -> FindingText:
    """With a word where more of it is worse: what rose is no good news."""
    word = worth(metric, change, report.locale)
    return FindingText(f"{moved.head}, {word}", moved.rest) if word else moved


def worth(metric: ReportedMetric, change: Change, locale: str) -> str:
    """Whether a change is for the better, of a metric of which more is worse; else nothing."""
    if not metric.is_lower_better or numbers.is_unchanged(change):
        return ""
    return words(locale).worse if change.absolute > 0 else words(locale).better


def _metric_of(label: str, report: Report) -> ReportedMetric | None:
    return next((metric for metric in report.metrics if metric.label == label), None)


def _usual(found: Unusual, locale: str) -> str:
    say = words(locale)
    if found.low is not None and found.high is not None:
        low, high = numbers.column(
            (numbers.estimated(found.low, found.format), numbers.estimated(found.high, found.format)),
            found.format,
            locale,
        )
        return say.usual.format(range=f"{low}–{high}")
    template = say.above_usual if found.ratio > 0 else say.below_usual
    return template.format(percent=numbers.share(abs(found.ratio), locale))


def _told_before(found: Unusual, report: Report) -> Iterator[Unusual]:
    for other in report.findings:
        if other is found:
            return
        if isinstance(other, Unusual):
            yield other


def _has_same_causes(one: Unusual, other: Unusual) -> bool:
    """Whether both moved the same way in the same parts of the product."""
    places = [{(cause.property, *cause.values) for cause in each.causes} for each in (one, other)]
    return places[0] == places[1] and (one.ratio > 0) == (other.ratio > 0)


def _unusual_day(found: UnusualDay, report: Report) -> FindingText:
    say, locale = words(report.locale), report.locale
    template = say.unusual_day_up if found.actual > found.expected else say.unusual_day_down
    return _sentence(
        template,
        label=phrasing.metric_name(found.label, found.part, locale),
        day=dates.day(found.day, locale, beside=report.period),
        actual=numbers.amount(found.actual, found.format, locale),
        expected=numbers.estimate(found.expected, found.format, locale),
    )


def _record(found: RecordNumber, report: Report) -> FindingText:
    say, locale = words(report.locale), report.locale
    since = (
        say.of_known.format(known=numbers.number(found.known, locale))
        if found.since is None
        else _since(found.since, report.period.start, locale)
    )
    return _sentence(
        say.record_up if found.direction > 0 else say.record_down,
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


def _milestone(found: Milestone, report: Report) -> FindingText:
    locale = report.locale
    return _sentence(
        words(locale).milestone,
        label=phrasing.name(found.label, locale),
        passed=numbers.amount(found.passed, found.format, locale),
        value=numbers.amount(found.value, found.format, locale),
        now=dates.now(report),
    )


def _doubt(found: DataDoubt, report: Report) -> FindingText:
    locale = report.locale
    return _sentence(
        _doubt_phrase(found.code, words(locale)),
        label=phrasing.name(found.label or "", locale),
        day=dates.day(found.day, locale, beside=report.period),
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
