"""How a metric's number reads in its format: plain, as a percentage, or as money."""

import math
import re

from babel.numbers import format_decimal, format_percent, get_currency_precision, get_currency_symbol

from reporter.render import figures
from reporter.render.words import words
from reporter.reports.report import Change
from reporter.reports.subscriptions import NUMBER, Format

_READABLE = (1e-5, 1e9)  # percentages beyond are numbers with a percent sign


def amount(value: float | None, reads: Format, locale: str) -> str:
    """The number as it reads: 1,204 · 12.7% · €48.26."""
    if value is None or math.isnan(value) or reads == NUMBER:
        return figures.number(value, locale)
    sign = figures.MINUS if value < 0 else ""
    if reads.currency is not None:
        return sign + _money(abs(value), reads.currency, locale)
    return sign + _percentage(abs(value), locale)


def estimate(value: float, reads: Format, locale: str) -> str:
    """About how much it is, with no more digits than an estimate has meaning."""
    if reads.is_percent:
        return amount(value, reads, locale)
    if not math.isfinite(value):
        return figures.MISSING
    return amount(figures.estimated(value), reads, locale)


def change(difference: Change | None, reads: Format, locale: str) -> str:
    """How far it moved: +12.7%; of a percentage in points: +1.2 pp.

    "new" from zero, "no change" where there is none to see, "–" where none is known.
    """
    if difference is None or not math.isfinite(difference.absolute):
        return figures.MISSING
    say = words(locale)
    if is_unchanged(difference, reads, locale):
        return say.no_change
    if difference.relative is None and not reads.is_percent:
        return say.new
    size = distance(difference, reads, locale)
    return size if size == figures.MISSING else figures.signed(difference.absolute, size)


def distance(difference: Change, reads: Format, locale: str) -> str:
    """The same without a sign; a plain one needs a relative part."""
    if reads.is_percent:
        return figures.distance(difference.absolute, locale)
    return figures.MISSING if difference.relative is None else figures.percent(difference.relative, locale)


def is_unchanged(difference: Change, reads: Format, locale: str) -> bool:
    """Whether there is no change to see: the numbers read the same, and what they differ by rounds away."""
    if not difference.absolute:
        return True
    moved = difference.absolute if reads.is_percent else difference.relative
    if moved is None or not math.isfinite(moved) or not figures.rounds_away(moved):
        return False
    return amount(difference.previous, reads, locale) == amount(difference.value, reads, locale)


def aim(target: float, reads: Format, locale: str) -> str:
    """A number that somebody chose: 40%, where a measured one would read 40.0%."""
    is_whole = reads.is_percent and round(target * 100, 9) % 1 == 0
    return figures.share(target, locale) if is_whole else amount(target, reads, locale)


def unit(reads: Format, locale: str) -> str:
    """What stands beside bare numbers: %, €, or nothing."""
    if reads.currency is not None:
        return str(get_currency_symbol(reads.currency, figures.locale_of(locale)))
    return "%" if reads.is_percent else ""


def _percentage(share: float, locale: str) -> str:
    """12.7%, 0.032%; 0% and 100% where that is exact."""
    place = figures.locale_of(locale)
    pattern = str(place.percent_formats[None].pattern)
    if share in (0, 1):
        return format_percent(share, pattern, locale=place)
    if not _READABLE[0] <= share < _READABLE[1]:
        return pattern.replace("#,##0", figures.number(share * 100, locale))
    return pattern.replace("#,##0", figures.percents(share, locale, digits=2))


def _money(size: float, currency: str, locale: str) -> str:
    """The number with its currency where the language puts it, and cents only where they say something."""
    place = figures.locale_of(locale)
    symbol = get_currency_symbol(currency, place)
    pattern = str(place.currency_formats["standard"].pattern).partition(";")[0]
    if symbol[-1:].isalpha() and pattern.startswith("¤"):
        pattern = re.sub("^¤(?=[#0])", "¤\u00a0", pattern)  # CHF 12, but €12
    return re.sub("[#0][#0.,]*", _digits(size, currency, locale), pattern, count=1).replace("¤", symbol)


def _digits(size: float, currency: str, locale: str) -> str:
    cents = get_currency_precision(currency)
    if 0.01 <= size < 1_000 and size != int(size) and cents:
        shown = figures.rounded(figures.exact(size), cents)
        if shown < 1_000:
            return format_decimal(shown, "0." + "0" * cents, locale=figures.locale_of(locale))
    return figures.number(size, locale)
