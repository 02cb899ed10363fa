"""The words of a locale. Languages are whole: the type checker sees that no phrase is missing in one."""

from reporter.render.de import GERMAN
from reporter.render.en import ENGLISH
from reporter.render.fr import FRENCH
from reporter.render.phrases import Words

_WORDS = {"en": ENGLISH, "de": GERMAN, "fr": FRENCH}
LOCALES = tuple(_WORDS)


def words(locale: str) -> Words:
    """The words of a locale's language: `de` for `de_CH`, English for one that is not spoken."""
    return _WORDS.get(locale[:2].lower(), ENGLISH)
