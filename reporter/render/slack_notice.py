"""A notice as Slack blocks: what failed, for which days, why, and what to do."""

from reporter.model.notice import Notice
from reporter.render import figures, names, sentences, slack_blocks
from reporter.render.slack_text import Block, cut
from reporter.render.words import words

MOST_REASONS = 8
MOST_SENTENCE = 600


def blocks(notice: Notice, *, rich: bool) -> list[Block]:
    """The blocks of a notice, or plainer ones."""
    say = words(notice.locale)
    title, about, problem = _title(notice), _about(notice), _sentence(notice.problem)
    parts: list[Block] = [slack_blocks.header(title)]
    parts += [slack_blocks.context(about)] if about else []
    parts += [slack_blocks.section(problem)] if problem else []
    if reasons := _reasons(notice):
        flat = "\n".join((say.reasons, *(f"• {reason}" for reason in reasons)))
        parts.append(slack_blocks.bullets(say.reasons, reasons) if rich else slack_blocks.section(flat))
    if step := _sentence(notice.next_step):
        flat = f"{say.next_step}\n{step}"
        parts.append(slack_blocks.commands(say.next_step, step) if rich else slack_blocks.section(flat))
    return parts


def spoken(notice: Notice) -> str:
    """What notifications and screen readers read."""
    parts = (cut(_title(notice), 80) + ":", _sentence(notice.problem), _sentence(notice.next_step))
    return " ".join(part for part in parts if part)


def whole(notice: Notice) -> str:
    """All of it as lines."""
    say, step = words(notice.locale), _sentence(notice.next_step)
    lines = (_title(notice), _sentence(notice.problem), *_reasons(notice), _about(notice))
    return "\n".join((*(line for line in lines if line), f"{say.next_step}: {step}" if step else ""))


def _title(notice: Notice) -> str:
    return names.shown(notice.report, words(notice.locale).nameless, slack_blocks.MOST_HEADER // 2)


def _about(notice: Notice) -> str:
    parts = (
        figures.dates(notice.period, notice.locale) if notice.period else "",
        names.shown(notice.company, ""),
    )
    return " · ".join(part for part in parts if part)


def _reasons(notice: Notice) -> list[str]:
    """The reasons, and how many more there are."""
    reasons = [reason for reason in map(sentences.reason, notice.reasons) if reason]
    rest = len(reasons) - MOST_REASONS
    more = [sentences.counted(words(notice.locale).more_reasons, rest, notice.locale)] if rest > 0 else []
    return [*reasons[:MOST_REASONS], *more]


def _sentence(text: str) -> str:
    return names.isolated(cut(names.clean(text), MOST_SENTENCE))
