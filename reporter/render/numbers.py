"""How numbers read in a language: plain, as a percentage, as money, and how far they moved."""

import math
import re
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

from babel import Locale
from babel.lists import format_list
from babel.numbers import (
    format_decimal,
    format_percent,
    format_scientific,
    get_currency_precision,
    get_currency_symbol,
)

from reporter.render.phrases import words
from reporter.reports.report import Change
from reporter.reports.subscriptions import NUMBER, Format

MISSING = "–"
INFINITE = "∞"
MINUS = "\u2212"  # as wide as "+", and read aloud as "minus" where a hyphen is passed over

_SCIENTIFIC_FROM, _SCIENTIFIC_BELOW = Decimal("1E15"), Decimal("1E-4")
_HUGE_FRACTION = 1e9
_LEAST_PERCENT = Decimal("0.1")  # below it a change has as many decimals as it takes to see it
_SCIENTIFIC_DIGITS = 3
_MOST_DIGITS = 400  # more than the largest float has


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


def points_apart(difference: float, locale: str) -> str:
    """How far two percentages, given as fractions, are apart, without a sign: 1.2 pp."""
    if not math.isfinite(difference):
        return MISSING
    if abs(difference) >= _HUGE_FRACTION:
        return f"{number(abs(difference) * 100, locale)}\u00a0{words(locale).points}"
    return f"{percents(difference, locale)}\u00a0{words(locale).points}"


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
    return format_list(items, "or" if either else "standard", locale=prose_locale(locale))


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
def prose_locale(code: str) -> Locale:
    """For dates and lists. Plain English has the day before the month; who wants it otherwise says en_US."""
    return locale_of("en_001" if code == "en" else code)


_READABLE = (1e-5, 1e9)  # percentages beyond are numbers with a percent sign


def amount(value: float | None, reads: Format, locale: str) -> str:
    """The number as it reads: 1,204 · 12.7% · €48.26."""
    if value is None or math.isnan(value) or reads == NUMBER:
        return number(value, locale)
    sign = MINUS if value < 0 else ""
    if reads.currency is not None:
        return sign + _money(abs(value), reads.currency, locale)
    return sign + _percentage(abs(value), locale)


def estimate(value: float, reads: Format, locale: str) -> str:
    """About how much it is, with no more digits than an estimate has meaning."""
    if reads.is_percent:
        return amount(value, reads, locale)
    if not math.isfinite(value):
        return MISSING
    return amount(estimated(value), reads, locale)


def change(difference: Change | None, reads: Format, locale: str) -> str:
    """How far it moved: +12.7%; of a percentage in points: +1.2 pp.

    "new" from zero, "no change" where there is none to see, "–" where none is known.
    """
    if difference is None or not math.isfinite(difference.absolute):
        return MISSING
    say = words(locale)
    if is_unchanged(difference, reads, locale):
        return say.no_change
    if difference.relative is None and not reads.is_percent:
        return say.new
    size = change_size(difference, reads, locale)
    return size if size == MISSING else signed(difference.absolute, size)


def change_size(difference: Change, reads: Format, locale: str) -> str:
    """The same without a sign; a plain one needs a relative part."""
    if reads.is_percent:
        return points_apart(difference.absolute, locale)
    return MISSING if difference.relative is None else percent(difference.relative, locale)


def is_unchanged(difference: Change, reads: Format, locale: str) -> bool:
    """Whether there is no change to see: the numbers read the same, and what they differ by rounds away."""
    if not difference.absolute:
        return True
    moved = difference.absolute if reads.is_percent else difference.relative
    if moved is None or not math.isfinite(moved) or not rounds_away(moved):
        return False
    return amount(difference.previous, reads, locale) == amount(difference.value, reads, locale)


def aim(target: float, reads: Format, locale: str) -> str:
    """A number that somebody chose: 40%, where a measured one would read 40.0%."""
    is_whole = reads.is_percent and round(target * 100, 9) % 1 == 0
    return share(target, locale) if is_whole else amount(target, reads, locale)


def unit(reads: Format, locale: str) -> str:
    """What stands beside bare numbers: %, €, or nothing."""
    if reads.currency is not None:
        return str(get_currency_symbol(reads.currency, locale_of(locale)))
    return "%" if reads.is_percent else ""


def _percentage(share: float, locale: str) -> str:
    """12.7%, 0.032%; 0% and 100% where that is exact."""
    place = locale_of(locale)
    pattern = str(place.percent_formats[None].pattern)
    if share in (0, 1):
        return format_percent(share, pattern, locale=place)
    if not _READABLE[0] <= share < _READABLE[1]:
        return pattern.replace("#,##0", number(share * 100, locale))
    return pattern.replace("#,##0", percents(share, locale, digits=2))


def _money(size: float, currency: str, locale: str) -> str:
    """The number with its currency where the language puts it, and cents only where they say something."""
    place = locale_of(locale)
    symbol = get_currency_symbol(currency, place)
    pattern = str(place.currency_formats["standard"].pattern).partition(";")[0]
    if symbol[-1:].isalpha() and pattern.startswith("¤"):
        pattern = re.sub("^¤(?=[#0])", "¤\u00a0", pattern)  # CHF 12, but €12
    return re.sub("[#0][#0.,]*", _money_digits(size, currency, locale), pattern, count=1).replace("¤", symbol)


def _money_digits(size: float, currency: str, locale: str) -> str:
    cents = get_currency_precision(currency)
    if 0.01 <= size < 1_000 and size != int(size) and cents:
        shown = rounded(exact(size), cents)
        if shown < 1_000:
            return format_decimal(shown, "0." + "0" * cents, locale=locale_of(locale))
    return number(size, locale)
