"""What a property of an event, and each of its values, is called."""

from collections.abc import Mapping
from typing import cast

from reporter.render import figures, names, speech
from reporter.render.phrases import Plural, Words
from reporter.render.words import words

COUNTRY = "mp_country_code"


def kind(property: str, locale: str) -> str:
    """The property within a sentence: country, or its own name in quotes."""
    say = words(locale)
    known = _known(property, say)
    return known.one if known else speech.quoted(property, say)


def value(property: str, text: str, locale: str) -> str:
    """A value in a list of its own kind: Germany, Android."""
    if property == COUNTRY and len(text) == 2:
        countries = cast("Mapping[str, str]", figures.locale_of(locale).territories)
        return countries.get(text.upper()) or speech.name(text, locale)
    return speech.name(text, locale)


def values(property: str, texts: tuple[str, ...], locale: str) -> str:
    """Values within a sentence; those that do not speak for themselves say of what: source “google”."""
    say = words(locale)
    if _speaks_for_itself(property):
        return speech.few(tuple(value(property, text, locale) for text in texts), locale)
    of = names.shown(property, say.nameless)
    if known := _known(property, say):
        of = known.one if len(texts) == 1 else known.other
    return f"{of} {speech.few(tuple(speech.quoted(text, say) for text in texts), locale)}"


def at_the_beginning(property: str, texts: tuple[str, ...], locale: str) -> str:
    """The same where a sentence begins: a word of ours gets a capital, a name stays as it is."""
    said = values(property, texts, locale)
    is_ours = not _speaks_for_itself(property) and _known(property, words(locale))
    return said[0].upper() + said[1:] if is_ours else said


def _speaks_for_itself(property: str) -> bool:
    return property in (COUNTRY, "$os", "$city", "$browser", "$device", "$region")


def _known(property: str, say: Words) -> Plural | None:
    match property:
        case "mp_country_code":
            return say.country
        case "$region":
            return say.region
        case "$city":
            return say.city
        case "$os":
            return say.operating_system
        case "$browser":
            return say.browser
        case "$device":
            return say.device
        case "utm_source":
            return say.source
        case _:
            return None
