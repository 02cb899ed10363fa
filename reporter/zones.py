"""Time zones: which name one may use, which city somebody may have meant, and which names mislead."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Annotated, TypeAlias
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator

from reporter.validation import Invalid, listed

CLOSE = 0.8  # of the letters; less likeness offers places on other continents
LONGEST = 60  # characters; longer ones are nobody's zone

# Abbreviations in use, and cities that they may mean. Some of them are zones as well, of a few countries.
ABBREVIATIONS: Mapping[str, Sequence[str]] = {
    "AKST AKDT": ["America/Anchorage"],
    "PST PDT PT": ["America/Los_Angeles"],
    "MDT MT": ["America/Denver"],
    "CDT CT": ["America/Chicago"],
    "CST": ["America/Chicago", "Asia/Shanghai"],
    "EDT ET": ["America/New_York"],
    "AST ADT": ["America/Halifax"],
    "BRT": ["America/Sao_Paulo"],
    "ART": ["America/Argentina/Buenos_Aires"],
    "WEST": ["Europe/Lisbon"],
    "BST": ["Europe/London"],
    "CEST MEZ MESZ": ["Europe/Berlin", "Europe/Paris"],
    "WAT": ["Africa/Lagos"],
    "EEST": ["Europe/Athens", "Europe/Kyiv"],
    "CAT SAST": ["Africa/Johannesburg"],
    "IST": ["Asia/Kolkata", "Asia/Jerusalem", "Europe/Dublin"],
    "IDT": ["Asia/Jerusalem"],
    "MSK": ["Europe/Moscow"],
    "TRT": ["Europe/Istanbul"],
    "EAT": ["Africa/Nairobi"],
    "GST": ["Asia/Dubai"],
    "PKT": ["Asia/Karachi"],
    "NPT": ["Asia/Kathmandu"],
    "BDT": ["Asia/Dhaka"],
    "ICT": ["Asia/Bangkok"],
    "WIB": ["Asia/Jakarta"],
    "SGT": ["Asia/Singapore"],
    "HKT": ["Asia/Hong_Kong"],
    "PHT": ["Asia/Manila"],
    "AWST": ["Australia/Perth"],
    "JST": ["Asia/Tokyo"],
    "KST": ["Asia/Seoul"],
    "ACST ACDT": ["Australia/Adelaide"],
    "AEST AEDT": ["Australia/Sydney"],
    "NZST NZDT": ["Pacific/Auckland"],
}
SEASONLESS = {"EST": "America/New_York", "MST": "America/Denver"}
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])\s*([0-9]{1,2})(?::?([0-9]{2}))?", re.IGNORECASE)
_ETC = re.compile(r"Etc/GMT([+-])([1-9][0-9]?)")
_WINTER_AND_SUMMER = (datetime(2026, 1, 15), datetime(2026, 7, 15))  # noqa: DTZ001  (a zone is given later)


def time_zone(name: str) -> ZoneInfo:
    """Raises Wrong, with the city that may be meant."""
    kind, _, plain = name.partition("/")
    if kind in ("posix", "right") and plain in available_timezones():
        raise Invalid("is not the zone's own name", f"Write {plain}.")
    if name in ("localtime", "posixrules", "Factory"):
        raise Invalid("is another zone on each machine", "Write a city, such as Europe/Berlin, or UTC.")
    try:
        return ZoneInfo(name)
    except (ValueError, LookupError, OSError):  # a malformed name, an unknown one, a folder of zones
        pass
    raise Invalid("there is no such time zone", _hint(name))


def doubt(zone: ZoneInfo) -> tuple[str, str] | None:
    """What may not be meant by a zone that there is, and what to write then."""
    if city := SEASONLESS.get(zone.key):
        return f"{zone.key} has no summer time", f"Where clocks change, write {city}."
    if found := _ETC.fullmatch(zone.key):
        side, sign = ("west", "-") if found[1] == "+" else ("east", "+")
        hours = int(found[2])
        cities = _cities_at(timedelta(hours=-hours if sign == "-" else hours))
        instead = f"Write a city, such as {listed(cities)}." if cities else "Write a city."
        return f"{zone.key} is {hours} h {side} of UTC (UTC{sign}{hours}), and has no summer time", instead
    return None


def _hint(name: str) -> str:
    known = {zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")}
    if cities := [
        city for words, cities in ABBREVIATIONS.items() if name.upper() in words.split() for city in cities
    ]:
        return f"Write a city: {listed(cities)}."
    from babel.core import get_global  # heavy, and only a wrong name needs it

    windows: Mapping[str, str] = get_global("windows_zone_mapping")
    if (zone := windows.get(name)) in known:
        return f"This is the name that Windows has for it. Write {zone}."
    if offset := _OFFSET.fullmatch(name.strip()):
        return _hint_at(offset)
    near = _near(name, known)
    return f"Did you mean {listed(near)}?" if near else "Use an IANA name such as Europe/Berlin or UTC."


def _hint_at(offset: re.Match[str]) -> str:
    hours, minutes = int(offset[2]), int(offset[3] or 0)
    east = timedelta(hours=hours, minutes=minutes)
    cities = _cities_at(-east if offset[1] == "-" else east) or ["Europe/Berlin"]
    return f"An offset knows no summer time. Write a city, such as {listed(cities)}."


def _near(name: str, zones: set[str]) -> list[str]:
    """Zones or cities of nearly these letters."""
    by_letters = {zone.casefold(): zone for zone in sorted(zones)}
    cities = {zone.rpartition("/")[2].replace("_", " ").casefold(): zone for zone in sorted(zones)}
    word = name[:LONGEST].casefold()
    if word in by_letters:
        return [by_letters[word]]
    near = [by_letters[found] for found in get_close_matches(word, by_letters, cutoff=CLOSE)]
    city = word.rpartition("/")[2].replace("_", " ")
    return near or [cities[found] for found in get_close_matches(city, cities, cutoff=CLOSE)]


def _cities_at(offset: timedelta) -> list[str]:
    """Two well-known cities at most, whose standard time is so far from UTC."""
    cities = dict.fromkeys(city for cities in ABBREVIATIONS.values() for city in cities)
    return [city for city in cities if _standard(ZoneInfo(city)) == offset][:2]


def _standard(zone: ZoneInfo) -> timedelta:
    return min(moment.replace(tzinfo=zone).utcoffset() or timedelta() for moment in _WINTER_AND_SUMMER)


def _known_zone(name: str) -> str:
    time_zone(name)
    return name


ZoneName: TypeAlias = Annotated[str, AfterValidator(_known_zone)]
