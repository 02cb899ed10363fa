"""A notice as Slack blocks: what failed, for which days, why, and what to do."""

from reporter.render import dates, sanitize
from reporter.render.notices import said
from reporter.render.phrases import words
from reporter.render.slack import blocks as slack_blocks
from reporter.render.slack.text import Block, cut
from reporter.reports.deliveries import Notice

MOST_TITLE = 75
MOST_SPOKEN_PROBLEM = 140


def blocks(notice: Notice, *, rich: bool) -> list[Block]:
    """The blocks of a notice, or plainer ones."""
    say, told = words(notice.locale), said(notice)
    about = _about(notice)
    parts: list[Block] = [slack_blocks.header(_title(notice))]
    parts += [slack_blocks.context(about)] if about else []
    parts += [slack_blocks.section(told.problem)] if told.problem else []
    if reasons := [reason for reason in told.reasons if reason]:
        flat = "\n".join((say.reasons, *(f"• {reason}" for reason in reasons)))
        parts.append(slack_blocks.bullets(say.reasons, reasons) if rich else slack_blocks.section(flat))
    if step := told.next_step:
        flat = f"{say.next_step}\n{step}"
        parts.append(slack_blocks.commands(say.next_step, step) if rich else slack_blocks.section(flat))
    return parts


def spoken(notice: Notice) -> str:
    """What notifications and screen readers read."""
    told = said(notice)
    parts = (f"{_title(notice)}:", cut(told.problem, MOST_SPOKEN_PROBLEM), told.next_step)
    return " ".join(part for part in parts if part)


def whole(notice: Notice) -> str:
    """All of it as lines."""
    say, told = words(notice.locale), said(notice)
    step = f"{say.next_step}: {told.next_step}" if told.next_step else ""
    lines = (_title(notice), told.problem, *told.reasons, step, _about(notice))
    return "\n".join(line for line in lines if line)


def _title(notice: Notice) -> str:
    return sanitize.shown(notice.report, words(notice.locale).nameless, MOST_TITLE)


def _about(notice: Notice) -> str:
    """The days, whose report it is, and the code to search for."""
    days = dates.date_range(notice.period, notice.locale) if notice.period else ""
    parts = (days, sanitize.shown(notice.company, ""), sanitize.shown(notice.code, ""))
    return " · ".join(part for part in parts if part)
