"""A notice in the reader's words, and as Slack blocks: what failed, for which days, why, and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from reporter.render import dates, failures, phrasing, sanitize
from reporter.render.notice_phrases import NoticePhrases, NoticeWords, Plural
from reporter.render.phrases import words
from reporter.render.slack import blocks as slack_blocks
from reporter.render.slack.text import Block, cut
from reporter.reports.deliveries import Notice
from reporter.reports.errors import read_causes

MOST_TITLE = 75
MOST_PROBLEM_ALOUD = 140
MOST_REASONS = 10
MOST_SENTENCE = 600


@dataclass(frozen=True, slots=True)
class NoticeText:
    """A notice in words that are clean, but not escaped."""

    locale: str
    title: str
    problem: str
    about: str  # the days, whose report it is, and the code to search for
    reasons: tuple[str, ...]
    next_step: str


def notice_text(notice: Notice) -> NoticeText:
    """The words of a notice in its locale; English where a language has none."""
    say, locale, facts = words(notice.locale), notice.locale, dict(notice.facts)
    found = say.notices and say.notices.wording(facts.get("wording", notice.code))
    problem, step, reasons = notice.problem, notice.next_step, notice.reasons
    if say.notices is not None and found and facts:
        problem, step = _problem(found, facts, locale), found.next_step.format_map(facts)
        reasons = _reasons(reasons, say.notices, facts, locale)
    days = dates.date_range(notice.period, locale) if notice.period else ""
    about = (days, sanitize.shown(notice.company, ""), sanitize.shown(notice.code, ""))
    return NoticeText(
        locale=locale,
        title=sanitize.shown(notice.report, say.nameless, MOST_TITLE),
        problem=_sentence(problem),
        about=" · ".join(filter(None, about)),
        reasons=_listed(reasons, locale),
        next_step=_sentence(step),
    )


def blocks(text: NoticeText, *, rich: bool) -> list[Block]:
    """The blocks of a notice, or plainer ones."""
    say = words(text.locale)
    parts: list[Block] = [slack_blocks.header(text.title)]
    parts += [slack_blocks.context(text.about)] if text.about else []
    parts += [slack_blocks.section(text.problem)] if text.problem else []
    if text.reasons:
        flat = "\n".join((say.reasons, *(f"• {reason}" for reason in text.reasons)))
        parts.append(slack_blocks.bullets(say.reasons, text.reasons) if rich else slack_blocks.section(flat))
    if step := text.next_step:
        flat = f"{say.next_step}\n{step}"
        parts.append(slack_blocks.commands(say.next_step, step) if rich else slack_blocks.section(flat))
    return parts


def notification(text: NoticeText) -> str:
    """What notifications and screen readers read."""
    parts = (f"{text.title}:", cut(text.problem, MOST_PROBLEM_ALOUD), text.next_step)
    return " ".join(part for part in parts if part)


def whole(text: NoticeText) -> str:
    """All of it as lines."""
    step = f"{words(text.locale).next_step}: {text.next_step}" if text.next_step else ""
    return "\n".join(filter(None, (text.title, text.problem, *text.reasons, step, text.about)))


def _problem(found: NoticeWords, facts: Mapping[str, str], locale: str) -> str:
    if isinstance(found.problem, Plural):
        return phrasing.counted(found.problem, len(facts["dues"].split(",")), locale)
    return found.problem.format_map(facts)


def _reasons(
    reasons: tuple[str, ...], say: NoticePhrases, facts: Mapping[str, str], locale: str
) -> tuple[str, ...]:
    """Our own reasons translated; those that come from elsewhere as they are."""
    late = (say.told_late.format(since=_since(facts["since"], locale)),) if "since" in facts else ()
    if known := failures.reason_alone(read_causes(facts.get("causes", "[]")), locale):
        return (known, *late)
    if "dues" in facts:
        dues = map(datetime.fromisoformat, facts["dues"].split(","))
        return (*(say.due_on.format(moment=dates.moment(due, locale)) for due in dues), *late)
    return (*reasons[: len(reasons) - len(late)], *late)


def _since(text: str, locale: str) -> str:
    at = datetime.fromisoformat(text).astimezone(UTC)
    return f"{dates.moment(at, locale)} UTC"


def _listed(reasons: tuple[str, ...], locale: str) -> tuple[str, ...]:
    cleaned = (failures.cleaned(reason) for reason in reasons[:MOST_REASONS])
    shown = tuple(reason for reason in cleaned if reason)
    hidden = len(reasons) - len(reasons[:MOST_REASONS])
    more = phrasing.counted(words(locale).more_reasons, hidden, locale)
    return (*shown, more) if hidden else shown


def _sentence(text: str) -> str:
    return sanitize.isolated(sanitize.cut(sanitize.clean(text), MOST_SENTENCE))
