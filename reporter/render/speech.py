"""Names and counts as they stand within a sentence; clean (see `names`), but not escaped."""

from reporter.render import figures, names
from reporter.render.phrases import Plural, Words
from reporter.render.words import words
from reporter.reports.figures import Failed
from reporter.reports.findings import NotMeasured
from reporter.reports.report import Report, TopEvents

MOST_LISTED = 3


def name(text: str, locale: str) -> str:
    """Somebody's name for a metric or an event, clean and short."""
    return names.shown(text, words(locale).nameless)


def quoted(text: str, say: Words) -> str:
    """Somebody's name where it could be taken for our own words."""
    return say.quoted.format(name=names.shown(text, say.nameless))


def some(labels: tuple[str, ...], locale: str) -> str:
    """A few of the names, and how many more there are."""
    return few(tuple(name(label, locale) for label in labels), locale)


def few(items: tuple[str, ...], locale: str) -> str:
    """The first of them, and how many more there are."""
    shown = items[:MOST_LISTED]
    if len(items) > MOST_LISTED:
        shown = (*shown, counted(words(locale).others, len(items) - MOST_LISTED, locale))
    return figures.listed(shown, locale)


def counted(phrase: Plural, count: float, locale: str, **more: str) -> str:
    """A phrase in the form that its number asks for: 1 event, 2 events."""
    return form(phrase, count, locale).format(n=figures.number(count, locale), **more)


def form(phrase: Plural, count: float, locale: str) -> str:
    """The form of a phrase that its number asks for."""
    return phrase.one if figures.plural_form(count, locale) == "one" else phrase.other


def ranked(top_events: TopEvents, shown: int, locale: str) -> str:
    """How many events the ranking shows: 5 of 42 events."""
    say = words(locale)
    if shown >= top_events.known:
        return counted(say.ranked_all, shown, locale)
    return say.ranked_of.format(
        shown=figures.number(shown, locale), known=figures.number(top_events.known, locale)
    )


def is_told(why: str, report: Report) -> bool:
    """Whether the summary says so of several metrics: once is enough."""
    return any(isinstance(found, NotMeasured) and found.reason == why for found in report.findings)


def ranking_failed(failed: Failed, report: Report) -> str:
    """Why there is no ranking."""
    say = words(report.locale)
    if is_told(failed.reason, report):
        return f"{say.failed_alike[:1].upper()}{say.failed_alike[1:]}."
    return say.ranking_failed.format(reason=reason(failed.reason))


def reason(text: str) -> str:
    """Why something failed, clean and short."""
    return names.isolated(names.cut(names.clean(text), names.MOST_REASON))
