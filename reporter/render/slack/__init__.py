"""A report or a notice as Slack messages: the best first, then plainer ones should Slack refuse it.

A plainer message is sent only after Slack surely refused the one before; it says what it had to leave out.
"""

import json
from collections.abc import Iterable
from dataclasses import replace

from reporter.render.en import ENGLISH
from reporter.render.slack import details as slack_details
from reporter.render.slack import lines as slack_lines
from reporter.render.slack import notice as slack_notice
from reporter.render.slack import report as slack_report
from reporter.render.slack.lines import MOST_TEXT, Rung
from reporter.render.slack.text import MOST_NOTIFICATION, Block, literal, mention
from reporter.reports.deliveries import Notice, Payload
from reporter.reports.report import Report


def payloads(report: Report, *, has_thread: bool = False) -> tuple[Payload, ...]:
    """The messages for a report, best first; where there are threads, each with the same details."""
    details = _details(report) if has_thread else ()
    return _distinct(replace(_payload(report, rung), details=details) for rung in Rung)


def notice_payloads(notice: Notice) -> tuple[Payload, ...]:
    """The messages for a notice, best first."""
    text = literal(slack_notice.spoken(notice), MOST_NOTIFICATION)
    plainer = (ENGLISH.text_layout,)
    return _distinct(
        (
            Payload(_body(text, slack_notice.blocks(notice, rich=True))),
            Payload(_body(text, slack_notice.blocks(notice, rich=False)), plainer),
            Payload(_body(literal(slack_notice.whole(notice), MOST_TEXT)), plainer),
        )
    )


def _payload(report: Report, rung: Rung) -> Payload:
    left_out = slack_lines.left_out(report, rung, ENGLISH)
    if rung is Rung.TEXT:
        return Payload(_body(_called(report, slack_lines.whole(report), MOST_TEXT)), left_out)
    text = _called(report, slack_lines.spoken(report), MOST_NOTIFICATION)
    return Payload(_body(text, slack_report.blocks(report, rung)), left_out)


def _called(report: Report, text: str, most: int) -> str:
    """Literal text after the mention, which alone is not."""
    head = mention(report)
    return f"{head} {literal(text, most - len(head) - 1)}" if head else literal(text, most)


def _details(report: Report) -> tuple[Payload, ...]:
    """What the full message has no room for; mostly nothing."""
    found = slack_details.parts(report)
    if not found:
        return ()
    text = literal(slack_details.spoken(report, found), MOST_NOTIFICATION)
    plain = literal(slack_details.whole(found), MOST_TEXT)
    return _distinct((Payload(_body(text, slack_details.blocks(found))), Payload(_body(plain))))


def _body(text: str, blocks: list[Block] | None = None) -> bytes:
    message: Block = {"text": text, "link_names": False, "unfurl_links": False, "unfurl_media": False}
    if blocks:
        message["blocks"] = blocks
    return json.dumps(message, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _distinct(payloads: Iterable[Payload]) -> tuple[Payload, ...]:
    """Each message once: a plainer one that is no plainer would be refused again."""
    return tuple({payload.body: payload for payload in payloads}.values())
