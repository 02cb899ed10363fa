"""What else a reader must know to read the numbers, as plain sentences in the report's language."""

from typing import assert_never

from reporter.render import dates, failures, numbers, phrasing
from reporter.render.phrases import Words, words
from reporter.reports.figures import RawReason
from reporter.reports.findings import (
    CausesNotLookedFor,
    HolidayIn,
    Late,
    MeasuredFromRaw,
    Next,
    NoEarlierData,
    NotAllNumbers,
    Note,
    NotJudged,
    PartsNotJudged,
    RankedPartly,
    Restated,
    Sampled,
    TooLittleToJudge,
    ZoneAssumed,
)
from reporter.reports.report import Report


def note(noted: Note, report: Report) -> str:
    """One note as a sentence."""
    say, locale = words(report.locale), report.locale
    match noted:
        case Late(due, has_waited):
            return (say.late_for_data if has_waited else say.late).format(
                moment=dates.moment(due.astimezone(report.zone), locale)
            )
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
            return measured_from_raw(noted, locale)
        case Restated():
            return _restated(noted, locale)
        case TooLittleToJudge(enough_on):
            return say.too_little_to_judge.format(date=dates.date_alone(enough_on, locale))
        case NotJudged(labels):
            return say.not_judged.format(labels=phrasing.some(labels, locale))
        case HolidayIn(day, _, country):
            said = phrasing.name(noted.name_in(locale[:2]), locale)
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


def measured_from_raw(noted: MeasuredFromRaw, locale: str) -> str:
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
        case RawReason.WAREHOUSE:
            return say.in_warehouse
        case RawReason.SETTING | RawReason.FILES:
            return ""
        case _:
            assert_never(because)
