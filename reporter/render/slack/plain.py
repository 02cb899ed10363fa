"""A page as plain lines: what is read aloud, a message without blocks, and what follows in the thread."""

from collections.abc import Sequence

from reporter.render.page import Page
from reporter.render.phrases import words
from reporter.render.slack import blocks as slack_blocks
from reporter.render.slack.blocks import MOST_SECTION
from reporter.render.slack.layout import (
    MOST_BREAKDOWNS,
    MOST_LISTED_ROWS,
    MOST_PLAIN_METRICS,
    MOST_ROWS,
    ROOM_FOR_REST,
    Fallback,
    Layout,
    findings,
    footer,
    has_table,
    headline,
    more_breakdowns,
    more_metrics,
    notes,
    ranking_lines,
    ranking_text,
    room_for_rest,
)
from reporter.render.slack.text import (
    MOST_MESSAGE,
    MOST_NOTIFICATION,
    Block,
    cut,
    fitting,
    total_weight,
    weight,
)

MOST_TEXT = 3_900  # Slack advises 4,000 for a message that is text alone
MOST_TITLE_ALOUD = 80
MOST_LINES = 200  # of a thread's metrics, and of its events
MOST_IN_A_SECTION = 100  # each with a line end
MOST_EVENTS = 6_000  # characters; the metrics get what they leave
MOST_LINE = 400  # characters
MOST_EVENT_LINE = 120

Part = tuple[str, Sequence[str]]  # a heading, and lines, if any


def notification(page: Page) -> str:
    """All that notifications and screen readers read: the findings, as many as fit whole, and the title."""
    text, tail = "", page.headed(cut(page.title, MOST_TITLE_ALOUD))
    room = MOST_NOTIFICATION - weight(tail) - len(" · ")
    for sentence in [one.whole for one in page.findings] or _metric_lines(page, 0, 3) or [page.missing]:
        if sentence and (not text or weight(text) + weight(sentence) < room):
            text = f"{text} {sentence}".lstrip()
    return f"{cut(text, room)} · {tail}" if text else tail


def whole(page: Page) -> str:
    """The whole report, the findings first: a notification shows only the beginning."""
    above = [*(f"{head}{rest}" for head, rest in findings(page)), headline(page)]
    ranking = ("", *ranking_text(page.ranking).split("\n")) if page.ranking else ()
    last = (notes(page, Fallback.TEXT), footer(page), page.own_line)
    below = [*ranking, "", *filter(None, last)]
    lines = len(above) + len(below) + MOST_PLAIN_METRICS + MOST_BREAKDOWNS
    room = MOST_TEXT - total_weight([*above, *below]) - lines
    metrics = _metrics(page, room - room_for_rest(page))
    return "\n".join((*above, *metrics, *_breakdowns(page, room - total_weight(metrics)), *below))


def thread(page: Page, full: Layout) -> list[Part]:
    """The metrics, the breakdowns and the events that the full message has no room for; mostly nothing."""
    say, events = words(page.locale), _more_events(page)
    room = MOST_MESSAGE - MOST_NOTIFICATION - ROOM_FOR_REST - total_weight(events)
    metrics = _more_metrics(page, full.metrics, room - room_for_rest(page))
    breakdowns = _more_breakdowns(page, full.breakdowns, room - total_weight(metrics))
    above: list[Part] = [(say.key_metrics, metrics)] if metrics else []
    below: list[Part] = [(say.top_events, events)] if events else []
    return [*above, *breakdowns, *below]


def thread_notification(page: Page, parts: Sequence[Part]) -> str:
    """What the message in the thread is about."""
    return f"{headline(page)}: {', '.join(heading for heading, _ in parts)}"


def thread_blocks(parts: Sequence[Part]) -> list[Block]:
    """Each part: its heading, and as many sections as its lines need."""
    drawn: list[Block] = []
    for heading, lines in parts:
        drawn.append(slack_blocks.heading(heading))
        left = list(lines)
        while left:
            count = max(1, fitting(left, MOST_IN_A_SECTION, MOST_SECTION - MOST_IN_A_SECTION))
            drawn.append(slack_blocks.section("\n".join(left[:count])))
            left = left[count:]
    return drawn


def thread_text(parts: Sequence[Part]) -> str:
    """The same as plain text."""
    return "\n\n".join("\n".join((heading, *lines)) for heading, lines in parts)


def _metric_lines(page: Page, first: int, most: int) -> list[str]:
    """A line for each metric, from the one at place `first` on."""
    labelled = words(page.locale).labelled
    shown = page.metrics[first : first + most]
    return [labelled.format(label=metric.label, value=metric.line) for metric in shown]


def _metrics(page: Page, room: int) -> Sequence[str]:
    if not page.metrics:
        return ()
    lines = _metric_lines(page, 0, MOST_PLAIN_METRICS)
    shown = fitting(lines, MOST_PLAIN_METRICS, room - ROOM_FOR_REST)
    return ("", words(page.locale).key_metrics, *lines[:shown], *more_metrics(page, shown))


def _breakdowns(page: Page, room: int) -> Sequence[str]:
    """The breakdowns that there is room for, and how many more there are."""
    texts = ["\n".join(("", each.heading, *each.lines)) for each in page.breakdowns]
    shown = fitting(texts, MOST_BREAKDOWNS, room - ROOM_FOR_REST)
    return [*texts[:shown], *more_breakdowns(page, shown)]


def _more_metrics(page: Page, first: int, room: int) -> list[str]:
    lines = [cut(line, MOST_LINE) for line in _metric_lines(page, first, MOST_LINES)]
    shown = fitting(lines, MOST_LINES, room)
    return [*lines[:shown], *more_metrics(page, first + shown)]


def _more_breakdowns(page: Page, first: int, room: int) -> list[Part]:
    """The breakdowns that the message has no room for; those that do not even fit here are counted."""
    left: list[Part] = []
    for each in page.breakdowns[first : first + MOST_BREAKDOWNS]:
        part = (each.heading, [cut(line, MOST_LINE) for line in each.lines])
        room -= total_weight(part)
        if room < 0:
            break
        left.append(part)
    return [*left, *((line, ()) for line in more_breakdowns(page, first + len(left)))]


def _more_events(page: Page) -> list[str]:
    if page.ranking is None:
        return []
    shown = MOST_LISTED_ROWS if has_table(page) else MOST_ROWS
    rows = ranking_lines(page.ranking, shown + 1, len(page.ranking.rows))
    lines = [cut(line, MOST_EVENT_LINE) for line in rows]
    return lines[: fitting(lines, MOST_LINES, MOST_EVENTS)]
