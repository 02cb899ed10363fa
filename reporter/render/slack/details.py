"""What does not fit into a report's message, for its thread."""

from collections.abc import Sequence

from reporter.render import phrasing
from reporter.render.slack import blocks as slack_blocks
from reporter.render.slack import lines as slack_lines
from reporter.render.slack import report as slack_report
from reporter.render.slack.blocks import MOST_SECTION
from reporter.render.slack.breakdowns import reserve
from reporter.render.slack.lines import MOST_DETAILS, ROOM_FOR_REST
from reporter.render.slack.report import MOST_ROWS
from reporter.render.slack.text import MOST_MESSAGE, MOST_NOTIFICATION, Block, cut, fitting, total_weight
from reporter.render.words import words
from reporter.reports.report import Report, TopEvents

MOST_LINES = 200  # of metrics, and of events
MOST_IN_A_SECTION = 100  # each with a line end
MOST_EVENTS = 6_000  # characters; the metrics get what they leave
MOST_LINE = 400  # characters
MOST_EVENT_LINE = 120

Part = tuple[str, Sequence[str]]  # a heading, and lines, if any


def parts(report: Report) -> list[Part]:
    """The metrics, the breakdowns and the events that the full message has no room for."""
    say, events = words(report.locale), _events(report)
    room = MOST_MESSAGE - MOST_NOTIFICATION - ROOM_FOR_REST - total_weight(events)
    metrics = _metrics(report, room - reserve(report))
    details = _details(report, room - total_weight(metrics))
    above: list[Part] = [(say.key_metrics, metrics)] if metrics else []
    below: list[Part] = [(say.top_events, events)] if events else []
    return [*above, *details, *below]


def spoken(report: Report, found: Sequence[Part]) -> str:
    """What the message is about."""
    return f"{slack_lines.title(report)}: {', '.join(title for title, _ in found)}"


def blocks(found: Sequence[Part]) -> list[Block]:
    """Each part: its heading, and as many sections as its lines need."""
    drawn: list[Block] = []
    for title, lines in found:
        drawn.append(slack_blocks.heading(title))
        left = list(lines)
        while left:
            count = max(1, fitting(left, MOST_IN_A_SECTION, MOST_SECTION - MOST_IN_A_SECTION))
            drawn.append(slack_blocks.section("\n".join(left[:count])))
            left = left[count:]
    return drawn


def whole(found: Sequence[Part]) -> str:
    """The same as plain text."""
    return "\n\n".join("\n".join((title, *lines)) for title, lines in found)


def _metrics(report: Report, room: int) -> list[str]:
    first = slack_report.metrics_shown(report)
    lines = [cut(line, MOST_LINE) for line in slack_lines.metric_lines(report, first, MOST_LINES)]
    shown = lines[: fitting(lines, MOST_LINES, room)]
    rest = len(report.metrics) - first - len(shown)
    more = [phrasing.counted(words(report.locale).more_metrics, rest, report.locale)] if rest else []
    return [*shown, *more]


def _details(report: Report, room: int) -> list[Part]:
    """The breakdowns that the message has no room for; those that do not even fit here are counted."""
    left: list[Part] = []
    beyond = slack_lines.breakdown_parts(report, slack_report.details_shown(report))
    for title, lines in beyond[:MOST_DETAILS]:
        part = (title, [cut(line, MOST_LINE) for line in lines])
        room -= total_weight(part)
        if room < 0:
            break
        left.append(part)
    if rest := len(beyond) - len(left):
        more = phrasing.counted(words(report.locale).more_details, rest, report.locale)
        left.append((more, ()))
    return left


def _events(report: Report) -> list[str]:
    if not isinstance(report.top_events, TopEvents):
        return []
    top = report.top_events
    rows = slack_lines.ranking_rows(top, report, len(top.rows))[1 + MOST_ROWS :]
    lines = [cut(line, MOST_EVENT_LINE) for line in slack_lines.numbered(rows, MOST_ROWS + 1)]
    return lines[: fitting(lines, MOST_LINES, MOST_EVENTS)]
