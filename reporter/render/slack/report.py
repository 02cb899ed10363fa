"""A report as Slack blocks: header, dates, summary, metrics, top events, charts, and a quiet footer."""

from reporter.render import metric_text, phrasing
from reporter.render.dates import period_line
from reporter.render.slack import blocks as slack_blocks
from reporter.render.slack import blocks as slack_charts
from reporter.render.slack import breakdowns as slack_breakdowns
from reporter.render.slack import lines as slack_lines
from reporter.render.slack.lines import MOST_METRICS, ROOM_FOR_REST, Rung
from reporter.render.slack.text import MOST_MESSAGE, MOST_NOTIFICATION, Block, fitting, mention, total_weight
from reporter.render.words import words
from reporter.reports.figures import Failed
from reporter.reports.report import Report

MOST_ROWS = 20


def blocks(report: Report, rung: Rung) -> list[Block]:
    """The blocks of a message; as many metrics as there is room for, and as many breakdowns as they leave."""
    above, below = _around(report, rung)
    above += _metrics(report, rung, _room(above, below) - slack_breakdowns.reserve(report))
    return [*above, *slack_breakdowns.drawn(report, rung, _room_for_details(report, above, below)), *below]


def metrics_shown(report: Report) -> int:
    """How many metrics the full message has room for."""
    cells = _cells(report, Rung.FULL)
    room = _room(*_around(report, Rung.FULL)) - slack_breakdowns.reserve(report)
    return _fitting(cells, room) if cells else 0


def details_shown(report: Report) -> int:
    """How many breakdowns the full message has room for."""
    above, below = _around(report, Rung.FULL)
    above += _metrics(report, Rung.FULL, _room(above, below) - slack_breakdowns.reserve(report))
    return slack_breakdowns.shown(report, _room_for_details(report, above, below))


def _around(report: Report, rung: Rung) -> tuple[list[Block], list[Block]]:
    """What stands above the metrics, and below."""
    called = mention(report)
    above = [
        *([slack_blocks.call(called)] if called else []),
        slack_blocks.header(slack_lines.title(report)),
        slack_blocks.context(" · ".join(period_line(report))),
        slack_blocks.DIVIDER,
        *_summary(report, rung),
    ]
    below = [
        *_top_events(report, rung),
        *(slack_charts.charts(report) if rung is Rung.FULL else ()),
        slack_blocks.context(slack_lines.footer(report, rung)),
    ]
    return above, below


def _room(above: list[Block], below: list[Block]) -> int:
    return MOST_MESSAGE - MOST_NOTIFICATION - total_weight(above) - total_weight(below)


def _room_for_details(report: Report, above: list[Block], below: list[Block]) -> int:
    return _room(above, below) - slack_breakdowns.reserve(report)


def _summary(report: Report, rung: Rung) -> list[Block]:
    found, title = slack_lines.findings(report), words(report.locale).summary
    if not found:
        return []
    if rung is Rung.SECTIONS:
        return [slack_blocks.section("\n".join((title, *(f"• {sentence}" for sentence in found))))]
    return [slack_blocks.bullets(title, found)]


def _metrics(report: Report, rung: Rung, room: int) -> list[Block]:
    if not report.metrics:
        return []
    say, cells = words(report.locale), _cells(report, rung)
    shown = _fitting(cells, room)
    drawn = slack_blocks.fields(say.key_metrics, cells[:shown], rich=rung is not Rung.SECTIONS)
    if rest := len(report.metrics) - shown:
        drawn.append(slack_blocks.context(phrasing.counted(say.more_metrics, rest, report.locale)))
    return drawn


def _cells(report: Report, rung: Rung) -> list[Block]:
    rich, locale = rung is not Rung.SECTIONS, report.locale
    return [
        slack_blocks.field(
            phrasing.name(metric.label, locale),
            metric_text.metric_line(metric, report, before_the_goal="\n"),
            rich=rich,
        )
        for metric in report.metrics[:MOST_METRICS]
    ]


def _fitting(cells: list[Block], room: int) -> int:
    return max(1, fitting(cells, MOST_METRICS, room - ROOM_FOR_REST))


def _top_events(report: Report, rung: Rung) -> list[Block]:
    say, top = words(report.locale), report.top_events
    if top is None:
        return []
    if isinstance(top, Failed) or not top.rows:
        why = slack_lines.no_ranking(top, report)
        if rung is Rung.SECTIONS:
            return [slack_blocks.section(f"{say.top_events}\n{why}")]
        return [slack_blocks.paragraph(say.top_events, why)]
    if rung is Rung.SECTIONS:
        return [slack_blocks.section(slack_lines.ranking(top, report))]
    rows = slack_lines.ranking_rows(top, report, MOST_ROWS)
    title = slack_blocks.heading(say.top_events, phrasing.ranked(top, len(rows) - 1, report.locale))
    return [title, slack_blocks.table(rows) if rung is Rung.FULL else slack_blocks.fenced(rows)]
