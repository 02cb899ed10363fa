"""What a notice says, in words, the same for all renderers."""

from dataclasses import dataclass

from reporter.render import dates, phrasing, sanitize
from reporter.render.phrases import words
from reporter.reports.deliveries import Notice

MOST_REASONS = 10
MOST_SENTENCE = 600


@dataclass(frozen=True, slots=True)
class Said:
    """A notice in words that are clean, but not escaped."""

    problem: str
    about: tuple[str, ...]  # the report, its days, whose it is, and the code to search for
    reasons: tuple[str, ...]
    next_step: str


def said(notice: Notice) -> Said:
    """The words of a notice."""
    days = dates.date_range(notice.period, notice.locale) if notice.period else ""
    about = (notice.report, days, notice.company, notice.code)
    return Said(
        problem=_sentence(notice.problem),
        about=tuple(filter(None, (sanitize.shown(part, "") for part in about))),
        reasons=_reasons(notice),
        next_step=_sentence(notice.next_step),
    )


def _reasons(notice: Notice) -> tuple[str, ...]:
    shown = tuple(phrasing.reason(reason) for reason in notice.reasons[:MOST_REASONS])
    hidden = len(notice.reasons) - len(shown)
    if not hidden:
        return shown
    return (*shown, phrasing.counted(words(notice.locale).more_reasons, hidden, notice.locale))


def _sentence(text: str) -> str:
    return sanitize.isolated(sanitize.cut(sanitize.clean(text), MOST_SENTENCE))
