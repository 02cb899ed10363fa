"""A report or a notice as one page of HTML that needs nothing else: no script, no font, no network.

What others wrote reaches the page only through Jinja's escaping.
"""

from dataclasses import dataclass
from typing import assert_never

from reporter.render import (
    chart_words,
    dates,
    line_chart,
    metric_text,
    notices,
    numbers,
    phrasing,
    sanitize,
    sentences,
)
from reporter.render.template import template
from reporter.render.words import words
from reporter.reports.deliveries import Notice
from reporter.reports.figures import Failed
from reporter.reports.report import Chart, Report, ReportedMetric, TopEvent, TopEvents
from reporter.reports.subscriptions import NUMBER

MOST_TITLE = 150


@dataclass(frozen=True, slots=True)
class Card:
    """A metric: its number, and what is said below it."""

    label: str
    value: str
    change: str
    previous: str  # empty where it would only repeat the value
    remark: str
    is_measured: bool
    asides: tuple[str, ...]  # the normal range, where the number left it, and the goal


@dataclass(frozen=True, slots=True)
class Row:
    """An event of the ranking; `part` is its length beside the busiest one's, in percent."""

    name: str
    count: str
    change: str
    part: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """The table of events, or the remark that stands in its place."""

    rows: tuple[Row, ...] = ()
    shown: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart, or the remark that stands in its place."""

    label: str
    chart: line_chart.LineChart | None
    remark: str


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page of a report says, in words."""

    title: str
    dates: str
    context: tuple[str, ...]
    findings: tuple[str, ...]
    cards: tuple[Card, ...]
    breakdowns: tuple[metric_text.BreakdownText, ...]
    ranking: Ranking | None
    figures: tuple[Figure, ...]
    notes: tuple[str, ...]
    footer: tuple[str, ...]


def draw(report: Report) -> str:
    """The page of a report."""
    return template("report.html.jinja").render(
        page=_page(report),
        say=words(report.locale),
        lang=_lang(report.locale),
        plot=line_chart,
    )


def draw_notice(notice: Notice) -> str:
    """The page that says a report could not be made or sent."""
    return template("notice.html.jinja").render(
        notice=notices.said(notice),
        say=words(notice.locale),
        lang=_lang(notice.locale),
    )


def _lang(locale: str) -> str:
    return locale.replace("_", "-")


def _page(report: Report) -> Page:
    return Page(
        title=sanitize.shown(report.title, sanitize.clean(report.name), MOST_TITLE),
        dates=dates.date_range(report.period, report.locale),
        context=dates.period_line(report),
        findings=sentences.findings(report),
        cards=tuple(_card(metric, report) for metric in report.metrics),
        breakdowns=tuple(metric_text.breakdown_text(detail, report.locale) for detail in report.details),
        ranking=_ranking(report),
        figures=tuple(_figure(chart, report) for chart in report.charts),
        notes=sentences.notes(report),
        footer=dates.freshness(report),
    )


def _card(metric: ReportedMetric, report: Report) -> Card:
    read = metric_text.metric_text(metric, report)
    is_measured = read.value != numbers.MISSING
    change = "" if read.remark or read.change == numbers.MISSING else read.change
    previous = read.previous if change and metric_text.says_more(metric, read) else ""
    asides = tuple(filter(None, (read.usual, read.progress)))
    return Card(read.label, read.value, change, previous, read.remark, is_measured, asides)


def _ranking(report: Report) -> Ranking | None:
    say, top_events = words(report.locale), report.top_events
    match top_events:
        case TopEvents(rows=()):
            return Ranking(remark=say.no_events)
        case TopEvents(rows=rows):
            most = max(row.count for row in rows)
            shown = phrasing.ranked(top_events, len(rows), report.locale)
            return Ranking(tuple(_row(row, most, report.locale) for row in rows), shown)
        case Failed():
            return Ranking(remark=phrasing.ranking_failed(top_events, report))
        case None:
            return None
        case _:
            assert_never(top_events)


def _row(row: TopEvent, most: float, locale: str) -> Row:
    return Row(
        name=phrasing.name(row.name, locale),
        count=numbers.number(row.count, locale),
        change=numbers.change(row.change, NUMBER, locale),
        part=round(100 * numbers.part(row.count, most), 1),
    )


def _figure(chart: Chart, report: Report) -> Figure:
    drawn = line_chart.line_chart(chart, report)
    remark = "" if drawn else chart_words.not_drawn(chart, report.locale)
    return Figure(phrasing.name(chart.label, report.locale), drawn, remark)
