"""How numbers, changes and dates read in a language, once for all renderers."""

import math
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval, format_skeleton, format_time
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent, format_scientific

from reporter.model.period import ONE_DAY, Period
from reporter.model.report import Change
from reporter.render.words import LOCALES, words

MISSING = "–"
INFINITE = "∞"
MINUS = "\u2212"  # as wide as "+", and read aloud as "minus" where a hyphen is passed over

_SCIENTIFIC_FROM = 1e15
_HUGE_FRACTION = 1e9
ROUNDS_AWAY = 0.0005  # half of the last digit of a percentage


def is_supported(locale: str) -> bool:
    """Whether a report can be written in this locale: `en`, `de`, `fr`, and their regions as `de_CH`."""
    try:
        return Locale.parse(locale.replace("-", "_")).language in LOCALES
    except (ValueError, TypeError, UnknownLocaleError):
        return False


def number(value: float | None, locale: str) -> str:
    """A number with its separators, and as many decimals as its size earns: 12,500 · 48.3 · 0.0012.

    >>> number(12500, "en"), number(12500, "de"), number(None, "en")
    ('12,500', '12.500', '–')
    """
    if value is None or math.isnan(value):
        return MISSING
    sign = MINUS if value < 0 else ""
    magnitude = abs(value)
    if math.isinf(magnitude):
        return sign + INFINITE
    if magnitude >= _SCIENTIFIC_FROM or 0 < magnitude < 1e-4:
        return sign + format_scientific(Decimal(f"{magnitude:.2e}"), "0.##E0", locale=locale_of(locale))
    return sign + format_decimal(magnitude, _decimals(magnitude), locale=locale_of(locale))


def _decimals(magnitude: float) -> str:
    if magnitude >= 1_000 or magnitude == int(magnitude):
        return "#,##0"
    if magnitude >= 10:
        return "#,##0.#"
    return "0.##" if magnitude >= 0.01 else "@@"


def about(value: float, locale: str) -> str:
    """An estimate, with no more digits than it has meaning: whole from 10 on, 3.4 below."""
    return (
        number(value if abs(value) < 10 else float(round(value)), locale) if math.isfinite(value) else MISSING
    )


def percent(fraction: float, locale: str) -> str:
    """How much of a whole, or how far up or down, without a sign: 12.7%, in German 12,7 %."""
    if not math.isfinite(fraction):
        return MISSING
    pattern = str(locale_of(locale).percent_formats[None].pattern)
    if abs(fraction) >= _HUGE_FRACTION:
        return pattern.replace("#,##0", number(abs(fraction) * 100, locale))
    return format_percent(abs(fraction), pattern.replace("#,##0", "#,##0.0"), locale=locale_of(locale))


def share(fraction: float, locale: str) -> str:
    """A part of a whole, in whole percents unless it is small: 68%, 0.4%."""
    if not 0.01 <= fraction <= 1:
        return percent(fraction, locale)
    return format_percent(fraction, locale=locale_of(locale))


def is_unchanged(change: Change) -> bool:
    """Whether the difference rounds away at one decimal of a percent."""
    if change.relative is None:
        return not change.absolute
    return abs(change.relative) <= ROUNDS_AWAY


def change(difference: Change | None, locale: str) -> str:
    """+12.7%, −3.0%, "new" from zero, "no change" where it rounds to none, "–" where none is known."""
    if difference is None or not math.isfinite(difference.absolute):
        return MISSING
    if is_unchanged(difference):
        return words(locale).no_change
    if difference.relative is None:
        return words(locale).new
    if not math.isfinite(difference.relative):
        return MISSING
    return signed(difference.absolute, percent(difference.relative, locale))


def points(difference: float | None, locale: str) -> str:
    """A difference of two percentages, given as fractions: +1.2 pp."""
    if difference is None or not math.isfinite(difference):
        return MISSING
    if abs(difference) <= ROUNDS_AWAY:
        return words(locale).no_change
    return signed(difference, distance(difference, locale))


def distance(difference: float, locale: str) -> str:
    """The same without a sign: 1.2 pp."""
    if not math.isfinite(difference):
        return MISSING
    if abs(difference) >= _HUGE_FRACTION:
        return f"{number(abs(difference) * 100, locale)}\u00a0{words(locale).points}"
    size = format_decimal(abs(difference) * 100, "#,##0.0", locale=locale_of(locale))
    return f"{size}\u00a0{words(locale).points}"


def dates(period: Period, locale: str, beside: Period | None = None) -> str:
    """10–16 Nov 2026 · Sun 22 Nov 2026 · November 2026; without the year that `beside` has said already."""
    place = _dated(locale)
    year = "" if beside and period.start.year == period.last.year == beside.last.year else "y"
    if period.length == 1:
        return _without_comma(format_skeleton(f"{year}MMMEd", period.start, locale=place), place)
    if period.is_month:
        return format_skeleton(f"{year}MMMM", period.start, locale=place) if year else _month(period, place)
    text = format_interval(period.start, period.last, f"{year}MMMd", locale=place)
    return text.replace("\u2009", " ")


def day(moment: date, locale: str) -> str:
    """Sun 22 Nov 2026."""
    return dates(Period(moment, moment + ONE_DAY), locale)


def date_alone(moment: date, locale: str) -> str:
    """31 Dec 2026, without its weekday."""
    return format_skeleton("yMMMd", moment, locale=_dated(locale))


def month(moment: date, locale: str, beside: date) -> str:
    """March, with its year where that is not the year of `beside`."""
    return _month(Period(moment, moment + ONE_DAY), _dated(locale)) + (
        "" if moment.year == beside.year else f" {moment.year}"
    )


def moment(at: datetime, locale: str) -> str:
    """Mon 23 Nov 2026, 09:04, in the zone that `at` is in."""
    return f"{day(at.date(), locale)}, {format_time(at, 'HH:mm', locale=_dated(locale))}"


def tick(span: Period, locale: str) -> str:
    """A point on a chart's axis, short: Mon 16, or 1–7 Nov for longer spans."""
    place = _dated(locale)
    if span.length == 1:
        return format_date(span.start, "ccc d", locale=place)
    text = format_interval(span.start, span.last, "MMMd", locale=place)
    return text.replace("\u2009", " ")


def part(value: float, most: float) -> float:
    """How much of the longest bar a value takes, 0..1.

    >>> part(3, 12), part(-3, 12), part(0, 0)
    (0.25, 0.0, 0.0)
    """
    if not (value > 0 and 0 < most < math.inf):
        return 0.0
    return min(value / most, 1.0)


def listed(items: tuple[str, ...], locale: str, *, either: bool = False) -> str:
    """A, B and C; or with `either`: A, B or C."""
    return format_list(items, "or" if either else "standard", locale=_dated(locale))


def signed(direction: float, size: str) -> str:
    """A size with the sign of its direction."""
    return ("+" if direction > 0 else MINUS) + size


def plural_form(value: float, locale: str) -> str:
    """CLDR's form for a count: "one", "other", …"""
    return locale_of(locale).plural_form(value) if math.isfinite(value) else "other"


@lru_cache
def locale_of(code: str) -> Locale:
    """Babel's locale."""
    return Locale.parse(code.replace("-", "_"))


@lru_cache
def _dated(code: str) -> Locale:
    """Plain English has the day before the month; who wants it the other way says en_US."""
    return locale_of("en_001" if code == "en" else code)


def _month(period: Period, place: Locale) -> str:
    return format_date(period.start, "LLLL", locale=place)


def _without_comma(text: str, place: Locale) -> str:
    """Sun 22 Nov 2026: in a line of dates a comma after each weekday only gets in the way."""
    return text.replace(",", "", 1) if place.language == "en" and place.territory != "US" else text
