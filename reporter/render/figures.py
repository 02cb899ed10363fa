"""How numbers, changes and dates read in a language, once for all renderers."""

import math
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval, format_skeleton, format_time
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent, format_scientific

from reporter.render.words import LOCALES, words
from reporter.reports.periods import ONE_DAY, Period

MISSING = "–"
INFINITE = "∞"
MINUS = "\u2212"  # as wide as "+", and read aloud as "minus" where a hyphen is passed over

_SCIENTIFIC_FROM, _SCIENTIFIC_BELOW = Decimal("1E15"), Decimal("1E-4")
_HUGE_FRACTION = 1e9
_LEAST_PERCENT = Decimal("0.1")  # below it a change has as many decimals as it takes to see it
_SCIENTIFIC_DIGITS = 3
_MOST_DIGITS = 400  # more than the largest float has


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
    if math.isinf(value):
        return sign + INFINITE
    return sign + _number(exact(abs(value)), locale)


def exact(value: float) -> Decimal:
    """The number that is meant: 1.005 as it is written, and without the noise of binary arithmetic."""
    return Decimal(f"{value:.15g}" if abs(value) >= 1e6 else f"{value:.12g}")


def rounded(number: Decimal, places: int) -> Decimal:
    """To so many decimals, halves away from zero, as people expect."""
    return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, Context(prec=_MOST_DIGITS))


def _number(size: Decimal, locale: str) -> str:
    """A size that is not below zero, in the digits that it has once they are rounded: 999.95 is 1,000."""
    shown = _digits_earned(size)
    if shown and not _SCIENTIFIC_BELOW <= shown < _SCIENTIFIC_FROM:
        shown = _significant(size, _SCIENTIFIC_DIGITS)
    if shown and not _SCIENTIFIC_BELOW <= shown < _SCIENTIFIC_FROM:
        return format_scientific(shown, "0.##E0", locale=locale_of(locale))
    return format_decimal(shown, _pattern(shown), locale=locale_of(locale))


def _digits_earned(size: Decimal) -> Decimal:
    if size >= 1_000 or size == size.to_integral_value():
        return rounded(size, 0)
    if size >= 10:
        return rounded(size, 1)
    return rounded(size, 2) if size >= Decimal("0.01") else _significant(size, 2)


def _significant(size: Decimal, digits: int) -> Decimal:
    return Context(prec=digits, rounding=ROUND_HALF_UP).plus(size)


def _pattern(shown: Decimal) -> str:
    if shown >= 1_000 or shown == shown.to_integral_value():
        return "#,##0"
    if shown >= 10:
        return "#,##0.#"
    return "0.##" if shown >= Decimal("0.01") else "@#"


def about(value: float, locale: str) -> str:
    """An estimate, with no more digits than it has meaning: whole from 10 on, 3.4 below."""
    return number(estimated(value), locale) if math.isfinite(value) else MISSING


def estimated(value: float) -> float:
    """A finite number without decimals that an estimate cannot know."""
    return value if abs(value) < 10 else float(rounded(exact(value), 0))


def percent(fraction: float, locale: str) -> str:
    """How much of a whole, or how far up or down, without a sign: 12.7%, in German 12,7 %; 0.02% if small."""
    if not math.isfinite(fraction):
        return MISSING
    pattern = str(locale_of(locale).percent_formats[None].pattern)
    if abs(fraction) >= _HUGE_FRACTION:
        return pattern.replace("#,##0", number(abs(fraction) * 100, locale))
    return pattern.replace("#,##0", percents(fraction, locale))


def percents(fraction: float, locale: str, digits: int = 1) -> str:
    """So many hundredths: one decimal, or so many digits where that would say none."""
    size = exact(abs(fraction)) * 100
    shown = rounded(size, 1)
    if size and shown < _LEAST_PERCENT:
        shown = _significant(size, digits)
        if shown < _SCIENTIFIC_BELOW:
            return _number(size, locale)
        return format_decimal(shown, "@#", locale=locale_of(locale))
    return format_decimal(shown, "#,##0.0", locale=locale_of(locale))


def share(fraction: float, locale: str) -> str:
    """A part of a whole, in whole percents unless it is small: 68%, 0.4%."""
    if not math.isfinite(fraction):
        return MISSING
    part = exact(fraction)
    if not Decimal("0.00995") <= part <= 1:
        return percent(fraction, locale)
    return format_percent(rounded(part, 2), locale=locale_of(locale))


def rounds_away(fraction: float) -> bool:
    """Whether nothing of it is left at one decimal of a percent."""
    return rounded(exact(fraction) * 100, 1) == 0


def distance(difference: float, locale: str) -> str:
    """How far two percentages, given as fractions, are apart, without a sign: 1.2 pp."""
    if not math.isfinite(difference):
        return MISSING
    if abs(difference) >= _HUGE_FRACTION:
        return f"{number(abs(difference) * 100, locale)}\u00a0{words(locale).points}"
    return f"{percents(difference, locale)}\u00a0{words(locale).points}"


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
