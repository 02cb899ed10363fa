"""Names and counts as they stand within a sentence; clean (see `sanitize`), but not escaped."""

from collections.abc import Mapping
from typing import cast

from reporter.render import numbers, sanitize
from reporter.render.phrases import Plural, Words, words
from reporter.reports.causes import Cause, MetricPart
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


def metric_name(label: str, part: MetricPart | None, locale: str) -> str:
    """A metric, or the part of it that has one value: New Signups in Germany."""
    say, of = words(locale), name(label, locale)
    if part is None:
        return of
    template = say.part_with
    if part.property in PLACES:
        template = say.part_in_place
    elif part.property in DEVICES:
        template = say.part_on_device
    return template.format(label=of, value=property_values(part.property, (part.value,), locale))


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


def property_values(property: str, texts: tuple[str, ...], locale: str) -> str:
    """Values within a sentence; those that do not speak for themselves say of what: source “google”."""
    say = words(locale)
    if speaks_for_itself(property):
        return few(tuple(property_value(property, text, locale) for text in texts), locale)
    of = sanitize.shown(property, say.nameless)
    if known := _property_phrase(property, say):
        of = form(known, len(texts), locale)
    return f"{of} {few(tuple(quoted(text, say) for text in texts), locale)}"


def property_values_first(property: str, texts: tuple[str, ...], locale: str) -> str:
    """The same where a sentence begins: a word of ours gets a capital, a name stays as it is."""
    said = property_values(property, texts, locale)
    is_ours = not speaks_for_itself(property) and _property_phrase(property, words(locale))
    return said[0].upper() + said[1:] if is_ours else said


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


NEARLY_ALL = 0.9


def explanation(found: Unusual, locale: str) -> str:
    """Which parts explain the change; nothing where none is known, as that proves no cause either."""
    if not found.causes:
        return ""
    overlap = (words(locale).users_overlap,) if found.is_of_users else ()
    return " ".join((_causes(found.causes, is_rise=found.ratio > 0, locale=locale), *overlap))


def _causes(causes: tuple[Cause, ...], *, is_rise: bool, locale: str) -> str:
    if all(cause.explains >= NEARLY_ALL for cause in causes):
        return _nearly_all(causes, is_rise=is_rise, locale=locale)
    say, (first, *others) = words(locale), causes
    forms = say.explains_up if is_rise else say.explains_down
    template = form(forms, len(first.values), locale)
    beginning = property_values_first(first.property, first.values, locale)
    said = [template.format(values=beginning, share=_cause_share(first, locale))]
    said += [
        say.also_explains.format(values=_cause_values(cause, locale), share=_cause_share(cause, locale))
        for cause in others
    ]
    return f"{', '.join(said)}."


def _nearly_all(causes: tuple[Cause, ...], *, is_rise: bool, locale: str) -> str:
    """With several causes each says its share, as together they would seem to be more than all."""
    say = words(locale)
    template = say.nearly_all_up if is_rise else say.nearly_all_down
    if len(causes) == 1:
        return f"{template.format(values=_cause_values(causes[0], locale))}."
    parts = tuple(
        say.nearly_all_part.format(values=_cause_values(cause, locale), share=_cause_share(cause, locale))
        for cause in causes
    )
    return f"{template.format(values=numbers.listed(parts, locale))}."


def _cause_values(cause: Cause, locale: str) -> str:
    return property_values(cause.property, cause.values, locale)


def _cause_share(cause: Cause, locale: str) -> str:
    return numbers.share(min(cause.explains, 1.0), locale)
