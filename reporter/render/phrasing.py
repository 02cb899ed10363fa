"""Names and counts as they stand within a sentence; clean (see `sanitize`), but not escaped."""

from collections.abc import Mapping
from typing import assert_never, cast

from reporter.render import numbers, sanitize
from reporter.render.notice_phrases import Plural
from reporter.render.phrases import Words, words
from reporter.reports.causes import Cause, CauseEffect, MetricPart
from reporter.reports.findings import Unusual

MOST_LISTED = 3


def name(text: str, locale: str) -> str:
    """Somebody's name for a metric or an event, clean and short."""
    return sanitize.shown(text, words(locale).nameless)


def quoted(text: str, say: Words) -> str:
    """Somebody's name where it could be taken for our own words."""
    return say.quoted.format(name=sanitize.shown(text, say.nameless))


def some(labels: tuple[str, ...], locale: str) -> str:
    """A few of the names, and how many more there are."""
    return few(tuple(name(label, locale) for label in labels), locale)


def few(items: tuple[str, ...], locale: str) -> str:
    """The first of them, and how many more there are."""
    shown = items[:MOST_LISTED]
    if len(items) > MOST_LISTED:
        shown = (*shown, counted(words(locale).others, len(items) - MOST_LISTED, locale))
    return numbers.listed(shown, locale)


def counted(phrase: Plural, count: float, locale: str, **more: str) -> str:
    """A phrase in the form that its number asks for: 1 event, 2 events."""
    return form(phrase, count, locale).format(n=numbers.number(count, locale), **more)


def form(phrase: Plural, count: float, locale: str) -> str:
    """The form of a phrase that its number asks for."""
    return phrase.form(numbers.plural_form(count, locale))


COUNTRY = "mp_country_code"
PLACES = (COUNTRY, "$city", "$region")
DEVICES = ("$os", "$browser", "$device")
WITH_ARTICLE = frozenset({"US", "GB", "NL", "PH", "AE", "DO", "BS", "GM", "MV", "KM"})  # in English


def metric_name(label: str, part: MetricPart | None, locale: str) -> str:
    """A metric, or the part of it that has one value: New Signups in Germany."""
    of = name(label, locale)
    if part is None:
        return of
    return words(locale).of_part.format(label=of, where=place(part.property, (part.value,), locale))


def property_name(property: str, locale: str) -> str:
    """The property within a sentence: country, or its own name in quotes."""
    say = words(locale)
    known = _property_phrase(property, say)
    return form(known, 1, locale) if known else quoted(property, say)


def property_value(property: str, text: str, locale: str) -> str:
    """A value in a list of its own kind: Germany, Android."""
    if property == COUNTRY and len(text) == 2:
        countries = cast("Mapping[str, str]", numbers.locale_of(locale).territories)
        return countries.get(text.upper()) or name(text, locale)
    return name(text, locale)


def place(property: str, texts: tuple[str, ...], locale: str) -> str:
    """Where in the product: in India, on Android, from “google”, with plan “pro”."""
    say = words(locale)
    match property:
        case "mp_country_code" | "$region" | "$city" | "$browser":
            template = say.in_place
        case "$os" | "$device":
            template = say.on_device
        case "utm_source":
            template = say.from_source
        case _:
            template = say.with_property
    names = (_place_name(property, text, locale) for text in texts)
    of = sanitize.shown(property, say.nameless)
    return template.format(property=of, values=few(tuple(names), locale))


def _place_name(property: str, text: str, locale: str) -> str:
    """A value within a sentence, in quotes where it does not speak for itself."""
    if not speaks_for_itself(property):
        return quoted(text, words(locale))
    name = property_value(property, text, locale)
    has_article = property == COUNTRY and text.upper() in WITH_ARTICLE and locale[:2].lower() == "en"
    return f"the {name}" if has_article else name


def speaks_for_itself(property: str) -> bool:
    """Whether a value tells what it is of: Germany, Android."""
    return property in PLACES + DEVICES


def _property_phrase(property: str, say: Words) -> Plural | None:
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


def _where(cause: Cause, locale: str) -> str:
    """A part of the product, and what happened to it, where it did not just rise or fall with the whole."""
    say, where = words(locale), place(cause.property, cause.values, locale)
    match cause.effect:
        case CauseEffect.MOVED:
            return where
        case CauseEffect.NEW:
            return say.part_new.format(where=where)
        case CauseEffect.GONE:
            return say.part_gone.format(where=where)
        case CauseEffect.MIX:
            return (say.part_larger if (cause.moved or 0.0) > 0 else say.part_smaller).format(where=where)
        case _:
            assert_never(cause.effect)


def _alike(properties: tuple[str, ...], locale: str) -> str:
    """That all large values of these properties moved alike, so that none of them is behind it."""
    names = tuple(property_name(each, locale) for each in properties)
    return words(locale).alike.format(properties=numbers.listed(names, locale)) if names else ""


NEARLY_ALL = 0.9
MOST = 0.5


def explanation(found: Unusual, locale: str) -> str:
    """Where the change comes from; nothing where that is not known, as it proves no cause either.

    At most one share is told: parts by several properties overlap, and would seem to add up to more than all.
    """
    if not found.causes:
        return _alike(found.across, locale)
    say, (first, *others) = words(locale), found.causes
    where = tuple(_where(cause, locale) for cause in found.causes)
    least = min(cause.explains for cause in found.causes)
    if least >= NEARLY_ALL:
        return say.cause_all.format(where=", ".join(where))
    share = numbers.share(min(first.explains, 1.0), locale)
    if not others:
        return say.cause_share.format(share=share, where=where[0])
    if least >= MOST:
        return say.cause_most.format(where=", ".join(where))
    return say.cause_lead.format(share=share, where=where[0], others=", ".join(where[1:]))
