"""A report or a notice as Slack messages: the best first, then plainer ones should Slack refuse it.

A plainer message is sent only after Slack surely refused the one before; it says what it had to leave out.
"""

import json
from collections.abc import Iterable, Sequence

from reporter.render.page import Page, page_of
from reporter.render.phrases import words
from reporter.render.slack import notice as slack_notice
from reporter.render.slack import plain
from reporter.render.slack.layout import Fallback, Layout, layout, left_out
from reporter.render.slack.plain import MOST_TEXT
from reporter.render.slack.text import MOST_NOTIFICATION, Block, literal, mention
from reporter.reports.deliveries import Notice, Payload
from reporter.reports.report import Report

LOG_LOCALE = "en"  # of what a payload says for logs and ledgers


def payloads(report: Report, *, has_thread: bool = False) -> tuple[Payload, ...]:
    """The messages for a report, best first; where there are threads, each with the same details."""
    page = page_of(report)
    full = layout(page, Fallback.FULL)
    plainer = [layout(page, level) for level in (Fallback.WITHOUT_CHARTS, Fallback.SECTIONS)]
    messages = [_message(page, each.blocks) for each in (full, *plainer)]
    messages.append(_body(_with_mention(page, plain.whole(page), MOST_TEXT)))
    details = _details(page, full) if has_thread else ()
    levels = zip(Fallback, messages, strict=True)
    return _distinct(Payload(body, left_out(page, level, LOG_LOCALE), details) for level, body in levels)


def notice_payloads(notice: Notice) -> tuple[Payload, ...]:
    """The messages for a notice, best first."""
    text = slack_notice.notice_text(notice)
    aloud = literal(slack_notice.notification(text), MOST_NOTIFICATION)
    plainer = (words(LOG_LOCALE).text_layout,)
    return _distinct(
        (
            Payload(_body(aloud, slack_notice.blocks(text, rich=True))),
            Payload(_body(aloud, slack_notice.blocks(text, rich=False)), plainer),
            Payload(_body(literal(slack_notice.whole(text), MOST_TEXT)), plainer),
        )
    )


def _message(page: Page, blocks: Sequence[Block]) -> bytes:
    return _body(_with_mention(page, plain.notification(page), MOST_NOTIFICATION), blocks)


def _with_mention(page: Page, text: str, most: int) -> str:
    """Literal text after the mention, which alone is not."""
    head = mention(page.mention)
    return f"{head} {literal(text, most - len(head) - 1)}" if head else literal(text, most)


def _details(page: Page, full: Layout) -> tuple[Payload, ...]:
    """What the full message has no room for; mostly nothing."""
    parts = plain.thread(page, full)
    if not parts:
        return ()
    text = literal(plain.thread_notification(page, parts), MOST_NOTIFICATION)
    whole = literal(plain.thread_text(parts), MOST_TEXT)
    return _distinct((Payload(_body(text, plain.thread_blocks(parts))), Payload(_body(whole))))


def _body(text: str, blocks: Sequence[Block] = ()) -> bytes:
    message: Block = {"text": text, "link_names": False, "unfurl_links": False, "unfurl_media": False}
    if blocks:
        message["blocks"] = blocks
    return json.dumps(message, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _distinct(payloads: Iterable[Payload]) -> tuple[Payload, ...]:
    """Each message once: a plainer one that is no plainer would be refused again."""
    return tuple({payload.body: payload for payload in payloads}.values())
