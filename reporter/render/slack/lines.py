"""A report as plain lines for Slack: what is spoken, the footer, and a whole message without blocks."""

from collections.abc import Sequence
from enum import IntEnum

from reporter.render import metric_text, numbers, phrasing, sanitize, sentences
from reporter.render.dates import freshness, period_line
from reporter.render.phrases import Words
from reporter.render.slack import blocks as slack_charts
from reporter.render.slack.text import MOST_NOTIFICATION, cut, fitting, total_weight, weight
from reporter.render.words import words
from reporter.reports.figures import Failed
from reporter.reports.report import Report, TopEvents
from reporter.reports.subscriptions import NUMBER

MOST_TITLE = 150
MOST_SPOKEN_TITLE = 80
MOST_FINDINGS = 5
MOST_FINDING = 300
MOST_NOTE = 240
MOST_NOTES = 1_500
MOST_METRICS = 32  # four screens of a phone
MOST_RANKED = 10
MOST_TEXT = 3_900  # Slack advises 4,000 for a message that is text alone
MOST_DETAILS = 8
ROOM_FOR_REST = 100  # for "and 168 more metrics, not shown here"


class Rung(IntEnum):
    """How plain a message is."""

    FULL = 0
    WITHOUT_CHARTS = 1  # and the table is text of even width
    SECTIONS = 2
    TEXT = 3


def title(report: Report) -> str:
    """The report's title; never empty."""
    text = sanitize.clean(report.title) or sanitize.clean(report.name) or words(report.locale).nameless
    return sanitize.isolated(cut(text, MOST_TITLE - 2))


def spoken(report: Report) -> str:
    """All that notifications and screen readers read: the findings, as many as fit in whole."""
    said = cut(title(report), MOST_SPOKEN_TITLE) + ":"
    found = sentences.findings(report) or metric_lines(report)[:3] or period_line(report)
    for place, sentence in enumerate(found):
        if place == 0 or weight(said) + weight(sentence) < MOST_NOTIFICATION:
            said += f" {sentence}"
    return said


def whole(report: Report) -> str:
    """The whole report, the findings first: a notification shows only the beginning."""
    above = [title(report), *findings(report), " · ".join(period_line(report))]
    below = [*_top_events(report), "", footer(report, Rung.TEXT)]
    room = MOST_TEXT - total_weight([*above, *below]) - len(above) - len(below) - MOST_METRICS - MOST_DETAILS
    metrics = _metrics(report, room - (ROOM_FOR_REST if report.details else 0))
    details = _details(report, room - total_weight(metrics))
    return "\n".join((*above, *metrics, *details, *below))


def findings(report: Report) -> list[str]:
    """The findings; a sign that there are more, should there be too many."""
    found = [cut(sentence, MOST_FINDING) for sentence in sentences.findings(report)]
    return [*found[:MOST_FINDINGS], sanitize.ELLIPSIS] if len(found) > MOST_FINDINGS else found


def footer(report: Report, rung: Rung) -> str:
    """What else a reader must know, and how fresh the numbers are."""
    say = words(report.locale)
    lines = list(sentences.notes(report))
    if missing := slack_charts.charts_not_drawn(report):
        lines.append(say.chart_not_drawn.format(label=phrasing.some(missing, report.locale)))
    if parts := left_out(report, rung, say):
        lines.append(say.left_out.format(parts=numbers.listed(parts, report.locale)))
    notes = cut("\n".join(cut(line, MOST_NOTE) for line in dict.fromkeys(lines)), MOST_NOTES)
    return "\n".join(filter(None, (notes, " · ".join(freshness(report)))))


def left_out(report: Report, rung: Rung, say: Words) -> tuple[str, ...]:
    """What a message of this rung lacks that the full one has."""
    lacking = (
        (say.charts, rung > Rung.FULL and slack_charts.charts(report)),
        (say.table_layout, rung > Rung.FULL and has_ranking(report.top_events)),
        (say.text_layout, rung >= Rung.SECTIONS),
    )
    return tuple(part for part, is_lacking in lacking if is_lacking)


def has_ranking(top: TopEvents | Failed | None) -> bool:
    """Whether there are events to rank."""
    return isinstance(top, TopEvents) and bool(top.rows)


def ranking(top: TopEvents, report: Report) -> str:
    """The busiest events as a numbered list."""
    rows = ranking_rows(top, report)[1 : MOST_RANKED + 1]
    aside = phrasing.ranked(top, len(rows), report.locale)
    return "\n".join((f"{words(report.locale).top_events} · {aside}", *numbered(rows, 1)))


def numbered(rows: Sequence[tuple[str, ...]], first: int) -> list[str]:
    """Rows of the ranking as lines, each with its place."""
    return [f"{place}. {name}: {' · '.join(numbers)}" for place, (name, *numbers) in enumerate(rows, first)]


def ranking_rows(top: TopEvents, report: Report, most: int = MOST_RANKED) -> list[tuple[str, ...]]:
    """Titles, then the busiest events; without a column of changes where none is known."""
    say, locale = words(report.locale), report.locale
    rows = [
        (
            phrasing.name(each.name, locale),
            numbers.number(each.count, locale),
            numbers.change(each.change, NUMBER, locale),
        )
        for each in top.rows[:most]
    ]
    width = 3 if any(each.change for each in top.rows) else 2
    return [row[:width] for row in ((say.event, say.count, say.change), *rows)]


def no_ranking(top: TopEvents | Failed, report: Report) -> str:
    """Why there is none."""
    return phrasing.ranking_failed(top, report) if isinstance(top, Failed) else words(report.locale).no_events


def _top_events(report: Report) -> Sequence[str]:
    say, top = words(report.locale), report.top_events
    if top is None:
        return ()
    if isinstance(top, Failed) or not top.rows:
        return ("", say.top_events, no_ranking(top, report))
    return ("", ranking(top, report))


def _metrics(report: Report, room: int) -> Sequence[str]:
    if not report.metrics:
        return ()
    say, lines = words(report.locale), metric_lines(report)
    shown = fitting(lines, MOST_METRICS, room - ROOM_FOR_REST)
    rest = len(report.metrics) - shown
    more = [phrasing.counted(say.more_metrics, rest, report.locale)] if rest else []
    return ("", say.key_metrics, *lines[:shown], *more)


def _details(report: Report, room: int) -> Sequence[str]:
    """The breakdowns that there is room for, and how many more there are."""
    told = ["\n".join(("", title, *lines)) for title, lines in breakdown_parts(report)]
    shown = fitting(told, MOST_DETAILS, room - ROOM_FOR_REST)
    rest = len(report.details) - shown
    more = phrasing.counted(words(report.locale).more_details, rest, report.locale)
    return [*told[:shown], *([more] if rest else [])]


def breakdown_parts(report: Report, first: int = 0) -> list[tuple[str, tuple[str, ...]]]:
    """A heading and lines for each breakdown, from the one at place `first` on."""
    said = [metric_text.breakdown_text(detail, report.locale) for detail in report.details[first:]]
    return [(metric_text.breakdown_heading(each), each.lines) for each in said]


def metric_lines(report: Report, first: int = 0, most: int = MOST_METRICS) -> list[str]:
    """A line for each metric, from the one at place `first` on."""
    locale, labelled = report.locale, words(report.locale).labelled
    return [
        labelled.format(label=phrasing.name(each.label, locale), value=metric_text.metric_line(each, report))
        for each in report.metrics[first : first + most]
    ]
