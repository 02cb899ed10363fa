"""How numbers read in a language: plain, as a percentage, as money, and how far they moved."""

import math
import re
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.lists import format_list
from babel.numbers import (
    format_decimal,
    format_percent,
    get_currency_precision,
    get_currency_symbol,
)

from reporter.render.digits import (
    SCIENTIFIC_BELOW,
    SCIENTIFIC_FROM,
    decimal_text,
    exact,
    rounded,
    significant,
)
from reporter.render.phrases import words
from reporter.reports.report import Change
from reporter.reports.subscriptions import NUMBER, Format

MISSING = "–"
INFINITE = "∞"
MINUS = "\u2212"  # as wide as "+", and read aloud as "minus" where a hyphen is passed over

_HUGE_FRACTION = 1e9
_LEAST_PERCENT = Decimal("0.1")  # below it a change has as many decimals as it takes to see it


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
    return sign + decimal_text(exact(abs(value)), locale_of(locale))


def about(value: float, locale: str) -> str:
    """An estimate, with no more digits than it has meaning: whole from 10 on, 3.4 below."""
    return estimate(value, NUMBER, locale)


def estimated(value: float, reads: Format = NUMBER) -> float:
    """A number without decimals that an estimate cannot know; percentages have their own."""
    is_exact = reads.is_percent or not math.isfinite(value) or abs(value) < 10
    return value if is_exact else float(rounded(exact(value), 0))


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
        shown = significant(size, digits)
        if shown < SCIENTIFIC_BELOW:
            return decimal_text(size, locale_of(locale))
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


def column(values: Iterable[float | None], reads: Format, locale: str) -> tuple[str, ...]:
    """Numbers that stand under each other: with as many decimals as the largest of them earns.

    >>> column((10.31, 11, 9.288, None), NUMBER, "en")
    ('10.3', '11.0', '9.3', '–')
    """
    column = tuple(values)
    places = _places([exact(abs(each)) for each in column if each is not None and math.isfinite(each)], reads)
    return tuple(_in_column(each, places, reads, locale) for each in column)


def _places(sizes: list[Decimal], reads: Format) -> int:
    """How many decimals a column has; of a percentage they are those of its hundredths."""
    if reads.is_percent:
        return int(any(size not in (0, 1) for size in sizes))
    if all(size == size.to_integral_value() for size in sizes):
        return 0
    most = max(sizes)
    if reads.currency is not None:
        return get_currency_precision(reads.currency) if most < 1_000 else 0
    return 0 if most >= 1_000 else 1 if most >= 10 else 2


def _in_column(value: float | None, places: int, reads: Format, locale: str) -> str:
    """The number in so many decimals; as it reads alone where that would hide it."""
    if value is None or not math.isfinite(value):
        return number(value, locale)
    shown = rounded(exact(abs(value)), places + 2 * reads.is_percent)
    if (value and not shown) or not (shown == 0 or SCIENTIFIC_BELOW <= shown < SCIENTIFIC_FROM):
        return amount(value, reads, locale)
    digits = format_decimal(
        shown * 100 if reads.is_percent else shown,
        "#,##0" + ("." + "0" * places if places else ""),
        locale=locale_of(locale),
    )
    sign = MINUS if value < 0 else ""
    if reads.currency is not None:
        return sign + _with_currency(digits, reads.currency, locale)
    if reads.is_percent:
        return sign + str(locale_of(locale).percent_formats[None].pattern).replace("#,##0", digits)
    return sign + digits


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
    return amount(estimated(value, reads), reads, locale) if math.isfinite(value) else MISSING


def change(difference: Change | None, reads: Format, locale: str) -> str:
    """How far it moved: +12.7%; of a percentage in points: +1.2 pp; from a handful by how many: +3.

    "new" from zero, "no change" only where there is none, "–" where none is known.
    """
    if difference is None or not math.isfinite(difference.absolute):
        return MISSING
    if is_unchanged(difference):
        return words(locale).no_change
    if is_of_few(difference, reads):
        return signed(difference.absolute, number(abs(difference.absolute), locale))
    if difference.relative is None and not reads.is_percent:
        return words(locale).new
    size = change_size(difference, reads, locale)
    return size if size == MISSING else signed(difference.absolute, size)


def change_size(difference: Change, reads: Format, locale: str, *, is_brief: bool = False) -> str:
    """The same without a sign; a plain one needs a relative part. In brief: whole percents from 10 on."""
    if reads.is_percent:
        return points_apart(difference.absolute, locale)
    if difference.relative is None:
        return MISSING
    return _brief(difference.relative, locale) if is_brief else percent(difference.relative, locale)


def _brief(fraction: float, locale: str) -> str:
    if not (math.isfinite(fraction) and 0.1 <= abs(fraction) < _HUGE_FRACTION):
        return percent(fraction, locale)
    return format_percent(rounded(exact(abs(fraction)), 2), locale=locale_of(locale))


FEW = 20  # a percentage of fewer says more than is known


def is_of_few(difference: Change, reads: Format) -> bool:
    """Whether a handful of things is counted, so that the change is told in numbers."""
    counts = float(difference.previous).is_integer() and float(difference.value).is_integer()
    return reads == NUMBER and counts and 0 <= difference.previous < FEW and difference.value >= 0


def is_unchanged(difference: Change) -> bool:
    """Whether both are the same number, but for the noise of binary arithmetic."""
    return exact(difference.previous) == exact(difference.value)


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
    """The number with its currency, and cents only where they say something."""
    return _with_currency(_money_digits(size, currency, locale), currency, locale)


def _with_currency(digits: str, currency: str, locale: str) -> str:
    """The currency where the language puts it."""
    place = locale_of(locale)
    symbol = get_currency_symbol(currency, place)
    pattern = str(place.currency_formats["standard"].pattern).partition(";")[0]
    if symbol[-1:].isalpha() and pattern.startswith("¤"):
        pattern = re.sub("^¤(?=[#0])", "¤\u00a0", pattern)  # CHF 12, but €12
    return re.sub("[#0][#0.,]*", lambda _: digits, pattern, count=1).replace("¤", symbol)


def _money_digits(size: float, currency: str, locale: str) -> str:
    cents = get_currency_precision(currency)
    if 0.01 <= size < 1_000 and size != int(size) and cents:
        shown = rounded(exact(size), cents)
        if shown < 1_000:
            return format_decimal(shown, "0." + "0" * cents, locale=locale_of(locale))
    return number(size, locale)
