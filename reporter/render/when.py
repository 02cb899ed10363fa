"""How a report says which days it is about, what they are compared with, and how old its numbers are."""

import re
from datetime import date
from typing import assert_never

from reporter.render import figures, names, speech
from reporter.render.phrases import CadenceWords
from reporter.render.words import words
from reporter.reports.findings import NoEarlierData
from reporter.reports.periods import ONE_DAY, Cadence, Period
from reporter.reports.report import Report

WEEK = 7  # days
MONTHS_OF_A_YEAR = 335  # days in which no month's name comes twice
MONDAY, SUNDAY = 0, 6  # a week begins on either


def now(report: Report) -> str:
    """The period as one says it on the day of the report: yesterday, last week, in October."""
    say, period, today = words(report.locale), report.period, _today(report)
    if period.is_month:
        is_recent = (today - period.start).days < MONTHS_OF_A_YEAR
        beside = period.start if is_recent else today
        return say.in_month.format(month=figures.month(period.start, report.locale, beside))
    is_latest = _is_latest(period, today)
    match period.length:
        case 1:
            return say.yesterday if is_latest else _dated(say.on_day, report)
        case 7 if _is_calendar_week(period):
            return say.last_week if is_latest else _dated(say.week_of, report)
        case 7:
            return say.last_seven_days if is_latest else _dated(say.week_of, report)
        case 14:
            return say.last_two_weeks if is_latest else _dated(say.two_weeks_of, report)
        case _:
            return _dated(say.in_days, report)


def before(report: Report) -> str:
    """What the period is compared with, beside it: the week before."""
    say, period, previous = words(report.locale), report.period, report.previous
    if previous == period.earlier(WEEK) and previous.end != period.start:
        return say.a_week_earlier
    if previous.end != period.start:
        return _dated(say.in_days, report, previous)
    if period.is_month and previous.is_month:
        return say.the_month_before
    match previous.length:
        case 7:
            return say.the_week_before
        case 14:
            return say.the_two_weeks_before
        case length:
            return speech.counted(say.the_days_before, length, report.locale)


def none_earlier(report: Report) -> str:
    """That there is nothing to compare the period with."""
    return _cadence(report).none_earlier


def span(report: Report) -> str:
    """What such a period is called beside "the highest"."""
    return _cadence(report).span


def _is_latest(period: Period, today: date) -> bool:
    """Whether "last" says which days are meant: up to yesterday, or calendar weeks just before this one."""
    if period.end == today:
        return True
    return _is_calendar_week(period) and 0 <= (today - period.end).days < WEEK


def _is_calendar_week(period: Period) -> bool:
    return period.length % WEEK == 0 and period.start.weekday() in (MONDAY, SUNDAY)


def _today(report: Report) -> date:
    return report.made_at.astimezone(report.zone).date()


def _dated(template: str, report: Report, period: Period | None = None) -> str:
    """The dates within a sentence, with their year only where that is not this one."""
    today, say = _today(report), words(report.locale)
    dates = figures.dates(period or report.period, report.locale, beside=Period(today, today + ONE_DAY))
    return template.format(dates=re.sub(r"\s?–\s?", say.through, dates) if say.through else dates)


def _cadence(report: Report) -> CadenceWords:
    say = words(report.locale)
    match report.cadence:
        case Cadence.DAILY:
            return say.daily
        case Cadence.WEEKLY:
            return say.weekly
        case Cadence.BIWEEKLY:
            return say.biweekly
        case Cadence.MONTHLY:
            return say.monthly
        case None:
            return say.custom
        case _:
            assert_never(report.cadence)


def period_line(report: Report) -> tuple[str, ...]:
    """The days covered, what they are compared with, the zone in which days are cut, and the project."""
    say, locale = words(report.locale), report.locale
    begins = next((note.first_day for note in report.notes if isinstance(note, NoEarlierData)), None)
    before = figures.dates(report.previous, locale, beside=report.period)
    parts = (
        figures.dates(report.period, locale),
        say.compared_with.format(dates=before) if begins is None else _covered(begins, report),
        say.zone.format(zone=report.zone.key),
        names.shown(report.project, "", names.MOST_NAME),
    )
    return tuple(part for part in parts if part)


def _covered(begins: date, report: Report) -> str:
    """Of how many days there is data, where that is not all of them."""
    period, locale = report.period, report.locale
    if not period.start < begins < period.end:
        return ""
    days = (period.end - begins).days
    template = speech.form(words(locale).covers, days, locale)
    return template.format(n=figures.number(days, locale), days=figures.number(period.length, locale))


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
