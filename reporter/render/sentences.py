"""Findings, notes and metrics as plain sentences in the report's language, the same for all renderers.

Names in them are clean (see `names`), but not escaped: that is the destination's own matter.
"""

from dataclasses import dataclass
from typing import assert_never

from reporter.model.fault import Code
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
from reporter.model.report import (
    Change,
    Late,
    Metric,
    Next,
    NoEarlierData,
    Note,
    RankedPartly,
    Report,
    Sampled,
    TopEvents,
    ZoneAssumed,
)
from reporter.render import figures, names
from reporter.render.phrases import Plural, Words
from reporter.render.when import period_words
from reporter.render.words import words

MOST_BEGINNING = 120  # of a sentence that the settings begin
MOST_LISTED = 3
MOST_NEAREST = 2


@dataclass(frozen=True, slots=True)
class Reading:
    """A metric as it reads. `remark` stands instead of a number, or instead of a change, and says why."""

    label: str
    value: str
    change: str = figures.MISSING
    previous: str = figures.MISSING
    remark: str = ""
    usual: str = ""  # the normal range, where the value left it


def findings(report: Report) -> tuple[str, ...]:
    """What is worth saying, a sentence each."""
    return tuple(finding(found, report) for found in report.findings)


def finding(found: Finding, report: Report) -> str:
    """One finding as a sentence."""
    say = words(report.locale)
    match found:
        case Moved():
            return _moved(found, report)
        case Busiest(event, count, share):
            return say.busiest.format(
                event=_quoted(event, say),
                times=counted(say.times, count, report.locale),
                share=figures.share(share, report.locale),
            )
        case NothingHappened():
            return say.nothing_happened.format(now=period_words(report).now)
        case NotMeasured(labels):
            return say.not_measured.format(labels=some(labels, report.locale))
        case Unusual():
            return _unusual(found, report)
        case UnusualDay(label, day, actual, expected):
            template = say.unusual_day_up if actual > expected else say.unusual_day_down
            return template.format(
                label=name(label, report.locale),
                day=figures.day(day, report.locale),
                actual=figures.number(actual, report.locale),
                expected=figures.about(expected, report.locale),
            )
        case Together(direction, count, among):
            template = say.together_up if direction > 0 else say.together_down
            return template.format(
                count=figures.number(count, report.locale), among=figures.number(among, report.locale)
            )
        case Doubt():
            return _doubt(found, report)
        case _:
            assert_never(found)


def note(noted: Note, report: Report) -> str:
    """One note as a sentence."""
    say, locale = words(report.locale), report.locale
    match noted:
        case Late(due):
            return say.late.format(moment=figures.moment(due.astimezone(report.zone), locale))
        case Next(due):
            return say.next.format(date=figures.day(due.date(), locale))
        case ZoneAssumed():
            return say.zone_assumed.format(zone=report.zone.key)
        case Sampled():
            return say.sampled
        case RankedPartly(among):
            return say.ranked_partly.format(n=figures.number(among, locale))
        case NoEarlierData(first_day):
            return say.no_earlier_data.format(
                date=figures.day(first_day, locale), none_earlier=period_words(report).none_earlier
            )
        case _:
            assert_never(noted)


def reading(metric: Metric, report: Report) -> Reading:
    """A metric in parts, for columns."""
    label = name(metric.label, report.locale)
    if not isinstance(metric.figure, Measured):
        return Reading(label, figures.MISSING, remark=_reason(metric.figure, report))
    value, usual = figures.number(metric.figure.value, report.locale), _usual(metric, report)
    if not isinstance(metric.previous, Measured):
        return Reading(label, value, remark=_incomparable(metric.previous, report), usual=usual)
    previous = figures.number(metric.previous.value, report.locale)
    return Reading(label, value, figures.change(metric.change, report.locale), previous, usual=usual)


def _usual(metric: Metric, report: Report) -> str:
    """The normal range, of a metric that left it."""
    if metric.usual is None:
        return ""
    low, high = (figures.about(edge, report.locale) for edge in (metric.usual.low, metric.usual.high))
    return words(report.locale).usual.format(low=low, high=high)


def metric_line(metric: Metric, report: Report) -> str:
    """A metric without its label, on one line: 1,204 · +12.7% vs 1,068 · usual 1,010–1,130."""
    read = reading(metric, report)
    return " · ".join(part for part in (*_parts(metric, read, report), read.usual) if part)


def _parts(metric: Metric, read: Reading, report: Report) -> tuple[str, ...]:
    if read.remark:
        return (read.remark,) if read.value == figures.MISSING else (read.value, read.remark)
    if read.change == figures.MISSING or metric.change is None:
        return (read.value,)
    if metric.change.relative is None or read.value == read.previous:
        return read.value, read.change
    return read.value, words(report.locale).versus.format(change=read.change, previous=read.previous)


def ranked(top_events: TopEvents, shown: int, locale: str) -> str:
    """How many events the ranking shows: 5 of 42 events."""
    say = words(locale)
    if shown >= top_events.known:
        return counted(say.ranked_all, shown, locale)
    return say.ranked_of.format(
        shown=figures.number(shown, locale), known=figures.number(top_events.known, locale)
    )


def counted(phrase: Plural, count: float, locale: str) -> str:
    """A phrase in the form that its number asks for: 1 event, 2 events."""
    template = phrase.one if figures.plural_form(count, locale) == "one" else phrase.other
    return template.format(n=figures.number(count, locale))


def name(text: str, locale: str) -> str:
    """Somebody's name for a metric or an event, clean and short."""
    return names.shown(text, words(locale).nameless)


def reason(text: str) -> str:
    """Why something failed, clean and short."""
    return names.isolated(names.cut(names.clean(text), names.MOST_REASON))


def _moved(moved: Moved, report: Report) -> str:
    say, locale = words(report.locale), report.locale
    period = period_words(report)
    parts = {"what": _what(moved, report), "now": period.now, "before": period.before}
    if moved.previous is None:
        return say.alone.format(**parts)
    change = Change.between(moved.previous, moved.value)
    parts["previous"] = figures.number(moved.previous, locale)
    if figures.change(change, locale) == figures.MISSING:
        return say.alone.format(**parts)
    if figures.is_unchanged(change):
        return say.unchanged.format(**parts)
    if change.relative is None:
        return say.appeared.format(**parts)
    parts["percent"] = figures.percent(change.relative, locale)
    return (say.up if change.absolute > 0 else say.down).format(**parts)


def _unusual(found: Unusual, report: Report) -> str:
    say, locale = words(report.locale), report.locale
    parts = {"label": name(found.label, locale), "value": figures.number(found.value, locale)}
    if found.low is None or found.high is None:
        template = say.unusual_users_up if found.ratio > 0 else say.unusual_users_down
        return template.format(**parts, percent=figures.share(abs(found.ratio), locale))
    template = say.unusual_up if found.ratio > 0 else say.unusual_down
    return template.format(
        **parts, low=figures.about(found.low, locale), high=figures.about(found.high, locale)
    )


def _doubt(found: Doubt, report: Report) -> str:
    say, locale = words(report.locale), report.locale
    return _doubted(found.code, say).format(
        label=name(found.label or "", locale),
        day=figures.day(found.day, locale),
        expected=figures.about(found.expected, locale),
        share=figures.share(found.actual, locale),
        times=figures.number(round(found.actual / found.expected, 1) if found.expected else None, locale),
    )


def _doubted(code: Code, say: Words) -> str:
    match code:
        case Code.STOPPED:
            return say.stopped
        case Code.GAP:
            return say.gap
        case Code.INCOMPLETE:
            return say.incomplete
        case Code.DUPLICATES:
            return say.duplicates
        case Code.ALL_ZERO:
            return say.all_zero
        case _:
            assert_never(code)


def _what(moved: Moved, report: Report) -> str:
    value = figures.number(moved.value, report.locale)
    if moved.sentence and "{value}" in moved.sentence:
        begin = names.cut(names.clean(moved.sentence.replace("{value}", value)), MOST_BEGINNING)
        return names.isolated(begin)
    return words(report.locale).labelled.format(label=name(moved.label, report.locale), value=value)


def _reason(figure: UnknownEvent | Failed | TooLittleHistory, report: Report) -> str:
    say = words(report.locale)
    match figure:
        case UnknownEvent(event, nearest):
            problem = say.unknown_event.format(event=_quoted(event, say))
            likely = tuple(_quoted(each, say) for each in nearest[:MOST_NEAREST])
            if not likely:
                return problem
            return say.did_you_mean.format(
                problem=problem, nearest=figures.listed(likely, report.locale, either=True)
            )
        case Failed(why):
            return say.failed.format(reason=reason(why))
        case TooLittleHistory(first_day):
            return say.too_little_history.format(date=figures.day(first_day, report.locale))
        case _:
            assert_never(figure)


def _incomparable(previous: Figure, report: Report) -> str:
    if isinstance(previous, TooLittleHistory):
        return period_words(report).none_earlier
    return words(report.locale).before_failed


def some(labels: tuple[str, ...], locale: str) -> str:
    """A few of the names, and how many more there are."""
    shown = tuple(name(label, locale) for label in labels[:MOST_LISTED])
    if len(labels) > MOST_LISTED:
        shown = (*shown, counted(words(locale).others, len(labels) - MOST_LISTED, locale))
    return figures.listed(shown, locale)


def _quoted(text: str, say: Words) -> str:
    return say.quoted.format(name=names.shown(text, say.nameless))
