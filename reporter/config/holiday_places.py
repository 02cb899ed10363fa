"""The countries, and parts of them, whose holidays are known."""

import re

from reporter.reports.subscriptions import NO_HOLIDAYS
from reporter.validation import Invalid, listed, shown


def check_holidays(code: str) -> str:
    """A country, or a part of one, whose holidays are known; or none."""
    if code == NO_HOLIDAYS:
        return code
    country, _, part = code.partition("-")
    parts = _parts(country)
    if parts is not None and (not part or part in parts):
        return code
    raise Invalid(f"the holidays of {shown(code)} are not known", _nearest_places(country, parts))


def _parts(country: str) -> tuple[str, ...] | None:
    """The parts of a country that have holidays of their own; None of a country that is not known."""
    if not re.fullmatch(r"[A-Z]{2}", country):
        return None
    from holidays import country_holidays  # heavy, and few files name a country

    try:
        return country_holidays(country).subdivisions
    except NotImplementedError:  # which says that the country is not known
        return None


def _nearest_places(country: str, parts: tuple[str, ...] | None) -> str:
    if parts is None:
        return "Use the code of a country, such as DE, or of a part of one, such as US-CA."
    return f"Use {listed((country, *(f'{country}-{part}' for part in parts if len(part) <= 3)))}."
