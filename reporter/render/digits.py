"""Digits: the decimal that is meant by a float, how it is rounded, and how many decimals it earns."""

from decimal import ROUND_HALF_UP, Context, Decimal

from babel import Locale
from babel.numbers import format_decimal, format_scientific

SCIENTIFIC_FROM, SCIENTIFIC_BELOW = Decimal("1E15"), Decimal("1E-4")
_SCIENTIFIC_DIGITS = 3
_MOST_DIGITS = 400  # more than the largest float has


def exact(value: float) -> Decimal:
    """The number that is meant: 1.005 as it is written, and without the noise of binary arithmetic."""
    return Decimal(f"{value:.15g}" if abs(value) >= 1e6 else f"{value:.12g}")


def rounded(number: Decimal, places: int) -> Decimal:
    """To so many decimals, halves away from zero, as people expect."""
    return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, Context(prec=_MOST_DIGITS))


def decimal_text(size: Decimal, place: Locale) -> str:
    """A size that is not below zero, in the digits that it has once they are rounded: 999.95 is 1,000."""
    shown = _digits_earned(size)
    if shown and not SCIENTIFIC_BELOW <= shown < SCIENTIFIC_FROM:
        shown = significant(size, _SCIENTIFIC_DIGITS)
    if shown and not SCIENTIFIC_BELOW <= shown < SCIENTIFIC_FROM:
        return format_scientific(shown, "0.##E0", locale=place)
    return format_decimal(shown, _pattern(shown), locale=place)


def _digits_earned(size: Decimal) -> Decimal:
    if size >= 1_000 or size == size.to_integral_value():
        return rounded(size, 0)
    if size >= 10:
        return rounded(size, 1)
    return rounded(size, 2) if size >= Decimal("0.01") else significant(size, 2)


def significant(size: Decimal, digits: int) -> Decimal:
    return Context(prec=digits, rounding=ROUND_HALF_UP).plus(size)


def _pattern(shown: Decimal) -> str:
    if shown >= 1_000 or shown == shown.to_integral_value():
        return "#,##0"
    if shown >= 10:
        return "#,##0.#"
    return "0.##" if shown >= Decimal("0.01") else "@#"
