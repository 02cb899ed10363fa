"""What explains a change, in words that claim no more than is known."""

from reporter.render import figures, properties
from reporter.render.words import words
from reporter.reports.findings import Cause, Unusual

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
    template = forms.one if len(first.values) == 1 else forms.other
    beginning = properties.at_the_beginning(first.property, first.values, locale)
    said = [template.format(values=beginning, share=_share(first, locale))]
    said += [
        say.also_explains.format(values=_values(cause, locale), share=_share(cause, locale))
        for cause in others
    ]
    return f"{', '.join(said)}."


def _nearly_all(causes: tuple[Cause, ...], *, is_rise: bool, locale: str) -> str:
    """With several causes each says its share, as together they would seem to be more than all."""
    say = words(locale)
    template = say.nearly_all_up if is_rise else say.nearly_all_down
    if len(causes) == 1:
        return f"{template.format(values=_values(causes[0], locale))}."
    parts = tuple(
        say.nearly_all_part.format(values=_values(cause, locale), share=_share(cause, locale))
        for cause in causes
    )
    return f"{template.format(values=figures.listed(parts, locale))}."


def _values(cause: Cause, locale: str) -> str:
    return properties.values(cause.property, cause.values, locale)


def _share(cause: Cause, locale: str) -> str:
    return figures.share(min(cause.explains, 1.0), locale)
