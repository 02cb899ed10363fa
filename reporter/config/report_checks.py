"""What a single value of a report or a metric may be: each check returns the value, or raises Wrong."""

import re
from typing import Final

from babel.core import get_global

from reporter.config.faults import Wrong, listed, nearest, shown

NO_HOLIDAYS: Final = "none"
NOBODY: Final = "nobody"


def currency(code: str) -> str:
    """A code of ISO 4217."""
    known = get_global("all_currencies")
    if code in known:
        return code
    near = [code.upper()] if code.upper() in known else nearest(code, known)
    fix = f"Did you mean {listed(near)}?" if near else "Use a code of ISO 4217, such as EUR or USD."
    raise Wrong("there is no such currency", fix)


def holiday_place(code: str) -> str:
    """A country, or a part of one, whose holidays are known; or none."""
    if code == NO_HOLIDAYS:
        return code
    country, _, part = code.partition("-")
    parts = _parts(country)
    if parts is not None and (not part or part in parts):
        return code
    raise Wrong(f"the holidays of {shown(code)} are not known", _nearest_places(country, parts))


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


def mention(who: str) -> str:
    """Whom Slack calls; or nobody."""
    if who in ("here", "channel", NOBODY) or re.fullmatch(r"[UWS][A-Z0-9]{4,20}", who):
        return who
    raise Wrong(
        "nobody can be called so",
        "Use here, channel, or an id: in Slack, a user's profile has Copy member ID, under its three dots.",
    )


def file_place(place: str) -> str:
    """A path or an address of files, without a secret in it."""
    if re.search(r"://[^/]*@|[?&][\w.-]+=", place):
        raise Wrong(
            "an address with a password or a signature stands here (this file is shared, a secret is not)",
            "Leave it out here, and set it in the environment, as the storage's own tools expect it.",
        )
    if "://" in place and not re.match(r"[a-z][a-z0-9+.]*://[^/]+", place):
        raise Wrong("this is no address of files", 'Write it as in "s3://bucket/mixpanel/*.json.gz".')
    return place
