"""Why something failed, in the reader's language; clean (see `sanitize`), but not escaped."""

from reporter.render import dates, numbers, phrasing, sanitize
from reporter.render.notice_phrases import FailurePhrases
from reporter.render.phrases import Words, words
from reporter.reports.errors import FailureCause

MOST_SAID = 160  # characters of others' words within our own


def reason(text: str, causes: tuple[FailureCause, ...], locale: str) -> str:
    """The reason as a part of a sentence; English stands in quotes where the sentence is not English."""
    say = words(locale)
    if say.failures is None:
        return cleaned(text)
    return _known_reason(causes, locale) or say.quoted.format(name=cleaned(text).rstrip("."))


def reason_alone(causes: tuple[FailureCause, ...], locale: str) -> str:
    """The causes as a sentence of their own; nothing where none has words, or in English."""
    return _capitalized(_known_reason(causes, locale))


def _known_reason(causes: tuple[FailureCause, ...], locale: str) -> str:
    say = words(locale)
    if say.failures is None or all(cause.code == "other" for cause in causes):
        return ""
    first, *others = (_cause(cause, say.failures, say, locale) for cause in causes)
    return cleaned(". ".join((first, *map(_capitalized, others))))


def cleaned(text: str) -> str:
    """Why something failed, clean and short."""
    return sanitize.isolated(sanitize.cut(sanitize.clean(text), sanitize.MOST_REASON))


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


def _cause(cause: FailureCause, failures: FailurePhrases, say: Words, locale: str) -> str:
    said = say.quoted.format(name=sanitize.shown(cause.said.rstrip("."), say.nameless, MOST_SAID))
    status = str(cause.status or "")
    return failures[cause.code].format(
        said=said,
        status=say.labelled.format(label=status, value=said) if cause.said else status,
        settings=numbers.listed(cause.settings, locale),
        days=phrasing.few(tuple(dates.date_alone(day, locale) for day in cause.days), locale),
    )
