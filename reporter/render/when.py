"""How a report says which days it is about, what they are compared with, and how old its numbers are."""

from dataclasses import replace
from typing import assert_never

from reporter.model.period import Cadence
from reporter.model.report import NoEarlierData, Report
from reporter.render import figures, names
from reporter.render.phrases import PeriodWords
from reporter.render.words import words


def period_words(report: Report) -> PeriodWords:
    """How the period is called: "this week" only while it is the last one, else by its dates."""
    today = report.computed_at.astimezone(report.zone).date()
    is_latest = 0 <= (today - report.period.end).days < report.period.length
    if not is_latest or report.cadence is None:
        return _dates(words(report.locale).dates, report)
    return _called(report.cadence, report.locale)


def span(report: Report) -> str:
    """What such a period is called beside "the highest"."""
    called = words(report.locale).dates if report.cadence is None else _called(report.cadence, report.locale)
    return called.span


def _called(cadence: Cadence, locale: str) -> PeriodWords:
    say = words(locale)
    match cadence:
        case Cadence.DAILY:
            return say.daily
        case Cadence.WEEKLY:
            return say.weekly
        case Cadence.BIWEEKLY:
            return say.biweekly
        case Cadence.MONTHLY:
            return say.monthly
        case _:
            assert_never(cadence)


def period_line(report: Report) -> tuple[str, ...]:
    """The days covered, what they are compared with, the zone in which days are cut, and the project."""
    say, locale = words(report.locale), report.locale
    compares = not any(isinstance(note, NoEarlierData) for note in report.notes)
    before = figures.dates(report.previous, locale, beside=report.period)
    parts = (
        figures.dates(report.period, locale),
        say.compared_with.format(dates=before) if compares else "",
        say.zone.format(zone=report.zone.key),
        names.shown(report.project, "", names.MOST_NAME),
    )
    return tuple(part for part in parts if part)


def freshness(report: Report) -> tuple[str, ...]:
    """How old the numbers are, up to which day they are complete, and whose they are."""
    say, locale = words(report.locale), report.locale
    at = report.computed_at.astimezone(report.zone)
    parts = (
        say.data_as_of.format(moment=figures.moment(at, locale)),
        say.complete_through.format(date=figures.day(report.period.last, locale)),
        names.shown(report.company, ""),
    )
    return tuple(part for part in parts if part)


def _dates(phrases: PeriodWords, report: Report) -> PeriodWords:
    now = figures.dates(report.period, report.locale)
    before = figures.dates(report.previous, report.locale, beside=report.period)
    return replace(phrases, now=phrases.now.format(now=now), before=phrases.before.format(before=before))
