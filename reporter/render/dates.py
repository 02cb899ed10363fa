"""How a report says which days it is about, what they are compared with, and how old its numbers are."""

import re
from dataclasses import replace
from datetime import date, datetime
from typing import assert_never

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton, format_time

from reporter.render import numbers, phrasing
from reporter.render.phrases import CadenceWords, words
from reporter.reports.findings import DataDoubt, FaultKind, NoEarlierData
from reporter.reports.periods import ONE_DAY, Cadence, Comparison, Period
from reporter.reports.report import Change, Report, ReportedMetric
from reporter.reports.subscriptions import PLACEHOLDERS

WEEK = 7  # days
MONTHS_OF_A_YEAR = 335  # days in which no month's name comes twice
MONDAY, SUNDAY = 0, 6  # a week begins on either


def now(report: Report) -> str:
    """The period as one says it on the day of the report: yesterday, last week, in October."""
    say, period, today = words(report.locale), report.period, _today(report)
    if period.is_month:
        is_recent = (today - period.start).days < MONTHS_OF_A_YEAR
        beside = period.start if is_recent else today
        return say.in_month.format(month=month(period.start, report.locale, beside))
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
    if report.compare is Comparison.YEAR:
        return _cadence(report).last_year
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
            return phrasing.counted(say.the_days_before, length, report.locale)


def before_title(report: Report) -> str:
    """Its dates, which stand over the numbers of a year ago."""
    return date_range(report.previous, report.locale) if report.compare is Comparison.YEAR else ""


def none_earlier(report: Report) -> str:
    """That there is nothing to compare the period with."""
    say = _cadence(report)
    if report.compare is Comparison.YEAR:  # there are earlier days, and none of a year ago
        return words(report.locale).no_data_of.format(what=say.last_year)
    return say.none_earlier


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
    dates = date_range(period or report.period, report.locale, beside=Period(today, today + ONE_DAY))
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


def heading(report: Report) -> str:
    """The days beside the title, with their year only where that is not this one."""
    today = _today(report)
    return date_range(report.period, report.locale, beside=Period(today, today + ONE_DAY))


def filled(text: str, report: Report) -> str:
    """A text of the settings with the days that it has placeholders for; a sentence begins with a capital."""
    if "{" not in text:
        return text
    today, period = _today(report), report.period
    start, end = (date_alone(each, report.locale, beside=today) for each in (period.start, period.last))
    for placeholder, said in zip(PLACEHOLDERS, (now(report), start, end), strict=True):
        begins = text.startswith(placeholder)
        text = text.replace(placeholder, said)
        text = text[0].upper() + text[1:] if begins else text
    return text


def with_dates(report: Report) -> Report:
    """The same with its days in what the settings say: title, headings and footer."""
    metrics = tuple(replace(metric, section=filled(metric.section, report)) for metric in report.metrics)
    title, footer = filled(report.title, report), filled(report.footer, report)
    return replace(report, title=title, footer=footer, metrics=metrics)


def beside(title: str, report: Report) -> str:
    """The days beside a title of the settings; nothing where it says them itself."""
    spoken = words(report.locale)
    relative = (spoken.yesterday, spoken.last_week, spoken.last_seven_days, spoken.last_two_weeks)
    says_both = "{start}" in title and ("{end}" in title or report.period.length == 1)
    says_them = "{period}" in title and now(report) not in relative
    return "" if says_both or says_them else heading(report)


def comparison(report: Report) -> str:
    """What the days are compared with; of how many there is data, where that is not all; else nothing."""
    if report.compare is Comparison.NONE:
        return ""
    begins = next((note.first_day for note in report.notes if isinstance(note, NoEarlierData)), None)
    if begins is not None:
        return _covered(begins, report)
    before = date_range(report.previous, report.locale, beside=report.period)
    return words(report.locale).compared_with.format(dates=before)


def completeness(report: Report) -> str:
    """Up to which day, in which zone, the numbers are complete."""
    doubts = [found for found in report.findings if isinstance(found, DataDoubt)]
    incomplete = [doubt.day for doubt in doubts if doubt.code is FaultKind.INCOMPLETE]
    last = min((first - ONE_DAY for first in incomplete), default=report.period.last)
    return words(report.locale).complete_through.format(
        date=day(last, report.locale, beside=report.period), zone=report.zone.key
    )


def _covered(begins: date, report: Report) -> str:
    """Of how many days there is data, where that is not all of them."""
    period, locale = report.period, report.locale
    if not period.start < begins < period.end:
        return ""
    days = (period.end - begins).days
    template = phrasing.form(words(locale).covers, days, locale)
    return template.format(n=numbers.number(days, locale), days=numbers.number(period.length, locale))


def date_range(period: Period, locale: str, beside: Period | None = None) -> str:
    """10–16 Nov 2026 · Sun 22 Nov 2026 · November 2026; without the year that `beside` has said already."""
    place = numbers.prose_locale(locale)
    year = "" if beside and period.start.year == period.last.year == beside.last.year else "y"
    if period.length == 1:
        return _without_comma(format_skeleton(f"{year}MMMEd", period.start, locale=place), place)
    if period.is_month:
        return format_skeleton(f"{year}MMMM", period.start, locale=place) if year else _month(period, place)
    text = format_interval(period.start, period.last, f"{year}MMMd", locale=place)
    return text.replace("\u2009", " ")


def day(moment: date, locale: str, beside: Period | None = None) -> str:
    """Sun 22 Nov 2026; without the year that `beside` has said already."""
    return date_range(Period(moment, moment + ONE_DAY), locale, beside)


def date_alone(moment: date, locale: str, beside: date | None = None) -> str:
    """31 Dec 2026, without its weekday; without its year where that is the year of `beside`."""
    year = "" if beside and moment.year == beside.year else "y"
    return format_skeleton(f"{year}MMMd", moment, locale=numbers.prose_locale(locale))


def month(moment: date, locale: str, beside: date) -> str:
    """March, with its year where that is not the year of `beside`."""
    return _month(Period(moment, moment + ONE_DAY), numbers.prose_locale(locale)) + (
        "" if moment.year == beside.year else f" {moment.year}"
    )


def moment(at: datetime, locale: str) -> str:
    """Mon 23 Nov 2026, 09:04, in the zone that `at` is in."""
    return f"{day(at.date(), locale)}, {format_time(at, 'HH:mm', locale=numbers.prose_locale(locale))}"


def tick(span: Period, locale: str) -> str:
    """A point on a chart's axis, short: Mon 16, or 1–7 Nov for longer spans."""
    place = numbers.prose_locale(locale)
    if span.length == 1:
        return format_date(span.start, "ccc d", locale=place)
    text = format_interval(span.start, span.last, "MMMd", locale=place)
    return text.replace("\u2009", " ")


def _month(period: Period, place: Locale) -> str:
    return format_date(period.start, "LLLL", locale=place)


def _without_comma(text: str, place: Locale) -> str:
    """Sun 22 Nov 2026: in a line of dates a comma after each weekday only gets in the way."""
    return text.replace(",", "", 1) if place.language == "en" and place.territory != "US" else text


UNEQUAL = 2  # days: a month of 30 beside one of 31 is no other month, but where it turns a rise into a fall


def per_day(metric: ReportedMetric, change: Change, report: Report) -> str:
    """How the average day changed, of what adds up over days: February beside January has fewer of them."""
    now, before = report.period.length, report.previous.length
    daily = Change(change.previous / before, change.value / now)
    turns = (change.value > change.previous) is not (daily.value > daily.previous)
    if not metric.adds_up or now == before or not (turns or abs(now - before) >= UNEQUAL):
        return ""
    moved = numbers.change(daily, metric.format, report.locale)
    return words(report.locale).change_per_day.format(change=moved)
